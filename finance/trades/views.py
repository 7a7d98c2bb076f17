"""Cost lots, the result of a period, suggested entries, the notes, and what is unmatched."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from finance.trades import forms
from finance.trades.queries import results, statements, trades
from finance.trades.queries.entries import as_entry
from finance.trades.queries.flows import book_of, families
from finance.trades.rules.book import Book
from finance.trades.rules.entries import suggestions
from finance.trades.rules.notes import ROWS
from finance.trades.showing import charts, tables, words
from finance.trades.showing import entries as shown
from ledger.doors.admin import actor_of, dressed, site
from ledger.doors.exporting import FORMS, as_file
from ledger.doors.permissions import MAY
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.kernel.periods import Period
from ledger.parties import queries as parties

ALL = (Role.AUDITOR, Role.ADMINISTRATOR)


def _reader(request: HttpRequest) -> Actor:
    """Who may look at money; the pages are not there for others."""
    actor = actor_of(request)
    if not actor.has(*trades.READERS):
        raise Http404
    return actor


def _party(request: HttpRequest, actor: Actor) -> UUID:
    """One's own party; an auditor chooses among all."""
    if not actor.has(*ALL):
        return actor.own_party
    try:
        return parties.get_party(UUID(request.GET.get("party", ""))).pk
    except (ValueError, NotFound):
        traded = trades.parties_that_trade()
        return traded[0] if traded else actor.own_party


def _page(request: HttpRequest, title: str, form: Any, actor: Actor) -> dict[str, Any]:
    rest = request.GET.copy()
    rest.pop("export", None)
    files = [(one.upper(), f"?{rest.urlencode()}&export={one}") for one in FORMS]
    chosen = trades.parties_that_trade() if actor.has(*ALL) else []
    return {
        **site.each_context(request),
        "title": title,
        "form": form,
        "files": files,
        "parties": [(f"?party={one}", name) for one, name in parties.names_of(chosen).items()],
    }


def _schemes() -> list[tuple[str, str]]:
    return [("", "—"), *words.names().items()]


def _file(
    request: HttpRequest, title: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]
) -> HttpResponse:
    return as_file(
        request,
        request.GET["export"],
        headings=headings,
        rows=rows,
        title=title,
        subject="trades.Book:*",
    )


def _wants_file(request: HttpRequest) -> bool:
    return request.GET.get("export") in FORMS


def cost_lots(request: HttpRequest) -> HttpResponse:
    """What is left of every acquisition and what it cost; and what it would fetch by the marks."""
    actor = _reader(request)
    form = forms.LotsForm(request.GET)
    form.fields["scheme"].choices = _schemes()  # type: ignore[attr-defined]
    page = _page(request, _("Cost lots"), dressed(form), actor)
    if not form.is_valid():
        return render(request, "finance/trades/lots.html", page, status=400)
    day = form.cleaned_data["day"] or timezone.localdate()
    book = book_of(_party(request, actor), until=day)
    wanted = form.cleaned_data["scheme"]
    held = [one for one in results.held_in(book, day) if not wanted or one.pool[0] == wanted]
    if _wants_file(request):
        return _file(request, _("Cost lots"), tables.lot_headings(), tables.lot_rows(held))
    policy = book.policy_of(day.year)
    page |= tables.policy_said(policy, is_set=bool(book.policies))
    page |= {"held": tables.held_shown(held), "day": day, "total": tables.held_total(held)}
    return render(request, "finance/trades/lots.html", page)


def _period_form(request: HttpRequest) -> forms.PeriodForm:
    today = timezone.localdate()
    first = {"since": today.replace(month=1, day=1).isoformat(), "until": today.isoformat()}
    given = request.GET.copy()
    for name, value in first.items():
        if not given.get(name):
            given[name] = value
    form = forms.PeriodForm(given)
    form.fields["scheme"].choices = _schemes()  # type: ignore[attr-defined]
    return dressed(form)


def _asked(form: forms.PeriodForm) -> tuple[Period, str]:
    data = form.cleaned_data
    return Period.through(data["since"], data["until"]), data["scheme"]


def result(request: HttpRequest) -> HttpResponse:
    """Realised by what was sold and used, unrealised by the marks of the last day."""
    actor, form = _reader(request), _period_form(request)
    page = _page(request, _("Trading result"), form, actor)
    if not form.is_valid():
        return render(request, "finance/trades/result.html", page, status=400)
    period, wanted = _asked(form)
    book = book_of(_party(request, actor), until=period.last_day)
    found = [one for one in results.results_in(book, period) if not wanted or one.pool[0] == wanted]
    held = results.held_in(book, period.last_day)
    if _wants_file(request):
        rows = tables.result_rows(found)
        return _file(request, _("Trading result"), tables.result_headings(), rows)
    page |= {
        "results": tables.results_shown(found),
        "sum": tables.results_sum(found),
        "unrealised": tables.unrealised_shown(
            [one for one in held if not wanted or one.pool[0] == wanted]
        ),
        "lines": tables.lines_shown(found),
        "chart": charts.traded_by_month(book, period, wanted),
        "last_day": period.last_day,
    }
    return render(request, "finance/trades/result.html", page)


def notes(request: HttpRequest) -> HttpResponse:
    """The table of the notes to the accounts (R7.5)."""
    actor, form = _reader(request), _period_form(request)
    page = _page(request, _("Table of the notes"), form, actor)
    if not form.is_valid():
        return render(request, "finance/trades/notes.html", page, status=400)
    period, wanted = _asked(form)
    book = book_of(_party(request, actor), until=period.last_day)
    found = {
        pool: table
        for pool, table in results.notes_of(book.bookings, period).items()
        if not wanted or pool[0] == wanted
    }
    if _wants_file(request):
        return _file(
            request, _("Table of the notes"), tables.note_headings(), tables.note_rows(found)
        )
    page |= {"notes": tables.notes_shown(found), "rows": ROWS}
    return render(request, "finance/trades/notes.html", page)


def entries(request: HttpRequest) -> HttpResponse:
    """Suggested entries of a period, as they would be now."""
    actor, form = _reader(request), _period_form(request)
    page = _page(request, _("Suggested entries"), form, actor)
    if not form.is_valid():
        return render(request, "finance/trades/entries.html", page, status=400)
    period, wanted = _asked(form)
    book = book_of(_party(request, actor), until=period.last_day)
    found = [
        one for one in _suggested(book, period) if not wanted or one.booking.flow.pool[0] == wanted
    ]
    if _wants_file(request):
        told = [as_entry(one) for one in found if one.lines]
        rows = list(shown.rows_of(told, prefix=""))
        return _file(request, _("Suggested entries"), shown.headings(), rows)
    page |= {
        "entries": tables.entries_shown([one for one in found if one.lines]),
        "memos": tables.memos_shown([one for one in found if not one.lines]),
        "batch_url": _batch_url(actor, period),
        "batches_url": reverse("admin:finance_trades_entrybatch_changelist"),
    }
    return render(request, "finance/trades/entries.html", page)


def _suggested(book: Book, period: Period) -> list[Any]:
    made = suggestions(book.bookings, families=families())
    return [one for one in made if one.booking.flow.day in period]


def _batch_url(actor: Actor, period: Period) -> str:
    if actor.roles.isdisjoint(MAY["trades.make_batch"]):
        return ""
    address = reverse("admin:finance_trades_entrybatch_do", args=["make"])
    return f"{address}?since={period.start}&until={period.last_day}"


def batch_file(request: HttpRequest, batch_id: UUID, form: str) -> HttpResponse:
    """A batch as CSV or XLSX: always the same lines."""
    actor = _reader(request)
    if form not in FORMS:
        raise Http404
    try:
        batch = trades.get_batch(batch_id, by=actor)
    except NotFound as error:
        raise Http404 from error
    return as_file(
        request,
        form,
        headings=shown.headings(),
        rows=shown.rows(batch),
        title=_("Entries %(number)s") % {"number": batch.number},
        subject=trades.subject_of(batch),
    )


def unmatched(request: HttpRequest) -> HttpResponse:
    """Both ways: lines without a trade, trades without a line, and pairs that differ."""
    actor = _reader(request)
    party_id = _party(request, actor)
    page = _page(request, _("Statement against trades"), None, actor)
    lines = list(statements.unmatched_lines(party_id)[:500])
    alone = list(statements.unmatched_trades(party_id)[:500])
    pairs = list(statements.differing(party_id)[:500])
    if _wants_file(request):
        rows = tables.unmatched_rows(lines, alone, pairs)
        title = _("Statement against trades")
        return _file(request, title, tables.unmatched_headings(), rows)
    may = not actor.roles.isdisjoint(MAY["trades.match_trades"])
    page |= {
        "lines": tables.statement_lines_shown(lines),
        "trades": tables.trades_shown(alone),
        "pairs": tables.pairs_shown(pairs),
        "match_url": reverse("admin:finance_trades_statementline_do", args=["match"])
        if may
        else "",
        "upload_url": tables.upload_url(),
    }
    return render(request, "finance/trades/unmatched.html", page)
