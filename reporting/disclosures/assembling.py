"""From a frozen inventory to the content of a statement: the one place that knows both forms.

Pure: sums are exact and only group what the inventory's lines say; nothing is calculated anew.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ledger.kernel.measures import Measure
from ledger.kernel.quantities import WIDE, Quantity
from reporting.disclosures.rules import StatementDoesNotAddUp

Row = Mapping[str, Any]
FAMILIES = {"HFCS": "HFCs", "PFCS": "PFCs"}
OUTSIDE = frozenset({"BIOGENIC_CO2", "NOT_KYOTO"})
POWER = {
    "PURCHASED_POWER": ("外购电力", "Purchased power"),
    "DIRECT_GREEN_POWER": ("绿电直供", "Direct green power"),
    "SELF_GENERATED_POWER": ("自发自用", "Own generation"),
}
PARTS = {
    "IMPORTED_ELECTRICITY": ("外购电力", "Imported power"),
    "IMPORTED_HEAT": ("外购热力", "Imported heat"),
}
RUNGS = {
    "CERTIFICATE": ("已声明证书", "claimed certificates"),
    "DIRECT_SUPPLY": ("直供合同", "direct supply"),
    "SELF_GENERATED": ("自发自用", "own generation"),
    "RESIDUAL_MIX": ("剩余电力组合", "residual mix"),
    "GRID_AVERAGE": ("电网平均", "grid average"),
}
FLAGS = {
    "factor_fallback": ("邻近年份或地区的因子", "Factor of another year or region"),
    "factor_unverified": ("未经核实的数值 [C]", "Unverified value [C]"),
    "no_residual_mix": ("无剩余电力组合因子", "No residual mix factor"),
}
OPERATOR = ("运营方自有", "The operator itself")
REPORTING = (
    "类别1（直接排放）和类别2（外购能源）量化；类别3至6不在本清单的报告边界内。",
    "Category 1 (direct) and category 2 (imported energy) are quantified; categories 3 to 6 are"
    " outside the reporting boundary of this inventory.",
)
SIGNIFICANCE = (
    "类别1和类别2按项目规则始终视为显著；类别3至6的显著性尚未评估，因而未纳入。",
    "Categories 1 and 2 always count as significant; the significance of categories 3 to 6 has"
    " not been assessed, so they are not taken in.",
)
GWP_SOURCE = ("IPCC 评估报告，100年时间尺度", "IPCC assessment report, 100-year horizon")


def words(pair: tuple[str, str]) -> dict[str, str]:
    return {"zh": pair[0], "en": pair[1]}


def same(text: Any) -> dict[str, str]:
    """A text that was given in one language only."""
    if isinstance(text, Mapping):
        return {"zh": str(text.get("zh", "")), "en": str(text.get("en", ""))}
    return {"zh": str(text or ""), "en": str(text or "")}


def plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def total(rows: Iterable[Row], name: str = "tco2e") -> Decimal:
    whole = Decimal(0)
    for row in rows:
        whole = WIDE.add(whole, Decimal(row[name]))
    return whole


def grouped(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def assemble(inventory: Row) -> dict[str, Any]:
    """The figures and words of a statement, from the content of a frozen inventory.

    :raises StatementDoesNotAddUp: lines and totals of the inventory disagree
    """
    result, choices, park = inventory["result"], inventory["choices"], inventory["park"]
    activities = {one["id"]: one for one in result["activities"]}
    factors = _factors(result["factors"], park, result["lines"])
    lines = [
        {
            **line,
            "activity_row": activities[line["activity"]],
            "factor_row": factors[line["factor"]],
        }
        for line in result["lines"]
    ]
    inside = [line for line in lines if line["gas_group"] not in OUTSIDE]
    totals = _totals(result["totals"], choices)
    check_adds_up(inside, totals)
    names = {
        one["code"]: same({"zh": one["name_zh"], "en": one["name_en"]}) for one in park["sources"]
    }
    tenants = {one["code"]: _name(one) for one in park["tenants"]}
    return {
        "period": dict(inventory["period"]),
        "park": {
            "name": _name(park),
            "address": same(park["address"]),
            "description": same({"zh": park["description_zh"], "en": park["description_en"]}),
        },
        "boundary": _boundary(inventory),
        "gwp": _gwp(result["gwp_set"]),
        "totals": totals,
        "gases": _gases(inside, result["totals"]),
        "indirect": _indirect(result["totals"]),
        "months": _months(inside),
        "tenants": _tenants(inside, tenants),
        "sources": _sources(inside, names, tenants),
        "factors": list(factors.values()),
        "energy": _energy(result["activities"]),
        "instruments": [_instrument(claim) for claim in result["claims"]],
        "offsets": [],
        "flags": [_flag(flag) for flag in result["flags"]],
        "lineage": [*_lineage(lines), *_market_lineage(result["market"])],
        "base_year": _base_year(choices.get("base_year") or {}),
        "recalculation": _recalculation(choices),
        "uncertainty": None,
        "notes": {key: same(text) for key, text in (choices.get("notes") or {}).items() if text},
    }


def check_adds_up(lines: Sequence[Row], totals: Row) -> None:
    """:raises StatementDoesNotAddUp: lines and totals disagree"""
    said = {"1": totals["direct_tco2e"], "2": totals["energy_location_tco2e"]}
    for category, figure in said.items():
        if total(x for x in lines if str(x["category"]) == category) != Decimal(figure):
            raise StatementDoesNotAddUp(total=figure)


def _name(row: Row) -> dict[str, str]:
    return {"zh": row["name_zh"] or row["name_en"], "en": row["name_en"] or row["name_zh"]}


def _totals(totals: Row, choices: Row) -> dict[str, Any]:
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
        "removals_tco2e": None,
    }


def _boundary(inventory: Row) -> dict[str, Any]:
    choices, park = inventory["choices"], inventory["park"]
    parts = park["boundaries"]
    named = [
        same(
            {"zh": one["description_zh"] or one["name"], "en": one["description_en"] or one["name"]}
        )
        for one in parts
    ]
    criteria = same(choices["significance"]) if choices.get("significance") else words(SIGNIFICANCE)
    return {
        "consolidation": inventory["consolidation"],
        "description": {
            language: ("；" if language == "zh" else "; ").join(one[language] for one in named)
            for language in ("zh", "en")
        },
        "reporting": words(REPORTING),
        "significance": [
            {"name": words(("显著性准则", "Significance criteria")), "text": criteria}
        ],
        "tenants": [
            {"name": _name(one), "share": _share(one, inventory["consolidation"])}
            for one in park["tenants"]
        ],
        "exclusions": [
            {"what": same(one["what"]), "reason": same(one["reason"])}
            for one in choices.get("exclusions") or []
        ],
    }


def _share(tenant: Row, consolidation: str) -> str:
    if consolidation == "EQUITY_SHARE":
        return str(tenant["equity_share"])
    key = f"has_{consolidation.lower()}"
    return "1" if tenant[key] else "0"


def _factors(factors: Sequence[Row], park: Row, lines: Sequence[Row]) -> dict[str, dict[str, Any]]:
    sources = {one["code"]: one for one in park["sources"]}
    used = {line["factor"]: sources.get(line["source"]) for line in reversed(lines)}
    return {
        one["id"]: {
            "number": number,
            "id": one["id"],
            "name": same(_factor_name(one, used.get(one["id"]))),
            "gas": one["gas"],
            "value": one["value"],
            "unit": one["unit"],
            "source": same(one["source"]),
            "confidence": one.get("confidence", ""),
            "is_fallback": one["is_fallback"],
            "validity": str(one["year"] or ""),
            "digest": one["digest"],
        }
        for number, one in enumerate(factors, 1)
    }


def _factor_name(factor: Row, source: Row | None) -> str:
    if source is None:
        return str(factor["note"] or factor["gas"])
    return str(source["carrier"] or source["kind"]).replace("_", " ").lower()


def _gwp(gwp: Row) -> dict[str, Any]:
    return {
        "set": gwp["name"],
        "source": words(GWP_SOURCE),
        "values": [{**one, "gwp": one["value"]} for one in gwp["values"]],
    }


def _gases(lines: Sequence[Row], totals: Row) -> list[dict[str, str]]:
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


def _indirect(totals: Row) -> list[dict[str, Any]]:
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


def _months(lines: Sequence[Row]) -> list[dict[str, str]]:
    by_month = grouped(lines, lambda line: line["activity_row"]["month"][:7])
    return [{"month": month, **_two(rows)} for month, rows in sorted(by_month.items())]


def _tenants(lines: Sequence[Row], names: Mapping[str, Any]) -> list[dict[str, Any]]:
    by_tenant = grouped(lines, lambda line: line["activity_row"]["tenant"])
    return [
        {"code": code, "name": names.get(code) or words(OPERATOR), **_two(rows)}
        for code, rows in sorted(by_tenant.items())
    ]


def _sources(
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
                "name": names.get(source) or same(activity["carrier"]),
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


def _energy(activities: Sequence[Row]) -> list[dict[str, Any]]:
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


def _instrument(claim: Row) -> dict[str, Any]:
    return {
        "name": same(claim["instrument"]),
        "plant": same(claim["plant"]),
        "generated": f"{claim['generated_from']} – {claim['generated_to']}",
        "mwh": claim["mwh"],
        "used_mwh": claim["used_mwh"],
        "tco2e_per_mwh": "0",
        "claim_id": claim["id"],
        "entry_id": claim["entry"],
        "failed_criteria": claim["failed_criteria"],
    }


def _flag(flag: Row) -> dict[str, Any]:
    known = FLAGS.get(flag["code"])
    name = words(known) if known else same(flag["code"].replace("_", " "))
    return {"code": flag["code"], "name": name, "text": same(flag["about"])}


def _lineage(lines: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            "figure": str(line["category"]),
            "source": line["source"],
            "month": line["activity_row"]["month"][:7],
            "gas": line["gas"],
            "tco2e": line["tco2e"],
            "formula": line["formula"],
            "activity": line["activity"],
            "activity_digest": line["activity_row"]["digest"],
            "factor": line["factor"],
            "factor_digest": line["factor_row"]["digest"],
            "claim": "",
        }
        for line in lines
    ]


def _market_lineage(market: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            "figure": "2 MB",
            "source": RUNGS.get(line["rung"], ("", line["rung"]))[1],
            "month": "",
            "gas": "CO2",
            "tco2e": line["tco2e"],
            "formula": f"{line['mwh']} MWh × {line['tco2e_per_mwh']} t/MWh",
            "activity": "",
            "activity_digest": "",
            "factor": line["factor"],
            "factor_digest": "",
            "claim": ", ".join(line["claims"]),
        }
        for line in market
    ]


def _base_year(given: Row) -> dict[str, Any] | None:
    if not given.get("year"):
        return None
    year, sum_, reason = given["year"], given.get("total_tco2e", ""), given.get("reason", "")
    zh = f"基准年为 {year} 年" + (f"，清单合计 {sum_} tCO2e" if sum_ else "")
    en = f"The base year is {year}" + (f", with a total of {sum_} tCO2e" if sum_ else "")
    more = f" {reason}" if reason else ""
    return {"year": str(year), "text": {"zh": f"{zh}。{more}", "en": f"{en}.{more}"}}


def _recalculation(choices: Row) -> dict[str, str] | None:
    told = choices.get("restatement_reason")
    if told:
        return {"zh": f"本清单为重述：{told}", "en": f"This inventory is a restatement: {told}"}
    policy = (choices.get("base_year") or {}).get("recalculation_policy")
    return same(policy) if policy else None
