"""Marks, rates and the value of units, as other rooms see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from ledger.kernel.money import Money
from ledger.kernel.quantities import WIDE

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Mark:
    """What one unit is worth by the newest mark until a day.

    `marked_on`: the day that it is of; `days_old`: trading days since then; `is_stale`: more than
    the book allows. `vintage_year` None: a price of any vintage. `version_id` names the very row.
    """

    scheme: str
    vintage_year: int | None
    price: Money
    marked_on: date
    days_old: int
    is_stale: bool
    source: str
    mode: str
    version: int
    version_id: UUID


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency is in another. Crossed by a third currency: two rows."""

    from_currency: str
    to_currency: str
    rate: Decimal
    rated_on: date
    is_stale: bool
    source: str
    version_ids: tuple[UUID, ...] = ()

    def convert(self, money: Money) -> Money:
        """The same money in the other currency, not rounded."""
        same = Money(Decimal(0), self.from_currency)
        return Money((money + same).amount, self.to_currency) * self.rate


def inverted(rate: Rate) -> Rate:
    return Rate(
        rate.to_currency, rate.from_currency, WIDE.divide(ONE, rate.rate), rate.rated_on,
        rate.is_stale, rate.source, rate.version_ids,
    )  # fmt: skip


def crossed(first: Rate, second: Rate) -> Rate:
    """From the first's currency into the second's; of the older day of the two."""
    sources = dict.fromkeys([first.source, second.source])
    return Rate(
        first.from_currency, second.to_currency, WIDE.multiply(first.rate, second.rate),
        min(first.rated_on, second.rated_on), first.is_stale or second.is_stale,
        ", ".join(sources), (*first.version_ids, *second.version_ids),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ValuedLine:
    """Units of one instrument, vintage, state and use, with what they are worth.

    `market_value`: count × mark, converted. `value`: what of it counts, after `use_share` and
    `haircut`. Both None where no mark or no rate is known: a value is never invented.
    """

    scheme: str
    vintage_year: int
    state: str
    unit_count: int
    use: str
    is_draft: bool  # the rule behind `use` stands in a draft only
    mark: Mark | None
    rate: Rate | None
    haircut: Decimal
    use_share: Decimal
    market_value: Money | None
    value: Money | None

    @property
    def is_valued(self) -> bool:
        return self.value is not None

    @property
    def is_stale(self) -> bool:
        parts = (self.mark, self.rate)
        return any(part is not None and part.is_stale for part in parts)


def worth(
    unit_count: int, *, mark: Mark | None, rate: Rate | None, use_share: Decimal, haircut: Decimal
) -> tuple[Money | None, Money | None]:
    """Market value and what of it counts, each rounded once; None and None where unknown."""
    if mark is None or rate is None:
        return None, None
    market = rate.convert(mark.price * unit_count)
    return market.rounded(), (market * use_share * (ONE - haircut)).rounded()


@dataclass(frozen=True, slots=True)
class Total:
    """What the lines come to; `unvalued_count` lines have no value and are not in it."""

    market_value: Money
    value: Money
    stale_count: int
    unvalued_count: int


def total(lines: Iterable[ValuedLine], *, currency: str = "CNY") -> Total:
    """:raises CurrencyMismatch: a line is in another currency"""
    market = value = Money(Decimal(0), currency)
    stale = unvalued = 0
    for line in lines:
        if line.market_value is None or line.value is None:
            unvalued += line.unit_count > 0
            continue
        market, value = market + line.market_value, value + line.value
        stale += line.is_stale
    return Total(market, value, stale, unvalued)


@dataclass(frozen=True, slots=True)
class Cell:
    """Whether allowances of some vintages serve some obligation years; from a regime's matrix."""

    vintages: tuple[int, int]
    years: tuple[int, int]
    allowed: bool
    is_draft: bool

    def speaks_of(self, vintage: int, year: int) -> bool:
        first, last = self.vintages
        start, end = self.years
        return first <= vintage <= last and start <= year <= end


def serves(cells: Iterable[Cell], *, vintage: int, year: int) -> Cell | None:
    """The first cell that speaks of it, if it lets it; what no cell speaks of is refused."""
    found = next((cell for cell in cells if cell.speaks_of(vintage, year)), None)
    return found if found is not None and found.allowed else None


def age_in_years(vintage_year: int, on: date) -> Decimal:
    return Decimal(max(0, on.year - vintage_year))
