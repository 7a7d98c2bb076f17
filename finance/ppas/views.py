"""Pages beside the lists: the meter rows behind a figure, as a page and as a file."""

from datetime import date
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from finance.ppas import queries
from finance.ppas.models import Point
from finance.ppas.rules.quantities import kwh
from finance.ppas.rules.readings import WHOLE_MONTH
from finance.ppas.showing import charts, tables
from finance.ppas.states import Grain
from ledger.doors import tabular
from ledger.doors.admin import actor_of, download, on_export, site
from ledger.doors.figures import exact
from ledger.kernel.errors import DomainError

PER_PAGE = 168  # a week of hours
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Http404 from error


def _point(request: HttpRequest, point_id: UUID) -> Point:
    try:
        return queries.get_point(point_id, by=actor_of(request))
    except DomainError as error:
        raise Http404 from error


def _time(day: date, hour: int) -> str:
    return f"{day:%Y-%m}" if hour == WHOLE_MONTH else f"{day:%Y-%m-%d} {hour:02d}:00"


def meter_rows(request: HttpRequest, point_id: UUID, month: str) -> HttpResponse:
    """Every row of a month of a meter, corrected ones beside what corrected them."""
    point, first = _point(request, point_id), _month(month)
    found = queries.rows_of_month(point, first)
    rows = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    uploads = {
        one.pk: one
        for one in queries.uploads_visible_to(actor_of(request)).filter(
            pk__in={row.upload_id for row in rows}
        )
    }
    files = [reverse("ppa_rows_file", args=[point_id, month, form]) for form in ("csv", "xlsx")]
    page: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Meter rows of %(point)s, %(month)s") % {"point": point.code, "month": month},
        "point": point,
        "month": first,
        "chart": charts.typical_day(queries.typical_day(point, first))
        if point.grain == Grain.HOUR
        else "",
        "page_of_rows": rows,
        "headings": [_("time"), _("energy, kWh"), _("version"), _("file")],
        "rows": [
            [
                _time(row.day, row.hour),
                exact(kwh(row.energy_wh), fewest=0),
                str(row.version),
                tables.link(tables.page_of("upload", row.upload_id), uploads[row.upload_id])
                if row.upload_id in uploads
                else _("of another party"),
            ]
            for row in rows
        ],
        "links": [
            (_("Metering point"), tables.page_of("point", point.pk)),
            ("CSV", files[0]),
            ("XLSX", files[1]),
        ],
    }
    return render(request, "finance/ppas/rows.html", page)


def meter_rows_file(request: HttpRequest, point_id: UUID, month: str, form: str) -> HttpResponse:
    """The rows of a month as a file; the export itself is recorded."""
    point, first = _point(request, point_id), _month(month)
    if form not in {"csv", "xlsx"}:
        raise Http404
    for record in on_export:
        record(
            subject=queries.subject_of(point),
            by=actor_of(request),
            at=timezone.now(),
            what={"form": form, "month": month},
        )
    headings = [_("metering point"), _("time"), _("energy, kWh"), _("version")]
    rows = [
        [point.code, _time(row.day, row.hour), kwh(row.energy_wh), row.version]
        for row in queries.rows_of_month(point, first)
    ]
    name = f"{point.code}-{month}"
    if form == "csv":
        return download(tabular.to_csv(headings, rows), "text/csv", f"{name}.csv")
    return download(tabular.to_xlsx(headings, rows, title=name), XLSX, f"{name}.xlsx")


def statement_rows(request: HttpRequest, settlement_id: UUID) -> HttpResponse:
    """The meters of a statement, each with the way to its rows."""
    try:
        row = queries.get_settlement(settlement_id, by=actor_of(request))
    except DomainError as error:
        raise Http404 from error
    page = {
        **site.each_context(request),
        "title": _("Meters of %(statement)s") % {"statement": row},
        "table": tables.metered(row),
        "links": [(_("Settlement statement"), tables.page_of("settlement", row.pk))],
    }
    return render(request, "finance/ppas/statement_rows.html", page)
