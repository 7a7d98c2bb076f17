"""An assessment's content as a page: verdict, charts, tables, each figure with its way down."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.doors.charts import Column, Level, Part, figure
from ledger.doors.wording import number_format
from reporting.indicators import queries
from reporting.indicators.showing.words import rule, unit
from reporting.indicators.states import EmissionPart, Indicator, Status

CLEAN_CARRIERS = "park.clean_carriers"
COLOURS = {
    EmissionPart.FUEL: "#b45309",
    EmissionPart.TRANSFORMATION: "#8b5cf6",
    EmissionPart.POWER: "#3b6fd4",
    EmissionPart.HEAT: "#dc2626",
    EmissionPart.PROCESS: "#6b7280",
}
POWER_COLOURS = {
    "DIRECT": "#058058",
    "SELF": "#65a30d",
    "CERTIFIED": "#0ea5b7",
    "OTHER": "#6b7280",
}
POWER_NAMES = {
    "DIRECT": "POWER_DIRECT",
    "SELF": "POWER_SELF",
    "CERTIFIED": "POWER_CERTIFIED",
    "OTHER": "POWER_OTHER",
}
TONES = {
    Status.MET: "green",
    Status.NOT_MET: "red",
    Status.NO_TIER: "orange",
    Status.NO_DATA: "orange",
    Status.EXCLUDED: "base",
    Status.SHOWN: "base",
}
FLAGS = {
    "paper_zero_carbon": gettext_lazy(
        "The core indicator is met, but directly supplied green power misses its line: by "
        "certificates alone a park is zero-carbon on paper only."
    ),
    "certificates_unused": gettext_lazy(
        "More certificates than power bought: the rest counts nowhere, %(about)s MWh."
    ),
    "parameter_of_another_year": gettext_lazy(
        "%(about)s has no value for this year; the nearest year's stands in."
    ),
    "parameter_unverified": gettext_lazy("%(about)s is unverified."),
    "factor_unverified": gettext_lazy("The factor of %(about)s is unverified."),
    "no_910_factor": gettext_lazy(
        "%(about)s has no factor of the national method and is not in the sum."
    ),
    "biogenic_at_nought": gettext_lazy("%(about)s is biogenic: its CO2 counts at nought."),
}


def number(text: str | None, places: int = 2) -> str:
    return "–" if text is None else number_format(Decimal(text), places)


def plain(amount: Decimal | None) -> str:
    """An amount with as many decimals as it has; of none, a dash."""
    if amount is None:
        return "–"
    exponent = amount.normalize().as_tuple().exponent
    return number_format(amount, max(0, -exponent) if isinstance(exponent, int) else 0)


def percent(text: str | None) -> str:
    return "–" if text is None else f"{number_format(Decimal(text) * 100, 2)} %"


def shown(content: Mapping[str, Any], *, park_id: UUID, year: int) -> dict[str, Any]:
    """For the templates: `verdict`, `boxes`, `charts`, `notices` and `related` tables."""
    return {
        "verdict": _verdict(content["core"]),
        "boxes": _boxes(content["core"]),
        "charts": [_emissions(content), _power(content)],
        "notices": _notices(content["flags"]),
        "related": [
            _guiding(content["verdicts"]),
            _parts(content),
            _lines(content["lines"], park_id, year),
            _energy(content),
            _rules(content),
        ],
    }


def _verdict(core: Mapping[str, Any]) -> dict[str, str]:
    status = Status(core["status"])
    sentences = {
        Status.MET: _("The core indicator is met: %(value)s against %(threshold)s tCO2/tce."),
        Status.NOT_MET: _(
            "The core indicator is not met: %(value)s against %(threshold)s tCO2/tce; "
            "%(cut)s tCO2 a year are too many."
        ),
        Status.NO_TIER: _(
            "No national tier applies: the park uses less energy than the first tier. "
            "This is no pass."
        ),
    }
    told = {
        "value": number(core["intensity"], 4),
        "threshold": core["threshold"] or "–",
        "cut": number(core["to_cut_tco2"], 0),
    }
    return {"text": sentences[status] % told, "tone": TONES[status]}


def _boxes(core: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("tCO2 per tce"), number(core["intensity"], 4)),
        (_("threshold of its tier"), core["threshold"] or "–"),
        (_("emissions, tCO2"), number(core["tco2"])),
        (_("energy, tce"), number(core["tce"])),
    ]


def _notices(flags: Sequence[Mapping[str, str]]) -> list[str]:
    names = queries.carrier_names()
    found = []
    for one in flags:
        sentence = FLAGS.get(one["code"])
        about = names.get(one["about"]) or rule(one["about"])
        found.append(one["code"] if sentence is None else str(sentence) % {"about": about})
    return list(dict.fromkeys(found))


def _emissions(content: Mapping[str, Any]) -> dict[str, Any]:
    names = queries.part_names()
    columns = [
        Column(names[part], (Part(names[part], max(0, round(Decimal(tco2))), COLOURS[part]),))
        for part, tco2 in ((EmissionPart(x), y) for x, y in content["parts_tco2"].items())
    ]
    return figure(columns, title=_("Emissions by part, tCO2"), heading=_("Part"))


def _power(content: Mapping[str, Any]) -> dict[str, Any]:
    names, power = queries.carrier_names(), content["power_mwh"]
    parts = tuple(
        Part(names[POWER_NAMES[kind]], round(Decimal(power[kind])), colour)
        for kind, colour in POWER_COLOURS.items()
    )
    return figure(
        [Column(_("Electricity"), parts)],
        title=_("Electricity by the way it came, MWh"),
        heading=_("Electricity"),
    )


def _guiding(verdicts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names, words = queries.indicator_names(), queries.status_names()
    return {
        "title": _("Guiding indicators and green power"),
        "headings": [
            _("Indicator"), _("Status"), _("Value"), _("Threshold"), _("Missing"), _("Made of"),
            _("Reason"),
        ],
        "rows": [
            (
                names[one["indicator"]],
                words[one["status"]],
                percent(one["value"]),
                percent(one["threshold"]),
                percent(one.get("gap")),
                "–" if one["whole"] is None else f"{number(one['part'])} / {number(one['whole'])}",
                one["reason"] or _hint(one),
            )
            for one in verdicts
        ],
    }  # fmt: skip


def _hint(one: Mapping[str, Any]) -> str:
    if one["indicator"] == Indicator.CERTIFICATE_SHARE:
        return _("Certificates never raise the direct share.")
    if one["indicator"] == Indicator.DIRECT_SHARE and one["status"] == Status.NOT_MET:
        return _("“In principle” at least half: a warning, no veto.")
    return ""


def _parts(content: Mapping[str, Any]) -> dict[str, Any]:
    names = queries.part_names()
    rows = [(names[part], number(tco2)) for part, tco2 in content["parts_tco2"].items()]
    rows.append((_("Total"), number(content["core"]["tco2"])))
    bunkers = content["memo"]["bunkers_tco2"]
    rows.append((_("International bunkers, shown and not deducted"), number(bunkers)))
    return {"title": _("Emissions by part"), "headings": [_("Part"), "tCO2"], "rows": rows}


def _lines(lines: Sequence[Mapping[str, Any]], park_id: UUID, year: int) -> dict[str, Any]:
    names, parts = queries.carrier_names(), queries.part_names()
    return {
        "title": _("Lines"),
        "headings": [
            _("Part"), _("Source"), _("What"), _("Amount"), _("tCO2 each"), "tCO2", "tce",
        ],
        "rows": [
            (
                parts[one["part"]],
                _source(one["source"], year),
                names.get(one["carrier"], one["carrier"]),
                _amount(one),
                _factor(one),
                number(one["tco2"]),
                number(one["tce"]),
            )
            for one in lines
        ],
    }  # fmt: skip


def _amount(one: Mapping[str, Any]) -> str:
    """What came in, and with a minus what went out."""
    sign = "−" if one["direction"] == "OUT" else ""
    return f"{sign}{number(one['amount'])} {unit(one['unit'])}"


def _source(code: str, year: int) -> str:
    """The rows of the year that the line adds up."""
    if not code:
        return "–"
    address = reverse("admin:reporting_activity_activityrow_changelist")
    return format_html('<a class="underline" href="{}?q={}&amp;dataset__year={}">{}</a>',
                       address, code, year, code)  # fmt: skip


def _factor(one: Mapping[str, Any]) -> str:
    told = number_format(Decimal(one["factor"]).normalize() + 0, 6).rstrip("0").rstrip(".")
    identifier = one["factor_id"].split("+")[0]
    if not identifier:
        return told
    address = reverse("admin:reporting_factors_factor_change", args=[identifier])
    return format_html('<a class="underline" href="{}">{}</a>', address, told)


def _energy(content: Mapping[str, Any]) -> dict[str, Any]:
    names = queries.carrier_names()
    rows = [(names.get(x, x), number(tce)) for x, tce in content["energy_tce"].items()]
    rows.append((_("Total"), number(content["core"]["tce"])))
    title = _("Energy, electricity at its equivalent value")
    return {"title": title, "headings": [_("Carrier"), "tce"], "rows": rows}


def _rules(content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": _("Numbers of the method"),
        "headings": [_("Rule number"), _("Value"), _("Confidence")],
        "rows": [(_rule(one), _ruled(one), one["confidence"]) for one in content["parameters"]],
    }


def _ruled(one: Mapping[str, str]) -> str:
    """A number as it is; carriers, yes and no in words."""
    if one["value"] in {"True", "False"}:
        return _("Yes") if one["value"] == "True" else _("No")
    if one["key"] != CLEAN_CARRIERS:
        return one["value"]
    names = queries.carrier_names()
    return ", ".join(names.get(code, code) for code in one["value"].split(","))


def _rule(one: Mapping[str, str]) -> str:
    address = reverse("admin:ledger_parameters_parameter_change", args=[one["id"]])
    return format_html('<a class="underline" href="{}">{}</a>', address, rule(one["key"]))


def over_the_years(assessments: Sequence[queries.AssessmentView]) -> dict[str, Any]:
    """Intensity of each year against its threshold, in thousandths."""
    newest = {one.year: one for one in reversed(assessments)}
    rows = [newest[year] for year in sorted(newest)]
    name = _("tCO2 per 1,000 tce")
    columns = [
        Column(str(one.year), (Part(name, _mille(one.content["core"]["intensity"]), "#3b6fd4"),))
        for one in rows
    ]
    levels = [Level(_("threshold"), tuple(
        None if one.content["core"]["threshold"] is None
        else _mille(one.content["core"]["threshold"]) for one in rows
    ), "#dc2626")]  # fmt: skip
    return figure(columns, title=_("Core indicator by year"), heading=_("Year"), levels=levels)


def _mille(text: str) -> int:
    return max(0, round(Decimal(text) * 1000))
