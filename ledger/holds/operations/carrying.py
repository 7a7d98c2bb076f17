"""Orders that go over with their units: a carry-over ends the old units, and no court's freeze.

No source says what becomes of a freeze when its units are carried over; the rule book counts frozen
units as held (§2.6). So the order stays in force over the new vintage, with its rank, its begin and
its end, and so do those that wait behind it (轮候). Confidence C, said to whoever decides.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from ledger.doors.operation import operation
from ledger.holds import queries, rules
from ledger.holds.models import Hold
from ledger.holds.operations.placing import place_hold
from ledger.holds.operations.resolving import release_hold
from ledger.holds.states import LIVE, HoldKind
from ledger.kernel.actors import SYSTEM, Actor
from ledger.kernel.errors import NotFound

Parts = Sequence[tuple[UUID, int]]


def _orders_of(hold_id: UUID, account_id: UUID) -> list[Hold]:
    """The orders of one line, in their rank; the first controls all its units.

    :raises NotFound: of another account
    :raises NotOnlyOrders: something else stands in that line, or two orders share its units
    """
    seen = queries.get_hold(hold_id)
    if seen.account_id != account_id:
        raise NotFound
    line = [hold for hold in queries.lock_stack(seen.stack_id) if hold.state in LIVE]
    alone = all(hold.kind == HoldKind.FREEZE and not hold.kept_by for hold in line)
    first = line[0] if line else None
    if first is None or first.pk != hold_id or not alone:
        raise rules.NotOnlyOrders
    if first.controlled_count != first.remaining_count or any(
        hold.controlled_count for hold in line[1:]
    ):
        raise rules.NotOnlyOrders
    return line


def _place_again(old: Hold, into_lot_id: UUID, behind: UUID | None, *, at: datetime) -> Hold:
    return place_hold(
        kind=HoldKind.FREEZE,
        account_id=old.account_id,
        lot_id=into_lot_id,
        unit_count=old.remaining_count,
        behind=behind,
        in_favour_of=old.in_favour_of,
        purpose=old.purpose,
        order_number=old.order_number,
        order_body=old.order_body,
        begins_on=old.begins_on,
        evidence=old.evidence,
        expires_on=old.expires_on,
        by=SYSTEM,  # an order goes over whoever's account it stands in
        at=at,
        idempotency_key=f"carried:{old.pk}",
        reason=f"holds.Hold:{old.pk}",
    )


@operation(retry=True)
def carry_freezes_over(
    *,
    account_id: UUID,
    hold_ids: Sequence[UUID],
    into_lot_id: UUID,
    carry: Callable[[list[tuple[UUID, int]]], None],
    by: Actor,
    at: datetime,
) -> list[Hold]:
    """Let all units under these orders become units of a new lot, and every order go with them.

    `carry(parts)` moves them (lot, count) in this transaction. Each order and those in line behind
    it stand over the new lot in the same order; the old holds are released and name the new lot.

    :raises NotFound: no such hold, or of another account
    :raises NotOnlyOrders: other holds stand in the line, or the hold is not the first of it
    :raises DomainError: whatever `carry` refuses; nothing is done then
    """
    lines = [_orders_of(hold_id, account_id) for hold_id in sorted(hold_ids)]
    for line in lines:
        for hold in reversed(line):  # who waits goes first: nothing passes on to the next
            release_hold(
                hold_id=hold.pk,
                order_number=hold.order_number,
                by=SYSTEM,
                at=at,
                idempotency_key=f"carried:{hold.pk}",
                reason=f"units.Lot:{into_lot_id}",
            )
    carry([(line[0].lot_id, line[0].remaining_count) for line in lines])
    placed = list[Hold]()
    for line in lines:
        first = None
        for hold in line:
            made = _place_again(hold, into_lot_id, first, at=at)
            first = first or made.pk
            placed.append(made)
    return placed
