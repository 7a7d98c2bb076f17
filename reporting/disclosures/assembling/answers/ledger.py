"""What the ledger and the finance storey know: allowances, credits, certificates, money.

`content["ledger"]` holds it as it was read when the statement was frozen.
"""

from collections.abc import Mapping
from typing import Any

from reporting.disclosures.assembling.answers.answer import LEDGER, Answer, Content, row
from reporting.disclosures.assembling.wording import words

MOVES = {
    "granted": ("发放", "granted"),
    "bought": ("转入", "received from others"),
    "sold": ("转出", "passed to others"),
    "surrendered": ("清缴", "surrendered"),
    "cancelled": ("注销", "cancelled"),
    "held": ("期末持有", "held at the end of the period"),
}


def _known(content: Content, name: str) -> list[Mapping[str, Any]]:
    return list((content.get("ledger") or {}).get(name) or [])


def allowances(content: Content) -> Answer | None:
    rows = [
        row(_of_scheme(one, MOVES[one["what"]]), one["units"], one["measure"])
        for one in _known(content, "allowances")
    ]
    return Answer(rows=rows, origin=LEDGER) if rows else None


def _of_scheme(one: Mapping[str, Any], what: tuple[str, str]) -> dict[str, str]:
    said = words(what)
    return {
        "zh": f"{one['scheme']}：{said['zh']}",
        "en": f"{one['scheme']}: {said['en']}",
    }


def credits_cancelled(content: Content) -> Answer | None:
    rows = [
        row(one["name"], one["tco2e"], "tCO2e", text=one["use"], entry=str(one["entry_id"] or ""))
        for one in content["offsets"]
    ]
    return Answer(rows=rows, origin=LEDGER) if rows else None


def green_certificates(content: Content) -> Answer | None:
    rows = [
        row(_of_scheme(one, CERTIFICATES[one["what"]]), one["units"], one["measure"])
        for one in _known(content, "certificates")
    ]
    return Answer(rows=rows, origin=LEDGER) if rows else None


CERTIFICATES = {
    **MOVES,
    "claimed": ("本期已声明", "claimed in the period"),
    "expired": ("已失效", "expired"),
}


def climate_finance(content: Content) -> Answer | None:
    rows = [
        row(one["name"], one["amount"], one["currency"]) for one in _known(content, "facilities")
    ]
    rows += [
        row(one["name"], one["raised"], one["currency"]) for one in _known(content, "raisings")
    ]
    return Answer(rows=rows, origin=LEDGER) if rows else None


def use_of_proceeds(content: Content) -> Answer | None:
    """Of each money: raised, allocated, spent, and the emissions that its projects cut."""
    rows = []
    for one in _known(content, "raisings"):
        for what, name in PARTS.items():
            rows.append(row(_of(one, name), one[what], one["currency"]))
        for project in one["projects"]:
            cut = _of(project, ("归属于该资金的减排量", "emissions cut by this money"))
            rows.append(row(cut, project["reduced_tco2e"], "tCO2e"))
    return Answer(rows=rows, origin=LEDGER) if rows else None


PARTS = {
    "raised": ("募集", "raised"),
    "allocated": ("已分配", "allocated"),
    "spent": ("已使用", "spent"),
    "unspent": ("未使用", "not spent yet"),
}


def _of(one: Mapping[str, Any], what: tuple[str, str]) -> dict[str, str]:
    said = words(what)
    return {
        "zh": f"{one['name']['zh']}：{said['zh']}",
        "en": f"{one['name']['en']}: {said['en']}",
    }
