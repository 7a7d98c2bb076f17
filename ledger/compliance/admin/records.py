"""Lists of what was told, allocated, surrendered and carried over."""

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.compliance import forms, queries
from ledger.compliance.admin import acts
from ledger.compliance.models import Allocation, CarryOver, Fact, Surrender
from ledger.doors.admin import ReadOnlyAdmin, site
from ledger.kernel.actors import Actor


@admin.register(Fact, site=site)
class FactAdmin(ReadOnlyAdmin):
    list_display = ("told_on", "entity", "kind", "year", "tonnes", "verification", "evidence")
    list_filter = ("kind", "year", "entity__regime")
    list_select_related = ("entity",)
    search_fields = ("entity__code", "entity__name", "evidence", "verification")

    def scope(self, queryset: QuerySet[Fact], actor: Actor) -> QuerySet[Fact]:
        return queryset.filter(entity__in=queries.entities_of(actor.own_party).values("pk"))


@admin.register(Allocation, site=site)
class AllocationAdmin(ReadOnlyAdmin):
    list_display = ("entity", "year", "show_table", "step", "unit_count", "is_draft", "evidence")
    list_filter = ("step", "table", "year", "is_draft")
    list_select_related = ("entity",)
    search_fields = ("entity__code", "entity__name", "evidence")
    exclude = ("table",)
    readonly_fields = ("show_table",)

    @display(description=gettext_lazy("allocation table"), ordering="table")
    def show_table(self, obj: Allocation) -> str:
        return str(dict(forms.TABLES).get(obj.table, obj.table))

    def scope(self, queryset: QuerySet[Allocation], actor: Actor) -> QuerySet[Allocation]:
        return queryset.filter(entity__in=queries.entities_of(actor.own_party).values("pk"))


@admin.register(Surrender, site=site)
class SurrenderAdmin(ReadOnlyAdmin):
    list_display = (
        "surrendered_on",
        "obligation",
        "lot",
        "account",
        "unit_count",
        "is_offset",
        "is_flagged",
    )
    list_filter = ("is_offset", "is_flagged", "obligation__year")
    list_select_related = ("obligation", "obligation__entity", "lot", "account")
    search_fields = ("obligation__entity__code", "lot__code")
    exclude = ("idempotency_key",)

    def scope(self, queryset: QuerySet[Surrender], actor: Actor) -> QuerySet[Surrender]:
        mine = queries.entities_of(actor.own_party).values("pk")
        return queryset.filter(obligation__entity__in=mine)


@admin.register(CarryOver, site=site)
class CarryOverAdmin(ReadOnlyAdmin):
    list_display = ("entity", "to_year", "held_t", "limit_t", "unit_count", "show_state")
    list_filter = ("state", "to_year")
    list_select_related = ("entity",)
    search_fields = ("entity__code", "entity__name")
    exclude = ("numbers",)
    confirmed_actions = (acts.CompleteCarryOver, acts.WithdrawCarryOver)
    list_actions = (acts.ApplyForCarryOver,)

    def scope(self, queryset: QuerySet[CarryOver], actor: Actor) -> QuerySet[CarryOver]:
        return queryset.filter(entity__in=queries.entities_of(actor.own_party).values("pk"))

    @display(
        description=gettext_lazy("state"),
        label={"APPLIED": "warning", "DONE": "success", "WITHDRAWN": ""},
        ordering="state",
    )
    def show_state(self, obj: CarryOver) -> tuple[str, str]:
        return obj.state, obj.get_state_display()
