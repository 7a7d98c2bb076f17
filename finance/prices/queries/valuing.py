"""What a position, or all that a party holds, is worth on a day. Set-based; never invented."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from finance.prices.queries.marks import marks_on
from finance.prices.queries.policy import Policy, policy_on
from finance.prices.queries.rates import rates_on
from finance.prices.queries.uses import Uses, uses_on
from finance.prices.rules.values import Mark, Rate, ValuedLine, worth
from finance.prices.states import Use
from ledger.accounts import queries as accounts
from ledger.instruments import queries as instruments
from ledger.units import queries as units
from ledger.units.queries import Wanted
from ledger.units.states import LIVE, UnitState

MOST = 1_000_000  # positions of one party


@dataclass(frozen=True, slots=True)
class Held:
    """Units to be valued. `expires_on`: the first day on which they are of no use."""

    scheme: str
    vintage_year: int
    unit_count: int
    state: str = UnitState.FREE.value
    expires_on: date | None = None
    is_refused: bool = False  # a credit that its trading systems do not take


def value_position(
    *,
    scheme: str,
    vintage_year: int,
    unit_count: int,
    on: date,
    currency: str = "CNY",
    expires_on: date | None = None,
    party_id: UUID | None = None,
) -> list[ValuedLine]:
    """What units of one instrument and vintage are worth on a day, a line for each use.

    `party_id`: whose arrears old allowances may serve (R2.31); without it, nobody's.

    :raises NoParameter: the house's valuation numbers do not reach that day
    """
    held = Held(scheme, vintage_year, unit_count, expires_on=expires_on)
    return value_all([held], on, currency=currency, party_id=party_id)


def value_holdings(party_id: UUID, on: date, *, currency: str = "CNY") -> list[ValuedLine]:
    """What a party owned at the end of a day, valued by what was usable then.

    A line for each instrument, vintage, state and use; a fixed number of queries.

    :raises NoParameter: the house's valuation numbers do not reach that day
    """
    uses = uses_on(on, party_id=party_id)
    held = _holdings(accounts.owning_account_ids_of(party_id), on, uses)
    return _value(held, uses, currency=currency)


def _holdings(account_ids: Sequence[UUID], on: date, uses: Uses) -> list[Held]:
    places = units.places(Wanted(account_ids=account_ids, day=on), limit=MOST)
    live = [place for place in places if place.state in LIVE]
    # only the traits of credits matter here
    is_credit = {row.code: row.family == "CREDIT" for row in instruments.schemes()}
    lots = units.get_lots({place.lot_id for place in live if is_credit[place.scheme]})
    found: dict[Held, int] = {}
    for place in live:
        lot = lots.get(place.lot_id)
        one = Held(
            scheme=place.scheme,
            vintage_year=place.vintage_year,
            unit_count=0,
            state=place.state.value,
            expires_on=place.expires_on,
            is_refused=lot is not None and uses.refuses(place.scheme, lot.traits),
        )
        found[one] = found.get(one, 0) + place.unit_count
    return [replace(one, unit_count=count) for one, count in found.items()]


def value_all(
    held: Iterable[Held], on: date, *, currency: str = "CNY", party_id: UUID | None = None
) -> list[ValuedLine]:
    """Many holdings at once; those of one instrument, vintage, state and use become one line."""
    return _value(held, uses_on(on, party_id=party_id), currency=currency)


def _value(held: Iterable[Held], uses: Uses, *, currency: str) -> list[ValuedLine]:
    on, policy = uses.on, policy_on(uses.on)
    parts = _by_use(held, uses)
    marks = marks_on({(part[0], part[1]) for part in parts}, on, policy=policy)
    rates = rates_on({mark.price.currency for mark in marks.values()}, currency, on)
    return [
        _line(part, count, marks=marks, rates=rates, policy=policy, uses=uses)
        for part, count in sorted(parts.items())
    ]


Part = tuple[str, int, str, str]  # scheme, vintage, state, use


def _by_use(held: Iterable[Held], uses: Uses) -> dict[Part, int]:
    """The units by use; arrears take the free ones of the oldest vintage first."""
    parts: dict[Part, int] = {}
    owed: dict[str, int] = {}  # by scheme: what older vintages have covered already
    order = sorted(held, key=lambda one: (one.scheme, one.vintage_year, one.state != "FREE"))
    for one in order:
        for use, count in _split(one, uses, owed):
            part = (one.scheme, one.vintage_year, one.state, use.value)
            parts[part] = parts.get(part, 0) + count
    return parts


def _split(one: Held, uses: Uses, taken: dict[str, int]) -> list[tuple[Use, int]]:
    if one.expires_on is not None and one.expires_on <= uses.on:
        return [(Use.EXPIRED, one.unit_count)]
    if one.is_refused:
        return [(Use.VOLUNTARY, one.unit_count)]
    use, _draft = uses.of_allowance(one.scheme, one.vintage_year)
    if use is not Use.ARREARS:
        return [(use, one.unit_count)]
    room = uses.arrears_for(one.scheme, one.vintage_year) - taken.get(one.scheme, 0)
    serving = max(0, min(one.unit_count, room))
    taken[one.scheme] = taken.get(one.scheme, 0) + serving
    parts = [(Use.ARREARS, serving), (Use.NO_USE, one.unit_count - serving)]
    return [(kind, count) for kind, count in parts if count]


def _line(
    part: Part,
    count: int,
    *,
    marks: Mapping[Any, Mark],
    rates: Mapping[str, Rate],
    policy: Policy,
    uses: Uses,
) -> ValuedLine:
    scheme, vintage, state, use = part
    mark = marks.get((scheme, vintage))
    rate = rates.get(mark.price.currency) if mark else None
    haircut, share = policy.haircut(scheme, vintage), policy.use_share(use)
    market, value = worth(count, mark=mark, rate=rate, use_share=share, haircut=haircut)
    return ValuedLine(
        scheme=scheme,
        vintage_year=vintage,
        state=state,
        unit_count=count,
        use=use,
        is_draft=uses.of_allowance(scheme, vintage)[1],
        mark=mark,
        rate=rate,
        haircut=haircut,
        use_share=share,
        market_value=market,
        value=value,
    )
