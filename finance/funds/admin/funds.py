"""Funds and their values: for the manager all of it, for an investor her own part."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from finance.funds import queries
from finance.funds.admin import acts
from finance.funds.models import Fund, IndexLevel, Nav
from finance.funds.queries.funds import KEEPERS, READERS
from finance.funds.showing.page import fund_page, nav_page
from ledger.doors.admin import ReadOnlyAdmin, actor_of, named, site
from ledger.kernel.actors import Actor


@admin.register(Fund, site=site)
class FundAdmin(ReadOnlyAdmin):
    list_display = (
        "code", "show_name", "kind", "legal_form", named("manager_id", gettext_lazy("manager")),
        "starts_on", "ends_on",
    )  # fmt: skip
    list_filter = ("kind", "legal_form")
    search_fields = ("code", "name_zh", "name_en", "filing_number")
    fields = (
        "code", "name_zh", "name_en", "kind", "legal_form",
        named("manager_id", gettext_lazy("manager")),
        named("vehicle_id", gettext_lazy("party of the fund")), "filing_number", "currency",
        "starts_on", "ends_on", "evidence",
    )  # fmt: skip
    readonly_fields = fields
    export_fields = (
        "code", "name_zh", "name_en", "kind", "legal_form", "filing_number", "currency",
        "starts_on", "ends_on",
    )  # fmt: skip
    readers = READERS
    change_form_template = "finance/funds/fund.html"
    confirmed_actions = (
        acts.MakeCall, acts.MakeDistribution, acts.TellCash, acts.PublishNav,
        acts.RecordCommitment, acts.ApproveInvestment, acts.SetTerms, acts.AddClass,
    )  # fmt: skip
    list_actions = (acts.OpenFund,)

    def scope(self, queryset: QuerySet[Fund], actor: Actor) -> QuerySet[Fund]:
        return queryset.filter(pk__in=queries.funds_seen_by(actor.own_party).values("pk"))

    @display(description=gettext_lazy("name"), ordering="name_zh")
    def show_name(self, obj: Fund) -> str:
        return str(obj)

    def object_context(self, request: HttpRequest, obj: Fund | None) -> dict[str, Any]:
        if obj is None:
            return {}
        index = request.GET.get("index", "")
        return fund_page(obj, actor_of(request), on=timezone.localdate(), index=index)


@admin.register(Nav, site=site)
class NavAdmin(ReadOnlyAdmin):
    list_display = (
        "fund", "valued_on", "version", "net_assets", "cash", "units_value", "stakes_value",
        "fee_owed", "carry_owed", "shares", "per_share",
    )  # fmt: skip
    list_filter = ("fund", "valued_on")
    list_select_related = ("fund",)
    search_fields = ("fund__code", "fund__name_zh", "fund__name_en", "note")
    exclude = ("parts", "idempotency_key")
    export_fields = (
        "fund_id", "valued_on", "version", "net_assets", "cash", "units_value", "stakes_value",
        "fee_owed", "carry_owed", "shares", "per_share", "content_hash",
    )  # fmt: skip
    readers = READERS

    def scope(self, queryset: QuerySet[Nav], actor: Actor) -> QuerySet[Nav]:
        return queryset.filter(fund__in=queries.funds_seen_by(actor.own_party).values("pk"))

    def object_context(self, request: HttpRequest, obj: Nav | None) -> dict[str, Any]:
        if obj is None:
            return {}
        return nav_page(obj, whole=queries.is_manager(obj.fund, actor_of(request)))


@admin.register(IndexLevel, site=site)
class IndexLevelAdmin(ReadOnlyAdmin):
    list_display = ("code", "on", "level", "source", "recorded_at")
    list_filter = ("code",)
    search_fields = ("code", "source")
    exclude = ("idempotency_key",)
    readers = KEEPERS
    list_actions = (acts.TellIndexLevel,)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False  # reached from a fund's page

    def scope(self, queryset: QuerySet[IndexLevel], actor: Actor) -> QuerySet[IndexLevel]:
        return queryset.filter(party_id=actor.own_party)
