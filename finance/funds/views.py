"""A party's positions in funds on one page, with a file of them."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.funds import models, queries
from finance.funds.queries.funds import READERS
from finance.funds.showing import words
from ledger.doors.admin import actor_of, site
from ledger.doors.exporting import FORMS, as_file
from ledger.doors.figures import amount
from ledger.kernel.actors import Actor
from ledger.parties import queries as parties

TEMPLATE = "finance/funds/positions.html"


def positions(request: HttpRequest) -> HttpResponse:
    """What your party holds in funds, and who holds what in the funds that it manages."""
    by, on = _reader(request), _day(request)
    rows = _rows(by, on)
    query = request.GET.urlencode()
    page: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Fund positions"),
        "headings": _headings(),
        "rows": [[words.link(row[0]), *_shown(row)] for row in rows],
        "on": on,
        "files": [
            (form.upper(), f"{reverse('fund_positions_file', args=[form])}?{query}")
            for form in FORMS
        ],
    }
    return render(request, TEMPLATE, page)


def positions_file(request: HttpRequest, form: str) -> HttpResponse:
    if form not in FORMS:
        raise Http404
    rows = _rows(_reader(request), _day(request))
    return as_file(
        request,
        form,
        headings=_headings(),
        rows=[[str(row[0]), *row[1:]] for row in rows],
        title=_("Fund positions"),
        subject="funds.Position:*",
    )


def _reader(request: HttpRequest) -> Actor:
    by = actor_of(request)
    if by.roles.isdisjoint(READERS):
        raise Http404
    return by


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return timezone.localdate()


def _headings() -> list[str]:
    return [
        _("fund"), _("investor"), _("class of shares"), _("committed"), _("called"), _("paid in"),
        _("undrawn"), _("distributed"), _("shares"), pgettext("fund", "value"), _("valued on"),
    ]  # fmt: skip


def _rows(by: Actor, on: date) -> list[list[Any]]:
    """Of funds that the party manages every holder; of the others its own position."""
    funds = {fund.pk: fund for fund in queries.visible_funds(by)}
    managed = [fund.pk for fund in funds.values() if queries.is_manager(fund, by)]
    others = [key for key in funds if key not in managed]
    found = queries.positions_of(managed, on=on)
    found += queries.positions_of(others, on=on, investor_id=by.party_id)
    navs = queries.newest_navs(funds, on)
    names = parties.names_of(one.investor_id for one in found)
    classes = models.ShareClass.objects.in_bulk([one.share_class_id for one in found])
    return [
        [
            funds[one.fund_id], names[one.investor_id], str(classes[one.share_class_id]),
            one.committed, one.called, one.paid_in, one.undrawn, one.distributed, one.shares,
            queries.value_of(one, navs.get(one.fund_id)),
            navs[one.fund_id].valued_on if one.fund_id in navs else None,
        ]
        for one in found
    ]  # fmt: skip


def _shown(row: list[Any]) -> list[Any]:
    money = [amount(one) for one in row[3:8]]
    return [*row[1:3], *money, words.count(row[8]), amount(row[9]), row[10] or "–"]
