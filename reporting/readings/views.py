"""A meter's day: its hours, every reading, every version, and the proof as a file."""

import json
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ledger.doors import tabular
from ledger.doors.admin import actor_of, download, site
from ledger.kernel.errors import NotFound
from ledger.kernel.periods import Period
from reporting.parks import queries as parks
from reporting.readings import queries, rules, showing
from reporting.readings.importer import Template, headings_of, write_template
from reporting.readings.models import Day, Month

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _found(request: HttpRequest, meter_id: UUID, day: str) -> tuple[Month, Day]:
    try:
        on = date.fromisoformat(day)
        month = queries.get_month(meter_id=meter_id, month=rules.month_of(on), by=actor_of(request))
    except (ValueError, NotFound):
        raise Http404 from None
    row = queries.days_of(meter_id, Period.through(on, on)).first()
    if row is None:
        raise Http404
    return month, row


def meter_day(request: HttpRequest, meter_id: UUID, day: str) -> HttpResponse:
    month, row = _found(request, meter_id, day)
    pieces = list(queries.pieces_of(meter_id, row.day))
    uploads = queries.uploads_of(actor_of(request)).in_bulk({one.upload_id for one in pieces})
    unit = showing.unit_of(month)
    page: dict[str, Any] = {
        **site.each_context(request),
        "title": f"{month.meter.number} · {date_format(row.day, 'Y-m-d')}",
        "chart": showing.chart_of_day(row, unit),
        "links": [
            (str(month), showing.month_page(month)),
            (_("Proof of this day as JSON"), reverse("readings_proof", args=[meter_id, day])),
            (_("Readings as CSV"), reverse("readings_file", args=[meter_id, day, "csv"])),
            (_("Readings as XLSX"), reverse("readings_file", args=[meter_id, day, "xlsx"])),
        ],
        "related": [
            showing.versions_table(pieces, uploads),
            {
                "title": _("Readings, %(unit)s") % {"unit": unit},
                "headings": [_("time"), _("what was read"), _("quality")],
                "rows": showing.readings_table(row),
            },
        ],
    }
    return render(request, "reporting/readings/day.html", page)


def day_file(request: HttpRequest, meter_id: UUID, day: str, form: str) -> HttpResponse:
    month, row = _found(request, meter_id, day)
    headings = [_("time"), _("what was read"), _("quality")]
    rows = showing.readings_table(row)
    name = f"{month.meter.number}-{row.day}"
    if form == "csv":
        return download(tabular.to_csv(headings, rows), "text/csv", f"{name}.csv")
    if form == "xlsx":
        return download(tabular.to_xlsx(headings, rows, title=name), XLSX, f"{name}.xlsx")
    raise Http404


def proof(request: HttpRequest, meter_id: UUID, day: str) -> HttpResponse:
    """The day's leaf and its path to the month's root; anybody can reckon it again.

    `?root=`: as the month stood under that root, e.g. the one that a report's package names.
    """
    month, row = _found(request, meter_id, day)
    root = request.GET.get("root", "")
    try:
        told = queries.prove_day(meter_id=meter_id, day=row.day, by=actor_of(request), root=root)
    except NotFound:
        raise Http404 from None
    content = json.dumps(told, ensure_ascii=False, indent=1).encode()
    return download(content, "application/json", f"{month.meter.number}-{row.day}.proof.json")


def template(request: HttpRequest, park_id: UUID, form: str) -> HttpResponse:
    """A file to fill in, of one layout, for the meters of one kind of source or of all."""
    try:
        park = parks.get_park(park_id, actor_of(request))
        layout = Template(request.GET.get("layout", Template.LINES))
    except (NotFound, ValueError):
        raise Http404 from None
    kind = request.GET.get("kind", "")
    kinds = {source.id: source.kind for source in parks.sources_of(park.id)}
    meters = [one for one in parks.meters_of(park.id) if kind in {"", kinds[one.source_id]}]
    words = {name: str(word) for name, word in showing.COLUMNS.items()}
    parts = (park.code, kind.lower(), "readings", "" if layout is Template.LINES else layout)
    name = "-".join(part for part in parts if part)
    if form == "csv":
        content = tabular.to_csv(headings_of(layout, words), [])
        return download(content, "text/csv", f"{name}.csv")
    if form != "xlsx":
        raise Http404
    book = write_template(
        template=layout,
        words=words,
        numbers=list(dict.fromkeys(one.number for one in meters)),
        units=sorted({one.unit.value for one in meters}),
        marks=[_("measured"), _("estimated"), _("proxy")],
    )
    return download(book, XLSX, f"{name}.xlsx")
