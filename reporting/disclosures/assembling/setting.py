"""What is reported on: boundary, base year, recalculation."""

from typing import Any

from reporting.disclosures.assembling.wording import Row, name_of, same, words

REPORTING = (
    "类别1（直接排放）和类别2（外购能源）量化；类别3至6不在本清单的报告边界内。",
    "Category 1 (direct) and category 2 (imported energy) are quantified; categories 3 to 6 are"
    " outside the reporting boundary of this inventory.",
)
REPORTING_CHAIN = (
    "类别1（直接排放）和类别2（外购能源）全部量化；类别3至6量化了下文列出的各项。",
    "Category 1 (direct) and category 2 (imported energy) are quantified in full; of categories 3"
    " to 6 those parts that are listed below.",
)
SIGNIFICANCE = (
    "类别1和类别2按项目规则始终视为显著；类别3至6的显著性尚未评估，因而未纳入。",
    "Categories 1 and 2 always count as significant; the significance of categories 3 to 6 has"
    " not been assessed, so they are not taken in.",
)


def boundary(inventory: Row) -> dict[str, Any]:
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
        "reporting": words(REPORTING_CHAIN if _has_chain(inventory) else REPORTING),
        "significance": [
            {"name": words(("显著性准则", "Significance criteria")), "text": criteria}
        ],
        "tenants": [
            {"name": name_of(one), "share": _share(one, inventory["consolidation"])}
            for one in park["tenants"]
        ],
        "exclusions": [
            {"what": same(one["what"]), "reason": same(one["reason"])}
            for one in choices.get("exclusions") or []
        ],
    }


def _has_chain(inventory: Row) -> bool:
    return bool(inventory["result"]["totals"].get("by_value_chain_tco2e"))


def _share(tenant: Row, consolidation: str) -> str:
    if consolidation == "EQUITY_SHARE":
        return str(tenant["equity_share"])
    key = f"has_{consolidation.lower()}"
    return "1" if tenant[key] else "0"


def base_year(given: Row) -> dict[str, Any] | None:
    if not given.get("year"):
        return None
    year, sum_, reason = given["year"], given.get("total_tco2e", ""), given.get("reason", "")
    zh = f"基准年为 {year} 年" + (f"，清单合计 {sum_} tCO2e" if sum_ else "")
    en = f"The base year is {year}" + (f", with a total of {sum_} tCO2e" if sum_ else "")
    more = f" {reason}" if reason else ""
    return {"year": str(year), "text": {"zh": f"{zh}。{more}", "en": f"{en}.{more}"}}


def recalculation(choices: Row) -> dict[str, str] | None:
    told = choices.get("restatement_reason")
    if told:
        return {"zh": f"本清单为重述：{told}", "en": f"This inventory is a restatement: {told}"}
    policy = (choices.get("base_year") or {}).get("recalculation_policy")
    return same(policy) if policy else None
