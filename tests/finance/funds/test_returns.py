"""Rates of return with their guard rails (rule book 7.5), and multiples."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.funds.rules.multiples import leverage, multiples
from finance.funds.rules.returns import (
    Caution,
    Flow,
    internal_return,
    nearest_to_nought,
    present_value,
    solutions_of,
)
from finance.funds.rules.roots import rates

D = Decimal
DAY = date(2024, 1, 1)


def yearly(*amounts):
    return [Flow(DAY + timedelta(days=365 * n), D(one)) for n, one in enumerate(amounts)]


def test_the_rule_books_case_of_a_fund_comes_out():
    """TV-7.6: calls 100 and 50, distributions 30 and 60, 90 left."""
    found = multiples([D(-100), D(-50), D(30), D(60)], nav=D(90), commitment=D(200))
    assert (found.dpi, found.rvpi, found.tvpi, found.pic) == (
        D("0.6"),
        D("0.6"),
        D("1.2"),
        D("0.75"),
    )
    made = internal_return(yearly(-100, -50, 30, 150))
    assert round(made.rate * 100, 4) == D("7.5563")
    assert (made.is_annual, made.cautions) == (True, ())


def test_without_a_change_of_sign_there_is_no_rate_and_it_is_said_why():
    for flows in (yearly(100, 50), yearly(-100, -50)):
        made = internal_return(flows)
        assert (made.rate, made.cautions) == (None, (Caution.NO_SIGN_CHANGE,))
    assert internal_return([]).cautions == (Caution.NO_FLOWS,)


def test_flows_that_no_rate_solves_say_so():
    made = internal_return(yearly(10, -10, 10))
    assert made.rate is None
    assert made.cautions == (Caution.NO_SOLUTION, Caution.SEVERAL_SIGN_CHANGES)


def test_several_solutions_are_all_told_and_the_nearest_to_nought_is_the_answer():
    made = internal_return(yearly(-100, 230, -132))
    assert [round(one, 12) for one in made.solutions] == [D("0.1"), D("0.2")]
    assert round(made.rate, 12) == D("0.1")
    assert made.cautions == (Caution.SEVERAL_SIGN_CHANGES, Caution.SEVERAL_SOLUTIONS)
    assert nearest_to_nought([D("-0.1"), D("0.1")]) == D("0.1")


def test_a_curve_that_only_touches_nought_has_its_one_rate():
    """-100 (1 - 1.1 v)²: the rate 10 % twice."""
    found = rates([(0, D(-100)), (1, D(220)), (2, D(-121))])
    assert [round(one, 6) for one in found] == [D("0.1")]


def test_less_than_a_year_is_not_annualised():
    made = internal_return([Flow(DAY, D(-100)), Flow(DAY + timedelta(days=73), D(102))])
    assert not made.is_annual
    assert made.cautions == (Caution.SHORTER_THAN_A_YEAR,)
    assert round(made.rate, 12) == D("0.02")


def test_public_money_of_a_fifth_multiplies_five_times():
    """Seed 003, Yizhuang."""
    found = leverage(public=D(20), social=D(80))
    assert (found.on_total, found.on_added) == (D(5), D(4))
    assert leverage(public=D(0), social=D(80)).on_total is None


@given(
    st.lists(st.tuples(st.integers(1, 3000), st.integers(-(10**7), 10**7)), min_size=2, max_size=8)
)
def test_every_rate_found_makes_the_flows_worth_nothing(given_flows):
    flows = [Flow(DAY, D(-(10**6))), *(Flow(DAY + timedelta(n), D(c)) for n, c in given_flows)]
    for rate in solutions_of(flows):
        weight = present_value([Flow(f.on, abs(f.amount)) for f in flows], rate=rate, on=DAY)
        assert abs(present_value(flows, rate=rate, on=DAY)) <= weight * D("1e-4")


@pytest.mark.parametrize("rate", ["-0.9", "-0.25", "0.0001", "0.08", "3"])
def test_the_rate_of_one_payment_back_is_found_to_twelve_places(rate):
    back = D(1000) * (1 + D(rate))
    assert round(internal_return(yearly(-1000, back)).rate, 12) == D(rate)
