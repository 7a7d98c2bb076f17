"""The chapters that follow a framework: its data points, the year before, words of the operator."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from reporting.documents.rendering import charts
from reporting.documents.templatetags.document_words import figure, said

NARRATIVE = "NARRATIVE"
CHART_ROWS = 8


def chapters(statement: Mapping[str, Any]) -> dict[str, Any]:
    """What the templates of these chapters need; nothing for a statement without facts."""
    facts = statement.get("facts") or {}
    states = {one["key"]: one["state"] for one in statement["contents"]}
    asked = [
        {**facts[one["key"]], **one, "state": _state(facts[one["key"]], states.get(one["key"]))}
        for one in statement.get("asked") or []
    ]
    return {
        "asked": _by_group(asked),
        "narratives": _narratives(facts),
        "comparison": statement.get("comparison"),
        "restatements": statement.get("restatements") or [],
        "comparison_chart": _compared(statement.get("comparison")),
        "sources_entered": [one for one in asked if one["entry"]],
    }


def _state(fact: Mapping[str, Any], known: str | None) -> str:
    there = fact["value"] is not None or fact["rows"] or fact["text"] is not None
    if there:
        return "PRESENT"
    return "ABSENT" if fact["explanation"] else (known or "NOT_GIVEN")


def groups() -> dict[str, str]:
    return {
        "ORGANIZATION": _("Entity and boundary"),
        "EMISSIONS": _("Emissions and removals"),
        "ENERGY": _("Energy and resources"),
        "INSTRUMENTS": _("Allowances, credits and certificates"),
        "TARGETS": _("Targets and measures"),
        "FINANCE": _("Money and risk"),
        "METHOD": _("Methods and assurance"),
    }


def _by_group(asked: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    found = [(name, [x for x in asked if x["group"] == key]) for key, name in groups().items()]
    return [(name, rows) for name, rows in found if rows]


def _narratives(facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    told = [one for one in facts.values() if one["group"] == NARRATIVE]
    return [one for one in told if one["text"] is not None]


def _compared(comparison: Mapping[str, Any] | None) -> dict[str, str]:
    """Emissions of both years side by side, and the same in words."""
    rows = [
        one
        for one in (comparison or {}).get("rows", [])
        if one["unit"] == "tCO2e" and not one["name"]
    ]
    bars = []
    for one in rows[:CHART_ROWS]:
        for year, amount in ((_("last year"), one["before"]), (_("this year"), one["now"])):
            name = f"{said(one['heading'])} · {year}"
            bars.append(charts.Bar(name, (Decimal(amount),), figure(amount)))
    if not bars:
        return {}
    words = "; ".join(f"{bar.name}: {bar.figure} tCO2e" for bar in bars)
    return {
        "image": charts.as_address(charts.lying_bars(bars, by_part=True, left=300)),
        "alt": words,
    }
