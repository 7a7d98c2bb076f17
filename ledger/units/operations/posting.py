"""The one posting operation that every other stands on."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from ledger.doors.operation import operation
from ledger.jobs import operations as jobs
from ledger.kernel.actors import Actor
from ledger.units import engine
from ledger.units.operations.bodies import Draft, Stamp, compose
from ledger.units.rules import Leg, Receipt


@operation(retry=True, one_statement=True)
def post_entry(
    *,
    kind: str,
    legs: Sequence[Leg],
    happened_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    subject: str = "",
    data: Mapping[str, Any] | None = None,
    reason: str = "",
    approval_id: UUID | None = None,
    reverses: UUID | None = None,
    outbox: Sequence[tuple[str, Mapping[str, Any]]] = (),
) -> Receipt:
    """Entry, movements, positions, blocks and audit event, in one statement. All or nothing.

    Says nothing about who may do this today: the operation that calls it has decided that.
    The key is per party: same key and same request give the same receipt (`replayed`).
    `outbox`: (task, arguments) to send once the entry stands, written in its transaction; a
    replay sends nothing again.

    :raises NotEnoughUnits: fewer units are in that state, today or on a later-recorded day
    :raises RangeNotHeld: a serial of the range is elsewhere, or under another hold
    :raises SerialsOverlap: a serial to be issued exists already (R3.5-1)
    :raises TerminalState: only a reversal leaves that state (R3.5-3)
    :raises IdempotencyConflict: the key was used for another request (I40)
    :raises MalformedLeg, TransferLimit, NotReversible, AlreadyReversed: see there
    :raises FutureDay, NoSuchLot, TooBusy: likewise
    """
    draft = Draft(
        kind, legs, happened_on, idempotency_key, subject, data or {}, reason, approval_id, reverses
    )
    if not outbox:
        return engine.post([compose(draft, Stamp.of(by, at))])[0]
    with transaction.atomic():
        receipt = engine.post([compose(draft, Stamp.of(by, at))])[0]
        for task, args in () if receipt.replayed else outbox:
            jobs.send_later(task=task, args=args, at=at)
    return receipt


@operation(retry=True, one_statement=True)
def post_entries(*, drafts: Sequence[Draft], by: Actor, at: datetime) -> list[Receipt]:
    """Many entries in one statement, in their order. All of them, or none.

    :raises DomainError: as `post_entry`
    """
    stamp = Stamp.of(by, at)
    return engine.post([compose(draft, stamp) for draft in drafts])
