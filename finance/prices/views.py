"""Pages of prices: what holdings are worth, prices over time, and a file to fill in."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.prices import forms, queries
from finance.prices.queries import ValuedLine
from finance.prices.showing import charts, words
from ledger.doors import tabular
from ledger.doors.admin import actor_of, download, dressed, refusal_text, site
from ledger.doors.exporting import FORMS, as_file
from ledger.doors.figures import count, exact_percent, money
from ledger.doors.wording import in_language
from ledger.imports import queries as imports
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
        **site.each_context(request), "title": _("Valuation"), "form": form,
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
    names = instruments.short_names()
    page |= {
        "party_name": parties.name_of(party_id),
        "on": on,
        "total": {"stale": total.stale_count, "unvalued": total.unvalued_count},
        "figures": [
            (_("Value that counts"), money(total.value), "#lines"),
            (_("Market value, before use and haircut"), money(total.market_value), "#lines"),
        ],
        "lines": [_shown(line, on) for line in lines],
        "currency": currency,
        "chart": charts.by_instrument(lines, currency=currency, names=names),
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
        "units": count(line.unit_count),
        "units_url": f"{reverse('units_holdings')}?{query}",
        "use": words.use(line.use),
        "price": money(mark.price) if mark else "–",
        "mark_url": reverse("admin:finance_prices_mark_change", args=[mark.version_id])
        if mark
        else "",
        "marked_on": mark.marked_on if mark else None,
        "source": sources.get(mark.source, mark.source) if mark else "",
        "market": money(line.market_value),
        "value": money(line.value),
        "is_stale": line.is_stale,
        "notes": words.notes(line, sources),
    }


def _policy(on: date) -> list[tuple[str, str]]:
    """The rule numbers behind the values, each with its place in the rule book."""
    address = reverse("admin:ledger_parameters_parameter_changelist")
    found = sorted({row.key for row in queries.policy_on(on).rows})
    return [(words.rule(key), f"{address}?q={key}") for key in found]


def _valuation_file(request: HttpRequest, lines: Sequence[ValuedLine], on: date) -> HttpResponse:
    sources = queries.source_names()
    headings = [
        _("instrument"), _("vintage"), _("state"), _("units"), _("use"), _("price of one unit"),
        _("currency"), _("price of the day"), _("source"), _("exchange rate"), _("haircut"),
        _("share that counts"), _("market value"), pgettext("of holdings", "value"),
        _("currency of the value"), _("notes"),
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
    usual = {"scheme": _first_to_show(priced)}
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
        "currencies": ", ".join(sorted({row.currency for row in found["rows"]})),
        "chart": found["drawn"],
        "legend": found["legend"],
        "rows": [_mark_row(row) for row in found["rows"][:ROWS]],
        "limits": _limits(data["scheme"], timezone.localdate()),
    }
    return render(request, "finance/prices/history.html", page)


def _first_to_show(priced: Sequence[str]) -> str:
    """What has limits of the day comes first; else the first that has a price."""
    limited = (code for one in queries.sources() if one.limits for code in one.schemes)
    return next((code for code in limited if code in priced), next(iter(priced), ""))


def _mark_row(row: Any) -> dict[str, Any]:
    return {
        "day": row.marked_on,
        "vintage": str(row.vintage_year or _("any")),
        "price": f"{words.figure(row.price)} {row.currency}",
        "volume": count(row.volume) if row.volume is not None else "–",
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
            str(vintage or _("any")), str(words.mode(one.mode)), exact_percent(one.share.number),
            words.close(one),
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


# --- a file to fill in


EXAMPLES: dict[str, list[str]] = {
    "marks_zh": ["CEA", "2025", "CNEEEX", "2026-11-20", "74.63", "CNY", "挂牌协议", "120000", ""],
    "marks_en": ["CEA", "2025", "CNEEEX", "2026-11-20", "74.63", "CNY", "LISTED", "120000", ""],
    "rates_zh": ["EUR", "CNY", "CFETS", "2026-11-20", "8.2514", ""],
    "rates_en": ["EUR", "CNY", "CFETS", "2026-11-20", "8.2514", ""],
}


def template(request: HttpRequest, kind: str) -> HttpResponse:
    """A file to fill in, in the reader's language, with one example row."""
    layout = f"{kind.lower()}_{in_language('zh', 'en')}"
    if layout not in EXAMPLES:
        raise Http404
    content = tabular.to_csv(imports.columns_of(layout), [EXAMPLES[layout]])
    return download(content, "text/csv", f"prices-{kind.lower()}.csv")
