"""What is where, and what has moved: filtered, as of a day, as a chart, as a file."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ledger.accounts import queries as accounts
from ledger.doors.admin import EXPORT_LIMIT, actor_of, dressed, site
from ledger.doors.charts import Column, Part, stacked_columns
from ledger.doors.exporting import FORMS, as_file
from ledger.doors.paging import OddCursor, pack, unpack
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.parties import queries as parties
from ledger.units import forms, queries
from ledger.units.models import KINDS, STATES
from ledger.units.queries import Span, Wanted
from ledger.units.states import UnitState

ON_A_PAGE = 100
COLOURS = {
    UnitState.FREE: "#058058",
    UnitState.RESERVED: "#e0a100",
    UnitState.PLEDGED: "#3b6fd4",
    UnitState.FROZEN: "#6b7280",
    UnitState.LENT: "#8b5cf6",
    UnitState.IN_TRANSIT: "#0ea5b7",
}


def choices_for(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """What the filters offer: the actor's own accounts; auditors choose among all parties."""
    seen = accounts.accounts_seen_by(actor).order_by("registry_id", "number")
    sees_all = accounts.account_ids_seen_by(actor) is None
    everybody = [(str(one.pk), parties.shown_name(one)) for one in parties.parties()]
    return {
        "party": everybody if sees_all else [],
        "account": [(str(one.pk), str(one)) for one in seen],
        "scheme": [(one.code, f"{one.code} · {one}") for one in instruments.schemes()],
    }


def wanted(actor: Actor, data: dict[str, Any]) -> Wanted:
    """The positions that the filters name, among those that the actor may see."""
    ids: Sequence[UUID] | None = accounts.account_ids_seen_by(actor)
    if ids is None and data.get("party"):
        ids = accounts.account_ids_of(UUID(data["party"]))
    given: dict[str, Any] = {"day": data["day"]} if data.get("day") else {}
    return Wanted(
        account_ids=ids,
        account_id=UUID(data["account"]) if data.get("account") else None,
        scheme=data.get("scheme") or None,
        vintage_year=data.get("vintage"),
        state=data.get("state") or None,
        **given,
    )


def _page(request: HttpRequest, title: str, form: Any) -> dict[str, Any]:
    rest = request.GET.copy()
    rest.pop("after", None)
    rest.pop("export", None)
    query = rest.urlencode()
    files = [(one.upper(), f"?{query}&export={one}") for one in FORMS]
    return {**site.each_context(request), "title": title, "form": form, "files": files, "q": query}


def holdings(request: HttpRequest) -> HttpResponse:
    """Units by account, lot and state: now, or at the end of a day."""
    actor = actor_of(request)
    states = [(code, str(name)) for code, name in STATES if code != UnitState.UNISSUED]
    form = dressed(forms.HoldingsForm(request.GET, choices={**choices_for(actor), "state": states}))
    page = _page(request, _("Holdings"), form)
    if not form.is_valid():
        return render(request, "ledger/units/holdings.html", page, status=400)
    asked = wanted(actor, form.cleaned_data)
    if request.GET.get("export") in FORMS:
        return _holdings_file(request, asked)
    found = queries.places(asked, after=_number(request), limit=ON_A_PAGE + 1)
    measures, words = instruments.measures(), dict(STATES)
    numbers = accounts.numbers_of({one.account_id for one in found})
    page["sums"] = [
        (one.scheme, str(one.vintage_year), words[one.state], one.unit_count, measures[one.scheme])
        for one in queries.sums(asked)
    ]
    page["places"] = [
        (one, numbers.get(one.account_id, "—"), words[one.state], measures[one.scheme])
        for one in found[:ON_A_PAGE]
    ]
    page["next"] = found[ON_A_PAGE - 1].id if len(found) > ON_A_PAGE else None
    page["charts"] = _charts(asked, until=form.cleaned_data.get("day") or timezone.localdate())
    page["cad_trust"] = [
        ("CAD Trust CSV", reverse("cad_trust_csv")),
        ("CAD Trust JSON", reverse("cad_trust_json")),
    ]
    return render(request, "ledger/units/holdings.html", page)


def _number(request: HttpRequest) -> int:
    text = request.GET.get("after", "0")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _charts(asked: Wanted, *, until: date) -> list[dict[str, Any]]:
    """A chart for each measure: tonnes and megawatt-hours have no sum."""
    last = until.year * 12 + until.month - 1
    names = [divmod(number, 12) for number in range(last - 12, last + 1)]
    ends = [divmod(number + 1, 12) for number in range(last - 12, last + 1)]
    found = queries.line(asked, months=[date(year, month + 1, 1) for year, month in ends])
    measures = instruments.measures()
    charts = []
    for measure in sorted({measures[scheme] for scheme, _state in found}):
        lines = {
            state: [
                sum(column)
                for column in zip(
                    *(
                        row
                        for (scheme, one), row in found.items()
                        if one is state and measures[scheme] == measure
                    ),
                    strict=True,
                )
            ]
            for state in COLOURS
        }
        charts.append(_chart(measure, names, lines))
    return [one for one in charts if one["legend"]]


def _chart(
    measure: str, names: Sequence[tuple[int, int]], lines: Mapping[UnitState, list[int]]
) -> dict[str, Any]:
    """The last thirteen ends of months, by state; what has ended is left out."""
    words = dict(STATES)
    shown = [state for state, row in lines.items() if any(row)]
    columns = [
        Column(
            f"{year}-{month + 1:02d}",
            tuple(Part(str(words[one]), lines[one][at], COLOURS[one]) for one in shown),
        )
        for at, (year, month) in enumerate(names)
    ]
    title = _("Units at the end of each month, by state (%(measure)s)") % {"measure": measure}
    return {
        "drawn": stacked_columns(columns, title=title),
        "title": title,
        "legend": [(words[one], COLOURS[one]) for one in shown],
        "columns": [(one.name, one.parts, one.amount) for one in columns],
    }


def _holdings_file(request: HttpRequest, asked: Wanted) -> HttpResponse:
    found = queries.places(asked, limit=EXPORT_LIMIT)
    measures, words = instruments.measures(), dict(STATES)
    numbers = accounts.numbers_of({one.account_id for one in found})
    headings = [
        _("account"), _("lot code"), _("scheme"), _("vintage year"), _("state"), _("units"),
        _("measure of one unit"), _("expires on"),
    ]  # fmt: skip
    rows = [
        (
            numbers.get(one.account_id, ""), one.lot_code, one.scheme, one.vintage_year,
            str(words[one.state]), one.unit_count, measures[one.scheme], one.expires_on,
        )
        for one in found
    ]  # fmt: skip
    return as_file(
        request,
        request.GET["export"],
        headings=headings,
        rows=rows,
        title=_("Holdings"),
        subject="units.Position:*",
    )


def history(request: HttpRequest) -> HttpResponse:
    """Movements into or out of one's accounts, newest day first."""
    actor = actor_of(request)
    kinds = [(code, str(name)) for code, name in KINDS]
    form = dressed(forms.HistoryForm(request.GET, choices={**choices_for(actor), "kind": kinds}))
    page = _page(request, _("Movement history"), form)
    if not form.is_valid():
        return render(request, "ledger/units/history.html", page, status=400)
    data = form.cleaned_data
    span = Span(
        since=data["since"] or date.min, until=data["until"] or date.max, kind=data["kind"] or None
    )
    asked = wanted(actor, data)
    if request.GET.get("export") in FORMS:
        found = queries.movements(asked, span, limit=EXPORT_LIMIT)
        return _history_file(request, found)
    found = queries.movements(asked, span, after=_place(request), limit=ON_A_PAGE + 1)
    shown = found[:ON_A_PAGE]
    page["rows"] = steps(shown)
    more = len(found) > ON_A_PAGE
    page["next"] = pack("-happened_on", [shown[-1].happened_on, shown[-1].id]) if more else None
    return render(request, "ledger/units/history.html", page)


def _place(request: HttpRequest) -> tuple[date, int] | None:
    cursor = request.GET.get("after")
    if not cursor:
        return None
    try:
        day, number = unpack(cursor, order="-happened_on", count=2)
        return date.fromisoformat(day), int(number)
    except (OddCursor, ValueError) as error:
        raise Http404 from error


def steps(found: Sequence[queries.MovementView]) -> list[dict[str, Any]]:
    """Movements in words: kinds, states and accounts as the reader knows them."""
    numbers = accounts.numbers_of(
        {one for row in found for one in (row.from_account_id, row.to_account_id)}
    )
    kinds, words, measures = dict(KINDS), dict(STATES), instruments.measures()
    return [
        {
            "row": row,
            "kind": kinds.get(row.kind, row.kind),
            "source": f"{numbers.get(row.from_account_id, '—')} · {words[row.from_state]}",
            "target": f"{numbers.get(row.to_account_id, '—')} · {words[row.to_state]}",
            "measure": measures[row.scheme],
            "entry_url": reverse("admin:ledger_units_entry_change", args=[row.entry_id]),
        }
        for row in found
    ]


def _history_file(request: HttpRequest, found: Sequence[queries.MovementView]) -> HttpResponse:
    headings = [
        _("happened on"), _("kind"), _("lot code"), _("scheme"), _("vintage year"),
        pgettext("movement", "from"), _("to"), _("units"), _("measure of one unit"),
        _("first serial"), _("last serial"), _("entry"),
    ]  # fmt: skip
    rows = [
        (
            one["row"].happened_on, str(one["kind"]), one["row"].lot_code, one["row"].scheme,
            one["row"].vintage_year, one["source"], one["target"], one["row"].unit_count,
            one["measure"], one["row"].first_serial, one["row"].last_serial, one["row"].entry_id,
        )
        for one in steps(found)
    ]  # fmt: skip
    return as_file(
        request,
        request.GET["export"],
        headings=headings,
        rows=rows,
        title=_("Movement history"),
        subject="units.Movement:*",
    )
