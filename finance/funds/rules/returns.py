"""Internal rate of return of dated flows, with the guard rails of rule book 7.5.

Contributions are negative, distributions positive, the last value is a distribution. Rates are
exact to 15 places. Where several rates solve the flows, all are told, and the one nearest to nought
is the answer: it is the one that a small change of the flows moves least out of the plausible.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from finance.funds.rules.roots import WIDE, rates

PLACES = Decimal("1e-15")
YEAR = 365


@dataclass(frozen=True, slots=True)
class Flow:
    """Money on a day, as the investor sees it: paid in negative, received positive."""

    on: date
    amount: Decimal


class Caution(StrEnum):
    """Why a rate is missing, or to be read with care."""

    NO_FLOWS = "NO_FLOWS"
    NO_SIGN_CHANGE = "NO_SIGN_CHANGE"
    NO_SOLUTION = "NO_SOLUTION"
    SEVERAL_SIGN_CHANGES = "SEVERAL_SIGN_CHANGES"
    SEVERAL_SOLUTIONS = "SEVERAL_SOLUTIONS"
    SHORTER_THAN_A_YEAR = "SHORTER_THAN_A_YEAR"


@dataclass(frozen=True, slots=True)
class Return:
    """`rate` is a year's, or the whole period's where that is shorter than a year."""

    rate: Decimal | None
    is_annual: bool
    solutions: tuple[Decimal, ...]
    cautions: tuple[Caution, ...]


Fraction = tuple[int, int]  # whole steps, steps in a year
DayCount = Callable[[date, date], Fraction]


def act_365f(first: date, last: date) -> Fraction:
    return (last - first).days, YEAR


def thirty_e_360(first: date, last: date) -> Fraction:
    """ISDA 2006 4.16(g): both 31sts are 30ths."""
    years, months = last.year - first.year, last.month - first.month
    days = min(last.day, 30) - min(first.day, 30)
    return 360 * years + 30 * months + days, 360


def act_act_isda(first: date, last: date) -> Fraction:
    """Days in leap years by 366, the others by 365: in steps of 1 / (365 · 366) year."""
    steps = 0
    for year in range(first.year, last.year + 1):
        begin, end = max(first, date(year, 1, 1)), min(last, date(year + 1, 1, 1))
        length = (date(year + 1, 1, 1) - date(year, 1, 1)).days
        steps += (end - begin).days * (365 * 366 // length)
    return steps, 365 * 366


DAY_COUNTS: dict[str, DayCount] = {
    "ACT/365F": act_365f,
    "30E/360": thirty_e_360,
    "ACT/ACT ISDA": act_act_isda,
}


def by_day(flows: Sequence[Flow]) -> list[Flow]:
    """One sum a day, in order; days that come to nothing are left out."""
    sums: dict[date, Decimal] = {}
    for flow in flows:
        sums[flow.on] = WIDE.add(sums.get(flow.on, Decimal(0)), flow.amount)
    return [Flow(day, amount) for day, amount in sorted(sums.items()) if amount]


def sign_changes(amounts: Sequence[Decimal]) -> int:
    signs = [amount > 0 for amount in amounts if amount]
    return sum(one != other for one, other in pairwise(signs))


def solutions_of(flows: Sequence[Flow], *, day_count: DayCount = act_365f) -> list[Decimal]:
    """Every yearly rate at which the flows are worth nothing, rising."""
    plain = by_day(flows)
    if not plain:
        return []
    fractions = [day_count(plain[0].on, flow.on) for flow in plain]
    terms = [(steps, flow.amount) for (steps, _), flow in zip(fractions, plain, strict=True)]
    return [one.quantize(PLACES, context=WIDE) for one in rates(terms, basis=fractions[0][1])]


def nearest_to_nought(solutions: Sequence[Decimal]) -> Decimal | None:
    """Of two as near, the positive."""
    return min(solutions, key=lambda one: (abs(one), one < 0), default=None)


def internal_return(flows: Sequence[Flow], *, day_count: DayCount = act_365f) -> Return:
    """The flows' internal rate of return, or why there is none."""
    plain = by_day(flows)
    if not plain:
        return Return(None, True, (), (Caution.NO_FLOWS,))
    changes = sign_changes([flow.amount for flow in plain])
    if not changes:
        return Return(None, True, (), (Caution.NO_SIGN_CHANGE,))
    found = tuple(solutions_of(plain, day_count=day_count))
    cautions = list(_cautions(changes, found))
    rate, days = nearest_to_nought(found), (plain[-1].on - plain[0].on).days
    if days >= YEAR:
        return Return(rate, True, found, tuple(cautions))
    cautions.append(Caution.SHORTER_THAN_A_YEAR)
    return Return(_of_period(rate, days), False, found, tuple(cautions))


def _cautions(changes: int, found: Sequence[Decimal]) -> list[Caution]:
    said = []
    if not found:
        said.append(Caution.NO_SOLUTION)
    if changes > 1:
        said.append(Caution.SEVERAL_SIGN_CHANGES)
    if len(found) > 1:
        said.append(Caution.SEVERAL_SOLUTIONS)
    return said


def _of_period(rate: Decimal | None, days: int) -> Decimal | None:
    """What a yearly rate makes in so many days."""
    if rate is None:
        return None
    grown = WIDE.power(1 + rate, WIDE.divide(Decimal(days), Decimal(YEAR)))
    return WIDE.subtract(grown, Decimal(1)).quantize(PLACES, context=WIDE)


def present_value(flows: Sequence[Flow], *, rate: Decimal, on: date) -> Decimal:
    """What the flows are worth on a day, ACT/365F (later days discounted, earlier ones grown)."""
    whole = Decimal(0)
    for flow in flows:
        years = WIDE.divide(Decimal((flow.on - on).days), Decimal(YEAR))
        factor = WIDE.power(WIDE.add(Decimal(1), rate), -years)
        whole = WIDE.add(whole, WIDE.multiply(flow.amount, factor))
    return whole
