"""Options in decimals: known values, parity, greeks against differences, and the bound of Φ."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.hedges.rules.normal import INSIDE, cumulative, density
from finance.hedges.rules.options import NotAnOption, Option, Right, payoff, value

D = Decimal
# Φ to 40 decimals, by Laplace's continued fraction of the tail with 80 digits
KNOWN = {
    "0": "0.5",
    "1": "0.8413447460685429485852325456320379224779",
    "-1": "0.1586552539314570514147674543679620775221",
    "2": "0.9772498680518207927997173628334665625282",
    "-5": "0.0000002866515718791939116737523328746454",
}


@pytest.mark.parametrize(("x", "told"), KNOWN.items())
def test_the_normal_distribution_is_right_to_forty_decimals(x, told):
    assert abs(cumulative(D(x)) - D(told)) < D("1e-39")


@given(st.decimals("-13", "13", places=6))
@settings(max_examples=50)
def test_both_sides_make_one_and_the_density_is_the_slope(x):
    with localcontext(INSIDE):
        assert abs(cumulative(x) + cumulative(-x) - 1) < D("1e-40")
        step = D("1e-12")
        slope = (cumulative(x + step) - cumulative(x - step)) / (2 * step)
        assert abs(slope - density(x)) < D("1e-20")


def test_far_tails_are_nought_and_one():
    assert (cumulative(D(15)), cumulative(D(-15))) == (1, 0)


def test_a_call_on_a_future_as_haug_prints_it():
    found = value(Option(Right.CALL, D(19), D(19), D("0.75"), D("0.28"), D("0.1")))
    assert found.value.quantize(D("0.0001")) == D("1.7011")
    assert found.value.quantize(D("1e-10")) == D("1.7010507252")


PRICES = st.decimals("1", "500", places=2)
TERMS = st.fixed_dictionaries(
    {
        "underlying": PRICES,
        "strike": PRICES,
        "years": st.decimals("0.05", "3", places=2),
        "volatility": st.decimals("0.05", "0.9", places=2),
        "rate": st.decimals("0", "0.1", places=3),
    }
)


@given(TERMS)
@settings(max_examples=40, deadline=None)
def test_call_less_put_is_the_discounted_forward(terms):
    call, put = (value(Option(right, **terms)) for right in Right)
    with localcontext(INSIDE):
        discount = (-terms["rate"] * terms["years"]).exp()
        forward = (terms["underlying"] - terms["strike"]) * discount
        assert abs(call.value - put.value - forward) < D("1e-22")


@given(TERMS, st.sampled_from(Right), st.sampled_from([None, D("0.02")]))
@settings(max_examples=40, deadline=None)
def test_greeks_are_the_slopes_of_the_value(terms, right, dividend_yield):
    told = {**terms, "right": right, "dividend_yield": dividend_yield}
    found, step = value(Option(**told)), D("1e-6")

    def slope(name):
        up, down = (value(Option(**{**told, name: told[name] + by})) for by in (step, -step))
        return (up.value - down.value) / (2 * step)

    for name, greek in (
        ("underlying", found.delta),
        ("strike", found.strike_delta),
        ("volatility", found.vega),
        ("rate", found.rho),
        ("years", -found.theta),
    ):
        assert abs(slope(name) - greek) < D("1e-5") * max(1, abs(greek)), name


def test_what_has_no_price_is_refused():
    with pytest.raises(NotAnOption):
        Option(Right.CALL, D(0), D(19), D(1), D("0.2"), D("0.1"))
    with pytest.raises(NotAnOption):
        Option(Right.CALL, D(19), D(19), D(0), D("0.2"), D("0.1"))


def test_the_last_day_pays_the_difference_or_nothing():
    assert payoff(Right.CALL, underlying=D(75), strike=D(70)) == 5
    assert payoff(Right.PUT, underlying=D(75), strike=D(70)) == 0
