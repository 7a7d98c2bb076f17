"""Marks and exchange rates as somebody tells them, and what is wrong with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from ledger.kernel.errors import N_, DomainError

PRICE_PLACES, RATE_PLACES = 6, 8
MOST_DIGITS = 18


class NoSuchSource(DomainError):
    code = "no_such_source"
    message = N_("There is no source of prices %(source)s.")


class NotOfThisSource(DomainError):
    code = "not_of_this_source"
    message = N_("The source %(source)s gives no prices of %(what)s.")


class VintageNeeded(DomainError):
    """Trap 8: an old allowance is not worth what a new one is, so no mark stands for both."""

    code = "vintage_needed"
    message = N_(
        "A price of %(scheme)s needs a vintage: old and new ones are worth different sums."
    )


class OddVintage(DomainError):
    code = "odd_vintage"
    message = N_("%(vintage)s is no vintage.")


class PriceNotPositive(DomainError):
    code = "price_not_positive"
    message = N_("A price or rate is above nought; %(price)s is not.")


class PriceTooFine(DomainError):
    code = "price_too_fine"
    message = N_("%(price)s has more than %(places)s decimals, or too many digits.")


class InTheFuture(DomainError):
    code = "price_in_the_future"
    message = N_("%(day)s has not come yet: a price is told of a day that was.")


class NotATradingDay(DomainError):
    code = "not_a_trading_day"
    message = N_("%(day)s is no trading day of %(source)s.")


class OutsideTheLimits(DomainError):
    """R2.33, R2.35."""

    code = "outside_the_limits"
    message = N_(
        "%(price)s on %(day)s lies outside the limits of the day, %(low)s to %(high)s (previous "
        "close %(close)s). If it is right, say why."
    )


class ReasonNeeded(DomainError):
    code = "reason_needed"
    message = N_(
        "%(what)s of %(day)s is told already, as %(price)s. A correction needs its reason."
    )


class WithdrawnBefore(DomainError):
    code = "withdrawn_before"
    message = N_("%(what)s of %(day)s was withdrawn. Telling it again needs a reason.")


class ToldSince(DomainError):
    """A telling is taken back before what was told after it, not the other way round."""

    code = "told_since"
    message = N_("%(what)s of %(day)s was told again since. Nothing was taken back.")


class ToldTwice(DomainError):
    code = "told_twice"
    message = N_("%(what)s of %(day)s stands here twice.")


class SameCurrency(DomainError):
    code = "same_currency"
    message = N_("A rate leads from one currency to another; both are %(currency)s.")


class NothingTold(DomainError):
    code = "nothing_told"
    message = N_("There is not one price here.")


class TooManyRows(DomainError):
    code = "too_many_rows"
    message = N_("More than %(limit)s rows: tell them in parts.")


class NotTheKeeper(DomainError):
    """Everybody's values rest on them, so one party answers for them."""

    code = "not_the_keeper"
    message = N_("Marks are kept for everybody, by the operator of the park.")


class NotOneOf(DomainError):
    code = "not_one_of"
    message = N_("“%(text)s” is none of: %(accepted)s.")


@dataclass(frozen=True, slots=True)
class MarkFact:
    """What a source says one unit was worth on a day. `vintage_year` None: of any vintage."""

    scheme: str
    vintage_year: int | None
    source: str
    marked_on: date
    price: Decimal
    currency: str = "CNY"
    mode: str = "LISTED"
    volume: int | None = None
    reason: str = ""

    @property
    def series(self) -> tuple[str, int | None, str, str]:
        return self.scheme, self.vintage_year, self.source, self.mode

    @property
    def day(self) -> date:
        return self.marked_on

    @property
    def figure(self) -> Decimal:
        return self.price

    @property
    def what(self) -> str:
        return f"{self.scheme} {self.vintage_year or ''}".strip()


@dataclass(frozen=True, slots=True)
class RateFact:
    """What one unit of a currency is in another, on a day."""

    from_currency: str
    to_currency: str
    source: str
    rated_on: date
    rate: Decimal
    reason: str = ""

    @property
    def series(self) -> tuple[str, str, str]:
        return self.from_currency, self.to_currency, self.source

    @property
    def day(self) -> date:
        return self.rated_on

    @property
    def figure(self) -> Decimal:
        return self.rate

    @property
    def what(self) -> str:
        return f"{self.from_currency}/{self.to_currency}"


Fact = MarkFact | RateFact


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row (counted from 1) in one of its columns."""

    row: int
    column: str
    error: DomainError


class TellingHasProblems(DomainError):
    """Every problem at once; nothing was told."""

    code = "telling_has_problems"
    message = N_("%(count)s problems; nothing was taken in.")

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(count=len(self.problems))


@dataclass(frozen=True, slots=True)
class Band:
    """The prices that a day allows, both ends included."""

    close: Decimal
    low: Decimal
    high: Decimal

    def __contains__(self, price: Decimal) -> bool:
        return self.low <= price <= self.high


def band(close: Decimal, *, share: Decimal, tick: Decimal) -> Band:
    """R2.35: both limits rounded inwards to the tick."""
    low = (close * (1 - share) / tick).to_integral_value(ROUND_CEILING) * tick
    high = (close * (1 + share) / tick).to_integral_value(ROUND_FLOOR) * tick
    return Band(close, low, high)


def check_number(number: Decimal, *, places: int) -> None:
    """:raises PriceNotPositive, PriceTooFine: it cannot be kept as it is"""
    if number <= 0:
        raise PriceNotPositive(price=number)
    scaled = number.scaleb(places)
    if scaled != scaled.to_integral_value() or number.adjusted() >= MOST_DIGITS - places:
        raise PriceTooFine(price=number, places=places)


def check_vintage(fact: MarkFact, *, is_allowance: bool) -> None:
    """:raises VintageNeeded, OddVintage: a mark of no vintage we can tell"""
    if fact.vintage_year is None:
        if is_allowance:
            raise VintageNeeded(scheme=fact.scheme)
    elif not 1990 <= fact.vintage_year <= 2100:
        raise OddVintage(vintage=fact.vintage_year)
