"""Trades and their settlements, with everything that they are made of."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from unfold.decorators import display

from finance.trades.admin.acts import (
    FailSettlement,
    GiveUp,
    RecordPurchase,
    RecordSale,
    ReverseTrade,
    SettlePurchase,
    SettleSale,
)
from finance.trades.models import Settlement, Trade
from finance.trades.queries import statements, trades
from finance.trades.queries.flows import book_of
from finance.trades.rules.book import Booking
from finance.trades.showing import words
from finance.trades.states import Outcome, TradeState
from ledger.doors.admin import ReadOnlyAdmin, site
from ledger.doors.figures import count
from ledger.doors.wording import in_language
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor

THEIRS = {"show_full_result_count"}  # the theme's, no column of ours
OF_SCHEME = ("name_zh", "name_en", "measure")
COLOURS = {
    TradeState.AGREED: "info",
    TradeState.PART_SETTLED: "warning",
    TradeState.SETTLED: "success",
    TradeState.FAILED: "danger",
    TradeState.CLOSED: "",
    TradeState.CANCELLED: "",
}


def entry_link(entry_id: Any) -> Any:
    """The entry of the ledger of units, to click."""
    if entry_id is None:
        return "–"
    url = reverse("admin:ledger_units_entry_change", args=[entry_id])
    return format_html('<a class="text-primary-600" href="{}">{}</a>', url, _("entry"))


@admin.register(Trade, site=site)
class TradeAdmin(ReadOnlyAdmin):
    list_display = (
        "traded_on", "show_side", "show_mode", "show_what", "show_units", "show_price",
        "show_cash", "reference", "settles_on", "show_state",
    )  # fmt: skip
    list_filter = ("side", "mode", "state", "scheme", "vintage_year", "traded_on")
    list_select_related = ("account", "lot")
    search_fields = ("reference", "counterparty", "venue", "note")
    date_hierarchy = "traded_on"
    readers = trades.READERS
    list_actions = (RecordPurchase, RecordSale)
    confirmed_actions = (SettlePurchase, SettleSale, FailSettlement, GiveUp, ReverseTrade)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "show_side", "show_mode", "show_what", "show_units", "traded_on", "settles_on",
                    "account", "lot", "counterparty", "counter_account_number", "venue",
                    "reference", "note", "show_state",
                )
            },
        ),
        (
            gettext_lazy("Price and amounts"),
            {
                "fields": (
                    "show_price", "show_gross", "show_vat", "show_fee", "show_tax", "show_cash",
                    "show_rate", "show_booked",
                )
            },
        ),
        (
            gettext_lazy("Rules"),
            {"fields": ("show_limits", "draw", "recorded_at", "recorded_by", "moved_at", "moved_by",
                        "party_id", "hold_id", "approval_id")},
        ),
    )  # fmt: skip
    export_fields = (
        "traded_on", "side", "mode", "scheme", "vintage_year", "unit_count", "settled_count",
        "unit_price", "currency", "rate_cny", "gross_amount", "vat_kind", "vat_amount",
        "fee_amount", "tax_amount", "cash_amount", "booked_cny", "settles_on", "state",
        "counterparty", "venue", "reference", "id",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trade]:
        schemes = instruments.schemes().filter(code=OuterRef("scheme"))
        told = {name: Subquery(schemes.values(name)[:1]) for name in OF_SCHEME}
        rows: QuerySet[Trade] = super().get_queryset(request)
        return rows.annotate(**told)

    def scope(self, queryset: QuerySet[Trade], actor: Actor) -> QuerySet[Trade]:
        return queryset.filter(party_id=actor.own_party)

    @display(description=gettext_lazy("side"), ordering="side")
    def show_side(self, row: Trade) -> str:
        return row.get_side_display()

    @display(description=gettext_lazy("kind of trade"), ordering="mode")
    def show_mode(self, row: Trade) -> str:
        return row.get_mode_display()

    @display(description=gettext_lazy("instrument"), ordering="scheme")
    def show_what(self, row: Trade) -> str:
        told: Any = row  # with its instrument's names
        return f"{in_language(told.name_zh, told.name_en)} {row.vintage_year}"

    @display(description=gettext_lazy("settled / units"), ordering="unit_count")
    def show_units(self, row: Trade) -> str:
        told: Any = row
        return f"{count(row.settled_count)} / {count(row.unit_count)} {told.measure}"

    @display(description=gettext_lazy("price of a unit"), ordering="unit_price")
    def show_price(self, row: Trade) -> str:
        return f"{words.price(row.unit_price)} {row.currency}"

    @display(description=gettext_lazy("paid or received"), ordering="cash_amount")
    def show_cash(self, row: Trade) -> str:
        return words.money(row.cash_amount, row.currency)

    @display(description=gettext_lazy("amount of the deal"))
    def show_gross(self, row: Trade) -> str:
        return words.money(row.gross_amount, row.currency)

    @display(description=gettext_lazy("VAT"))
    def show_vat(self, row: Trade) -> str:
        return f"{words.money(row.vat_amount, row.currency)} · {row.get_vat_kind_display()}"

    @display(description=pgettext_lazy("of a trade", "fees"))
    def show_fee(self, row: Trade) -> str:
        return words.money(row.fee_amount, row.currency)

    @display(description=gettext_lazy("other taxes"))
    def show_tax(self, row: Trade) -> str:
        return words.money(row.tax_amount, row.currency)

    @display(description=gettext_lazy("CNY for one of the currency"))
    def show_rate(self, row: Trade) -> str:
        return f"{row.rate_cny.normalize():f}"

    @display(description=gettext_lazy("cost or income, CNY"))
    def show_booked(self, row: Trade) -> str:
        return words.money(row.booked_cny)

    @display(description=gettext_lazy("limits of the day"))
    def show_limits(self, row: Trade) -> str:
        return words.limits(row.band_verdict, row.band, row.previous_close)

    @display(description=gettext_lazy("state"), label=COLOURS, ordering="state")
    def show_state(self, row: Trade) -> tuple[str, str]:
        return row.state, row.get_state_display()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        shown = tuple(
            name
            for name in dir(self)
            if name.startswith("show_") and name != "show_full_result_count"
        )
        return (*super().get_readonly_fields(request, obj), *shown)

    def object_context(self, request: HttpRequest, obj: Trade | None) -> dict[str, Any]:
        if obj is None:
            return {}
        links = []
        if obj.hold_id:
            hold = reverse("admin:ledger_holds_hold_change", args=[obj.hold_id])
            links.append((_("Reservation of the units"), hold))
        if obj.approval_id:
            approval = reverse("admin:ledger_approvals_approval_change", args=[obj.approval_id])
            links.append((_("Approval"), approval))
        return {"links": links, "related": [_settled(obj), _booked(obj), *_matched(obj)]}


def _settled(trade: Trade) -> dict[str, Any]:
    headings = [
        pgettext("of a trade", "settled on"), _("outcome"), _("units"), _("paid or received"),
        _("cost or income, CNY"), _("entry"), _("reversing entry"), _("note"),
    ]  # fmt: skip
    rows = [
        (
            words.day(row.settled_on),
            row.get_outcome_display(),
            count(row.unit_count),
            words.money(row.cash_amount, trade.currency),
            words.money(row.booked_cny),
            entry_link(row.entry_id),
            entry_link(row.undoing.entry_id) if hasattr(row, "undoing") else "–",
            row.reason,
        )
        for row in trades.settlements_of(trade)
    ]
    return {"title": _("Settlements"), "headings": headings, "rows": rows}


def _booked(trade: Trade) -> dict[str, Any]:
    """The cost lots that the trade made or used."""
    headings = [
        _("day"), _("units"), _("acquired on"), _("which units"), _("cost, CNY"), _("gain, CNY"),
        _("entry"),
    ]  # fmt: skip
    bookings = [one for one in book_of(trade.party_id).bookings if one.flow.trade_id == trade.pk]
    rows = [row for one in bookings for row in _lots(one)]
    return {"title": _("Cost lots of this trade"), "headings": headings, "rows": rows}


def _lots(booking: Booking) -> list[tuple[Any, ...]]:
    gain = words.money(booking.gain) if booking.gain is not None else "–"
    return [
        (
            words.day(booking.flow.day),
            count(part.unit_count),
            words.day(part.acquired_on),
            _("allocated free") if part.is_free else _("paid for"),
            words.money(part.cost),
            gain if place == 0 else "",
            entry_link(part.entry_id),
        )
        for place, part in enumerate(booking.parts)
    ]


def _matched(trade: Trade) -> list[dict[str, Any]]:
    match = statements.match_of_trade(trade)
    if match is None:
        return []
    headings = [_("traded on"), _("deal number"), _("units"), _("what differs")]
    line = match.line
    told = words.differences(match.differences) or "–"
    page = reverse("admin:finance_trades_statementline_change", args=[line.pk])
    day = format_html(
        '<a class="text-primary-600" href="{}">{}</a>', page, words.day(line.traded_on)
    )
    row = (day, line.reference, count(line.unit_count), told)
    return [{"title": _("The broker's statement"), "headings": headings, "rows": [row]}]


@admin.register(Settlement, site=site)
class SettlementAdmin(ReadOnlyAdmin):
    list_display = (
        "settled_on", "show_outcome", "trade", "show_units", "show_cash", "show_entry", "reason",
    )  # fmt: skip
    list_filter = ("outcome", "trade__side", "trade__scheme", "settled_on")
    list_select_related = ("trade", "lot")
    search_fields = ("trade__reference", "trade__counterparty", "reason")
    readers = trades.READERS
    exclude = ("idempotency_key", "request_digest")
    export_fields = (
        "settled_on", "outcome", "trade_id", "unit_count", "gross_amount", "vat_amount",
        "fee_amount", "tax_amount", "cash_amount", "cash_cny", "booked_cny", "entry_id", "reason",
    )  # fmt: skip

    def scope(self, queryset: QuerySet[Settlement], actor: Actor) -> QuerySet[Settlement]:
        return queryset.filter(trade__party_id=actor.own_party)

    @display(
        description=gettext_lazy("outcome"),
        label={Outcome.SETTLED: "success", Outcome.FAILED: "danger"},
        ordering="outcome",
    )
    def show_outcome(self, row: Settlement) -> tuple[str, str]:
        return row.outcome, row.get_outcome_display()

    @display(description=gettext_lazy("units"), ordering="unit_count")
    def show_units(self, row: Settlement) -> str:
        return count(row.unit_count)

    @display(description=gettext_lazy("paid or received"), ordering="cash_amount")
    def show_cash(self, row: Settlement) -> str:
        return words.money(row.cash_amount, row.trade.currency)

    @display(description=gettext_lazy("entry"))
    def show_entry(self, row: Settlement) -> Any:
        return entry_link(row.entry_id)

    def object_context(self, request: HttpRequest, obj: Settlement | None) -> dict[str, Any]:
        if obj is None:
            return {}
        links = [(_("Trade"), reverse("admin:finance_trades_trade_change", args=[obj.trade_id]))]
        if obj.entry_id:
            entry = reverse("admin:ledger_units_entry_change", args=[obj.entry_id])
            links.append((_("Entry in the ledger of units"), entry))
        return {"links": links}
