"""Taking an entry back: a new entry, linked, exactly the mirror, at most once (R3.5-7, I18)."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
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

# `around(entry_id=, by=, at=)` of rooms above: what it locks, it locks before the units, and what
# follows from the reversal it writes in the same transaction. `config/wiring.py` adds them.
around_reversal: list[Callable[..., AbstractContextManager[None]]] = []


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
    act: str = "",
) -> Receipt:
    """Give back what an entry moved: same lots, same ranges, same accounts, the other way round.

    `act`: the subject of the room above whose act the entry is; only that room takes it back.

    :raises NotFound: no such entry, or not the actor's
    :raises AlreadyReversed: once is all
    :raises NotReversible: a reversal itself, or another room's act
    :raises ReversalWindowClosed: the scheme's days are over
    :raises NotEnoughUnits, RangeNotHeld: the units have moved on
    """
    entry, legs = get_entry(entry_id), get_entry_legs(entry_id)
    check_reversal(entry=entry, legs=legs, on=happened_on, by=by, act=act)
    draft = Draft(
        kind=EntryKind.REVERSE,
        legs=[leg.mirrored() for leg in reversed(legs)],
        happened_on=happened_on,
        idempotency_key=idempotency_key,
        reason=reason,
        approval_id=approval_id,
        reverses=entry_id,
    )
    with ExitStack() as above:
        for around in around_reversal:
            above.enter_context(around(entry_id=entry_id, by=by, at=at))
        return engine.post([compose(draft, Stamp.of(by, at))])[0]
