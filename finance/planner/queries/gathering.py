"""A problem out of the ledger: own units by lot and hold, typed prices, the rule book's numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from finance.planner.queries.plans import prices_on
from finance.planner.rules.problem import CarryOver, Cell, Demand, Pledge, Problem, Stock
from ledger.accounts import queries as accounts
from ledger.holds import queries as holds
from ledger.holds.states import HoldKind, HoldState
from ledger.instruments import queries as instruments
from ledger.kernel.errors import DomainError
from ledger.parameters import queries as parameters
from ledger.parameters.queries import NoParameter
from ledger.units import queries as units
from ledger.units.states import LIVE, UnitState

ALLOWANCE, OFFSET = "CEA", "CCER"
DRAFT = "征求意见稿"
LAST_YEAR = 9999


@dataclass(frozen=True, slots=True)
class Rules:
    """What the national market lets serve what: out of the rule book, with its drafts marked."""

    allowances: tuple[str, ...]
    offsets: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the holder of a pledge asks for letting units go; typed, since no contract is here."""

    cost_fen: int = 0
    fee_fen: int = 0
    days: int = 0
    ask_until: date | None = None


@dataclass(frozen=True, slots=True)
class HoldView:
    """A pledge or reservation on own units that a plan could release."""

    hold_id: str
    kind: str
    label: str
    scheme: str
    vintage: int
    quantity: int
    ends_on: date | None
    in_favour_of: UUID | None


def rules_on() -> Rules:
    """R2.24, R2.25: which vintages serve which obligation years.

    The rule book gives the oldest vintage for each obligation year; a newer one always serves.
    """
    rows = parameters.parameters_of("ets.vintage.oldest")
    cells = tuple(
        Cell(
            vintages=(int(row.number), LAST_YEAR),
            years=(row.valid_from.year, row.valid_to.year - 1 if row.valid_to else LAST_YEAR),
            legal_basis=row.legal_basis,
            is_draft=DRAFT in row.legal_basis,
        )
        for row in rows
    )
    return Rules((ALLOWANCE,), (OFFSET,), cells)


def offset_share(year: int) -> Decimal:
    """R2.24. Where the rule book has no share, offsets may cover nothing."""
    try:
        return parameters.get_parameter("ets.ccer.cap", on=date(year, 12, 31)).number
    except NoParameter:
        return Decimal(0)


def due_on(year: int) -> date:
    """R2.22: the last day to hand in for a year."""
    try:
        number = parameters.get_parameter("ets.surrender.deadline", on=date(year, 12, 31))
    except NoParameter:
        return date(year + 1, 12, 31)
    return number.date_rule.day_for(year)


def default_demands(on: date) -> list[Demand]:
    """The years whose deadlines come next, to be filled in."""
    years = [year for year in (on.year - 1, on.year) if due_on(year) >= on]
    return [Demand(year, 0, due_on(year), offset_share(year)) for year in years]


def holds_of(party_id: UUID, *, schemes: Iterable[str]) -> list[HoldView]:
    """Own pledges and reservations that control units now, on instruments that may be used."""
    own, wanted = set(accounts.account_ids_of(party_id)), set(schemes)
    rows = holds.holds_seen_by(party_id).filter(
        state=HoldState.ACTIVE,
        kind__in=[HoldKind.PLEDGE, HoldKind.RESERVE],
        controlled_count__gt=0,
        account_id__in=own,
    )
    found = list(rows.select_related("lot", "account").order_by("placed_at", "id"))
    return [
        HoldView(
            hold_id=str(row.pk),
            kind=row.kind,
            label=f"{row.lot.code} · {row.account.number}",
            scheme=row.lot.scheme,
            vintage=row.lot.vintage_year,
            quantity=row.controlled_count,
            ends_on=row.expires_on,
            in_favour_of=row.in_favour_of,
        )
        for row in found
        if row.lot.scheme in wanted
    ]


def _refusal(lot: units.LotView, on: date) -> str:
    """Why units of a lot may not be handed in at all; empty if they may."""
    facts = instruments.LotFacts(
        scheme=lot.scheme,
        vintage_year=lot.vintage_year,
        generated_from=lot.generated_from,
        generated_to=lot.generated_to,
        expires_on=lot.expires_on,
        plant_id=lot.plant_id,
        traits=lot.traits,
    )
    scheme = instruments.get_scheme(lot.scheme)
    try:
        instruments.check_usable(scheme, facts, on=on, purpose=instruments.Purpose.SURRENDER)
    except DomainError as refusal:
        return refusal.code
    return ""


def _stocks(
    party_id: UUID, *, on: date, schemes: Iterable[str], terms: Mapping[str, Terms]
) -> tuple[Stock, ...]:
    wanted = set(schemes)
    numbers = dict(accounts.accounts_of(party_id).values_list("pk", "number"))
    found = [
        view
        for view in units.positions_in(list(numbers))
        if view.state in LIVE and view.scheme in wanted
    ]
    lots = units.get_lots(view.lot_id for view in found)
    refusals = {lot_id: _refusal(lot, on) for lot_id, lot in lots.items()}
    held = _held(party_id, schemes=wanted, terms=terms)
    stocks: list[Stock] = []
    for view in found:
        last = view.expires_on - timedelta(days=1) if view.expires_on else None
        common: dict[str, Any] = {
            "account_id": str(view.account_id),
            "lot_id": str(view.lot_id),
            "label": f"{view.lot_code} · {numbers[view.account_id]}",
            "scheme": view.scheme,
            "vintage": view.vintage_year,
            "state": view.state.value,
            "last_day": last,
            "refusal": refusals[view.lot_id],
        }
        if view.state in {UnitState.PLEDGED, UnitState.RESERVED}:
            pledges = held.get((str(view.account_id), str(view.lot_id), view.state.value), [])
            stocks += [Stock(**common, quantity=n, pledge=one) for one, n in pledges]
        else:
            stocks.append(Stock(**common, quantity=view.unit_count))
    return tuple(stocks)


_STATES = {HoldKind.PLEDGE: UnitState.PLEDGED.value, HoldKind.RESERVE: UnitState.RESERVED.value}


def _held(
    party_id: UUID, *, schemes: Iterable[str], terms: Mapping[str, Terms]
) -> dict[tuple[str, str, str], list[tuple[Pledge, int]]]:
    """(account, lot, state) → its holds with their terms and units."""
    found: dict[tuple[str, str, str], list[tuple[Pledge, int]]] = {}
    views = {view.hold_id: view for view in holds_of(party_id, schemes=schemes)}
    rows = holds.holds_seen_by(party_id).filter(pk__in=list(views)).order_by("placed_at", "id")
    for row in rows:
        asked = terms.get(str(row.pk), Terms())
        pledge = Pledge(
            hold_id=str(row.pk),
            cost_fen=asked.cost_fen,
            fee_fen=asked.fee_fen,
            days=asked.days,
            ask_until=asked.ask_until,
            ends_on=row.expires_on,
        )
        key = (str(row.account_id), str(row.lot_id), _STATES[HoldKind(row.kind)])
        found.setdefault(key, []).append((pledge, row.controlled_count))
    return found


def gather(
    *,
    party_id: UUID,
    on: date,
    demands: Sequence[Demand],
    terms: Mapping[str, Terms],
    carry_over: CarryOver | None = None,
    sells_ageing: bool = False,
) -> Problem:
    """Everything a plan of a party depends on, as it is now. Prices: the newest on the day."""
    rules = rules_on()
    schemes = (*rules.allowances, *rules.offsets)
    prices = tuple(one for one in prices_on(party_id, on) if one.scheme in schemes)
    return Problem(
        on=on,
        demands=tuple(demands),
        stocks=_stocks(party_id, on=on, schemes=schemes, terms=terms),
        prices=prices,
        allowances=rules.allowances,
        offsets=rules.offsets,
        cells=rules.cells,
        carry_over=carry_over,
        sells_ageing=sells_ageing,
    )
