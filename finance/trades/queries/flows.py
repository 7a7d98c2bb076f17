"""Every unit that came to a party or left it, from the ledger of units, with what trades tell.

A party's units are those in live states of its own accounts; outside and issuers' accounts that
it keeps for its books are other people's. What crosses that line is a flow; what stays inside, a
hold or a transfer between own accounts, is none. So the flows always add up to the positions.
The ledger's tables are read by name: they belong to rooms below, and this is one pass over them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from finance.trades.models import CostPolicy, Settlement, ToldCost
from finance.trades.rules.book import Book, Cause, Flow, Policy, replay
from finance.trades.rules.lots import Way
from finance.trades.states import Draw, Order, Outcome, Side
from ledger.instruments import queries as instruments
from ledger.units.states import LIVE, EntryKind, UnitState

NOT_OURS = ("OUTSIDE", "ISSUER")
ISSUED = ":issued"  # how the key of a carry-over's second entry ends
IMPORTED = "import-"
ENDS = {
    UnitState.SURRENDERED: Cause.SURRENDERED,
    UnitState.CANCELLED: Cause.CANCELLED,
    UnitState.RETIRED: Cause.RETIRED,
    UnitState.EXPIRED: Cause.EXPIRED,
    UnitState.CARRIED_OVER: Cause.CARRIED_OUT,
}

_MOVED = """
WITH mine AS MATERIALIZED (
    SELECT p.id FROM ledger_units_position AS p
    JOIN ledger_accounts_account AS a ON a.id = p.account_id
    WHERE a.holder_id = %(party)s AND a.type <> ALL(%(not_ours)s) AND p.state = ANY(%(live)s)),
crossing AS (
    SELECT m.id, m.entry_id, m.lot_id, m.happened_on, m.unit_count, true AS is_in, '' AS reached
    FROM ledger_units_movement AS m
    WHERE m.to_position_id IN (SELECT id FROM mine)
      AND m.from_position_id NOT IN (SELECT id FROM mine)
    UNION ALL
    SELECT m.id, m.entry_id, m.lot_id, m.happened_on, m.unit_count, false, t.state
    FROM ledger_units_movement AS m JOIN ledger_units_position AS t ON t.id = m.to_position_id
    WHERE m.from_position_id IN (SELECT id FROM mine)
      AND m.to_position_id NOT IN (SELECT id FROM mine))
SELECT c.entry_id, c.lot_id, c.is_in, c.reached, c.happened_on, sum(c.unit_count)::bigint,
       e.kind, e.reverses_id, e.idempotency_key, l.scheme, l.vintage_year, min(c.id)
FROM crossing AS c
JOIN ledger_units_entry AS e ON e.id = c.entry_id
JOIN ledger_units_lot AS l ON l.id = c.lot_id
WHERE c.happened_on <= %(until)s
GROUP BY 1, 2, 3, 4, 5, e.kind, e.reverses_id, e.idempotency_key, l.scheme, l.vintage_year
ORDER BY c.happened_on, min(c.id)
"""


@dataclass(frozen=True, slots=True)
class _Moved:
    entry_id: UUID
    lot_id: UUID
    is_in: bool
    reached: str
    day: date
    unit_count: int
    kind: str
    reverses_id: UUID | None
    entry_key: str
    scheme: str
    vintage: int
    movement_id: int

    @property
    def key(self) -> str:
        return key_of(self.entry_id, self.lot_id, is_in=self.is_in, reached=self.reached)


def key_of(entry_id: UUID, lot_id: UUID, *, is_in: bool, reached: str = "") -> str:
    """What a flow, and the cost lot that it makes, is called."""
    return f"{entry_id}:{lot_id}" if is_in else f"{entry_id}:{lot_id}:{reached}"


def _moved(party_id: UUID, until: date) -> list[_Moved]:
    asked: dict[str, Any] = {
        "party": party_id,
        "not_ours": list(NOT_OURS),
        "live": sorted(LIVE),
        "until": until,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, asked)
        return [_Moved(*row) for row in cursor.fetchall()]


Spot = tuple[UUID, UUID]  # entry and lot


@dataclass(frozen=True, slots=True)
class _Told:
    """What people have told about flows, by entry and lot."""

    settled: Mapping[Spot, Settlement]
    costs: Mapping[Spot, ToldCost]
    families: Mapping[str, str]


def _told_of(party_id: UUID) -> _Told:
    rows = Settlement.objects.filter(trade__party_id=party_id, outcome=Outcome.SETTLED)
    settled = {
        (row.entry_id, row.lot_id): row
        for row in rows.select_related("trade").order_by("recorded_at", "id")
        if row.entry_id and row.lot_id
    }
    told = ToldCost.objects.filter(party_id=party_id).order_by("told_at", "id")
    costs = {(row.entry_id, row.lot_id): row for row in told}
    return _Told(settled, costs, families())


def families() -> dict[str, str]:
    """Of each scheme: allowance, credit or energy certificate."""
    return dict(instruments.schemes().values_list("code", "family"))


def flows_of(party_id: UUID, *, until: date = date.max) -> list[Flow]:
    """The flows of a party up to and including a day, in the order of their days."""
    moved = _moved(party_id, until)
    told = _told_of(party_id)
    by_entry: dict[UUID, list[_Moved]] = {}
    for one in moved:
        by_entry.setdefault(one.entry_id, []).append(one)
    carried = {
        one.entry_key: [each.key for each in by_entry[one.entry_id]]
        for one in moved
        if one.kind == EntryKind.CARRY_OVER
    }
    return [_flow(one, told, by_entry, carried) for one in moved]


def _flow(
    one: _Moved,
    told: _Told,
    by_entry: Mapping[UUID, list[_Moved]],
    carried: Mapping[str, list[str]],
) -> Flow:
    base: dict[str, Any] = {
        "key": one.key,
        "day": one.day,
        "pool": (one.scheme, one.vintage),
        "unit_count": one.unit_count,
        "entry_id": one.entry_id,
        "lot_id": one.lot_id,
    }
    if one.reverses_id is not None:
        undoes = _undone(one, by_entry.get(one.reverses_id, ()))
        cause = Cause.RETURNED if one.is_in else Cause.TAKEN_BACK
        return Flow(**base, cause=cause, undoes=undoes)
    settlement = told.settled.get((one.entry_id, one.lot_id))
    if settlement is not None and (settlement.trade.side == Side.BUY) is one.is_in:
        return Flow(**base, **_traded(settlement))
    if not one.is_in:
        ended = UnitState(one.reached) if one.reached else UnitState.FREE
        return Flow(**base, cause=ENDS.get(ended, Cause.DELIVERED))
    if one.kind == EntryKind.ISSUE and one.entry_key.endswith(ISSUED):
        follows = carried.get(one.entry_key.removesuffix(ISSUED))
        if follows:
            return Flow(**base, cause=Cause.CARRIED_IN, follows=tuple(follows))
    return Flow(**base, **_came(one, told))


def _undone(one: _Moved, origin: Iterable[_Moved]) -> str:
    """The flow of the reversed entry that went the other way."""
    return next(
        (each.key for each in origin if each.lot_id == one.lot_id and each.is_in is not one.is_in),
        "",
    )


def _traded(settlement: Settlement) -> dict[str, Any]:
    trade = settlement.trade
    about: dict[str, Any] = {
        "trade_id": trade.pk,
        "settlement_id": settlement.pk,
        "cash": settlement.cash_cny,
    }
    if trade.side == Side.BUY:
        return {**about, "cause": Cause.BOUGHT, "cost": settlement.booked_cny}
    picks = tuple((key, count) for key, count in trade.picks)
    sold = {"cause": Cause.SOLD, "income": settlement.booked_cny, "picks": picks}
    return {**about, **sold, "draw": Draw(trade.draw)}


def _came(one: _Moved, told: _Told) -> dict[str, Any]:
    """Without a trade: issued or allocated, as somebody told, or not known at what cost."""
    is_allowance = told.families.get(one.scheme) == "ALLOWANCE"
    issued = one.kind == EntryKind.ISSUE and IMPORTED not in one.entry_key
    cost = told.costs.get((one.entry_id, one.lot_id))
    if cost is not None:
        free = Cause.ALLOCATED if is_allowance else Cause.ISSUED
        cause = free if cost.is_free else Cause.RECEIVED
        return {"cause": cause, "is_free": cost.is_free, "cost": cost.cost_cny}
    if issued:
        return {"cause": Cause.ALLOCATED if is_allowance else Cause.ISSUED, "is_free": True}
    return {"cause": Cause.RECEIVED}


def policies_of(party_id: UUID) -> dict[int, Policy]:
    """The policies a party has set, by the year from which each holds."""
    rows = CostPolicy.objects.filter(party_id=party_id)
    return {row.year: Policy(Way(row.method), Order(row.order)) for row in rows}


def book_of(party_id: UUID, *, until: date = date.max) -> Book:
    """The cost book of a party at the end of a day."""
    return replay(flows_of(party_id, until=until), policies_of(party_id))
