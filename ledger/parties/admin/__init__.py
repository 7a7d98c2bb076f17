"""Parties, people and machines: looked at here, changed by confirmed acts."""

from ledger.parties.admin.companies import PartyAdmin
from ledger.parties.admin.machines import ApiClientAdmin
from ledger.parties.admin.memberships import MembershipAdmin
from ledger.parties.admin.users import UserAdmin

__all__ = ["ApiClientAdmin", "MembershipAdmin", "PartyAdmin", "UserAdmin"]
