from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.decorators import display

from finance.prices import approvable, forms, operations, queries
from finance.prices.models import ExchangeRate, Mark, PriceSource, Telling
from finance.prices.rules.facts import Fact, MarkFact, RateFact
from finance.prices.showing import words
from finance.prices.states import LimitCheck, TellingKind
from ledger.approvals import operations as approvals
from ledger.approvals import queries as asked
from ledger.doors.admin import ConfirmedAction, ReadOnlyAdmin, actor_of, named, site
from ledger.doors.figures import exact_percent
from ledger.doors.permissions import MAY
from ledger.doors.wording import day, number_format
from ledger.imports import queries as imports
from ledger.instruments import queries as instruments

COLOURS = {
    LimitCheck.NONE: "",
    LimitCheck.WITHIN: "success",
    LimitCheck.OUTSIDE: "danger",
    LimitCheck.UNKNOWN: "info",
}


class _Telling(ConfirmedAction):
    """What all four acts share: the rows go to an approver, who reads what they say."""

    icon = "sell"

    def facts(self, obj: Any, data: Mapping[str, Any]) -> list[Fact]:
        raise NotImplementedError

    def _payload(self, obj: Any, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        return approvable.payload_of(self.facts(obj, data), reason=data["reason"], key=key)

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        by, at = actor_of(request), timezone.now()
        operations.preview(self.facts(obj, data), reason=data["reason"], by=by, at=at)
        payload = self._payload(obj, data, "")
        said: list[str] = approvable.OPERATIONS[self.operation][1](payload)
        return [*said, asked.who_decides(self.operation, payload, by=by, at=at)]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        by, payload = actor_of(request), self._payload(obj, data, key)
        made = approvals.propose(
            operation=self.operation,
            payload=payload,
            summary=approvable.OPERATIONS[self.operation][1](payload),
            party_id=by.own_party,
            by=by,
            at=timezone.now(),
        )
        return words.what_came_of(made.approval is None)


class TellMark(_Telling):
    name = "tell"
    title = approvable.TITLES[approvable.MARKS]
    operation = approvable.MARKS
    form_class = forms.TellMark

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        return {"marked_on": queries.last_trading_day(timezone.localdate()), "currency": "CNY"}

    def facts(self, obj: Any, data: Mapping[str, Any]) -> list[Fact]:
        return [MarkFact(**data)]


class CorrectMark(_Telling):
    name = "correct"
    title = gettext_lazy("Correct")
    operation = approvable.MARKS
    form_class = forms.CorrectMark
    icon = "edit"

    def facts(self, obj: Mark, data: Mapping[str, Any]) -> list[Fact]:
        return [
            MarkFact(
                scheme=obj.scheme,
                vintage_year=obj.vintage_year,
                source=obj.source_id,
                marked_on=obj.marked_on,
                price=data["price"],
                currency=obj.currency,
                mode=obj.mode,
                volume=obj.volume,
                reason=data["reason"],
            )
        ]


class TellRate(_Telling):
    name = "tell"
    title = approvable.TITLES[approvable.RATES]
    operation = approvable.RATES
    form_class = forms.TellRate
    icon = "currency_exchange"

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        return {"rated_on": queries.last_trading_day(timezone.localdate()), "to_currency": "CNY"}

    def facts(self, obj: Any, data: Mapping[str, Any]) -> list[Fact]:
        return [RateFact(**data)]


class CorrectRate(_Telling):
    name = "correct"
    title = gettext_lazy("Correct")
    operation = approvable.RATES
    form_class = forms.CorrectRate
    icon = "edit"

    def facts(self, obj: ExchangeRate, data: Mapping[str, Any]) -> list[Fact]:
        return [
            RateFact(
                from_currency=obj.from_currency,
                to_currency=obj.to_currency,
                source=obj.source_id,
                rated_on=obj.rated_on,
                rate=data["rate"],
                reason=data["reason"],
            )
        ]


class _TellingsAdmin(ReadOnlyAdmin):
    """Everybody reads what everybody's values rest on."""

    open_to_all = True
    told: str

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        response = super().changelist_view(request, extra_context)
        may = not actor_of(request).roles.isdisjoint(MAY[approvable.MARKS])
        if may and hasattr(response, "context_data") and response.context_data:
            upload = f"{reverse('import_upload')}?target=prices"
            to_fill = reverse("prices_template", args=[self.told])
            response.context_data.setdefault("list_buttons", []).extend(
                [
                    (_("Take in a file of prices"), "upload_file", upload),
                    (_("File to fill in"), "download", to_fill),
                ]
            )
        return response

    @display(description=gettext_lazy("standing"), label={True: "danger", False: ""})
    def show_withdrawn(self, obj: Mark | ExchangeRate) -> tuple[bool, str]:
        return obj.is_withdrawn, _("withdrawn") if obj.is_withdrawn else "–"


@admin.register(Mark, site=site)
class MarkAdmin(_TellingsAdmin):
    told = TellingKind.MARKS.value
    list_display = (
        "show_instrument", "show_vintage", "marked_on", "show_price", "mode", "source", "version",
        "show_limits", "show_withdrawn",
    )  # fmt: skip
    list_filter = ("scheme", "source", "mode", "limit_check", "is_withdrawn", "marked_on")
    list_select_related = ("source",)
    search_fields = ("scheme", "reason")
    date_hierarchy = "marked_on"
    exclude = ("price",)
    readonly_fields = ("show_price",)
    list_actions = (TellMark,)
    confirmed_actions = (CorrectMark,)

    @display(description=gettext_lazy("instrument"), ordering="scheme")
    def show_instrument(self, obj: Mark) -> str:
        return obj.scheme

    @display(description=gettext_lazy("vintage"), ordering="vintage_year")
    def show_vintage(self, obj: Mark) -> str:
        return str(obj.vintage_year) if obj.vintage_year else _("any")

    @display(description=gettext_lazy("price of one unit"), ordering="price")
    def show_price(self, obj: Mark) -> str:
        return f"{words.figure(obj.price)} {obj.currency}"

    @display(description=gettext_lazy("limits of the day"), label=COLOURS, ordering="limit_check")
    def show_limits(self, obj: Mark) -> tuple[str, str]:
        return obj.limit_check, obj.get_limit_check_display()

    def object_context(self, request: HttpRequest, obj: Mark | None) -> dict[str, Any]:
        if obj is None:
            return {}
        versions = [
            (one.version,
             _("withdrawn") if one.is_withdrawn else f"{words.figure(one.price)} {one.currency}",
             one.reason or "–", _link(one.telling, words.moment(one.telling.told_at)))
            for one in queries.versions_of(obj)
        ]  # fmt: skip
        limits = [
            (str(words.mode(one.mode)), _link(obj.source, exact_percent(one.share.number)),
             words.close(one), day(one.closed_on),
             words.figure(one.band.low), words.figure(one.band.high))
            for one in queries.limits_on(obj.source, obj.scheme, obj.vintage_year, obj.marked_on)
        ]  # fmt: skip
        chart = f"{reverse('prices_history')}?scheme={obj.scheme}"
        telling = reverse("admin:finance_prices_telling_change", args=[obj.telling_id])
        return {
            "links": [(_("Price history"), chart), (_("The telling it came with"), telling)],
            "related": [
                {
                    "title": _("Versions of this day"),
                    "headings": [_("version"), _("price of one unit"), _("reason"), _("told at")],
                    "rows": versions,
                },
                {
                    "title": _("Limits of this day"),
                    "headings": [
                        _("mode of trading"), _("of the previous close"), _("previous close"),
                        _("its day"), _("lowest"), _("highest"),
                    ],
                    "rows": limits,
                },
            ],
        }  # fmt: skip


@admin.register(ExchangeRate, site=site)
class RateAdmin(_TellingsAdmin):
    told = TellingKind.RATES.value
    list_display = (
        "from_currency", "to_currency", "rated_on", "show_rate", "source", "version",
        "show_withdrawn",
    )  # fmt: skip
    list_filter = ("from_currency", "to_currency", "source", "is_withdrawn", "rated_on")
    list_select_related = ("source",)
    search_fields = ("from_currency", "to_currency", "reason")
    exclude = ("rate",)
    readonly_fields = ("show_rate",)
    list_actions = (TellRate,)
    confirmed_actions = (CorrectRate,)

    @display(description=pgettext_lazy("of currencies", "rate"), ordering="rate")
    def show_rate(self, obj: ExchangeRate) -> str:
        return words.figure(obj.rate)


@admin.register(PriceSource, site=site)
class SourceAdmin(ReadOnlyAdmin):
    open_to_all = True
    list_display = ("__str__", "kind", "show_schemes", "currency", "rank", "confidence")
    list_filter = ("kind", "confidence")
    search_fields = ("code", "name_zh", "name_en")
    exclude = ("digest", "schemes", "limits")
    readonly_fields = ("show_schemes", "show_limits")

    def ask_once(self, rows: list[Any]) -> None:
        """The names of the instruments."""
        known = {row.code: str(row) for row in instruments.schemes()}
        for row in rows:
            row.scheme_names = known

    @display(description=gettext_lazy("instruments"))
    def show_schemes(self, obj: PriceSource) -> str:
        known: dict[str, str] = obj.__dict__.get("scheme_names", {})
        named = ", ".join(known.get(code) or queries.what_said(code) for code in obj.schemes)
        return named or ("–" if obj.gives_rates else _("any"))

    @display(description=gettext_lazy("limits of the day"))
    def show_limits(self, obj: PriceSource) -> str:
        shares = queries.limit_shares(obj, timezone.localdate())
        said = (f"{words.mode(mode)}: ±{exact_percent(share)}" for mode, share in shares.items())
        return ", ".join(said) or "–"


def _link(row: Mark | ExchangeRate | PriceSource | Telling, said: str = "") -> str:
    page = f"admin:finance_prices_{type(row).__name__.lower()}_change"
    url = reverse(page, args=[row.pk])
    said = said or str(row)
    return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', url, said)


@admin.register(Telling, site=site)
class TellingAdmin(ReadOnlyAdmin):
    open_to_all = True
    list_display = (
        "kind", "row_count", "unchanged_count", "reason", "told_at",
        named("told_by", gettext_lazy("told by")),
    )  # fmt: skip
    list_filter = ("kind", "told_at")
    search_fields = ("reason",)
    exclude = ("idempotency_key", "request_digest")

    def object_context(self, request: HttpRequest, obj: Telling | None) -> dict[str, Any]:
        if obj is None:
            return {}
        rows = [
            (one.position, _link(one), words.figure(getattr(one, "price", None) or one.rate),
             one.version, _("withdrawn") if one.is_withdrawn else "–", one.reason or "–")
            for one in queries.rows_of(obj, limit=200)
        ]  # fmt: skip
        table = {
            "title": _("Its rows (at most 200 are shown)"),
            "headings": [
                _("row"), _("what"), _("figure"), _("version"), _("standing"), _("reason"),
            ],
            "rows": rows,
        }  # fmt: skip
        came = imports.of_file(obj.file_id, by=actor_of(request)) if obj.file_id else None
        links = [(came.file_name, imports.page_of(came.pk))] if came else []
        return {"related": [table], "subtitle": number_format(obj.row_count), "links": links}
