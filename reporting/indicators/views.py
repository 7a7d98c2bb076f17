"""The park's indicators as of today, before anything is kept."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.doors.admin import actor_of, dressed, refusal_text, site
from ledger.doors.permissions import MAY
from ledger.kernel.errors import DomainError
from reporting.indicators import forms, queries
from reporting.indicators.showing import page
from reporting.parks import queries as parks

TEMPLATE = "reporting/indicators/today.html"


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
    dressed(form)
    context: dict[str, Any] = {
        **site.each_context(request), "title": _("Park indicators"), "form": form,
    }  # fmt: skip
    if not choices or not form.is_valid():
        return render(request, TEMPLATE, context)
    park, year = (
        queries.park_called(form.cleaned_data["park_code"], actor),
        form.cleaned_data["year"],
    )
    kept = queries.assessments_of(park.id)
    context["over_the_years"] = page.over_the_years(kept) if kept else None
    context["buttons"] = _buttons(park.code, year) if _may_assess(actor) else []
    try:
        found = queries.worked_out(park.id, year, on=timezone.localdate())
    except DomainError as error:
        context["refusal"] = refusal_text(error)
        return render(request, TEMPLATE, context, status=409)
    return render(request, TEMPLATE, {**context, **page.shown(found, park_id=park.id, year=year)})


def _may_assess(actor: Any) -> bool:
    return not actor.roles.isdisjoint(MAY["indicators.assess_park"])


def _buttons(code: str, year: int) -> list[tuple[str, str, str]]:
    address = reverse("admin:reporting_indicators_assessment_do", args=["assess"])
    facts = reverse("admin:reporting_indicators_parkfact_changelist")
    return [
        (_("Keep this assessment"), "speed", f"{address}?park_code={code}&year={year}"),
        (_("Facts of the year"), "edit_note", f"{facts}?year={year}"),
    ]
