"""Readings in words and charts: a month by its days, a day by its hours."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from ledger.doors.charts import Column, Part, figure
from ledger.doors.wording import number_format
from ledger.kernel.actors import Actor
from reporting.readings import queries
from reporting.readings.importer import Template
from reporting.readings.models import Day, Month, Piece, Upload
from reporting.readings.rules import ONE

BLUE, AMBER = "#3b6fd4", "#e0a100"
LINK = '<a class="text-primary-600 underline" href="{}">{}</a>'
SHOWN = 200
COLUMNS: Mapping[str, Any] = {
    "meter": gettext_lazy("meter"),
    "time": gettext_lazy("time"),
    "value": pgettext_lazy("of a meter", "value"),
    "unit": gettext_lazy("unit"),
    "mark": gettext_lazy("quality"),
    "day": gettext_lazy("date"),
    "total": gettext_lazy("day's total"),
    "register": pgettext_lazy("of a meter", "register"),
    "from": gettext_lazy("start time"),
    "to": gettext_lazy("end time"),
    "start": gettext_lazy("start register"),
    "end": gettext_lazy("end register"),
    "digits": gettext_lazy("register digits"),
    "multiplier": gettext_lazy("multiplier"),
    "": "–",
}
TEMPLATES: Mapping[Template, Any] = {
    Template.LINES: gettext_lazy("Template: a line a reading"),
    Template.QUARTERS: gettext_lazy("Template: a line a day, 96 columns"),
    Template.HOURS: gettext_lazy("Template: a line a day, 24 columns"),
    Template.REGISTERS: gettext_lazy("Template: registers one after the other"),
    Template.SPANS: gettext_lazy("Template: registers at start and end"),
}


def amount(millionths: Any) -> str:
    """Millionths as people read them, three decimals."""
    return number_format(queries.millionths_as(millionths), 3, force_grouping=True)


def link(url: str, text: object) -> SafeString:
    return format_html(LINK, url, text)


def month_page(month: Month) -> str:
    return reverse("admin:reporting_readings_month_change", args=[month.pk])


def day_page(meter_id: Any, day: Any) -> str:
    return reverse("readings_day", args=[meter_id, day.isoformat()])


def unit_of(month: Month) -> str:
    return month.meter.unit or month.meter.source.unit


def months_of_file(upload: Upload, actor: Actor) -> dict[str, Any]:
    """The meters' months that a file told of."""
    months = queries.months_of_upload(upload, by=actor)[:SHOWN]
    return {
        "title": _("Months of meters in this file"),
        "headings": [
            _("meter"),
            _("month"),
            _("in all"),
            _("unit"),
            _("count of readings"),
            _("expected"),
        ],
        "rows": [
            [
                link(month_page(row), row.meter.number),
                f"{row.month:%Y-%m}",
                amount(row.total_millionths),
                unit_of(row),
                number_format(row.told_count),
                number_format(row.expected_count),
            ]
            for row in months
        ],
    }


def chart_of_month(month: Month, days: Sequence[Day]) -> dict[str, Any]:
    """A column a day: complete days, and days with gaps or estimates."""
    full = 1440 // (days[0].step_minutes if days else 60)
    columns = [
        Column(
            f"{row.day:%d}",
            (
                Part(
                    _("measured") if _is_whole(row, full) else _("with gaps or estimates"),
                    max(int(row.total_millionths) // ONE, 0),
                    BLUE if _is_whole(row, full) else AMBER,
                ),
            ),
        )
        for row in days
    ]
    title = _("By day, %(unit)s") % {"unit": unit_of(month)}
    return figure(columns, title=title, heading=_("day"))


def _is_whole(row: Day, full: int) -> bool:
    return row.told_count == full and not row.estimated_count


def days_table(month: Month, days: Sequence[Day]) -> dict[str, Any]:
    return {
        "title": pgettext("each of them", "Days"),
        "headings": [
            _("day"), _("in all"), _("count of readings"), _("estimated"), _("version"), _("leaf"),
        ],
        "rows": [
            [
                link(day_page(month.meter_id, row.day), date_format(row.day, "Y-m-d")),
                amount(row.total_millionths),
                number_format(row.told_count),
                number_format(row.estimated_count),
                str(row.version),
                format_html('<code class="text-xs">{}…</code>', bytes(row.leaf).hex()[:16]),
            ]
            for row in days
        ],
    }  # fmt: skip


def chart_of_day(day: Day, unit: str) -> dict[str, Any]:
    """A column an hour, in whole thousandths where the unit is large."""
    hours = [0 if one is None else max(one, 0) for one in day.hours_millionths]
    small = max(hours, default=0) < 100 * ONE
    scale, said = (ONE // 1000, _("thousandths of %(unit)s")) if small else (ONE, "%(unit)s")
    columns = [
        Column(f"{hour:02d}", (Part(_("in all"), one // scale, BLUE),))
        for hour, one in enumerate(hours)
    ]
    title = _("By hour, %(unit)s") % {"unit": said % {"unit": unit}}
    return figure(columns, title=title, heading=_("hour"))


def readings_table(day: Day) -> list[list[Any]]:
    """Each step of the day: when, how much, how it came about."""
    words = {
        "m": _("measured"),
        "s": _("measured in sum"),
        "e": _("estimated"),
        "p": _("by a proxy"),
    }
    marks = day.marks or "m" * len(day.values_millionths)
    return [
        [_clock(at * day.step_minutes), "–" if one is None else amount(one),
         "–" if one is None else words[mark]]
        for at, (one, mark) in enumerate(zip(day.values_millionths, marks, strict=True))
    ]  # fmt: skip


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def versions_table(pieces: Sequence[Piece], uploads: dict[Any, Upload]) -> dict[str, Any]:
    """What each file told of a day, oldest first: nothing is overwritten."""
    return {
        "title": _("What was told of this day, oldest first"),
        "headings": [_("version"), _("file"), _("reason of the corrections"), _("readings told")],
        "rows": [
            [str(piece.version), *_file(uploads.get(piece.upload_id)), _count(piece)]
            for piece in pieces
        ],
    }


def _file(upload: Upload | None) -> list[Any]:
    if upload is None:
        return ["–", "–"]
    page = reverse("admin:reporting_readings_upload_change", args=[upload.pk])
    return [link(page, upload), upload.reason or "–"]


def _count(piece: Piece) -> str:
    return number_format(sum(1 for one in piece.values_millionths if one is not None))
