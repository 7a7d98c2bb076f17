"""What is held and what is ours, and what is owed in units."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from finance.repos import queries
from finance.repos.showing import charts
from ledger.doors.admin import actor_of, site
from ledger.doors.exporting import FORMS, as_file
from ledger.doors.figures import money
from ledger.doors.wording import number_format
from ledger.instruments import queries as instruments
from ledger.parties import queries as parties


def ours(request: HttpRequest) -> HttpResponse:
    """Two tables: by instrument and vintage, and every debt in units."""
    actor = actor_of(request)
    if actor.party_id is None:
        raise Http404
    names = {row.code: str(row) for row in instruments.schemes()}
    owned, owed = (
        queries.ownership_of(actor.party_id),
        queries.owed_by_and_to(actor.party_id, timezone.localdate()),
    )
    headings = [
        _("instrument"),
        _("vintage"),
        _("held"),
        _("owed to others"),
        _("due to us"),
        _("ours"),
    ]
    rows = [(names[x.scheme], x.vintage_year, x.held, x.owed, x.due, x.ours) for x in owned]
    if request.GET.get("export") in FORMS:
        return as_file(
            request, request.GET["export"], headings=headings, rows=rows,
            title=_("Held and ours"), subject="repos.Agreement:*",
        )  # fmt: skip
    holdings = reverse("units_holdings")
    page: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Held and ours"),
        "files": [(one.upper(), f"?export={one}") for one in FORMS],
        "headings": headings,
        "rows": [
            [
                row[0],
                str(row[1]),
                _link(f"{holdings}?scheme={one.scheme}&vintage={one.vintage_year}", one.held),
                *map(_count, row[3:]),
            ]
            for one, row in zip(owned, rows, strict=True)
        ],
        "chart": charts.ours(owned),
        "debts": [_debt(one, names) for one in owed],
    }
    return render(request, "finance/repos/ours.html", page)


def _link(url: str, number: int) -> str:
    return format_html(
        '<a class="text-primary-600 underline" href="{}">{}</a>', url, _count(number)
    )


def _count(number: int) -> str:
    return number_format(number, force_grouping=True)


def _debt(one: queries.Owed, names: dict[str, str]) -> dict[str, Any]:
    return {
        "url": reverse("admin:finance_repos_agreement_change", args=[one.agreement_id]),
        "number": one.number,
        "kind": one.kind.label,
        "side": _("we owe") if one.is_liability else _("owed to us"),
        "other": parties.name_of(one.other_id),
        "what": f"{names[one.scheme]} {one.vintage_year}",
        "year": str(one.usable_for_year or "–"),
        "count": _count(one.unit_count),
        "due_on": one.due_on,
        "is_overdue": one.is_overdue,
        "value": money(one.value) if one.value else "–",
    }
