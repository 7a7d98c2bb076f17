"""What of the compliance gap is hedged, year by year."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from finance.hedges import queries
from finance.hedges.showing import charts
from ledger.doors.admin import SEES_ALL, actor_of, site
from ledger.doors.exporting import FORMS, as_file
from ledger.doors.wording import number_format
from ledger.kernel.actors import Role

READERS = frozenset({Role.CARBON_MANAGER, Role.APPROVER, *SEES_ALL})


def ratio(request: HttpRequest) -> HttpResponse:
    """Each open obligation year: what is missing, what contracts cover of it."""
    actor = actor_of(request)
    if actor.party_id is None or not actor.has(*READERS):
        raise Http404
    found = queries.hedged_of(actor.party_id, timezone.localdate())
    headings = [
        _("entity"), _("obligation year"), _("missing, t"), _("hedged, t"), _("hedge ratio"),
    ]  # fmt: skip
    if request.GET.get("export") in FORMS:
        rows = [(x.entity, x.year, x.exposure, x.hedged, x.ratio) for x in found]
        return as_file(
            request, request.GET["export"], headings=headings, rows=rows,
            title=_("What is hedged"), subject="hedges.Contract:*",
        )  # fmt: skip
    page: dict[str, Any] = {
        **site.each_context(request),
        "title": _("What is hedged"),
        "files": [(one.upper(), f"?export={one}") for one in FORMS],
        "headings": headings,
        "rows": [_row(one) for one in found],
        "chart": charts.hedged(found),
        "contracts": [_contract(one) for one in queries.counted_of(actor.party_id)],
        "plan_url": reverse("plan_cover"),
        "contracts_url": reverse("admin:finance_hedges_contract_changelist"),
    }
    return render(request, "finance/hedges/ratio.html", page)


def _row(one: queries.Hedged) -> dict[str, Any]:
    share = "–" if one.ratio is None else f"{number_format(one.ratio * 100, 1)} %"
    return {
        "entity": one.entity,
        "year": str(one.year),
        "exposure": number_format(one.exposure, force_grouping=True),
        "hedged": number_format(one.hedged, 0, force_grouping=True),
        "ratio": share,
        "is_over": one.ratio is not None and one.ratio > 1,
        "url": reverse("admin:ledger_compliance_obligation_change", args=[one.obligation_id]),
    }


def _contract(one: queries.Counted) -> dict[str, Any]:
    row = one.contract
    return {
        "number": row.number,
        "url": reverse("admin:finance_hedges_contract_change", args=[row.pk]),
        "kind": row.get_kind_display(),
        "side": row.get_side_display(),
        "year": str(row.for_year),
        "units": number_format(row.unit_count, force_grouping=True),
        "weight": number_format(one.weight, 4),
        "counted": number_format(one.units, 0, force_grouping=True),
        "last_day": row.last_day,
    }
