"""What the park's own rooms know: indicators by the national method, targets and their progress."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from reporting.disclosures.assembling.answers.answer import (
    HUNDRED,
    LEDGER,
    Answer,
    Content,
    is_nought,
    row,
)
from reporting.disclosures.assembling.wording import plain, words

STANDINGS = {
    "ON_TRACK": ("在目标路径之内", "on track"),
    "OFF_TRACK": ("超出目标路径", "off track"),
    "BROKEN": ("达峰声明不成立", "the peak claim is broken"),
    "NO_DATA": ("尚无数据", "no data yet"),
}
RATES = {
    "SOLID_WASTE": ("工业固体废物综合利用率", "Use of industrial solid waste"),
    "WASTE_HEAT": ("余热余冷余压综合利用率", "Use of waste heat, cold and pressure"),
    "WATER_REUSE": ("工业用水重复利用率", "Reuse of industrial water"),
}
CORE = ("园区单位能耗碳排放（国家级零碳园区核心指标）", "Core indicator of the park (notice 910)")


def _assessment(content: Content) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = (content.get("ledger") or {}).get("assessment")
    return found


def core_indicator(content: Content) -> list[dict[str, Any]]:
    """The core indicator as a row beside other intensities; none without an assessment."""
    told = _assessment(content)
    amount = told["core"]["intensity"] if told else None
    return [] if is_nought(amount) else [row(CORE, amount, "tCO2 / tce")]


def resource_rates(content: Content) -> Answer | None:
    told = _assessment(content)
    verdicts = told["verdicts"] if told else []
    rows = [
        row(RATES[one["indicator"]], plain(Decimal(one["value"]) * HUNDRED), "%")
        for one in verdicts
        if one["indicator"] in RATES and one["value"] not in (None, "")
    ]
    return Answer(rows=rows, origin=LEDGER) if rows else None


def bunkers(content: Content) -> Answer | None:
    told = _assessment(content)
    amount = told["memo"]["bunkers_tco2"] if told else None
    return None if is_nought(amount) else Answer(rows=[row(MEMO, amount, "tCO2")], origin=LEDGER)


MEMO = ("国际航运燃料（备忘项）", "Bunker fuel (memo item)")


def targets(content: Content) -> Answer | None:
    """Each target with its base, its stages and whether anybody has validated it (R9.7)."""
    rows = []
    for one in (content.get("ledger") or {}).get("targets") or []:
        base = words((f"基准年 {one['base_year']}", f"base year {one['base_year']}"))
        rows.append(row(one["name"], one["base"], one["per"] or "tCO2e", text=base))
        for stage in one["stages"]:
            name = words((f"至 {stage['year']} 年的降幅", f"Cut by {stage['year']}"))
            rows.append(row(name, plain(Decimal(stage["cut"]) * HUNDRED), "%"))
        rows.append(row(("验证情况", "Validation"), text=one["validation"]))
    return Answer(rows=rows, origin=LEDGER) if rows else None


def target_progress(content: Content) -> Answer | None:
    rows = []
    for one in (content.get("ledger") or {}).get("targets") or []:
        if one["year"] is None:
            continue
        unit = one["per"] or "tCO2e"
        standing = words(STANDINGS.get(one["standing"], (one["standing"], one["standing"])))
        actual = {lang: f"{name} {one['year']}" for lang, name in one["name"].items()}
        rows.append(row(actual, one["actual"], unit, text=standing))
        rows.append(row(("目标路径允许值", "Allowed by the path"), one["allowed"], unit))
    return Answer(rows=rows, origin=LEDGER) if rows else None
