"""Money, shares and periods: nothing lost, nothing counted twice."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.money import CurrencyMismatch, Money, NotACurrency
from ledger.kernel.periods import EmptyPeriod, Period
from ledger.kernel.shares import NothingToShareBy, share_out

weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
periods = st.tuples(days, st.integers(1, 2000)).map(
    lambda pair: Period(pair[0], pair[0] + timedelta(days=pair[1]))
)


@given(st.integers(0, 10**15), weights)
def test_shares_add_up_to_the_whole(total, weights):
    shares = share_out(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert 0 <= share - total * weight // sum(weights) <= 1


def test_the_largest_remainder_gets_the_rest_and_the_earlier_wins_a_tie():
    assert share_out(100, [1, 1, 1]) == [34, 33, 33]
    assert share_out(10, [6, 3, 2]) == [5, 3, 2]
    assert share_out(7, [0, 1]) == [0, 7]


@pytest.mark.parametrize(("total", "weights"), [(1, []), (1, [0, 0]), (-1, [1]), (1, [2, -1])])
def test_there_must_be_something_to_share_by(total, weights):
    with pytest.raises(NothingToShareBy):
        share_out(total, weights)


@given(st.decimals(-(10**9), 10**9, places=4), weights)
def test_money_shared_out_adds_up_to_the_cent(amount, weights):
    parts = Money(amount).share_out(weights)
    assert sum((part.amount for part in parts), Decimal(0)) == Money(amount).rounded().amount


def test_money_rounds_half_up_by_name():
    assert str(Money(Decimal("2.345")).rounded()) == "2.35 CNY"
    assert str(Money(Decimal("-2.345")).rounded()) == "-2.35 CNY"
    assert str(Money(Decimal("100.5"), "JPY").rounded()) == "101 JPY"


def test_two_currencies_do_not_mix():
    for act in (
        lambda: Money(Decimal(1)) + Money(Decimal(1), "EUR"),
        lambda: Money(Decimal(1)) < Money(Decimal(1), "EUR"),
    ):
        with pytest.raises(CurrencyMismatch):
            act()


@pytest.mark.parametrize("code", ["cny", "RMB¥", "", "YUAN", "人民币"])
def test_a_currency_is_three_letters(code):
    with pytest.raises(NotACurrency):
        Money(Decimal(1), code)


def test_money_takes_no_float():
    with pytest.raises(TypeError):
        Money(1.5)
    with pytest.raises(TypeError):
        Money(Decimal(1)) * 0.1


# --- periods


def test_years_touch_and_never_overlap():
    assert Period.year(2025).touches(Period.year(2026))
    assert not Period.year(2025).overlaps(Period.year(2026))
    assert date(2025, 12, 31) in Period.year(2025)
    assert date(2026, 1, 1) not in Period.year(2025)


def test_december_ends_with_the_new_year():
    assert Period.month(2025, 12) == Period(date(2025, 12, 1), date(2026, 1, 1))
    assert Period.through(date(2024, 2, 1), date(2024, 2, 29)) == Period.month(2024, 2)
    assert Period.month(2024, 2).days == 29
    assert Period.month(2024, 2).last_day == date(2024, 2, 29)


@given(periods)
def test_the_months_of_a_period_make_it_up(period):
    months = list(period.months())
    assert (months[0].start, months[-1].end) == (period.start, period.end)
    assert all(one.end == other.start for one, other in pairwise(months))
    assert sum(month.days for month in months) == period.days


@given(periods, periods)
def test_overlap_is_mutual_and_is_a_day_in_both(one, other):
    common = one.intersection(other)
    assert one.overlaps(other) == other.overlaps(one) == (common is not None)
    if common is not None:
        assert one.contains(common)
        assert other.contains(common)
    if one.touches(other):
        assert common is None


def test_a_period_must_end_after_it_starts():
    with pytest.raises(EmptyPeriod):
        Period(date(2025, 1, 1), date(2025, 1, 1))
