"""Parts of the content that only some frameworks tell: energy, heat, processes, power."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ledger.kernel.measures import Measure
from ledger.kernel.quantities import WIDE, Quantity
from reporting.disclosures.assembling.carriers import carrier_name
from reporting.disclosures.assembling.tracing import RUNGS
from reporting.disclosures.assembling.wording import (
    VALUE_CHAIN,
    Row,
    grouped,
    plain,
    same,
    total,
    words,
)

PROCESS, HEAT = "PROCESS", "IMPORTED_HEAT"


def further(inventory: Row, lines: Iterable[Row], names: Mapping[str, Any]) -> dict[str, Any]:
    """Further keys of a statement's content, from the frozen inventory and its lines."""
    result, rows = inventory["result"], list(lines)
    return {
        "energy_use": [
            {**one, "name": carrier_name(str(one["carrier"]))} for one in result["energy"]
        ],
        "power_used_mwh": inventory.get("power_used_mwh", "0"),
        "power_market": [_rung(one) for one in result["market"]],
        "scope_3": _value_chain(result["totals"]),
        "processes": _processes(rows, names),
        "heat": _heat(rows),
    }


def _value_chain(totals: Row) -> dict[str, Any] | None:
    """Scope 3 by category; None where the inventory quantifies none of it."""
    told = totals.get("by_value_chain_tco2e") or {}
    if not told:
        return None
    order = {code: place for place, code in enumerate(VALUE_CHAIN)}
    return {
        "total_tco2e": totals["scope_3_tco2e"],
        "categories": [
            {
                "code": code,
                "name": words(VALUE_CHAIN[code]) if code in VALUE_CHAIN else same(code),
                "tco2e": told[code],
            }
            for code in sorted(told, key=lambda one: order.get(one, len(order)))
        ],
    }


def _rung(line: Row) -> dict[str, Any]:
    return {
        "rung": line["rung"],
        "name": words(RUNGS[line["rung"]]) if line["rung"] in RUNGS else same(line["rung"]),
        "mwh": line["mwh"],
        "tco2e_per_mwh": line["tco2e_per_mwh"],
        "tco2e": line["tco2e"],
    }


def _processes(lines: Iterable[Row], names: Mapping[str, Any]) -> list[dict[str, Any]]:
    own = [line for line in lines if line["subcategory"] == PROCESS]
    return [
        {"code": code, "name": names.get(code) or same(code), "tco2e": plain(total(rows))}
        for code, rows in sorted(grouped(own, lambda line: line["source"]).items())
    ]


def _heat(lines: Iterable[Row]) -> dict[str, Any] | None:
    """Heat bought: how much, and the factor of each row; None where there is none."""
    own = [line for line in lines if line["subcategory"] == HEAT]
    if not own:
        return None
    used = {line["activity"]: line["activity_row"] for line in own}
    whole = Decimal(0)
    for row in used.values():
        measured = Quantity(Decimal(row["amount"]), Measure(row["unit"])).to(Measure.GJ).amount
        whole = WIDE.add(whole, WIDE.multiply(measured, Decimal(row["share"])))
    factors = {line["factor"]: line["factor_row"] for line in own}
    return {
        "gj": plain(whole),
        "tco2e": plain(total(own)),
        "factors": [
            {"value": one["value"], "unit": one["unit"], "source": one["source"]}
            for one in factors.values()
        ],
    }
