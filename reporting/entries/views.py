"""The page on which a method is chosen, and the sheet that brings many entries at once."""

from collections.abc import Sequence
from typing import Any, BinaryIO
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.doors.admin import actor_of, download, site
from ledger.imports.filling import write_sheet
from ledger.imports.filling.views import Data, Filled, filled_page
from reporting.entries import importer, operations, queries
from reporting.entries.rules.standing import parts_of
from reporting.entries.states import Method
from reporting.factors import queries as factors
from reporting.parks import queries as parks

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def entry_methods(request: HttpRequest) -> HttpResponse:
    """Each method with the places that it is for, and the way to its form."""
    parts, names = queries.part_names(), queries.method_names()
    rows = [
        {
            "name": names[method],
            "parts": [parts[part] for part in parts_of(method)],
            "address": reverse("admin:reporting_entries_entry_do", args=[method.value.lower()]),
        }
        for method in Method
    ]
    page = {**site.each_context(request), "title": _("Enter activity"), "methods": rows}
    return render(request, "reporting/entries/methods.html", page)


def upload_entries(request: HttpRequest) -> HttpResponse:
    """Many entries by one file: every problem at once, or what they come to, then taken in."""
    actor = actor_of(request)
    names = queries.method_names()

    def asked(data: Data) -> dict[str, Any]:
        at = timezone.now()
        return {"park_id": UUID(data["park"]), "year": data["year"], "by": actor, "at": at}

    def check(content: BinaryIO, data: Data) -> tuple[list[Sequence[Any]], int]:
        made = operations.preview_entries(content=content, **asked(data))
        rows = [(row.code, row.title, names[row.method], queries.comes_to(row)) for row in made]
        return [*rows], sum(1 for row in made if row.version > 1)

    def take(content: BinaryIO, data: Data) -> str:
        key = f"sheet:{data['staged']}"
        made = operations.import_entries(content=content, **asked(data), idempotency_key=key)
        return _("%(count)s entries were taken in.") % {"count": len(made)}

    return filled_page(
        request,
        Filled(
            title=_("Upload calculated activity"),
            operation="entries.import_entries",
            purpose="entries",
            parks=[(str(one.id), parks.shown_name(one)) for one in parks.parks_of(actor.own_party)],
            columns=importer.columns(carriers={}),
            headings=[_("code"), _("what it is"), _("method"), _("comes to")],
            templates=[
                (names[method], reverse("entries_template", args=[method.value.lower()]))
                for method in Method
            ],
            check=check,
            take=take,
            back=reverse("admin:reporting_entries_entry_changelist"),
        ),
    )


def template(request: HttpRequest, method: str) -> HttpResponse:
    """A workbook to fill in, with the inputs of one method."""
    try:
        chosen = Method(method.upper())
    except ValueError:
        raise Http404 from None
    columns = importer.columns(chosen, carriers=factors.carrier_names())
    name = queries.method_names()[chosen]
    first = {"method": name}
    book = write_sheet(columns, title=method, rows=[first])
    return download(book, XLSX, f"entries-{method}.xlsx")
