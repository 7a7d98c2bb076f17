"""Lists of allocations, effects, subsidies and ratings."""

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from finance.proceeds import queries
from finance.proceeds.admin import acts
from finance.proceeds.admin.pages import READERS
from finance.proceeds.models import Allocation, Impact, Rating, Subsidy
from ledger.doors.admin import ReadOnlyAdmin, named, site
from ledger.kernel.actors import Actor, Role


@admin.register(Allocation, site=site)
class AllocationAdmin(ReadOnlyAdmin):
    list_display = ("allocated_on", "raising", "project", "amount", "tag", "evidence")
    list_filter = ("raising", "project", "tag", "allocated_on")
    list_select_related = ("raising", "project")
    search_fields = ("raising__code", "project__code", "project__name_zh", "evidence")
    exclude = ("idempotency_key",)
    readers = READERS

    def scope(self, queryset: QuerySet[Allocation], actor: Actor) -> QuerySet[Allocation]:
        return queryset.filter(raising__in=queries.raisings_of(actor.own_party).values("pk"))


@admin.register(Impact, site=site)
class ImpactAdmin(ReadOnlyAdmin):
    list_display = (
        "period_start", "period_end", "project", "version", "reduced_tco2e", "saved_tce",
        "verified_by",
    )  # fmt: skip
    list_filter = ("project", "period_start")
    list_select_related = ("project",)
    search_fields = ("project__code", "project__name_zh", "method", "evidence")
    exclude = ("idempotency_key",)
    readers = READERS

    def scope(self, queryset: QuerySet[Impact], actor: Actor) -> QuerySet[Impact]:
        return queryset.filter(project__in=queries.projects_of(actor.own_party).values("pk"))


@admin.register(Subsidy, site=site)
class SubsidyAdmin(ReadOnlyAdmin):
    """Who grants it sees it, and who gets it."""

    list_display = (
        "loan", named("beneficiary_id", gettext_lazy("beneficiary")), "raising", "principal",
        "subsidy_bps", "starts_on", "ends_on", "amount",
    )  # fmt: skip
    list_filter = ("raising", "starts_on")
    list_select_related = ("raising",)
    search_fields = ("loan", "evidence")
    exclude = ("idempotency_key",)
    readers = READERS | {Role.BANK_OFFICER}

    def scope(self, queryset: QuerySet[Subsidy], actor: Actor) -> QuerySet[Subsidy]:
        return queryset.filter(pk__in=queries.subsidies_seen_by(actor.own_party).values("pk"))


@admin.register(Rating, site=site)
class RatingAdmin(ReadOnlyAdmin):
    list_display = (
        "agency", "scale", "grade", named("party_id", gettext_lazy("rated party")), "document",
        "valid_from", "valid_to",
    )  # fmt: skip
    list_filter = ("agency", "scale", "grade")
    search_fields = ("agency", "scale", "document")
    exclude = ("idempotency_key",)
    readers = READERS
    list_actions = (acts.RecordRating,)

    def scope(self, queryset: QuerySet[Rating], actor: Actor) -> QuerySet[Rating]:
        return queryset.filter(party_id=actor.own_party)
