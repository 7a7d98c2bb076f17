"""The figures once more: activity times factor times warming potential, then the sums.

Written apart from the engine that made them, on the same exact decimals.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from operator import itemgetter
from typing import Any

from ledger.kernel.errors import N_
from ledger.kernel.measures import Measure, MeasureMismatch
from reporting.packages.verifier.trust import Refused

Row = Mapping[str, Any]
# No sum or product is ever rounded; a conversion that does not end stops after 34 digits.
WIDE, CONVERTED = Context(prec=60), Context(prec=34)
OUTSIDE = {"BIOGENIC_CO2", "NOT_KYOTO"}
# What the statement calls a total: what the inventory does, its tag, and its data point.
TOTALS = {
    "direct_tco2e": ("scope_1_tco2e", "Scope1", "scope_1"),
    "energy_location_tco2e": ("scope_2_location_tco2e", "Scope2Location", "scope_2_location"),
    "energy_market_tco2e": ("scope_2_market_tco2e", "Scope2Market", "scope_2_market"),
    "total_location_tco2e": ("total_location_tco2e", "TotalLocation", ""),
    "total_market_tco2e": ("total_market_tco2e", "TotalMarket", ""),
}
TRACED = itemgetter("source", "gas", "tco2e", "activity", "factor")
TAGGED = re.compile(r'<ix:nonFraction name="tz:(\w+)"[^>]*>([0-9,.]+)</ix:nonFraction>')


def _refuse(why: str) -> Refused:
    return Refused("figures", why)


def exact_sum(values: Iterable[Any]) -> Decimal:
    whole = Decimal(0)
    for value in values:
        whole = WIDE.add(whole, Decimal(value))
    return whole


def in_measure(amount: Decimal, unit: str, wanted: str) -> Decimal:
    """:raises MeasureMismatch: of another dimension"""
    mine, theirs = Measure(unit), Measure(wanted)
    if not amount.is_finite():
        raise _refuse(N_("a line is not its activity times its factor"))
    if mine is theirs:
        return amount
    if mine.dimension is not theirs.dimension:
        raise MeasureMismatch(left=unit, right=wanted)
    return CONVERTED.divide(WIDE.multiply(amount, mine.factor), theirs.factor)


def check_figures(inventory: Row, statement: Row) -> int:
    """How many lines were counted anew.

    :raises Refused: a line, a sum or a figure of the statement is another
    """
    result = inventory["result"]
    activities = {one["id"]: one for one in result["activities"]}
    factors = {one["id"]: one for one in result["factors"]}
    gwps = {one["gas"]: one["value"] for one in result["gwp_set"]["values"]}
    for line in result["lines"]:
        _check_line(line, activities[line["activity"]], factors[line["factor"]], gwps)
    for rung in result["market"]:
        if WIDE.multiply(Decimal(rung["mwh"]), Decimal(rung["tco2e_per_mwh"])) != Decimal(
            rung["tco2e"]
        ):
            raise _refuse(N_("a rung of the power market does not come to what it says"))
    _check_totals(inventory, result)
    _check_statement(result, statement)
    return len(result["lines"]) + len(result["market"])


def _check_line(line: Row, activity: Row, factor: Row, gwps: Mapping[str, str]) -> None:
    mass_unit, _slash, per = factor["unit"].partition("/")
    used = in_measure(Decimal(activity["amount"]), activity["unit"], per)
    mass = in_measure(WIDE.multiply(used, Decimal(factor["value"])), mass_unit, "t")
    mass = WIDE.multiply(mass, Decimal(activity["share"]))
    gwp = Decimal(1) if factor.get("is_in_co2e") else Decimal(gwps.get(line["gas"], "1"))
    if line["gas"] != factor["gas"] or mass != Decimal(line["mass_t"]):
        raise _refuse(N_("a line is not its activity times its factor"))
    if gwp != Decimal(line["gwp"]) or WIDE.multiply(mass, gwp) != Decimal(line["tco2e"]):
        raise _refuse(N_("a line is not its mass times its warming potential"))


def _check_totals(inventory: Row, result: Row) -> None:
    within = bool((inventory["choices"].get("gases") or {}).get("biogenic_inside"))
    outside = OUTSIDE - ({"BIOGENIC_CO2"} if within else set())
    own = [one for one in result["lines"] if not one.get("is_removal")]
    inside = [one for one in own if one["gas_group"] not in outside]
    chain = exact_sum(one["tco2e"] for one in inside if one["category"] not in {1, 2})
    if chain != Decimal(result["totals"].get("scope_3_tco2e", "0")):
        raise _refuse(N_("the lines do not add up to the totals"))

    def of(**wanted: Any) -> Decimal:
        rows = (x for x in inside if all(x[name] == value for name, value in wanted.items()))
        return exact_sum(row["tco2e"] for row in rows)

    heat = of(subcategory="IMPORTED_HEAT")
    direct = of(category=1)
    location = WIDE.add(of(subcategory="IMPORTED_ELECTRICITY"), heat)
    market = WIDE.add(exact_sum(one["tco2e"] for one in result["market"]), heat)
    found = {
        "scope_1_tco2e": direct,
        "scope_2_location_tco2e": location,
        "scope_2_market_tco2e": market,
        "total_location_tco2e": WIDE.add(direct, location),
        "total_market_tco2e": WIDE.add(direct, market),
    }
    for name, whole in found.items():
        if whole != Decimal(result["totals"][name]):
            raise _refuse(N_("the lines do not add up to the totals"))


def _check_statement(result: Row, statement: Row) -> None:
    for name, (source, _tag, key) in TOTALS.items():
        if statement["totals"][name] != result["totals"][source]:
            raise _refuse(N_("the statement says other totals than the inventory"))
        fact = (statement.get("facts") or {}).get(key)
        if fact is not None and fact["value"] != statement["totals"][name]:
            raise _refuse(N_("the statement says two things"))
    lineage = (one for one in statement["lineage"] if one["figure"] != "2 MB")
    if [*map(TRACED, result["lines"])] != [*map(TRACED, lineage)]:
        raise _refuse(N_("the lineage of the statement is not that of the inventory"))


def check_tagged(page: str, statement: Row) -> None:
    """:raises Refused: a tagged total is missing, doubled or another"""
    found = TAGGED.findall(page)
    for name, (_source, tag, _key) in TOTALS.items():
        shown = [text for concept, text in found if concept == tag]
        exact = Decimal(statement["totals"][name]).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if len(shown) != 1 or Decimal(shown[0].replace(",", "")) != exact:
            raise _refuse(N_("the tagged report says other totals"))
