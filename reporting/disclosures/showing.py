"""The data points of a statement in the words of a page."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ledger.doors.wording import in_language, number_format
from reporting.disclosures.states import ContentState, DraftReason

Content = Mapping[str, Any]


def said(words: Mapping[str, str] | None) -> str:
    return in_language(words["zh"], words["en"]) if words else ""


def in_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def states() -> dict[str, str]:
    return {
        ContentState.PRESENT: _("present"),
        ContentState.ABSENT: _("absent, explained"),
        ContentState.MISSING: _("missing"),
        ContentState.NOT_GIVEN: _("not given"),
    }


def obligations() -> dict[str, str]:
    return {
        "REQUIRED": _("asked for"),
        "CONDITIONAL": _("where it applies"),
        "RECOMMENDED": _("recommended"),
        "OPTIONAL": _("optional"),
    }


def origins() -> dict[str, str]:
    return {
        "INVENTORY": _("from the frozen inventory"),
        "LEDGER": _("from the ledger"),
        "ENTERED": _("entered and approved"),
    }


def group_names() -> dict[str, str]:
    return {
        "ORGANIZATION": _("Entity and boundary"),
        "EMISSIONS": _("Emissions and removals"),
        "ENERGY": _("Energy and resources"),
        "INSTRUMENTS": _("Allowances, credits and certificates"),
        "TARGETS": _("Targets and measures"),
        "FINANCE": _("Money and risk"),
        "METHOD": _("Methods and assurance"),
        "INPUT": _("Figures that ratios are made of"),
        "NARRATIVE": _("In the operator's words"),
    }


def draft_reasons(content: Content) -> list[str]:
    named = {
        DraftReason.NOT_VERIFIED: _("no standing opinion of a verifier"),
        DraftReason.DATA_NOT_VERIFIED: _("the data are not verified"),
        DraftReason.CONTENT_MISSING: _("something that is asked for is missing"),
    }
    return [named[DraftReason(one)] for one in content["draft_reasons"]]


def counts(content: Content) -> list[tuple[str, int]]:
    found = [one["state"] for one in content["contents"]]
    return [(name, found.count(state)) for state, name in states().items()]


def overview_rows(
    found: Sequence[tuple[Any, Mapping[ContentState, int]]], frozen: Any
) -> list[dict[str, Any]]:
    page = reverse("disclosures_completeness", args=[frozen.id])
    return [
        {
            "name": said(asked.title),
            "short": asked.short,
            "counts": [numbers[state] for state in ContentState],
            "is_complete": not numbers[ContentState.MISSING],
            "unverified": asked.confidence == "C",
            "url": f"{page}?framework={asked.code}",
        }
        for asked, numbers in found
    ]


def point_choices(content: Content) -> list[tuple[str, str]]:
    return [(key, said(fact["heading"])) for key, fact in content["facts"].items()]


def grouped(
    content: Content, comments: Mapping[str, Sequence[Any]], frozen_id: UUID | None
) -> list[tuple[str, list[dict[str, Any]]]]:
    """The points by theme; with an id of the frozen inventory each has a way to tell it."""
    rows = list(_points(content, comments, frozen_id))
    found = [(name, [x for x in rows if x["group"] == key]) for key, name in group_names().items()]
    return [(name, own) for name, own in found if own]


def _points(
    content: Content, comments: Mapping[str, Sequence[Any]], frozen_id: UUID | None
) -> Iterator[dict[str, Any]]:
    tell = reverse("admin:reporting_disclosures_entry_do", args=["tell"])
    known = {one["key"]: one for one in content["contents"]}
    before = {
        (row["key"], row["name"].get("en", "")): row["before"]
        for row in (content["comparison"] or {}).get("rows", [])
    }
    asked = {one["key"]: one for one in content["asked"]}
    facts = content["facts"]
    for key in dict.fromkeys([*known, *asked, *(k for k in facts if _is_extra(facts[k]))]):
        fact, point = facts.get(key), known.get(key) or asked.get(key, {})
        state = known[key]["state"] if key in known else _state(fact)
        yield {
            "key": key,
            "number": fact["number"] if fact and fact["number"] else "",
            "group": fact["group"] if fact else "METHOD",
            "heading": said(fact["heading"] if fact else known[key]["heading"]),
            "reference": point.get("reference", ""),
            "concept": asked.get(key, {}).get("concept", ""),
            "obligation": obligations().get(point.get("obligation", ""), ""),
            "state": state,
            "state_name": states()[state],
            "lines": _lines(fact) if fact else [],
            "before": _amount(before.get((key, ""), "")),
            "origin": origins().get(fact["origin"], "") if fact else "",
            "explanation": said(fact["explanation"] if fact else known[key]["explanation"]),
            "evidence": fact["entry"] if fact else None,
            "comments": comments.get(key, ()),
            "tell_url": f"{tell}?frozen={frozen_id}&point={key}" if frozen_id and fact else "",
        }


def _is_extra(fact: Mapping[str, Any]) -> bool:
    return fact["group"] in {"INPUT", "NARRATIVE"}


def _state(fact: Mapping[str, Any] | None) -> str:
    if fact is None:
        return ContentState.NOT_GIVEN
    if fact["value"] is not None or fact["rows"] or fact["text"] is not None:
        return ContentState.PRESENT
    return ContentState.ABSENT if fact["explanation"] else ContentState.NOT_GIVEN


MOST_PLACES = 6  # on a page; the statement has all of them


def _amount(text: Any) -> str:
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        return str(text or "")
    exponent = value.as_tuple().exponent
    is_long = isinstance(exponent, int) and -exponent > MOST_PLACES
    return number_format(value, MOST_PLACES if is_long else None, force_grouping=True)


def _lines(fact: Mapping[str, Any]) -> list[str]:
    """What is told, a line each."""
    found = []
    if fact["value"] is not None:
        found.append(f"{_amount(fact['value'])} {fact['unit']}".strip())
    for row in fact["rows"][:MOST_LINES]:
        told = f"{_amount(row['value'])} {row['unit']}".strip() if row["value"] else ""
        more = said(row["text"])
        name, rest = said(row["name"]), " · ".join(part for part in (told, more) if part)
        found.append((f"{name}：{rest}" if in_chinese() else f"{name}: {rest}") if rest else name)
    if len(fact["rows"]) > MOST_LINES:
        found.append(_("… and %(count)s more") % {"count": len(fact["rows"]) - MOST_LINES})
    return [*found, *(said(fact[name]) for name in ("text", "remark") if fact[name])]


MOST_LINES = 12


def headings() -> list[str]:
    return [
        _("No."), _("Group"), _("Data point"), _("Reference"), _("Obligation"), _("State"),
        _("What is told"), _("Last year"), _("Origin"), _("Explanation"),
    ]  # fmt: skip


def table(content: Content) -> Iterator[list[Any]]:
    """The same as rows of a file."""
    for name, rows in grouped(content, {}, None):
        for one in rows:
            yield [
                one["number"], name, one["heading"], one["reference"], one["obligation"],
                one["state_name"], "; ".join(one["lines"]), one["before"], one["origin"],
                one["explanation"],
            ]  # fmt: skip
