"""Where units can come from, and what each of them costs for which year."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from finance.planner.rules.problem import (
    FREE,
    RELEASABLE,
    Demand,
    Pledge,
    Price,
    Problem,
    Stock,
    days_before,
)


class Origin(StrEnum):
    OWN = "OWN"
    PLEDGED = "PLEDGED"
    BOUGHT = "BOUGHT"


@dataclass(frozen=True, slots=True)
class Way:
    """How units of a source come to a year: at what more, by which day to ask, or by itself."""

    extra_fen: int = 0
    ask_by: date | None = None
    ends_itself: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Units that cost the same and serve the same years."""

    origin: Origin
    scheme: str
    vintage: int | None
    quantity: int
    cost_fen: int  # for each unit: its price, or what using it gives up
    ways: Mapping[int, Way] = field(default_factory=dict)  # by obligation year
    stocks: tuple[Stock, ...] = ()
    price: Price | None = None
    keeps_use: bool = True
    can_carry: bool = False
    fee_fen: int = 0  # once, when anything is released by asking

    @property
    def order(self) -> tuple[object, ...]:
        """Of equal cost: own before pledged before bought; what ends first, first."""
        last = min((stock.last_day or date.max for stock in self.stocks), default=date.max)
        origin = list(Origin).index(self.origin)
        return (origin, self.keeps_use, last, self.vintage or 0, self.scheme, self._name)

    @property
    def _name(self) -> str:
        if self.price:
            return self.price.price_id
        return self.stocks[0].key if self.stocks else ""


def is_releasable(stock: Stock) -> bool:
    return stock.pledge is not None and stock.state in RELEASABLE and not stock.refusal


def is_free(stock: Stock) -> bool:
    return stock.state == FREE and not stock.refusal


def _own(problem: Problem) -> Iterator[Source]:
    """Free units, those of one instrument, vintage and last day together."""
    groups: dict[tuple[str, int, date | None], list[Stock]] = {}
    for stock in problem.stocks:
        if is_free(stock) and stock.quantity:
            groups.setdefault((stock.scheme, stock.vintage, stock.last_day), []).append(stock)
    for (scheme, vintage, _last), stocks in groups.items():
        one = stocks[0]
        years = [demand.year for demand in problem.demands if problem.can_use(one, demand)]
        yield Source(
            origin=Origin.OWN,
            scheme=scheme,
            vintage=vintage,
            quantity=sum(stock.quantity for stock in stocks),
            cost_fen=problem.value_fen(one),
            ways={year: Way() for year in years},
            stocks=tuple(sorted(stocks, key=lambda stock: (stock.label, stock.key))),
            keeps_use=problem.keeps_use(one),
            can_carry=_can_carry(problem, one),
        )


def _can_carry(problem: Problem, stock: Stock) -> bool:
    carry = problem.carry_over
    return (
        carry is not None
        and stock.scheme == carry.scheme
        and carry.vintages[0] <= stock.vintage <= carry.vintages[1]
        and problem.on <= carry.apply_by
    )


def _way_out(stock: Stock, pledge: Pledge, demand: Demand, on: date) -> Way | None:
    """How units come out of a hold in time for a year; None: they do not."""
    target = demand.latest(on)
    if stock.last_day is not None:
        target = min(target, stock.last_day)
    if pledge.ends_on is not None and pledge.ends_on <= target:
        return Way(ask_by=max(pledge.ends_on, on), ends_itself=True)
    last_ask = days_before(target, pledge.days)
    if demand.due_on < on:  # arrears: as soon as can be
        too_late = stock.last_day is not None and on + timedelta(pledge.days) > stock.last_day
        last_ask = date.min if too_late else on
    if pledge.ask_until is not None:
        last_ask = min(last_ask, pledge.ask_until)
    return Way(pledge.cost_fen, last_ask) if last_ask >= on else None


def _pledged(problem: Problem) -> Iterator[Source]:
    for stock in problem.stocks:
        if stock.pledge is None or not is_releasable(stock) or not stock.quantity:
            continue
        found = {
            demand.year: _way_out(stock, stock.pledge, demand, problem.on)
            for demand in problem.demands
            if problem.can_use(stock, demand)
        }
        yield Source(
            origin=Origin.PLEDGED,
            scheme=stock.scheme,
            vintage=stock.vintage,
            quantity=stock.quantity,
            cost_fen=problem.value_fen(stock),
            ways={year: way for year, way in found.items() if way},
            stocks=(stock,),
            keeps_use=problem.keeps_use(stock),
            fee_fen=stock.pledge.fee_fen,
        )


def _bought(problem: Problem) -> Iterator[Source]:
    wanted = sum(demand.open for demand in problem.demands)
    for price in problem.prices:
        if price.buy_fen is None:
            continue
        years = [d.year for d in problem.demands if _serves(problem, price, d.year)]
        yield Source(
            origin=Origin.BOUGHT,
            scheme=price.scheme,
            vintage=price.vintage,
            quantity=wanted if price.available is None else price.available,
            cost_fen=price.buy_fen,
            ways={year: Way() for year in years},
            price=price,
        )


def _serves(problem: Problem, price: Price, year: int) -> bool:
    return problem.serves(price.scheme, price.vintage, year)


def sources_of(problem: Problem) -> list[Source]:
    """Every source, in the order in which equals are taken."""
    found: Iterable[Source] = [*_own(problem), *_pledged(problem), *_bought(problem)]
    return sorted(found, key=lambda source: source.order)


def without_asking(source: Source) -> Source:
    """The same pledge, of which only what ends by itself may be used: its fee is not paid."""
    ways = {year: way for year, way in source.ways.items() if way.ends_itself}
    return Source(
        **{
            **{name: getattr(source, name) for name in source.__dataclass_fields__},
            "ways": ways,
            "fee_fen": 0,
        }
    )
