"""How units leave a hold: the movements of one resolution."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ledger.holds import queries, rules
from ledger.holds.models import Hold
from ledger.holds.operations.placing import Ranges
from ledger.holds.states import HoldState
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest
from ledger.units import operations as units
from ledger.units import queries as unit_queries
from ledger.units.states import UnitState


@dataclass(frozen=True, slots=True)
class Act:
    """One resolution as asked for. `key` None: all that remains, and only once."""

    outcome: HoldState
    by: Actor
    at: datetime
    key: str
    reason: str
    order_number: str
    ranges: Ranges
    asked: dict[str, Any]
    approval_id: UUID | None = None
    kept_by: str = ""
    on: date | None = None  # the day in the world, where it is told later

    @property
    def request(self) -> bytes:
        return digest({"outcome": self.outcome, **self.asked})


def _runs(hold: Hold, count: int, ranges: Ranges) -> list[rules.Run]:
    """The serials that leave: those named, else the lowest; none for a lot without serials."""
    if ranges:
        return list(ranges)
    found = unit_queries.find_ranges(
        account_id=hold.account_id,
        lot_id=hold.lot_id,
        state=queries.state_of(hold),
        unit_count=count,
        hold_id=hold.pk,
    )
    return [(run.first, run.last) for run in found]


def legs_of(
    hold: Hold,
    targets: Sequence[tuple[UUID, UnitState, int, UUID | None]],
    ranges: Ranges,
) -> list[units.Leg]:
    """Legs out of a hold to (account, state, units, next hold), in that order."""
    counts = [count for _account, _state, count, _hold in targets]
    runs = _runs(hold, sum(counts), ranges)
    source = (hold.account_id, queries.state_of(hold))
    if runs and sum(last - first + 1 for first, last in runs) != sum(counts):
        raise rules.MoreThanHeld(wanted=sum(counts), held=sum(b - a + 1 for a, b in runs))
    parts = rules.split_runs(runs, counts) if runs else [[] for _count in counts]
    legs = list[units.Leg]()
    for (account_id, state, count, next_hold), part in zip(targets, parts, strict=True):
        for leg in _plain_legs(hold, source, (account_id, state), count, part):
            legs += _through(replace(leg, to_hold_id=next_hold))
    return legs


def _plain_legs(
    hold: Hold,
    source: tuple[UUID, UnitState],
    target: tuple[UUID, UnitState],
    count: int,
    part: Sequence[rules.Run],
) -> list[units.Leg]:
    if not part:
        return [units.Leg(hold.lot_id, *source, *target, count, hold_id=hold.pk)]
    return [
        units.Leg(hold.lot_id, *source, *target, last - first + 1, first, last, hold_id=hold.pk)
        for first, last in part
    ]


def _through(leg: units.Leg) -> list[units.Leg]:
    """From a hold to the next of the same kind: by way of another held state, never through free.

    A movement goes from one position to another, and these two would be one position.
    """
    if (leg.from_account_id, leg.from_state) != (leg.to_account_id, leg.to_state):
        return [leg]
    frozen = leg.from_state is UnitState.FROZEN
    between = UnitState.RESERVED if frozen else UnitState.FROZEN
    return [
        replace(leg, to_state=between),
        replace(leg, from_state=between, hold_id=leg.to_hold_id),
    ]


def post(hold: Hold, legs: Sequence[units.Leg], kind: str, resolution_id: UUID, act: Act) -> UUID:
    receipt = units.post_entry(
        kind=kind,
        legs=legs,
        happened_on=act.on or rules.beijing_day(act.at),
        by=act.by,
        at=act.at,
        idempotency_key=f"resolution:{resolution_id}",
        # so that only this room takes it back (units refuse to reverse another room's act)
        subject=f"holds.Hold:{hold.pk}",
        data={"hold": hold.pk, "resolution": resolution_id},
        reason=act.reason,
        approval_id=act.approval_id,
    )
    return receipt.entry_id
