"""Tables and charts of what was frozen: categories, value chain, criteria, intensity, doubt."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.doors.charts import Column, Part, figure
from ledger.doors.wording import in_language, number_format
from reporting.entries import queries as entries
from reporting.entries.states import SCOPE_3_NUMBER, ValueChain
from reporting.inventories.admin.showing import shown
from reporting.parks import queries as parks

COLOURS = {1: "#b45309", 2: "#3b6fd4", 3: "#0ea5b7", 4: "#058058", 5: "#8b5cf6", 6: "#6b7280"}
PIE = ("#b45309", "#3b6fd4", "#0ea5b7", "#058058", "#8b5cf6", "#e0a100", "#dc2626", "#6b7280")
CRITERIA = (
    gettext_lazy("1 conveys the emission rate"),
    gettext_lazy("2 the only claim on the MWh"),
    gettext_lazy("3 tracked and redeemed"),
    gettext_lazy("4 near in time"),
    gettext_lazy("5 same market"),
    gettext_lazy("6 supplier's factor of delivered power"),
    gettext_lazy("7 contract conveys to the buyer only"),
    gettext_lazy("8 residual mix available, or its absence told"),
)
ANSWERS = {
    "YES": gettext_lazy("yes"),
    "NO": gettext_lazy("no"),
    "NOT_CHECKED": gettext_lazy("not checked"),
}


def place_names() -> dict[str, str]:
    """Where emissions stand, in the reader's words."""
    return {**entries.part_names(), **parks.part_names()}


def link_to_lines(inventory_id: UUID, calculation: int, text: str, **filters: object) -> str:
    """A figure that leads to the lines it is the sum of."""
    address = reverse("admin:reporting_inventories_inventoryline_changelist")
    asked = {"inventory__id__exact": inventory_id, "calculation": calculation, **filters}
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return format_html('<a class="underline" href="{}?{}">{}</a>', address, query, text)


def chart(result: Mapping[str, Any]) -> dict[str, Any]:
    """Categories of ISO 14064-1, each by its parts."""
    names = place_names()
    sums: dict[int, dict[str, Decimal]] = {}
    for line in result["lines"]:
        if line.get("is_removal") or line["gas_group"] in {"BIOGENIC_CO2", "NOT_KYOTO"}:
            continue
        of_parts = sums.setdefault(line["category"], {})
        part = line["subcategory"]
        of_parts[part] = of_parts.get(part, Decimal(0)) + Decimal(line["tco2e"])
    every = sorted({part for parts_of in sums.values() for part in parts_of})
    colours = {part: PIE[at % len(PIE)] for at, part in enumerate(every)}
    columns = [
        Column(
            _("Category %(number)s") % {"number": category},
            tuple(
                Part(names.get(part, part), round(tonnes), colours[part])
                for part, tonnes in sorted(sums[category].items())
            ),
        )
        for category in sorted(sums)
    ]
    title = _("Emissions by category of ISO 14064-1, tCO2e")
    return figure(columns, title=title, heading=_("Category"))


def categories(result: Mapping[str, Any], inventory_id: UUID, calculation: int) -> dict[str, Any]:
    told = result["totals"].get("by_iso_category_tco2e", {})
    rows = [
        (
            category,
            link_to_lines(inventory_id, calculation, shown(Decimal(tonnes)), category=category),
        )
        for category, tonnes in sorted(told.items())
    ]
    removals = result["totals"].get("removals_tco2e", "0")
    rows.append((_("Removals, apart and never netted"), shown(Decimal(removals))))
    return {
        "title": _("By category of ISO 14064-1 (location-based)"),
        "headings": [_("Category"), "tCO2e"],
        "rows": rows,
    }


def value_chain(result: Mapping[str, Any], inventory_id: UUID, calculation: int) -> dict[str, Any]:
    """Scope 3 in its fifteen categories: quantified, judged, or without an answer."""
    names, told = place_names(), result["totals"].get("by_value_chain_tco2e", {})
    judged = {one["part"]: one for one in result.get("significance", ())}
    rows = []
    for part in ValueChain:
        if part not in SCOPE_3_NUMBER and part not in told:
            continue
        figure_of = _("not quantified")
        if part in told:
            text = shown(Decimal(told[part]))
            figure_of = link_to_lines(inventory_id, calculation, text, subcategory=part.value)
        rows.append((names[part], figure_of, *_judgement(judged.get(part))))
    rows.append((_("Total"), shown(Decimal(result["totals"].get("scope_3_tco2e", "0"))), "", ""))
    return {
        "title": _("Value chain (Scope 3)"),
        "headings": [_("Category"), "tCO2e", _("Significant"), _("Criteria and reason")],
        "rows": rows,
    }


def _judgement(one: Mapping[str, Any] | None) -> tuple[str, str]:
    if one is None:
        return "–", ""
    said = _("yes") if one["is_significant"] else _("no")
    return said, "; ".join(part for part in (one["criteria"], one["reason"]) if part)


def claims(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each contractual instrument with its eight answers (R5.8)."""
    if not result["claims"]:
        return []
    rows = [
        (
            one["instrument"],
            in_language(one["plant"], one["plant_en"]),
            number_format(Decimal(one["mwh"]), 2),
            number_format(Decimal(one["used_mwh"]), 2),
            *(
                str(ANSWERS[one["answers"].get(str(number), "NOT_CHECKED")])
                for number in range(1, 9)
            ),
        )
        for one in result["claims"]
    ]
    return [
        {
            "title": _("Contractual instruments and the eight quality criteria"),
            "headings": [_("Instrument"), _("Plant"), "MWh", _("used, MWh"), *map(str, CRITERIA)],
            "rows": rows,
        }
    ]


def intensity(told: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    if not told:
        return []
    rows = [
        (
            in_language(one["name_zh"], one["name_en"]),
            f"{number_format(Decimal(one['amount']), 2)} {one['unit']}",
            number_format(Decimal(one["scope_1_2_location"]), 6),
            number_format(Decimal(one["scope_1_2_market"]), 6),
        )
        for one in told
    ]
    headings = [_("Per"), _("Amount"), _("Location-based (tCO2e)"), _("Market-based (tCO2e)")]
    return [{"title": _("Intensity of Scopes 1 and 2"), "headings": headings, "rows": rows}]


def uncertainty(told: Mapping[str, Any]) -> dict[str, Any]:
    """Approach 1 three ways, and the draws with their seed."""

    def percent(text: str) -> str:
        return f"± {number_format(Decimal(text) * 100, 2)} %"

    rows = [
        (_("Approach 1, all independent"), percent(told["whole"])),
        (_("Approach 1, all factors together"), percent(told["whole_if_factors_err_together"])),
    ]
    if "whole_with_shared_factors" in told:
        shared = percent(told["whole_with_shared_factors"])
        rows.append((_("Approach 1, sources that share a factor together"), shared))
    if "monte_carlo" in told:
        drawn = told["monte_carlo"]
        low, high = (number_format(Decimal(drawn[side]) * 100, 2) for side in ("low", "high"))
        name = _("Monte Carlo, %(draws)s draws, seed %(seed)s")
        rows.append((name % {"draws": drawn["draws"], "seed": drawn["seed"]}, f"{low} … {high} %"))
    return {"title": _("Uncertainty, at 95 %"), "headings": ["", ""], "rows": rows}


CHANGES = {
    "STRUCTURE": gettext_lazy("structure"),
    "METHOD": gettext_lazy("method"),
    "FACTOR": gettext_lazy("factors"),
    "ERROR": gettext_lazy("an error"),
    "ORGANIC": gettext_lazy("opening or closing in the normal course"),
}


def restatement(told: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    if not told:
        return []
    above = _("yes") if told["is_above_threshold"] else _("no")
    rows = [
        (_("Reason"), str(CHANGES[told["change"]])),
        (_("Before (tCO2e)"), shown(Decimal(told["before_tco2e"]))),
        (_("After (tCO2e)"), shown(Decimal(told["after_tco2e"]))),
        (_("Change"), f"{number_format(Decimal(told['share']) * 100, 2)} %"),
        (_("Threshold"), f"{number_format(Decimal(told['threshold']) * 100, 2)} %"),
        (_("The base year is to be calculated again"), above),
    ]
    return [{"title": _("What the restatement moved"), "headings": ["", ""], "rows": rows}]
