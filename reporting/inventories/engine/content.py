"""The frozen form of an inventory: every number with what it is made of, in canonical values."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from reporting.inventories.engine.values import (
    Activity,
    Claim,
    ClaimUse,
    Factor,
    GwpSet,
    Line,
    MarketLine,
    Result,
    Totals,
)

# Count it up when a field comes, goes or changes its meaning: what was frozen under another
# schema is then compared in what both know (`queries.frozen.said_by_both`).
SCHEMA = "tanzhang.inventory/2"


def text(number: Decimal) -> str:
    """A decimal without exponent and without padding: one form for one number."""
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def sums(values: Mapping[Any, Decimal]) -> dict[str, str]:
    return {str(key): text(value) for key, value in values.items()}


def result_content(result: Result, gwp_set: GwpSet) -> dict[str, Any]:
    """Everything the calculation said, with the ids and digests of what it read."""
    factors = {one.id: one for one in result.factors()}
    return {
        "gwp_set": gwp_content(gwp_set, result.lines),
        "activities": [_activity(one) for one in _activities(result.lines)],
        "factors": [_factor(one) for one in result.factors()],
        "lines": [_line(line, at) for at, line in enumerate(result.lines, 1)],
        "market": [_market(line) for line in result.market],
        "claims": [_claim(use) for use in result.claims],
        "totals": totals_content(result.totals),
        "energy": [
            {
                "carrier": one.carrier,
                "amount": text(one.quantity.amount),
                "unit": one.quantity.measure.value,
                "gj": text(one.gj),
                "tce": text(one.tce),
            }
            for one in result.energy
        ],
        "flags": [_flag(code, about, factors) for code, about in result.flags],
    }


def gwp_content(gwp_set: GwpSet, lines: Sequence[Line]) -> dict[str, Any]:
    """The edition and the values that were used."""
    used = sorted({line.factor.gas for line in lines} & set(gwp_set.values))
    return {
        "name": gwp_set.name,
        "values": [
            {
                "gas": gas,
                "value": text(gwp_set.values[gas].value),
                "id": gwp_set.values[gas].id,
                "digest": gwp_set.values[gas].digest,
                "confidence": gwp_set.values[gas].confidence,
            }
            for gas in used
        ],
    }


def totals_content(totals: Totals) -> dict[str, Any]:
    return {
        "scope_1_tco2e": text(totals.scope_1),
        "scope_2_location_tco2e": text(totals.scope_2_location),
        "scope_2_market_tco2e": text(totals.scope_2_market),
        "power_location_tco2e": text(totals.scope_2_power_location),
        "power_market_tco2e": text(totals.scope_2_power_market),
        "heat_tco2e": text(totals.scope_2_heat),
        "total_location_tco2e": text(totals.total_location),
        "total_market_tco2e": text(totals.total_market),
        "category_1_by_gas_tco2e": sums(totals.direct_by_group),
        "category_1_mass_by_gas_t": sums(totals.direct_mass_by_gas),
        "by_subcategory_tco2e": sums(totals.by_subcategory),
        "by_tenant_tco2e": sums(totals.by_tenant),
        "by_month_tco2e": {day.isoformat(): text(x) for day, x in totals.by_month.items()},
        "scope_3_tco2e": text(totals.scope_3),
        "by_value_chain_tco2e": sums(totals.by_value_chain),
        "by_iso_category_tco2e": sums(totals.by_category),
        "removals_tco2e": text(totals.removals_tco2e),
        "biogenic_co2_t": text(totals.biogenic_co2_t),
        "not_kyoto_tco2e": text(totals.not_kyoto_tco2e),
    }


def _activities(lines: Sequence[Line]) -> list[Activity]:
    return list({line.activity.id: line.activity for line in lines}.values())


def _flag(code: str, about: str, factors: Mapping[str, Factor]) -> dict[str, str]:
    """What is flagged, and the factor or claim by its id."""
    factor = factors.get(about)
    if factor is None:
        return {"code": code, "about": about, "id": about}
    said = ": ".join(part for part in (factor.name_en or factor.gas, factor.note) if part)
    return {"code": code, "about": said, "id": about}


def _activity(one: Activity) -> dict[str, Any]:
    return {
        "id": one.id,
        "digest": one.digest,
        "source": one.source_code,
        "kind": one.kind.value if one.kind else "",
        "carrier": one.carrier,
        "tenant": one.tenant_code,
        "share": text(one.share),
        "month": one.month.isoformat(),
        "amount": text(one.quantity.amount),
        "unit": one.quantity.measure.value,
        "method": one.method,
        "formula": one.formula,
    }


def _factor(one: Factor) -> dict[str, Any]:
    return {
        "id": one.id,
        "digest": one.digest,
        "gas": one.gas,
        "value": text(one.value),
        "unit": f"{one.mass.value}/{one.per.value}",
        "source": one.source,
        "name_zh": one.name_zh,
        "name_en": one.name_en,
        "confidence": one.confidence,
        "year": one.year,
        "asked_year": one.asked_year,
        "region": one.region,
        "asked_region": one.asked_region,
        "is_fallback": one.is_fallback,
        "is_in_co2e": one.is_in_co2e,
    }


def _line(line: Line, position: int) -> dict[str, Any]:
    return {
        "position": position,
        "activity": line.activity.id,
        "factor": line.factor.id,
        "source": line.activity.source_code,
        "category": line.activity.category,
        "subcategory": line.activity.subcategory.value,
        "is_removal": line.activity.is_removal,
        "gas": line.factor.gas,
        "gas_group": line.group.value,
        "formula": line.formula,
        "mass_t": text(line.mass_t),
        "gwp": text(line.gwp),
        "tco2e": text(line.tco2e),
    }


def _market(line: MarketLine) -> dict[str, Any]:
    return {
        "rung": line.rung.value,
        "mwh": text(line.mwh),
        "tco2e_per_mwh": text(line.factor),
        "tco2e": text(line.tco2e),
        "factor": line.mix.id if line.mix else "",
        "claims": list(line.claim_ids),
    }


def claim_facts(claim: Claim) -> dict[str, Any]:
    """What is compared when somebody asks whether the claims are still the same."""
    period = claim.generation
    return {
        "id": claim.id,
        "instrument": claim.instrument,
        "mwh": text(claim.mwh),
        "entry": claim.entry_id,
        "plant": claim.plant,
        "plant_en": claim.plant_en,
        "generated_from": period.start.isoformat() if period else "",
        "generated_to": period.end.isoformat() if period else "",
        "tenants": list(claim.tenants),
        "answers": {str(number): said.value for number, said in sorted(claim.answers.items())},
    }


def _claim(use: ClaimUse) -> dict[str, Any]:
    facts = claim_facts(use.claim)
    return {**facts, "used_mwh": text(use.used_mwh), "failed_criteria": list(use.failed)}
