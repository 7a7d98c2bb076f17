"""A target's path, its years, and the reasons, each year linked to the inventory that says it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from ledger.doors.charts import Column, Level, Part, figure
from ledger.doors.wording import number_format
from reporting.targets import queries
from reporting.targets.queries import TargetView, YearFigure
from reporting.targets.rules.paths import Progress, Stage
from reporting.targets.states import Coverage, Standing, TargetKind

ACTUAL, PATH = "#3b6fd4", "#dc2626"
PLACES = {TargetKind.INTENSITY: 6}


def shown(target: TargetView) -> dict[str, Any]:
    """For the template: `sentences`, `chart`, `related`."""
    figures = queries.figures_of(target)
    years = queries.progress_of(target.id)
    return {
        "sentences": _sentences(target, years),
        "chart": _chart(target, years),
        "related": [_years(target, years, figures), *_reasons(target, figures)],
    }


def _sentences(target: TargetView, years: Sequence[Progress]) -> list[str]:
    standing, year = queries.standing_of(target.id)
    words = queries.standing_names()
    found = [target.validation_wording()]
    if standing is Standing.NO_DATA:
        found.append(_("No frozen inventory tells of a year of this target yet."))
    elif target.kind is TargetKind.PEAK:
        told = {"year": str(target.base_year), "standing": words[standing]}
        found.append(_("No year after %(year)s may be higher: %(standing)s.") % told)
    else:
        known = next(one for one in reversed(years) if one.over is not None)
        assert known.over is not None  # noqa: S101  one line above
        side = _("above the path") if known.over > 0 else _("below the path")
        found.append(
            _("%(year)s: %(standing)s, %(amount)s %(side)s.")
            % {
                "year": str(year),
                "standing": words[standing],
                "amount": _amount(abs(known.over), target),
                "side": side,
            }
        )
    return [*found, *_least(target), _("Credits do not count towards a target.")]


def _least(target: TargetView) -> list[str]:
    """R9.1: what the standard asks for at least, for an absolute target that names it."""
    if target.kind is not TargetKind.ABSOLUTE or not target.standard or not target.stages:
        return []
    last = target.stages[-1]
    least = queries.least_cut_of(target.base_year, last.year)
    if least is None:
        return []
    told = {"cut": _percent(last.cut), "least": _percent(least), "year": str(last.year)}
    if last.cut < least:
        return [
            _("%(cut)s by %(year)s is less than linear contraction asks for, %(least)s "
              "(unverified).") % told
        ]  # fmt: skip
    return [_("Linear contraction asks for %(least)s by %(year)s (unverified).") % told]


def _percent(part: Decimal) -> str:
    return f"{number_format(part * 100, 1)} %"


def _amount(value: Decimal | None, target: TargetView) -> str:
    if value is None:
        return "–"
    unit = "tCO2" if target.coverage is Coverage.PARK_910 else "tCO2e"
    unit = f"{unit}/{target.per}" if target.per else unit
    return f"{number_format(value, PLACES.get(target.kind, 2))} {unit}"


def _whole(value: Decimal | None, target: TargetView) -> int:
    """For the chart: whole tonnes, and millionths for an intensity."""
    scale = Decimal(10) ** PLACES.get(target.kind, 0)
    return 0 if value is None else max(0, round(value * scale))


def _chart(target: TargetView, years: Sequence[Progress]) -> dict[str, Any]:
    name = _("actual")
    columns = [
        Column(str(one.year), (Part(name, _whole(one.actual, target), ACTUAL),)) for one in years
    ]
    allowed = tuple(None if one.allowed is None else _whole(one.allowed, target) for one in years)
    path = Level(_("path"), allowed, PATH)
    title = _("Path and what the years came to")
    found = figure(columns, title=title, heading=_("Year"), levels=[path])
    if target.kind is TargetKind.INTENSITY:
        found["note"] = _("In millionths of tCO2e per unit.")
    return found


def _years(
    target: TargetView, years: Sequence[Progress], figures: Mapping[int, YearFigure]
) -> dict[str, Any]:
    words = queries.standing_names()
    return {
        "title": _("Years"),
        "headings": [_("Year"), _("Actual"), _("Path"), _("Above (+) or below (−)"), _("Standing")],
        "rows": [
            (
                _year(one.year, figures.get(one.year)),
                _amount(one.actual, target),
                _amount(one.allowed, target),
                _amount(one.over, target),
                words[one.standing],
            )
            for one in years
        ],
    }


def _year(year: int, figure_of: YearFigure | None) -> str:
    if figure_of is None or figure_of.frozen_id is None:
        return str(year)
    return _link(figure_of.frozen_id, str(year))


def _link(frozen_id: UUID, text: str) -> str:
    address = reverse("admin:reporting_inventories_frozeninventory_change", args=[frozen_id])
    return format_html('<a class="underline" href="{}">{}</a>', address, text)


def _reasons(target: TargetView, figures: Mapping[int, YearFigure]) -> list[dict[str, Any]]:
    """Why the last year differs from the base year, or from the first year that is known."""
    known = [figures[year] for year in sorted(figures) if figures[year].frozen_id is not None]
    if len(known) < 2:
        return []
    first = figures.get(target.base_year, known[0])
    first_id, last_id = first.frozen_id or known[0].frozen_id, known[-1].frozen_id
    assert first_id is not None and last_id is not None  # noqa: S101  by `known`
    found = queries.effects_between(first_id, last_id)
    names = queries.reason_names()
    sums = queries.reasons_between(first_id, last_id)
    title = _("Why %(last)s differs from %(first)s (tCO2e, Scopes 1 and 2, market-based)") % {
        "last": str(known[-1].year),
        "first": str(first.year),
    }
    return [
        {
            "title": title,
            "headings": [_("Reason"), "tCO2e"],
            "rows": [(names[reason], number_format(x, 2)) for reason, x in sums.items()],
        },
        {
            "title": _("The same by source"),
            "headings": [_("Source"), _("Reason"), "tCO2e"],
            "rows": [
                (one.source or "–", names[one.reason], number_format(one.tco2e, 2)) for one in found
            ],
        },
    ]


def stages_text(stages: Sequence[Stage]) -> str:
    return "; ".join(f"{stage.year}: −{_percent(stage.cut)}" for stage in stages) or "–"
