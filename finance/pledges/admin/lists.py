"""Parts, registrations, valuations, margin calls, proceedings and enforcements as lists."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet

from finance.pledges import models, queries
from finance.pledges.admin.pages import READERS
from finance.pledges.admin.watched import Watched
from ledger.doors.admin import site
from ledger.kernel.actors import Actor


class _OfPledges(Watched):
    list_select_related: ClassVar[Any] = ("pledge",)
    exclude: ClassVar[tuple[str, ...]] = ("idempotency_key",)
    readers = READERS

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        seen = queries.pledges_seen_by(actor).order_by()
        return queryset.filter(pledge__in=seen.values("pk"))


@admin.register(models.Part, site=site)
class PartAdmin(_OfPledges):
    list_display = (
        "pledge", "scheme", "vintage_year", "lot", "account", "placed_count", "unit_count", "state",
    )  # fmt: skip
    list_filter = ("state", "scheme", "vintage_year")
    list_select_related = ("pledge", "lot", "account")
    search_fields = ("pledge__number", "lot__code", "account__number")


@admin.register(models.Registration, site=site)
class RegistrationAdmin(_OfPledges):
    list_display = ("pledge", "register", "number", "registered_on", "expires_on", "document")
    list_filter = ("register", "registered_on", "expires_on")
    search_fields = ("pledge__number", "number", "document")


@admin.register(models.Valuation, site=site)
class ValuationAdmin(_OfPledges):
    # in words, and to each side what is hers, on the pledge's own page
    exclude = ("idempotency_key", "alerts", "marks")
    export_fields = (
        "valued_on", "pledge_id", "owed_amount", "market_amount", "value_amount", "ltv", "level",
        "is_stale", "top_up_count", "headroom_count",
    )  # fmt: skip
    list_display = (
        "valued_on", "pledge", "owed_amount", "value_amount", "ltv", "level", "is_stale",
        "top_up_count", "headroom_count",
    )  # fmt: skip
    list_filter = ("level", "is_stale", "valued_on")
    search_fields = ("pledge__number",)


@admin.register(models.MarginCall, site=site)
class MarginCallAdmin(_OfPledges):
    list_display = ("called_on", "pledge", "due_on", "ltv", "unit_count", "state", "settled_on")
    list_filter = ("state", "called_on", "due_on")
    search_fields = ("pledge__number",)


@admin.register(models.Proceeding, site=site)
class ProceedingAdmin(_OfPledges):
    list_display = ("opened_on", "pledge", "kind", "number", "document")
    list_filter = ("kind", "opened_on")
    search_fields = ("pledge__number", "number")


@admin.register(models.Enforcement, site=site)
class EnforcementAdmin(_OfPledges):
    list_display = ("sold_on", "pledge", "proceeds_amount", "costs_amount", "to_account")
    list_filter = ("sold_on",)
    list_select_related = ("pledge", "to_account")
    search_fields = ("pledge__number", "evidence")
