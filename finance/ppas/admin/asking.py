"""Acts that a carbon manager asks for and an approver lets happen, and who keeps the book."""

from uuid import UUID

from django.http import HttpRequest

from ledger.approvals.proposing import ProposedAction
from ledger.doors.admin import actor_of
from ledger.kernel.actors import Role
from ledger.parties import queries as parties


class Proposed(ProposedAction):
    makers = frozenset({Role.CARBON_MANAGER})


def keeps(request: HttpRequest, party_id: UUID) -> bool:
    """Whether the reader's party keeps the book."""
    return actor_of(request).party_id == party_id


def somebody(request: HttpRequest) -> list[tuple[str, str]]:
    return parties.party_choices(actor_of(request))
