from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from finance.planner import forms, operations, queries
from finance.planner.models import Plan, Price
from finance.planner.showing import words
from finance.planner.showing.page import shown
from ledger.doors.admin import ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.doors.permissions import MAY
from ledger.doors.wording import day
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor


class RecordPrice(ConfirmedAction):
    name = "record"
    title = gettext_lazy("Record a price")
    operation = "planner.record_price"
    form_class = forms.RecordPrice
    icon = "sell"

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        return {"quoted_on": timezone.localdate()}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        about = {
            "what": f"{instruments.scheme_name(data['scheme'])} {data['vintage_year'] or ''}",
            "day": day(data["quoted_on"]),
            "source": data["source"],
            "buy": "–" if data["buy"] is None else data["buy"],
            "sell": "–" if data["sell"] is None else data["sell"],
        }
        return [
            _("%(what)s on %(day)s: buy %(buy)s CNY, sell %(sell)s CNY; source: %(source)s.")
            % about,
            _("A price is not changed afterwards; a newer one takes its place."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.record_price(
            **data, by=actor_of(request), at=timezone.now(), idempotency_key=key
        )
        return _("The price is recorded.")


@admin.register(Price, site=site)
class PriceAdmin(ReadOnlyAdmin):
    list_display = (
        "scheme", "vintage_year", "show_buy", "show_sell", "available", "quoted_on", "source",
    )  # fmt: skip
    list_filter = ("scheme", "vintage_year")
    search_fields = ("source",)
    exclude = ("idempotency_key", "buy_fen", "sell_fen")
    readonly_fields = ("show_buy", "show_sell")
    list_actions = (RecordPrice,)

    def scope(self, queryset: QuerySet[Price], actor: Actor) -> QuerySet[Price]:
        return queryset.filter(party_id=actor.own_party)

    @display(description=gettext_lazy("buy, CNY"), ordering="buy_fen")
    def show_buy(self, row: Price) -> str:
        return "–" if row.buy_fen is None else words.yuan(row.buy_fen)

    @display(description=gettext_lazy("sell, CNY"), ordering="sell_fen")
    def show_sell(self, row: Price) -> str:
        return "–" if row.sell_fen is None else words.yuan(row.sell_fen)


@admin.register(Plan, site=site)
class PlanAdmin(ReadOnlyAdmin):
    list_display = (
        "title", "planned_on", "years", "open_t", "missing_t", "show_paid", "show_total", "made_at",
    )  # fmt: skip
    list_filter = ("planned_on",)
    search_fields = ("title", "years")
    exclude = ("inputs", "steps", "result", "idempotency_key", "paid_fen", "total_fen")
    readonly_fields = ("show_paid", "show_total")
    export_fields = (
        "title", "planned_on", "years", "open_t", "missing_t", "paid_fen", "total_fen",
        "content_hash", "made_at",
    )  # fmt: skip
    change_form_template = "finance/planner/plan.html"

    def scope(self, queryset: QuerySet[Plan], actor: Actor) -> QuerySet[Plan]:
        return queryset.filter(party_id=actor.own_party)

    @display(description=gettext_lazy("to pay, CNY"), ordering="paid_fen")
    def show_paid(self, row: Plan) -> str:
        return words.yuan(row.paid_fen)

    @display(description=gettext_lazy("cost in all, CNY"), ordering="total_fen")
    def show_total(self, row: Plan) -> str:
        return words.yuan(row.total_fen)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        may = not actor_of(request).roles.isdisjoint(MAY["planner.save_plan"])
        button = (_("Plan the cover"), "route", reverse("plan_cover"))
        context = {"list_buttons": [button] if may else []}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def object_context(self, request: HttpRequest, obj: Plan | None) -> dict[str, Any]:
        if obj is None:
            return {}
        files = [
            (form.upper(), reverse("plan_lines", args=[obj.pk, form])) for form in ("csv", "xlsx")
        ]
        context = shown(queries.plan_of(obj), queries.scenarios_of(obj))
        return {**context, "links": files}
