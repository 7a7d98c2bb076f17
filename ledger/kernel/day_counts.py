"""Day counts: what part of a year lies between two days, by the conventions of contracts.

The first day counts, the last does not. Definitions: ISDA 2006 definitions 4.16 and its 30/360
sheet of 2008, the ISDA memo on actual/actual of 1999, AFB 1994, and the readings of OpenGamma
Strata where a text leaves two (named there too). Exact fractions inside, 34 digits outside.
"""

from calendar import isleap, monthrange
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.periods import Period
from ledger.kernel.quantities import CONVERTED


class DayCount(StrEnum):
    """The value is the name that contracts use."""

    ONE_ONE = "1/1"
    ACT_ACT_ISDA = "ACT/ACT ISDA"
    ACT_ACT_ICMA = "ACT/ACT ICMA"
    ACT_ACT_AFB = "ACT/ACT AFB"
    ACT_ACT_YEAR = "ACT/ACT YEAR"
    ACT_365A = "ACT/365A"
    ACT_360 = "ACT/360"
    ACT_364 = "ACT/364"
    ACT_365F = "ACT/365F"
    ACT_365_25 = "ACT/365.25"
    NL_360 = "NL/360"
    NL_365 = "NL/365"
    THIRTY_360_ISDA = "30/360 ISDA"  # bond basis
    THIRTY_360_PSA = "30/360 PSA"
    THIRTY_E_360 = "30E/360"  # Eurobond basis
    THIRTY_E_360_ISDA = "30E/360 ISDA"  # German
    THIRTY_E_PLUS_360 = "30E+/360"
    THIRTY_E_365 = "30E/365"
    THIRTY_U_360 = "30U/360 no-EOM"
    THIRTY_U_360_EOM = "30U/360 EOM"


class DaysBackwards(DomainError):
    code = "days_backwards"
    message = N_("A period must end after it starts: %(start)s to %(end)s.")


class ReferencePeriodNeeded(DomainError):
    code = "reference_period_needed"
    message = N_("ACT/ACT ICMA needs the coupon period that it counts within.")


def year_fraction(
    convention: DayCount | str,
    start: date,
    end: date,
    *,
    is_maturity: bool = False,
    coupon: Period | None = None,
) -> Decimal:
    """The part of a year from a day up to another, to 34 digits.

    `is_maturity`: `end` is the last day of the contract, which 30E/360 ISDA wants to know;
    `coupon`: the regular period that ACT/ACT ICMA counts within.

    :raises DaysBackwards: it ends before it starts
    :raises ReferencePeriodNeeded: ACT/ACT ICMA without its coupon period
    """
    found = _fraction(DayCount(convention), start, end, is_maturity=is_maturity, coupon=coupon)
    return CONVERTED.divide(Decimal(found.numerator), Decimal(found.denominator))


def days_between(
    convention: DayCount | str, start: date, end: date, *, is_maturity: bool = False
) -> int:
    """The days that the convention counts: 30 a month for the 30/360 family, else as they are.

    :raises DaysBackwards: it ends before it starts
    """
    _check_order(start, end)
    kind = DayCount(convention)
    if kind in _THIRTY:
        return _thirty(kind, start, end, is_maturity)
    if kind in {DayCount.NL_360, DayCount.NL_365}:
        return _days(start, end) - len(_leap_days(start, end))
    return _days(start, end)


def _check_order(start: date, end: date) -> None:
    if end < start:
        raise DaysBackwards(start=start.isoformat(), end=end.isoformat())


def _fraction(
    kind: DayCount, start: date, end: date, *, is_maturity: bool, coupon: Period | None
) -> Fraction:
    _check_order(start, end)
    if kind is DayCount.ACT_ACT_ICMA:
        if coupon is None:
            raise ReferencePeriodNeeded
        return _icma(start, end, coupon.start, coupon.end)
    if kind in _BY_RULE:
        return _BY_RULE[kind](start, end)
    return days_between(kind, start, end, is_maturity=is_maturity) / _YEARS[kind]


# --- actual days


def _days(start: date, end: date) -> int:
    return (end - start).days


def _leap_days(start: date, end: date) -> list[date]:
    """Each 29 February after the start, up to and with the end."""
    found = (date(y, 2, 29) for y in range(start.year, end.year + 1) if isleap(y))
    return [day for day in found if start < day <= end]


def _whole_years_on(day: date, years: int) -> date:
    """The same day some years later or earlier; 29 February becomes the 28th."""
    return _months_on(day, 12 * years)


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _one(start: date, end: date) -> Fraction:
    return Fraction(1)


def _isda(start: date, end: date) -> Fraction:
    """Each calendar year's days over that year's length."""
    total, first = Fraction(0), start
    while first < end:
        last = min(end, date(first.year + 1, 1, 1))
        total += Fraction(_days(first, last), 366 if isleap(first.year) else 365)
        first = last
    return total


def _afb(start: date, end: date) -> Fraction:
    """Whole years back from the end; the rest over 366 if a 29 February lies in it."""
    years = end.year - start.year
    while (rest_end := _whole_years_on(end, -years)) < start:
        years -= 1
    if rest_end == start:
        return Fraction(years)
    leap = _leap_days(start - timedelta(days=1), rest_end - timedelta(days=1))
    return years + Fraction(_days(start, rest_end), 366 if leap else 365)


def _year_by_year(start: date, end: date) -> Fraction:
    """Whole years from the start; the rest over the length of the year that it lies in."""
    years = end.year - start.year
    while _whole_years_on(start, years) > end:
        years -= 1
    first, following = _whole_years_on(start, years), _whole_years_on(start, years + 1)
    return years + Fraction(_days(first, end), _days(first, following))


def _365a(start: date, end: date) -> Fraction:
    return Fraction(_days(start, end), 366 if _leap_days(start, end) else 365)


def _icma(start: date, end: date, first: date, last: date) -> Fraction:
    """ISDA memo of 1999: days over the coupon period's, times its share of a year; a long or short
    first or last period is counted in parts, each within a period of the same length.
    """
    months = max(1, round(Fraction(12 * _days(first, last), 365)))
    if start == end:
        return Fraction(0)
    if start >= last:
        return _icma(start, end, last, _months_on(last, months))
    if end > last:
        return _icma(start, last, first, last) + _icma(last, end, last, _months_on(last, months))
    before = _months_on(first, -months)
    if end <= first:
        return _icma(start, end, before, first)
    if start < first:
        return _icma(start, first, before, first) + _icma(first, end, first, last)
    return Fraction(months, 12) * Fraction(_days(start, end), _days(first, last))


_BY_RULE: Mapping[DayCount, Callable[[date, date], Fraction]] = {
    DayCount.ONE_ONE: _one,
    DayCount.ACT_ACT_ISDA: _isda,
    DayCount.ACT_ACT_AFB: _afb,
    DayCount.ACT_ACT_YEAR: _year_by_year,
    DayCount.ACT_365A: _365a,
}

# --- months of thirty days


def _ends_february(day: date) -> bool:
    return day.month == 2 and day.day == monthrange(day.year, 2)[1]


def _isda_days(start: date, end: date, is_maturity: bool) -> tuple[int, int]:
    first = min(start.day, 30)
    return first, 30 if end.day == 31 and first == 30 else end.day


def _psa_days(start: date, end: date, is_maturity: bool) -> tuple[int, int]:
    first = 30 if start.day == 31 or _ends_february(start) else start.day
    return first, 30 if end.day == 31 and first == 30 else end.day


def _euro_days(start: date, end: date, is_maturity: bool) -> tuple[int, int]:
    return min(start.day, 30), min(end.day, 30)


def _german_days(start: date, end: date, is_maturity: bool) -> tuple[int, int]:
    ends = end.day == 31 or (_ends_february(end) and not is_maturity)
    return (30 if _ends_february(start) else min(start.day, 30)), 30 if ends else end.day


def _euro_365_days(start: date, end: date, is_maturity: bool) -> tuple[int, int]:
    return _german_days(start, end, False)


def _us_days(start: date, end: date, is_maturity: bool) -> tuple[int, int]:
    both = _ends_february(start) and _ends_february(end)
    first = 30 if start.day == 31 or _ends_february(start) else start.day
    return first, 30 if both or (end.day == 31 and first == 30) else end.day


_THIRTY: Mapping[DayCount, Callable[[date, date, bool], tuple[int, int]]] = {
    DayCount.THIRTY_360_ISDA: _isda_days,
    DayCount.THIRTY_360_PSA: _psa_days,
    DayCount.THIRTY_E_360: _euro_days,
    DayCount.THIRTY_E_360_ISDA: _german_days,
    DayCount.THIRTY_E_PLUS_360: _euro_days,
    DayCount.THIRTY_E_365: _euro_365_days,
    DayCount.THIRTY_U_360: _isda_days,
    DayCount.THIRTY_U_360_EOM: _us_days,
}


def _thirty(kind: DayCount, start: date, end: date, is_maturity: bool) -> int:
    if start == end:
        return 0  # though the end of a month may count as its thirtieth on one side alone
    first, last = _THIRTY[kind](start, end, is_maturity)
    if kind is DayCount.THIRTY_E_PLUS_360 and end.day == 31:
        last = 31  # the first of the next month
    months = (end.year - start.year) * 12 + end.month - start.month
    return 30 * months + last - first


_YEARS: Mapping[DayCount, Fraction] = {
    DayCount.ACT_360: Fraction(360),
    DayCount.ACT_364: Fraction(364),
    DayCount.ACT_365F: Fraction(365),
    DayCount.ACT_365_25: Fraction(1461, 4),
    DayCount.NL_360: Fraction(360),
    DayCount.NL_365: Fraction(365),
    **dict.fromkeys(_THIRTY, Fraction(360)),
    DayCount.THIRTY_E_365: Fraction(365),
}
