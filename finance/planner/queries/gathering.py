"""A problem out of the ledger: own units by lot and hold, typed prices, the rule book's numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from finance.planner.queries.plans import prices_on
from finance.planner.rules.problem import Cell, Demand, Pledge, Problem, Stock, carry_over_of
from ledger.accounts import queries as accounts
from ledger.compliance import queries as compliance
from ledger.holds import queries as holds
from ledger.holds.states import HoldKind, HoldState
from ledger.instruments import queries as instruments
from ledger.kernel.errors import DomainError
from ledger.parameters import queries as parameters
from ledger.parameters.queries import NoParameter, ParameterValue
from ledger.units import queries as units
from ledger.units.states import LIVE, UnitState

REGIME = "CN_NATIONAL"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a trading system lets serve what: its rule set, with drafts marked."""

    allowances: tuple[str, ...]
    offsets: tuple[str, ...]
    cells: tuple[Cell, ...]
    refused_traits: tuple[str, ...]  # of offsets

    @property
    def schemes(self) -> tuple[str, ...]:
        return (*self.allowances, *self.offsets)


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


def rules_on(on: date) -> Rules:
    """R2.24, R2.25: what serves which obligation year, on a day.

    :raises NoSuchRegime: the trading system is not loaded
    """
    regime = compliance.get_regime(REGIME)
    cells = tuple(
        Cell(
            vintages=cell.vintages,
            years=cell.years,
            legal_basis=cell.legal_basis,
            is_draft=cell.is_draft,
            allowed=cell.verdict.value != "REFUSED",
        )
        for cell in regime.vintages
        if cell.valid_from <= on and (cell.valid_to is None or on < cell.valid_to)
    )
    return Rules(regime.allowances, regime.offsets, cells, regime.refused_traits)


def entities_owing(party_id: UUID) -> list[tuple[UUID, str]]:
    """The party's entities that still owe units: id and name."""
    rows = compliance.obligations_of(party_id).filter(open_t__gt=0, entity__regime_id=REGIME)
    found = {row.entity_id: str(row.entity) for row in rows}
    return sorted(found.items(), key=lambda one: one[1])


def default_demands(party_id: UUID, *, entity_id: UUID | None = None) -> list[Demand]:
    """What an entity still owes, year by year; of the first one where none is named."""
    owing = [one for one, _name in entities_owing(party_id)]
    if not owing:
        return []
    chosen = entity_id if entity_id in owing else owing[0]
    rows = compliance.obligations_of(party_id).filter(open_t__gt=0, entity_id=chosen)
    return [
        Demand(
            year=row.year,
            obligation=row.owed_t or 0,
            due_on=row.due_on,
            offset_share=Decimal(row.numbers["offset_shares"].get(str(row.year), "0")),
            surrendered=row.allowances_t + row.offsets_t,
            offsets_surrendered=row.offsets_t,
            obligation_id=str(row.pk),
        )
        for row in rows.order_by("year")
        if row.due_on is not None
    ]


def next_demands(on: date) -> list[Demand]:
    """The years whose deadlines come next, to be filled in by hand."""
    found = ((year, _due_on(year)) for year in (on.year - 1, on.year))
    return [
        Demand(year, 0, due_on, _offset_share(year))
        for year, due_on in found
        if due_on is not None and due_on >= on
    ]


def _offset_share(year: int) -> Decimal:
    """R2.24. Where the rule book has no share, offsets may cover nothing."""
    number = _number(compliance.get_regime(REGIME).offset_cap_key, year)
    return number.number if number else Decimal(0)


def _due_on(year: int) -> date | None:
    """R2.22: the last day to hand in for a year."""
    number = _number(compliance.get_regime(REGIME).deadline_key, year)
    return number.date_rule.day_for(year) if number else None


def _number(key: str, year: int) -> ParameterValue | None:
    try:
        return parameters.get_parameter(key, on=date(year, 12, 31))
    except NoParameter:
        return None


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


def _refusal(lot: units.LotView, rules: Rules, on: date) -> str:
    """Why units of a lot may not be handed in at all; empty if they may."""
    if lot.scheme in rules.offsets and any(lot.traits.get(one) for one in rules.refused_traits):
        return "offset_from_covered"
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
    party_id: UUID, *, on: date, rules: Rules, terms: Mapping[str, Terms]
) -> tuple[Stock, ...]:
    wanted = set(rules.schemes)
    numbers = dict(accounts.accounts_of(party_id).values_list("pk", "number"))
    found = [
        view
        for view in units.positions_in(list(numbers))
        if view.state in LIVE and view.scheme in wanted
    ]
    lots = units.get_lots(view.lot_id for view in found)
    refusals = {lot_id: _refusal(lot, rules, on) for lot_id, lot in lots.items()}
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
    carry_limit: int = 0,
    carry_by: date | None = None,
    sells_ageing: bool = False,
) -> Problem:
    """Everything a plan of a party depends on, as it is now. Prices: the newest on the day.

    `carry_limit`: how many old units may be carried over, by the calculator of `compliance`.

    :raises NoSuchRegime: the trading system is not loaded
    """
    rules = rules_on(on)
    prices = tuple(one for one in prices_on(party_id, on) if one.scheme in rules.schemes)
    problem = Problem(
        on=on,
        demands=tuple(demands),
        stocks=_stocks(party_id, on=on, rules=rules, terms=terms),
        prices=prices,
        allowances=rules.allowances,
        offsets=rules.offsets,
        cells=rules.cells,
        sells_ageing=sells_ageing,
    )
    if not demands or carry_by is None:
        return problem
    return replace(problem, carry_over=carry_over_of(problem, limit=carry_limit, apply_by=carry_by))
