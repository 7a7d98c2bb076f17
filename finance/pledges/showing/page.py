"""What a pledge's page shows: figures, chart, what-if, units, registers, requests, calls."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.pledges import models, queries
from finance.pledges.approvable import paid_to
from finance.pledges.queries.clashes import say, shown_to
from finance.pledges.showing import charts, history
from finance.pledges.states import Level
from finance.prices import queries as prices
from ledger.doors.figures import amount, count, percent
from ledger.doors.wording import number_format

CHANGES = [Decimal(one).scaleb(-2) for one in (60, 70, 80, 90, 100, 110, 120)]


def link(row: Any, text: Any = "") -> str:
    names = row._meta.app_label, row._meta.model_name
    url = reverse("admin:{}_{}_change".format(*names), args=[row.pk])
    return format_html(
        '<a class="text-primary-600 underline" href="{}">{}</a>', url, text or str(row)
    )


def context(
    obj: models.Pledge,
    on: date,
    *,
    to_creditor: bool = False,
    link: Callable[..., str] = link,
) -> dict[str, Any]:
    """Everything of the page; the value is by the prices of the day asked for.

    `to_creditor`: nothing of what the debtor has beside this pledge.
    """
    cover = queries.cover_of(obj, on)
    alerts = [one.plain() for one in queries.alerts_of(obj, cover, on)]
    read_by = [] if to_creditor else [_reads(obj)]
    return {
        "figures": figures(obj, cover),
        "alerts": [say(one) for one in shown_to(alerts, creditor=to_creditor)],
        "chart": chart(obj),
        "legend": charts.legend(),
        "related": [
            _parts(obj, link), _prices(cover, link), _what_if(cover),
            _registrations(obj, link), _requests(obj, link), _calls(obj, link),
            _valuations(obj, link, to_creditor),
            *_freezes(obj), *_enforced(obj), *read_by,
        ],
    }  # fmt: skip


def _reads(obj: models.Pledge) -> dict[str, Any]:
    headings = [_("time"), _("who"), _("what she looked at")]
    return table(_("Looked at by the creditor, the newest"), headings, history.reads_of(obj))


def figures(obj: models.Pledge, cover: queries.Cover) -> list[tuple[str, str, str]]:
    """Title, figure, and the table of the page that says what it is made of."""
    currency = obj.facility.currency
    lead = f" ({cover.leading.name})" if cover.leading else ""
    facility = reverse("admin:finance_facilities_facility_change", args=[obj.facility_id])
    whole = [(_("owed under the facility"), f"{amount(cover.debt)} {currency}", facility)]
    is_shared = cover.debt != cover.owed
    return [
        (_("LTV today"), percent(cover.ltv), "#valuations"),
        (_("line reached"), str(Level(cover.level).label), "#what-if"),
        *(whole if is_shared else []),
        (
            _("of it this pledge's share, by value")
            if is_shared
            else pgettext("of a debt", "owed"),
            f"{amount(cover.owed)} {currency}",
            "#valuations",
        ),
        (pgettext("of holdings", "value"), f"{amount(cover.value)} {currency}", "#prices"),
        (_("units to top up") + lead, count(cover.top_up), "#what-if"),
        (_("units that could be released") + lead, count(cover.headroom), "#what-if"),
        (_("largest part of the value"), percent(cover.concentration), "#prices"),
    ]


def chart(obj: models.Pledge) -> str:
    rows = list(obj.valuations.order_by("-valued_on")[:250])[::-1]
    points = [charts.Point(one.valued_on, one.ltv, _price(one)) for one in rows]
    lines = [
        charts.Line(obj.target_ltv, charts.TARGET, _("target LTV")),
        charts.Line(obj.warning_ltv, charts.WARNING, _("warning line")),
        charts.Line(obj.top_up_ltv, charts.TOP_UP, _("top-up line")),
        charts.Line(obj.close_out_ltv, charts.CLOSE_OUT, _("close-out line")),
    ]
    return charts.history(points, lines, title=_("LTV and price by day"))


def _price(row: models.Valuation) -> Decimal | None:
    known = [one for one in row.marks if one["price"]]
    lead = max(known, key=lambda one: Decimal(one["value"]), default=None)
    return Decimal(lead["price"]) if lead else None


def table(
    title: str, headings: list[str], rows: Iterable[list[Any]], *, anchor: str = ""
) -> dict[str, Any]:
    return {"id": anchor, "title": title, "headings": headings, "rows": list(rows)}


def _parts(obj: models.Pledge, link: Callable[..., str]) -> dict[str, Any]:
    return table(
        _("Units"),
        [_("instrument"), _("lot"), _("account"), _("units"), _("serial numbers"), _("state")],
        (
            [
                link(one), one.lot.code, one.account.number, count(one.unit_count),
                ", ".join(f"{a}–{b}" for a, b in queries.serials_of(one)[:10]) or "–",
                one.get_state_display(),
            ]
            for one in queries.parts_of(obj)
        ),
    )  # fmt: skip


def _prices(cover: queries.Cover, to_row: Callable[..., str]) -> dict[str, Any]:
    """Each price leads to its history, of which the creditor's own door has no page."""
    address = reverse("prices_history") if to_row is link else ""
    sources = {row.code: link(row) if to_row is link else str(row) for row in prices.sources()}
    return table(
        _("Valued by"),
        [_("instrument"), _("units"), _("price"), _("price of"), _("source"), _("haircut"),
         pgettext("of holdings", "value")],
        (
            [
                one.name, count(one.unit_count),
                "–" if one.price is None else _price_said(one, address),
                _day(one), sources.get(one.source, one.source or "–"), percent(one.haircut),
                amount(one.value),
            ]
            for one in cover.marks
        ),
        anchor="prices",
    )  # fmt: skip


def _price_said(one: queries.Mark, address: str) -> str:
    said = f"{number_format(one.price, 2)} {one.currency}"
    if not address:
        return said
    return format_html(
        '<a class="text-primary-600 underline" href="{}?scheme={}">{}</a>',
        address,
        one.scheme,
        said,
    )


def _day(one: queries.Mark) -> str:
    if one.marked_on is None:
        return "–"
    said = date_format(one.marked_on)
    return f"{said} ({_('old')})" if one.is_stale else said


def _what_if(cover: queries.Cover) -> dict[str, Any]:
    """The same pledge, were every price so much lower or higher."""
    found = [(times, cover.if_prices_change(times)) for times in CHANGES]
    return table(
        _("What if prices change"),
        [_("price"), _("leading price"), pgettext("of holdings", "value"), _("LTV"),
         _("line reached"), _("units to top up")],
        (
            [
                f"{number_format((times - 1) * 100, 0)} %",
                amount(one.leading.price if one.leading else None), amount(one.value),
                percent(one.ltv), str(Level(one.level).label), count(one.top_up),
            ]
            for times, one in found
        ),
        anchor="what-if",
    )  # fmt: skip


def _registrations(obj: models.Pledge, link: Callable[..., str]) -> dict[str, Any]:
    return table(
        _("Registrations"),
        [_("register"), _("number"), _("registered on"), _("expires on"), _("document")],
        (
            [
                one.get_register_display(), link(one, one.number), date_format(one.registered_on),
                date_format(one.expires_on) if one.expires_on else "–", one.document,
            ]
            for one in obj.registrations.all()
        ),
    )  # fmt: skip


def _requests(obj: models.Pledge, link: Callable[..., str]) -> dict[str, Any]:
    return table(
        _("Requests to the creditor"),
        [_("number"), _("what is asked"), _("units"), _("state"), _("answer")],
        (
            [
                link(one, one.number), one.get_kind_display(),
                count(one.unit_count) if one.unit_count else "–", one.get_state_display(),
                one.answer or "–",
            ]
            for one in obj.requests.all()
        ),
    )  # fmt: skip


def _calls(obj: models.Pledge, link: Callable[..., str]) -> dict[str, Any]:
    return table(
        _("Margin calls"),
        [_("called on"), _("due on"), _("LTV"), _("units to top up"), _("state")],
        (
            [
                link(one, date_format(one.called_on)), date_format(one.due_on), percent(one.ltv),
                count(one.unit_count), one.get_state_display(),
            ]
            for one in obj.calls.all()
        ),
    )  # fmt: skip


def _valuations(obj: models.Pledge, link: Callable[..., str], to_creditor: bool) -> dict[str, Any]:
    return table(
        _("Valuations, the newest"),
        [_("valued on"), pgettext("of a debt", "owed"), pgettext("of holdings", "value"), _("LTV"),
         _("line reached"), _("alerts")],
        (
            [
                link(one, date_format(one.valued_on)), amount(one.owed_amount),
                amount(one.value_amount), percent(one.ltv), one.get_level_display(),
                "; ".join(map(say, shown_to(one.alerts, creditor=to_creditor))) or "–",
            ]
            for one in obj.valuations.all()[:10]
        ),
        anchor="valuations",
    )  # fmt: skip


def _freezes(obj: models.Pledge) -> list[dict[str, Any]]:
    rows = [
        [one.order_body or "–", one.order_number, one.rank, count(one.remaining_count)]
        for _part, one in queries.find_freezes(obj)
    ]
    headings = [_("ordered by"), _("order or document"), _("rank"), _("units")]
    return [table(_("Freezes by order over the same units"), headings, rows)] if rows else []


def _enforced(obj: models.Pledge) -> list[dict[str, Any]]:
    made = models.Enforcement.objects.filter(pledge=obj).first()
    if made is None:
        return []
    rows = [[paid_to(one["to"]), amount(Decimal(one["amount"]))] for one in made.paid]
    return [
        table(
            _("Who was paid from the proceeds"), [_("paid to"), pgettext("money", "amount")], rows
        )
    ]
