"""Emissions, removals and intensities."""

from decimal import Decimal

from reporting.disclosures.assembling.answers.answer import (
    Answer,
    Content,
    is_nought,
    ratio,
    row,
)
from reporting.disclosures.assembling.answers.park import core_indicator
from reporting.disclosures.assembling.wording import plain, same, total

TCO2E = "tCO2e"
REVENUE, OUTPUT = "net_revenue", "product_output"


def scope_1(content: Content) -> Answer:
    return Answer(value=content["totals"]["direct_tco2e"], unit=TCO2E, figure="1")


def scope_1_by_gas(content: Content) -> Answer | None:
    """The families of gases that have a source: a nought would say that somebody looked."""
    direct = [one for one in content["gases"] if one["category"] == "1"]
    families = list(dict.fromkeys(one["family"] for one in direct))
    rows = [
        row(same(family), plain(total(x for x in direct if x["family"] == family)), TCO2E)
        for family in families
    ]
    return Answer(rows=rows, unit=TCO2E, figure="1") if rows else None


def scope_2_location(content: Content) -> Answer:
    return Answer(value=content["totals"]["energy_location_tco2e"], unit=TCO2E, figure="2")


def scope_2_market(content: Content) -> Answer:
    return Answer(value=content["totals"]["energy_market_tco2e"], unit=TCO2E, figure="2 MB")


def scope_3(content: Content) -> Answer | None:
    """Categories as the inventory has them; nothing where it does not quantify them."""
    told = content.get("scope_3") or {}
    rows = [row(one["name"], one["tco2e"], TCO2E) for one in told.get("categories", [])]
    if not rows:
        return None
    return Answer(value=told["total_tco2e"], rows=rows, unit=TCO2E, figure="3")


def biogenic_co2(content: Content) -> Answer | None:
    amount = content["totals"]["biogenic_co2_t"]
    return None if is_nought(amount) else Answer(value=amount, unit="tCO2")


def removals(content: Content) -> Answer | None:
    amount = content["totals"]["removals_tco2e"]
    return None if is_nought(amount) else Answer(value=amount, unit=TCO2E)


def process_emissions(content: Content) -> Answer | None:
    rows = [row(one["name"], one["tco2e"], TCO2E) for one in content["processes"]]
    return Answer(rows=rows, unit=TCO2E, figure="1") if rows else None


def intensity(content: Content) -> Answer | None:
    """Location-based emissions by what was entered, and by the energy used; gross (R5.1)."""
    emitted, entries = Decimal(content["totals"]["total_location_tco2e"]), content["entries"]
    rows = []
    for key, unit, name in (
        (REVENUE, "tCO2e / 10^4 CNY", ("单位收入排放", "Emissions per revenue")),
        (OUTPUT, "tCO2e / t", ("单位产品排放", "Emissions per tonne of product")),
    ):
        given = entries.get(key)
        if given and not is_nought(given["amount"]):
            rows.append(row(name, ratio(emitted, Decimal(given["amount"])), unit))
    used = total(content["energy_use"], "tce")
    if used:
        name = ("单位能耗排放（折标煤，当量值）", "Emissions per energy used (coal equivalent)")
        rows.append(row(name, ratio(emitted, used), "tCO2e / tce"))
    rows += core_indicator(content)
    return Answer(rows=rows) if rows else None
