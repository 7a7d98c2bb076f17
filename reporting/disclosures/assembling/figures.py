"""Emissions by gas, category, month, tenant and source; power by origin."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ledger.kernel.measures import Measure
from ledger.kernel.quantities import WIDE, Quantity
from reporting.disclosures.assembling.carriers import carrier_name
from reporting.disclosures.assembling.wording import (
    OPERATOR,
    PARTS,
    Row,
    grouped,
    plain,
    total,
    words,
)

FAMILIES = {"HFCS": "HFCs", "PFCS": "PFCs"}
POWER = {
    "PURCHASED_POWER": ("外购电力", "Purchased power"),
    "DIRECT_GREEN_POWER": ("绿电直供", "Direct green power"),
    "SELF_GENERATED_POWER": ("自发自用", "Own generation"),
}


def totals_of(totals: Row, choices: Row) -> dict[str, Any]:
    given = choices.get("gases") or {}
    return {
        "direct_tco2e": totals["scope_1_tco2e"],
        "energy_location_tco2e": totals["scope_2_location_tco2e"],
        "energy_market_tco2e": totals["scope_2_market_tco2e"],
        "total_location_tco2e": totals["total_location_tco2e"],
        "total_market_tco2e": totals["total_market_tco2e"],
        "biogenic_co2_t": given.get("biogenic_co2_t") or totals["biogenic_co2_t"],
        # a programme that counts biogenic CO2 inside: the reader must be told (R5.13)
        "is_biogenic_inside": bool(given.get("biogenic_inside")),
        "removals_tco2e": totals.get("removals_tco2e"),
    }


def by_gas(lines: Sequence[Row], totals: Row) -> list[dict[str, str]]:
    def key(line: Row) -> Any:
        return line["gas_group"], line["gas"], str(line["category"])

    found = [
        {
            "family": FAMILIES.get(group, group),
            "gas": gas,
            "category": category,
            "basis": "BOTH" if category == "1" else "LOCATION",
            "mass_t": plain(total(rows, "mass_t")),
            "tco2e": plain(total(rows)),
        }
        for (group, gas, category), rows in grouped(lines, key).items()
    ]
    if any(one["category"] == "2" for one in found):
        # certificates and residual mixes are published for CO2 alone
        market = {"family": "CO2", "gas": "CO2", "category": "2", "basis": "MARKET"}
        found.append({**market, "mass_t": "", "tco2e": totals["scope_2_market_tco2e"]})
    return found


def indirect(totals: Row) -> list[dict[str, Any]]:
    power = {
        "location_tco2e": totals["power_location_tco2e"],
        "market_tco2e": totals["power_market_tco2e"],
    }
    heat = {"location_tco2e": totals["heat_tco2e"], "market_tco2e": totals["heat_tco2e"]}
    return [
        {"name": words(PARTS["IMPORTED_ELECTRICITY"]), **power},
        {"name": words(PARTS["IMPORTED_HEAT"]), **heat},
    ]


def _two(rows: Sequence[Row]) -> dict[str, str]:
    direct = total(row for row in rows if row["category"] == 1)
    location = total(row for row in rows if row["category"] == 2)
    return {"direct_tco2e": plain(direct), "location_tco2e": plain(location)}


def by_month(lines: Sequence[Row]) -> list[dict[str, str]]:
    by_month = grouped(lines, lambda line: line["activity_row"]["month"][:7])
    return [{"month": month, **_two(rows)} for month, rows in sorted(by_month.items())]


def by_tenant(lines: Sequence[Row], names: Mapping[str, Any]) -> list[dict[str, Any]]:
    by_tenant = grouped(lines, lambda line: line["activity_row"]["tenant"])
    return [
        {"code": code, "name": names.get(code) or words(OPERATOR), **_two(rows)}
        for code, rows in sorted(by_tenant.items())
    ]


def by_source(
    lines: Sequence[Row], names: Mapping[str, Any], tenants: Mapping[str, Any]
) -> list[dict[str, Any]]:
    def key(line: Row) -> Any:
        return line["source"], line["gas"], line["factor"], line["activity_row"]["unit"]

    found = []
    for (source, gas, _factor, unit), rows in grouped(lines, key).items():
        factor, activity = rows[0]["factor_row"], rows[0]["activity_row"]
        found.append(
            {
                "code": source,
                "name": names.get(source) or carrier_name(str(activity["carrier"])),
                "tenant": tenants.get(activity["tenant"]) or words(OPERATOR),
                "category": str(rows[0]["category"]),
                "amount": plain(total((row["activity_row"] for row in rows), "amount")),
                "measure": unit,
                "gas": gas,
                "factor": factor["value"],
                "factor_unit": factor["unit"],
                "factor_source": factor["source"],
                "factor_number": factor["number"],
                "gwp": rows[0]["gwp"],
                "tco2e": plain(total(rows)),
            }
        )
    return found


def power_by_origin(activities: Sequence[Row]) -> list[dict[str, Any]]:
    power = [one for one in activities if one["kind"] in POWER]
    return [
        {"name": words(POWER[kind]), "mwh": plain(_sum_mwh(rows))}
        for kind, rows in grouped(power, lambda one: one["kind"]).items()
    ]


def _sum_mwh(rows: Sequence[Row]) -> Decimal:
    whole = Decimal(0)
    for row in rows:
        whole = WIDE.add(whole, _mwh(row))
    return whole


def _mwh(row: Row) -> Decimal:
    used = Quantity(Decimal(row["amount"]), Measure(row["unit"])).to(Measure.MWH).amount
    return WIDE.multiply(used, Decimal(row["share"]))
