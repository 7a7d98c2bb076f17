"""Who reports, on what, by which methods, and who has looked at it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from reporting.disclosures.assembling.answers.answer import HUNDRED, Answer, Content, row
from reporting.disclosures.assembling.wording import plain, same, words

CONSOLIDATIONS = {
    "OPERATIONAL_CONTROL": ("运营控制权", "operational control"),
    "FINANCIAL_CONTROL": ("财务控制权", "financial control"),
    "EQUITY_SHARE": ("股权比例", "equity share"),
}
LEVELS = {
    "REASONABLE": ("合理保证", "reasonable assurance"),
    "LIMITED": ("有限保证", "limited assurance"),
}
OPINIONS = {
    "UNMODIFIED": ("无保留意见", "unmodified"),
    "MODIFIED": ("保留意见", "modified"),
    "ADVERSE": ("否定意见", "adverse"),
    "DISCLAIMED": ("无法表示意见", "disclaimed"),
}
MOST_FACTORS = 400


def _named(table: dict[str, tuple[str, str]], code: str) -> dict[str, str]:
    return words(table[code]) if code in table else same(code)


def period_and_entity(content: Content) -> Answer:
    start = str(content["period"]["start"])
    last = date.fromisoformat(str(content["period"]["end"])[:10]) - timedelta(days=1)
    organization = content["organization"]
    return Answer(
        rows=[
            row(("报告主体", "Reporting entity"), text=same(organization["name"])),
            row(("园区", "Park"), text=same(content["park"]["name"])),
            row(("报告期", "Reporting period"), text=same(f"{start} – {last.isoformat()}")),
            row(("责任人", "Who answers for it"), text=same(organization["responsible"])),
        ]
    )


def consolidation(content: Content) -> Answer:
    boundary = content["boundary"]
    told = [
        row(("合并方法", "Approach"), text=_named(CONSOLIDATIONS, boundary["consolidation"])),
    ]
    if boundary["description"]["zh"] or boundary["description"]["en"]:
        told.append(row(("组织边界", "Boundary"), text=same(boundary["description"])))
    return Answer(rows=told)


def gwp_edition(content: Content) -> Answer:
    gwp = content["gwp"]
    source = gwp["source"]
    return Answer(
        text={
            "zh": f"IPCC {gwp['set']}（{source['zh']}）",
            "en": f"IPCC {gwp['set']} ({source['en']})",
        }
    )


def factors(content: Content) -> Answer | None:
    rows = [
        row(one["name"], one["value"], one["unit"], text=one["source"])
        for one in content["factors"][:MOST_FACTORS]
    ]
    return Answer(rows=rows) if rows else None


def base_year(content: Content) -> Answer | None:
    told = content["base_year"]
    return Answer(text=told["text"]) if told else None


def method_changes(content: Content) -> Answer | None:
    told = same(content["method_changes"])
    return Answer(text=told) if told["zh"] or told["en"] else None


def exclusions(content: Content) -> Answer | None:
    rows = [row(one["what"], text=one["reason"]) for one in content["boundary"]["exclusions"]]
    return Answer(rows=rows) if rows else None


def uncertainty(content: Content) -> Answer | None:
    told = content["uncertainty"]
    if told is None:
        return None
    rows = [row(one["name"], _percent(one["ratio"]), "%") for one in told["rows"]]
    whole = row(("合计", "Of the total"), _percent(told["whole"]), "%")
    return Answer(rows=[*rows, whole])


def _percent(part: Any) -> str:
    return plain(Decimal(str(part)) * HUNDRED)


def verification(content: Content) -> Answer | None:
    told = content["verification"]
    if told is None:
        return None
    return Answer(
        rows=[
            row(("核查机构", "Verified by"), text=same(told["verifier"])),
            row(("保证等级", "Level of assurance"), text=_named(LEVELS, told["level"])),
            row(("意见", "Opinion"), text=_named(OPINIONS, told["opinion"])),
            row(("准则", "Criteria"), text=same(told["criteria"])),
        ]
    )
