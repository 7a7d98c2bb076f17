"""What the acts of this room share: whose units, and who has to agree."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from ledger.accounts import queries as accounts
from ledger.approvals import operations as approvals
from ledger.approvals import queries as asked
from ledger.doors.admin import actor_of
from ledger.kernel.actors import Actor


def place_of(by: Actor, data: Mapping[str, Any]) -> tuple[UUID, UUID]:
    """The account and the lot: the form has offered the actor's own alone."""
    account_id, lot_id = map(UUID, data["place"].split(":"))
    return accounts.get_own_account(account_id, by=by).pk, lot_id


def propose(
    request: HttpRequest, operation: str, payload: Mapping[str, Any], summary: list[str]
) -> str:
    by = actor_of(request)
    made = approvals.propose(
        operation=operation,
        payload=payload,
        summary=summary,
        party_id=by.own_party,
        by=by,
        at=timezone.now(),
    )
    return asked.what_came_of(made.approval is None)


def who_decides(request: HttpRequest, operation: str, payload: Mapping[str, Any]) -> str:
    by = actor_of(request)
    return asked.who_decides(operation, payload, by=by, at=timezone.now())
