"""Holds, orders and waiting transfers: looked at here, changed by confirmed acts."""

from ledger.holds.admin.holds import HoldAdmin, ResolutionAdmin
from ledger.holds.admin.orders import RenewalAdmin
from ledger.holds.admin.transfers import PendingTransferAdmin

__all__ = ["HoldAdmin", "PendingTransferAdmin", "RenewalAdmin", "ResolutionAdmin"]
