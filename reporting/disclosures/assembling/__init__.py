"""From a frozen inventory to the content of a statement: the one place that knows both forms.

Pure: sums are exact and only group what the inventory's lines say; nothing is calculated anew.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from reporting.disclosures.assembling.figures import (
    by_gas,
    by_month,
    by_source,
    by_tenant,
    indirect,
    power_by_origin,
    totals_of,
)
from reporting.disclosures.assembling.further import further
from reporting.disclosures.assembling.grounds import (
    factors_used,
    flags,
    uncertainty,
    warming_potentials,
)
from reporting.disclosures.assembling.lifted import lifted_blocks
from reporting.disclosures.assembling.setting import base_year, boundary, recalculation
from reporting.disclosures.assembling.tracing import instrument, lineage, market_lineage, offset
from reporting.disclosures.assembling.wording import Row, name_of, same, total, words
from reporting.disclosures.rules import StatementDoesNotAddUp

__all__ = ["assemble", "lifted_blocks", "same", "words"]

OUTSIDE = frozenset({"BIOGENIC_CO2", "NOT_KYOTO"})
OWN = frozenset({1, 2})  # the other categories are told apart, removals too


def assemble(inventory: Row) -> dict[str, Any]:
    """The figures and words of a statement, from the content of a frozen inventory.

    :raises StatementDoesNotAddUp: lines and totals of the inventory disagree
    """
    result, choices, park = inventory["result"], inventory["choices"], inventory["park"]
    activities = {one["id"]: one for one in result["activities"]}
    factors = factors_used(result, park)
    lines = [
        {
            **line,
            "activity_row": activities[line["activity"]],
            "factor_row": factors[line["factor"]],
        }
        for line in result["lines"]
    ]
    own = [line for line in lines if line["category"] in OWN and not line.get("is_removal")]
    inside = [line for line in own if line["gas_group"] not in OUTSIDE]
    totals = totals_of(result["totals"], choices)
    check_adds_up(inside, totals)
    names = {
        one["code"]: same({"zh": one["name_zh"], "en": one["name_en"]}) for one in park["sources"]
    }
    tenants = {one["code"]: name_of(one) for one in park["tenants"]}
    return {
        "period": dict(inventory["period"]),
        "park": {
            "name": name_of(park),
            "address": same(park["address"]),
            "description": same({"zh": park["description_zh"], "en": park["description_en"]}),
        },
        "boundary": boundary(inventory),
        "gwp": warming_potentials(result["gwp_set"]),
        "totals": totals,
        "gases": by_gas(inside, result["totals"]),
        "indirect": indirect(result["totals"]),
        "months": by_month(inside),
        "tenants": by_tenant(inside, tenants),
        "sources": by_source(inside, names, tenants),
        "factors": list(factors.values()),
        "energy": power_by_origin(result["activities"]),
        "instruments": [instrument(claim, tenants) for claim in result["claims"]],
        "offsets": [offset(credit, tenants) for credit in inventory["credits"]],
        "sold_certificates": inventory["sold_certificates"] or None,
        "flags": flags(result, factors, inventory["sold_certificates"]),
        "lineage": [*lineage(lines), *market_lineage(result["market"])],
        "base_year": base_year(choices.get("base_year") or {}),
        "recalculation": recalculation(choices),
        "uncertainty": uncertainty(result["uncertainty"]),
        **further(inventory, lines, names),
        "notes": {key: same(text) for key, text in (choices.get("notes") or {}).items() if text},
    }


def check_adds_up(lines: Sequence[Row], totals: Row) -> None:
    """:raises StatementDoesNotAddUp: lines and totals disagree"""
    said = {"1": totals["direct_tco2e"], "2": totals["energy_location_tco2e"]}
    for category, figure in said.items():
        if total(x for x in lines if str(x["category"]) == category) != Decimal(figure):
            raise StatementDoesNotAddUp(total=figure)
