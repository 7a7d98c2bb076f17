"""One store of facts for every framework: each data point with what is told of it, and by whom."""

from collections.abc import Iterable, Mapping
from typing import Any

from reporting.disclosures.assembling.answers import ANSWERS, ENTERED, Answer, Content
from reporting.disclosures.assembling.wording import same

ABSENT = "ABSENT"


def gather_facts(content: Content, points: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """What is told of every data point; `content` has `entries` and `ledger` in it."""
    return {point.key: _fact(point, content) for point in points}


def is_told(fact: Mapping[str, Any]) -> bool:
    """Whether there is a number, a row or a word; an explanation why not is none of these."""
    return fact["value"] is not None or bool(fact["rows"]) or fact["text"] is not None


def _fact(point: Any, content: Content) -> dict[str, Any]:
    answer = ANSWERS[point.query](content) if point.query else None
    entry = content["entries"].get(point.key)
    told = answer or _entered(entry, point.unit)
    return {
        "key": point.key,
        "number": point.number,
        "group": point.group,
        "heading": dict(point.heading),
        "section": point.section,
        "value": told.value if told else None,
        "unit": (told.unit if told else "") or point.unit,
        "rows": [dict(one) for one in told.rows] if told else [],
        "text": dict(told.text) if told and told.text else None,
        "origin": told.origin if told else "",
        "figure": told.figure if told else "",
        # beside what a query tells, people may say more
        "remark": _words_of(entry) if answer and entry and entry["kind"] != ABSENT else None,
        "explanation": None if told else _explanation(point, entry),
        "entry": _source(entry) if entry else None,
    }


def _words_of(entry: Mapping[str, Any]) -> dict[str, str] | None:
    said = same(entry["text"])
    return said if said["zh"] or said["en"] else None


def _entered(entry: Mapping[str, Any] | None, unit: str) -> Answer | None:
    if entry is None or entry["kind"] == ABSENT:
        return None
    return Answer(value=entry["amount"], unit=unit, text=_words_of(entry), origin=ENTERED)


def _explanation(point: Any, entry: Mapping[str, Any] | None) -> dict[str, str] | None:
    if entry is not None and entry["kind"] == ABSENT:
        return _words_of(entry)
    return dict(point.if_absent) if point.if_absent else None


def _source(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Who entered it, who approved it, and which file shows it."""
    names = ("id", "version", "evidence_name", "evidence_sha256", "approval_id", "recorded_at")
    return {name: entry[name] for name in names}
