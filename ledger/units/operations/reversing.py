"""Taking an entry back: a new entry, linked, exactly the mirror, at most once (R3.5-7, I18)."""

from datetime import date, datetime
from uuid import UUID

from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.units import engine
from ledger.units.operations.bodies import Draft, Stamp, compose
from ledger.units.operations.decisions import check_reversal
from ledger.units.queries import get_entry, get_entry_legs
from ledger.units.rules import Receipt
from ledger.units.states import EntryKind


@operation(retry=True)
def reverse_entry(
    *,
    entry_id: UUID,
    happened_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    reason: str,
    approval_id: UUID | None = None,
) -> Receipt:
    """Give back what an entry moved: same lots, same ranges, same accounts, the other way round.

    :raises NotFound: no such entry, or not the actor's
    :raises AlreadyReversed: once is all
    :raises NotReversible: a reversal itself
    :raises ReversalWindowClosed: the scheme's days are over
    :raises NotEnoughUnits, RangeNotHeld: the units have moved on
    """
    entry, legs = get_entry(entry_id), get_entry_legs(entry_id)
    check_reversal(entry=entry, legs=legs, on=happened_on, by=by)
    draft = Draft(
        kind=EntryKind.REVERSE,
        legs=[leg.mirrored() for leg in reversed(legs)],
        happened_on=happened_on,
        idempotency_key=idempotency_key,
        reason=reason,
        approval_id=approval_id,
        reverses=entry_id,
    )
    return engine.post([compose(draft, Stamp.of(by, at))])[0]
