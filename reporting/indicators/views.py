"""The park's indicators as of today, before anything is kept; and the sheet that brings facts."""

from collections.abc import Sequence
from typing import Any, BinaryIO
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.doors.admin import actor_of, download, dressed, refusal_text, site
from ledger.doors.permissions import MAY
from ledger.imports.filling import write_sheet
from ledger.imports.filling.views import Data, Filled, filled_page
from ledger.kernel.errors import DomainError
from reporting.indicators import forms, importer, operations, queries
from reporting.indicators.showing import page
from reporting.indicators.states import FactKind
from reporting.parks import queries as parks

TEMPLATE = "reporting/indicators/today.html"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def park_indicators(request: HttpRequest) -> HttpResponse:
    """Core and guiding indicators worked out from today's data, and the years that were kept."""
    actor = actor_of(request)
    choices = parks.park_choices(actor) if actor.party_id else []
    given = request.GET.copy()
    given.setdefault("year", str(timezone.localdate().year - 1))
    if choices:
        given.setdefault("park_code", choices[0][0])
    form = forms.WhichForm(given)
    form.fields["park_code"].choices = choices  # type: ignore[attr-defined]
    inner = parks.inner_choices(actor.party_id) if actor.party_id else []
    form.fields["inner_park"].choices = [("", _("whole park")), *inner]  # type: ignore[attr-defined]
    form.fields["inner_park"].help_text = ""
    dressed(form)
    context: dict[str, Any] = {
        **site.each_context(request), "title": _("Park indicators"), "form": form,
    }  # fmt: skip
    if not choices or not form.is_valid():
        return render(request, TEMPLATE, context)
    asked = form.cleaned_data
    park, year, named = (
        queries.park_called(asked["park_code"], actor), asked["year"], asked["inner_park"],
    )  # fmt: skip
    kept = queries.assessments_of(park.id, named)
    context["over_the_years"] = page.over_the_years(kept) if kept else None
    context["buttons"] = _buttons(park.code, year, named) if _may_assess(actor) else []
    try:
        found = queries.worked_out(park.id, year, on=timezone.localdate(), inner_park=named)
    except DomainError as error:
        context["refusal"] = refusal_text(error)
        return render(request, TEMPLATE, context, status=409)
    return render(request, TEMPLATE, {**context, **page.shown(found, park_id=park.id, year=year)})


def _may_assess(actor: Any) -> bool:
    return not actor.roles.isdisjoint(MAY["indicators.assess_park"])


def _buttons(code: str, year: int, inner_park: str) -> list[tuple[str, str, str]]:
    address = reverse("admin:reporting_indicators_assessment_do", args=["assess"])
    facts = reverse("admin:reporting_indicators_parkfact_changelist")
    return [
        (
            _("Keep this assessment"),
            "speed",
            f"{address}?{urlencode({'park_code': code, 'inner_park': inner_park, 'year': year})}",
        ),
        (_("Facts of the year"), "edit_note", f"{facts}?year={year}"),
    ]


def upload_facts(request: HttpRequest) -> HttpResponse:
    """Many facts by one file: every problem at once, or what will be kept, then taken in."""
    actor = actor_of(request)
    words = dict(importer.COUNTED)

    def asked(data: Data) -> dict[str, Any]:
        at = timezone.now()
        return {"park_id": UUID(data["park"]), "year": data["year"], "by": actor, "at": at}

    def check(content: BinaryIO, data: Data) -> tuple[list[Sequence[Any]], int]:
        made = operations.preview_facts(content=content, **asked(data))
        rows = [
            (words[row.kind], row.name, page.plain(row.part), page.plain(row.whole), row.unit)
            for row in made
        ]
        return [*rows], sum(1 for row in made if row.version > 1)

    def take(content: BinaryIO, data: Data) -> str:
        key = f"sheet:{data['staged']}"
        made = operations.import_facts(content=content, **asked(data), idempotency_key=key)
        return _("%(count)s facts were taken in.") % {"count": len(made)}

    return filled_page(
        request,
        Filled(
            title=_("Upload facts for the indicators"),
            operation="indicators.import_facts",
            purpose="facts",
            parks=[(str(one.id), parks.shown_name(one)) for one in parks.parks_of(actor.own_party)],
            columns=importer.columns(),
            headings=[_("what"), _("which"), _("amount"), _("of, or quota"), _("unit")],
            templates=[
                (str(word), reverse("facts_template", args=[kind.lower()]))
                for kind, word in importer.COUNTED
            ],
            check=check,
            take=take,
            back=reverse("admin:reporting_indicators_parkfact_changelist"),
        ),
    )


def template(request: HttpRequest, kind: str) -> HttpResponse:
    """A workbook to fill in for one kind of fact."""
    try:
        chosen = FactKind(kind.upper())
        word = str(dict(importer.COUNTED)[chosen])
    except (ValueError, KeyError):
        raise Http404 from None
    book = write_sheet(importer.columns(chosen), title=kind, rows=[{"kind": word}])
    return download(book, XLSX, f"facts-{kind}.xlsx")
