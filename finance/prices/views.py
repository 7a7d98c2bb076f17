"""Pages of prices: what holdings are worth, prices over time, and a file taken in."""

import io
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from finance.prices import approvable, forms, importer, operations, queries
from finance.prices.queries import ValuedLine
from finance.prices.rules.facts import TellingHasProblems
from finance.prices.showing import charts, words
from finance.prices.states import TellingKind
from ledger.approvals import operations as approvals
from ledger.doors import tabular
from ledger.doors.admin import actor_of, download, dressed, refusal_text, site
from ledger.doors.exporting import FORMS, as_file
from ledger.doors.permissions import MAY
from ledger.files import operations as files
from ledger.files.queries import FileType, content_of, get_file
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import DomainError
from ledger.parties import queries as parties

SHOWN = 500
ROWS = 100  # of the table below a chart; the file has them all
A_YEAR = timedelta(days=365)


# --- what it is worth


def valuation(request: HttpRequest) -> HttpResponse:
    """A party's holdings at the end of a day, line by line, with their sum and chart."""
    actor = actor_of(request)
    form = dressed(forms.ValuationForm(request.GET, parties=_choices(actor)))
    page: dict[str, Any] = {
        **site.each_context(request), "title": _("What is it worth?"), "form": form,
        "files": _files(request),
    }  # fmt: skip
    if not form.is_valid():
        return render(request, "finance/prices/valuation.html", page, status=400)
    data = form.cleaned_data
    party_id = UUID(data["party"]) if data.get("party") else actor.party_id
    if party_id is None:
        return render(request, "finance/prices/valuation.html", page)
    on, currency = data["day"] or timezone.localdate(), data["currency"] or "CNY"
    try:
        lines = queries.value_holdings(party_id, on, currency=currency)
    except DomainError as error:
        page["refusal"] = refusal_text(error)
        return render(request, "finance/prices/valuation.html", page, status=409)
    if request.GET.get("export") in FORMS:
        return _valuation_file(request, lines, on)
    total = queries.total(lines, currency=currency)
    page |= {
        "party_name": parties.name_of(party_id),
        "on": on,
        "total": {
            "market": words.money(total.market_value),
            "value": words.money(total.value),
            "stale": total.stale_count,
            "unvalued": total.unvalued_count,
        },
        "lines": [_shown(line, on) for line in lines],
        "chart": charts.by_instrument(lines, currency=currency),
        "legend": charts.legend(),
        "policy": _policy(on),
    }
    return render(request, "finance/prices/valuation.html", page)


def _choices(actor: Actor) -> list[tuple[str, str]]:
    """Auditors choose among all parties; everybody else sees her own."""
    if not actor.has(Role.AUDITOR):
        return []
    return [(str(one.pk), parties.shown_name(one)) for one in parties.parties()]


def _files(request: HttpRequest) -> list[tuple[str, str]]:
    rest = request.GET.copy()
    rest.pop("export", None)
    return [(one.upper(), f"?{rest.urlencode()}&export={one}") for one in FORMS]


def _shown(line: ValuedLine, on: date) -> dict[str, Any]:
    names, sources = {row.code: str(row) for row in instruments.schemes()}, queries.source_names()
    query = f"scheme={line.scheme}&vintage={line.vintage_year}&state={line.state}&day={on}"
    mark = line.mark
    return {
        "name": names.get(line.scheme, line.scheme),
        "vintage": str(line.vintage_year),
        "state": words.state(line.state),
        "units": words.count(line.unit_count),
        "units_url": f"{reverse('units_holdings')}?{query}",
        "use": words.use(line.use),
        "price": words.money(mark.price) if mark else "–",
        "mark_url": reverse("admin:finance_prices_mark_change", args=[mark.version_id])
        if mark
        else "",
        "marked_on": mark.marked_on if mark else None,
        "source": sources.get(mark.source, mark.source) if mark else "",
        "market": words.money(line.market_value),
        "value": words.money(line.value),
        "is_stale": line.is_stale,
        "notes": words.notes(line, sources),
    }


def _policy(on: date) -> list[tuple[str, str]]:
    """The rule numbers behind the values, each with its place in the rule book."""
    address = reverse("admin:ledger_parameters_parameter_changelist")
    found = sorted({row.key for row in queries.policy_on(on).rows})
    return [(key, f"{address}?q={key}") for key in found]


def _valuation_file(request: HttpRequest, lines: Sequence[ValuedLine], on: date) -> HttpResponse:
    sources = queries.source_names()
    headings = [
        _("instrument"), _("vintage"), _("state"), _("units"), _("use"), _("price of one unit"),
        _("currency"), _("price of the day"), _("source"), _("exchange rate"), _("haircut"),
        _("share that counts"), _("market value"), _("value"), _("currency of the value"),
        _("notes"),
    ]  # fmt: skip
    rows = [
        (
            line.scheme, line.vintage_year, str(words.state(line.state)), line.unit_count,
            str(words.use(line.use)), line.mark.price.amount if line.mark else None,
            line.mark.price.currency if line.mark else "",
            line.mark.marked_on if line.mark else None,
            sources.get(line.mark.source, "") if line.mark else "",
            line.rate.rate if line.rate else None, line.haircut, line.use_share,
            line.market_value.amount if line.market_value else None,
            line.value.amount if line.value else None,
            line.value.currency if line.value else "", " ".join(words.notes(line, sources)),
        )
        for line in lines
    ]  # fmt: skip
    return as_file(
        request,
        request.GET["export"],
        headings=headings,
        rows=rows,
        title=_("Valuation of %(day)s") % {"day": on.isoformat()},
        subject="prices.Valuation:*",
    )


# --- prices over time


def history(request: HttpRequest) -> HttpResponse:
    """An instrument's marks as lines, a line for each vintage, and the limits of the next day."""
    priced = list(dict.fromkeys(scheme for scheme, _vintage in queries.priced_keys()))
    names = {row.code: str(row) for row in instruments.schemes()}
    choices = [(code, names.get(code, code)) for code in priced]
    usual = {"scheme": priced[0] if priced else ""}
    form = dressed(forms.HistoryForm({**usual, **request.GET.dict()}, schemes=choices))
    page: dict[str, Any] = {
        **site.each_context(request), "title": _("Price history"), "form": form,
        "files": _files(request),
    }  # fmt: skip
    if not form.is_valid():
        return render(request, "finance/prices/history.html", page, status=400)
    data = form.cleaned_data
    last = data["until"] or timezone.localdate()
    first = data["since"] or last - A_YEAR
    if not data["scheme"]:
        return render(request, "finance/prices/history.html", page)
    found = charts.prices(data["scheme"], first=first, last=last)
    if request.GET.get("export") in FORMS:
        return _history_file(request, found["rows"], data["scheme"])
    page |= {
        "what": names.get(data["scheme"], data["scheme"]),
        "chart": found["drawn"],
        "legend": found["legend"],
        "rows": [_mark_row(row) for row in found["rows"][:ROWS]],
        "limits": _limits(data["scheme"], timezone.localdate()),
    }
    return render(request, "finance/prices/history.html", page)


def _mark_row(row: Any) -> dict[str, Any]:
    return {
        "day": row.marked_on,
        "vintage": str(row.vintage_year or _("any")),
        "price": f"{words.figure(row.price)} {row.currency}",
        "volume": words.count(row.volume) if row.volume is not None else "–",
        "source": str(row.source),
        "limits": row.get_limit_check_display(),
        "url": reverse("admin:finance_prices_mark_change", args=[row.pk]),
    }


def _limits(scheme: str, on: date) -> list[tuple[str, ...]]:
    """What the day allows by the close before it, by vintage and mode."""
    source = next((one for one in queries.sources() if scheme in one.schemes), None)
    if source is None:
        return []
    return [
        (
            str(vintage or _("any")), str(words.mode(one.mode)), words.percent(one.share.number),
            f"{words.figure(one.band.close)} ({one.closed_on.isoformat()})",
            words.figure(one.band.low), words.figure(one.band.high),
        )
        for _scheme, vintage in queries.priced_keys([scheme])
        for one in queries.limits_on(source, scheme, vintage, on)
    ]  # fmt: skip


def _history_file(request: HttpRequest, rows: Sequence[Any], scheme: str) -> HttpResponse:
    headings = [
        _("instrument"), _("vintage"), _("source"), _("price of the day"), _("price of one unit"),
        _("currency"), _("mode of trading"), _("units traded"), _("reason"), _("version"),
        _("limits of the day"),
    ]  # fmt: skip
    table = [
        (
            row.scheme, row.vintage_year, row.source_id, row.marked_on, row.price, row.currency,
            row.mode, row.volume, row.reason, row.version, row.get_limit_check_display(),
        )
        for row in rows
    ]  # fmt: skip
    return as_file(
        request,
        request.GET["export"],
        headings=headings,
        rows=table,
        title=f"{_('Price history')} {scheme}",
        subject="prices.Mark:*",
    )


# --- a file


def upload(request: HttpRequest) -> HttpResponse:
    """One page in three turns: form, preview or problems, asked for."""
    if actor_of(request).roles.isdisjoint(MAY[approvable.MARKS]):
        raise Http404
    form = dressed(forms.UploadForm(request.POST or None, request.FILES or None))
    page: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Take in a file of prices"),
        "form": form,
        "key": request.POST.get("key") or str(uuid4()),
        "templates": [
            (label, reverse("prices_template", args=[code])) for code, label in TellingKind.choices
        ],
    }
    if request.method != "POST" or not form.is_valid():
        return render(request, "finance/prices/upload.html", page)
    try:
        return _turn(request, form.cleaned_data, page)
    except TellingHasProblems as error:
        return _problems(request, error, page)
    except DomainError as error:
        page["refusal"] = refusal_text(error)
        return render(request, "finance/prices/upload.html", page, status=409)


def _turn(request: HttpRequest, data: dict[str, Any], page: dict[str, Any]) -> HttpResponse:
    actor, at = actor_of(request), timezone.now()
    content = (
        content_of(get_file(file_id=data["staged"], by=actor))
        if data.get("staged")
        else files.read_limited(data["file"])
    )
    told = operations.preview_file(
        content=content, kind=data["kind"], reason=data["reason"], by=actor, at=at
    )
    if data.get("staged"):
        return _ask(request, data, page["key"])
    staged = files.store_file(
        content=io.BytesIO(content),
        name=data["file"].name,
        purpose="prices",
        party_id=actor.own_party,
        by=actor,
        at=at,
        accepted=(FileType.TEXT, FileType.XLSX, FileType.JSON),
    )
    payload = _payload(staged.pk, data, page["key"])
    page.update(told=told, staged=staged, data=data, sentences=approvable.describe_import(payload))
    return render(request, "finance/prices/upload.html", page)


def _payload(file_id: UUID, data: dict[str, Any], key: str) -> dict[str, Any]:
    return {"file_id": str(file_id), "kind": data["kind"], "reason": data["reason"], "key": key}


def _ask(request: HttpRequest, data: dict[str, Any], key: str) -> HttpResponse:
    actor, payload = actor_of(request), _payload(data["staged"], data, key)
    made = approvals.propose(
        operation=approvable.IMPORT,
        payload=payload,
        summary=approvable.describe_import(payload),
        party_id=actor.own_party,
        by=actor,
        at=timezone.now(),
    )
    messages.success(request, words.what_came_of(made.approval is None))
    table = "mark" if data["kind"] == TellingKind.MARKS else "exchangerate"
    return redirect(reverse(f"admin:finance_prices_{table}_changelist"))


def _problems(
    request: HttpRequest, error: TellingHasProblems, page: dict[str, Any]
) -> HttpResponse:
    rows = approvable.problem_rows(error.problems)
    if request.POST.get("as") == "csv":
        content = tabular.to_csv([_("Row"), _("Column"), _("Reason")], rows)
        return download(content, "text/csv", "problems.csv")
    page.update(problems=rows[:SHOWN], refusal=refusal_text(error))
    return render(request, "finance/prices/upload.html", page, status=422)


def template(request: HttpRequest, kind: str) -> HttpResponse:
    """A file to fill in, with one example row."""
    examples = {
        TellingKind.MARKS.value: (
            importer.MARK_COLUMNS,
            ["CEA", "2025", "CNEEEX", "2026-11-20", "74.63", "CNY", "LISTED", "120000", ""],
        ),
        TellingKind.RATES.value: (
            importer.RATE_COLUMNS,
            ["EUR", "CNY", "CFETS", "2026-11-20", "8.2514", ""],
        ),
    }
    if kind not in examples:
        raise Http404
    columns, example = examples[kind]
    headings = [spellings[0] for spellings in columns.values()]
    return download(tabular.to_csv(headings, [example]), "text/csv", f"prices-{kind.lower()}.csv")
