"""Serial numbers: which are where, and which would move."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from ledger.units.models import Block
from ledger.units.queries.lots import LotView, get_lot
from ledger.units.rules import Leg, MalformedLeg, NotEnoughUnits
from ledger.units.states import UnitState


@dataclass(frozen=True, slots=True)
class SerialRun:
    """Serial numbers, both ends included."""

    first: int
    last: int
    hold_id: UUID | None = None
    transfer_count: int = 0

    @property
    def unit_count(self) -> int:
        return self.last - self.first + 1


def ranges_in(
    *, account_id: UUID, lot_id: UUID, state: UnitState, hold_id: UUID | None = None
) -> list[SerialRun]:
    """The serial numbers of a position, lowest first; of one hold where one is named."""
    rows = Block.objects.filter(
        position__account_id=account_id, position__lot_id=lot_id, position__state=state
    ).order_by("first_serial")
    rows = rows.filter(hold_id=hold_id) if hold_id else rows
    return [
        SerialRun(row.first_serial, row.last_serial, row.hold_id, row.transfer_count)
        for row in rows
    ]


def find_ranges(
    *,
    account_id: UUID,
    lot_id: UUID,
    state: UnitState,
    unit_count: int,
    hold_id: UUID | None = None,
) -> list[SerialRun]:
    """Serial numbers for so many units, lowest first; empty for a lot without serial numbers.

    :raises NotEnoughUnits: fewer are there
    """
    if get_lot(lot_id).space is None:
        return []
    chosen, missing = list[SerialRun](), unit_count
    for run in ranges_in(account_id=account_id, lot_id=lot_id, state=state, hold_id=hold_id):
        if missing <= 0:
            break
        last = min(run.last, run.first + missing - 1)
        chosen.append(SerialRun(run.first, last, run.hold_id, run.transfer_count))
        missing -= last - run.first + 1
    if missing > 0:
        raise NotEnoughUnits(wanted=unit_count, free=unit_count - missing)
    return chosen


def find_hold_ranges(hold_id: UUID) -> list[SerialRun]:
    """The serial numbers that a hold secures now."""
    rows = Block.objects.filter(hold_id=hold_id).order_by("space_id", "first_serial")
    return [SerialRun(r.first_serial, r.last_serial, r.hold_id, r.transfer_count) for r in rows]


def legs_of_units(
    *,
    lot: LotView,
    source: tuple[UUID, UnitState],
    target: tuple[UUID, UnitState],
    unit_count: int,
    ranges: Sequence[tuple[int, int]] = (),
    hold_id: UUID | None = None,
    max_transfers: int | None = None,
) -> list[Leg]:
    """Legs for so many units: the ranges named, else the lowest serials, else by count alone.

    :raises NotEnoughUnits: fewer serial numbers are there
    :raises MalformedLeg: the ranges count otherwise
    """
    account_id, state = source
    runs = [SerialRun(first, last) for first, last in ranges]
    if not runs and lot.space and state is not UnitState.UNISSUED:
        runs = find_ranges(
            account_id=account_id,
            lot_id=lot.id,
            state=state,
            unit_count=unit_count,
            hold_id=hold_id,
        )
    if runs and sum(run.unit_count for run in runs) != unit_count:
        raise MalformedLeg(f"{unit_count} units, other ranges")
    counted: list[tuple[int, int | None, int | None]]
    counted = [(run.unit_count, run.first, run.last) for run in runs] or [(unit_count, None, None)]
    return [
        Leg(
            lot.id,
            account_id,
            state,
            *target,
            count,
            first,
            last,
            hold_id=hold_id,
            max_transfers=max_transfers,
        )
        for count, first, last in counted
    ]
