"""Lines of brokers' statements, and which trade each is about."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from finance.trades import forms, operations
from finance.trades.models import Match, StatementLine
from finance.trades.queries import statements, trades
from finance.trades.showing import words
from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.doors.figures import count
from ledger.kernel.actors import Actor


class MatchAgain(ConfirmedAction):
    name = "match"
    title = gettext_lazy("Match with trades")
    operation = "trades.match_trades"
    icon = "join_inner"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        party_id = actor_of(request).own_party
        about = {
            "lines": count(statements.unmatched_lines(party_id).count()),
            "trades": count(statements.unmatched_trades(party_id).count()),
        }
        return [
            _("%(lines)s lines and %(trades)s trades are unmatched; those that fit are paired.")
            % about,
            _("A deal number that agrees pairs them; else side, instrument, units, day and money."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        found = operations.match_trades(by=actor_of(request), at=timezone.now())
        return _("%(count)s lines have found their trade.") % {"count": count(found)}


class MatchByHand(ConfirmedAction):
    name = "pair"
    title = gettext_lazy("Match by hand")
    operation = "trades.match_by_hand"
    form_class = forms.MatchForm
    icon = "link"

    def is_offered(self, request: HttpRequest, obj: StatementLine) -> bool:
        return obj.withdrawn_at is None and not statements.is_matched(obj)

    def choices(self, request: HttpRequest, obj: StatementLine) -> Mapping[str, Choices]:
        found = statements.unmatched_trades(obj.party_id).filter(
            side=obj.side, scheme=obj.scheme, unit_count=obj.unit_count
        )
        return {"trade": [(str(one.pk), str(one)) for one in found]}

    def describe(
        self, request: HttpRequest, obj: StatementLine, data: Mapping[str, Any]
    ) -> list[str]:
        return [_("This line and the trade that you chose are the same deal.")]

    def perform(
        self, request: HttpRequest, obj: StatementLine, data: Mapping[str, Any], key: str
    ) -> str:
        operations.match_by_hand(
            line_id=obj.pk,
            trade_id=UUID(data["trade"]),
            reason=data["reason"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The line and the trade are matched.")


@admin.register(StatementLine, site=site)
class StatementLineAdmin(ReadOnlyAdmin):
    list_display = (
        "traded_on", "show_side", "show_what", "show_units", "show_price", "show_amount",
        "reference", "show_match",
    )  # fmt: skip
    list_filter = ("side", "scheme", "vintage_year", "traded_on")
    search_fields = ("reference",)
    readers = trades.READERS
    list_actions = (MatchAgain,)
    confirmed_actions = (MatchByHand,)
    export_fields = (
        "traded_on", "side", "scheme", "vintage_year", "unit_count", "unit_price", "gross_amount",
        "fee_amount", "currency", "reference", "row_number", "withdrawn_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[StatementLine]:
        mine = super().get_queryset(request)
        return statements.lines_seen_by(actor_of(request)).filter(pk__in=mine.values("pk"))

    def scope(self, queryset: QuerySet[StatementLine], actor: Actor) -> QuerySet[StatementLine]:
        return queryset.filter(party_id=actor.own_party)

    @display(description=gettext_lazy("side"), ordering="side")
    def show_side(self, row: StatementLine) -> str:
        return row.get_side_display()

    @display(description=gettext_lazy("instrument"), ordering="scheme")
    def show_what(self, row: StatementLine) -> str:
        return f"{row.scheme} {row.vintage_year or ''}".strip()

    @display(description=gettext_lazy("units"), ordering="unit_count")
    def show_units(self, row: StatementLine) -> str:
        return count(row.unit_count)

    @display(description=gettext_lazy("price of a unit"), ordering="unit_price")
    def show_price(self, row: StatementLine) -> str:
        return f"{words.price(row.unit_price)} {row.currency}"

    @display(description=gettext_lazy("amount of the deal"), ordering="gross_amount")
    def show_amount(self, row: StatementLine) -> str:
        return words.money(row.gross_amount)

    @display(
        description=gettext_lazy("match"),
        label={"MATCHED": "success", "UNMATCHED": "danger", "WITHDRAWN": ""},
    )
    def show_match(self, row: StatementLine) -> tuple[str, str]:
        if row.withdrawn_at is not None:
            return "WITHDRAWN", _("withdrawn")
        has_match = getattr(row, "has_match", False)
        return ("MATCHED", _("matched")) if has_match else ("UNMATCHED", _("unmatched"))

    def object_context(self, request: HttpRequest, obj: StatementLine | None) -> dict[str, Any]:
        if obj is None:
            return {}
        address = reverse("admin:ledger_imports_import_change", args=[obj.import_id])
        return {"links": [(_("The import that brought it"), address)]}


class TakeApart(ConfirmedAction):
    name = "apart"
    title = gettext_lazy("Take apart")
    operation = "trades.take_match_apart"
    form_class = forms.ReasonForm
    icon = "link_off"

    def is_offered(self, request: HttpRequest, obj: Match) -> bool:
        return obj.ended_at is None

    def describe(self, request: HttpRequest, obj: Match, data: Mapping[str, Any]) -> list[str]:
        return [_("The line and the trade are not the same deal: both are unmatched again.")]

    def perform(self, request: HttpRequest, obj: Match, data: Mapping[str, Any], key: str) -> str:
        operations.take_match_apart(
            match_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now()
        )
        return _("The match is taken apart.")


@admin.register(Match, site=site)
class MatchAdmin(ReadOnlyAdmin):
    list_display = ("line", "trade", "is_by_hand", "show_differences", "matched_at", "ended_at")
    list_filter = ("is_by_hand", "matched_at")
    list_select_related = ("line", "trade")
    search_fields = ("line__reference", "trade__reference", "reason")
    readers = trades.READERS
    exclude = ("differences",)
    readonly_fields = ("show_differences",)
    confirmed_actions = (TakeApart,)

    def scope(self, queryset: QuerySet[Match], actor: Actor) -> QuerySet[Match]:
        return queryset.filter(trade__party_id=actor.own_party)

    @display(description=gettext_lazy("what differs"))
    def show_differences(self, row: Match) -> str:
        return words.differences(row.differences) or "–"
