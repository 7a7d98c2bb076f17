"""Day counts and options, by the kernel and the room of hedges."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from finance.hedges import queries as hedges
from finance.hedges.queries import Option, Right
from ledger.kernel.day_counts import days_between, year_fraction
from ledger.kernel.periods import Period
from tests.golden.running import Case, NotCovered, serves


@serves("fin_day_count", absolute="1e-10")
def day_count(case: Case) -> Mapping[str, Any]:
    told = case.inputs
    start, end = date.fromisoformat(told["start"]), date.fromisoformat(told["end"])
    given: dict[str, Any] = {"is_maturity": bool(told.get("is_maturity"))}
    coupon = None
    if "reference_period_start" in told:
        coupon = Period(
            date.fromisoformat(told["reference_period_start"]),
            date.fromisoformat(told["reference_period_end"]),
        )
    convention = told["convention"]
    return {
        "year_fraction": year_fraction(convention, start, end, coupon=coupon, **given),
        "days": days_between(convention, start, end, **given),
    }


MEASURES = {
    "delta": "delta",
    "gamma": "gamma",
    "vega": "vega",
    "theta": "theta",
    "theta per day": "theta_a_day",
    "rho": "rho",
    "dividend rho": "carry_rho",
    "dividendrho": "carry_rho",
    "divrho": "carry_rho",
    "strike sensitivity": "strike_delta",
    "strikesensitivity": "strike_delta",
    "itm cash probability": "in_the_money",
    "itmcashprobability": "in_the_money",
    "elasticity": "elasticity",
    "value": "value",
}


@serves("fin_options", absolute="1e-8")
def option(case: Case) -> Mapping[str, Any]:
    """Published to four decimals; recomputed to ten. Each is compared as the case says."""
    told = case.inputs
    names = ("futures_price", "spot", "spot_or_future")
    underlying = next(told[name] for name in names if name in told)
    on_a_future = told["model"] == "black76"
    valued = hedges.value_option(
        Option(
            right=Right(str(told["type"]).upper()),
            underlying=Decimal(underlying),
            strike=Decimal(told["strike"]),
            years=Decimal(told["expiry_years"]),
            volatility=Decimal(told["volatility"]),
            rate=Decimal(told["risk_free_rate"]),
            dividend_yield=None if on_a_future else Decimal(told.get("dividend_yield", 0)),
        )
    )
    measure = MEASURES.get(str(told.get("measure", "value")).lower())
    if measure is None:
        raise NotCovered
    found = getattr(valued, measure)
    return dict.fromkeys(("price", "price_recomputed", "value", "recomputed"), found)
