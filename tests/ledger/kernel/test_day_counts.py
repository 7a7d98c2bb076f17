"""Day counts of contracts. The published tables run in tests/golden (fin_day_count)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.day_counts import (
    DayCount,
    DaysBackwards,
    ReferencePeriodNeeded,
    days_between,
    year_fraction,
)
from ledger.kernel.periods import Period

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
ALL = [kind for kind in DayCount if kind is not DayCount.ACT_ACT_ICMA]


def test_interest_on_a_pledge_loan_of_180_days():
    """TV-7.4: 22,389,000 at 3.45 %, ACT/360."""
    part = year_fraction("ACT/360", date(2026, 1, 5), date(2026, 7, 4))
    interest = Decimal(22_389_000) * Decimal("0.0345") * part
    assert interest.quantize(Decimal("0.01")) == Decimal("386210.25")


def test_february_of_a_leap_year_by_convention():
    span = date(2024, 1, 31), date(2024, 2, 29)
    told = {
        "30/360 ISDA": 29, "30E/360": 29, "30U/360 EOM": 29, "30E/360 ISDA": 30, "NL/365": 28,
        "ACT/365F": 29,
    }  # fmt: skip
    assert {name: days_between(name, *span) for name in told} == told


def test_the_last_day_of_a_contract_is_not_stretched():
    span = date(2024, 1, 31), date(2024, 2, 29)
    assert days_between("30E/360 ISDA", *span, is_maturity=True) == 29


@given(DAYS, st.integers(0, 4000))
def test_no_time_is_less_than_nought_and_longer_is_not_less(start, days):
    end = start + timedelta(days=days)
    for kind in ALL:
        if kind is DayCount.ONE_ONE:
            continue
        assert year_fraction(kind, start, start) == 0
        assert (
            0
            <= year_fraction(kind, start, end)
            <= year_fraction(kind, start, end + timedelta(days=40))
        )


@given(DAYS, st.integers(1, 20))
def test_whole_years_are_whole(start, years):
    if (start.month, start.day) == (2, 29):
        start -= timedelta(days=1)
    end = start.replace(year=start.year + years)
    for kind in ("ACT/ACT AFB", "ACT/ACT YEAR", "30E/360", "30/360 ISDA", "NL/365"):
        assert year_fraction(kind, start, end) == years, kind


def test_days_backwards_and_a_missing_coupon_are_refused():
    with pytest.raises(DaysBackwards):
        year_fraction("ACT/360", date(2026, 2, 1), date(2026, 1, 1))
    with pytest.raises(ReferencePeriodNeeded):
        year_fraction("ACT/ACT ICMA", date(2026, 1, 1), date(2026, 2, 1))
    coupon = Period(date(2026, 1, 1), date(2026, 7, 1))
    half = year_fraction("ACT/ACT ICMA", coupon.start, coupon.end, coupon=coupon)
    assert half == Decimal("0.5")
