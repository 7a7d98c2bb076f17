"""What was delivered in certificates, and what was claimed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from finance.ppas import queries
from finance.ppas.models import CertificateMatch, PowerClaim
from finance.ppas.showing import tables, words
from ledger.doors.admin import ReadOnlyAdmin, site
from ledger.kernel.actors import Actor


@admin.register(CertificateMatch, site=site)
class CertificateMatchAdmin(ReadOnlyAdmin):
    list_display = ("show_month", "contract", "purpose", "unit_count", "lot", "account")
    list_filter = ("contract", "purpose")
    list_select_related = ("contract", "lot", "account")
    search_fields = ("contract__number", "lot__code")

    def scope(
        self, queryset: QuerySet[CertificateMatch], actor: Actor
    ) -> QuerySet[CertificateMatch]:
        return queryset.filter(contract__in=queries.contracts_of(actor.own_party))

    def object_context(self, request: HttpRequest, obj: CertificateMatch | None) -> dict[str, Any]:
        if obj is None:
            return {}
        entry = reverse("admin:ledger_units_entry_change", args=[obj.entry_id])
        links = [(_("Entry of the ledger"), entry), *_statement(obj)]
        claim = PowerClaim.objects.filter(match=obj).first()
        if claim is not None:
            links.append((_("Claim"), tables.page_of("powerclaim", claim.pk)))
        return {"links": links}

    @display(description=gettext_lazy("month"), ordering="month")
    def show_month(self, obj: CertificateMatch) -> str:
        return f"{obj.month:%Y-%m}"


@admin.register(PowerClaim, site=site)
class PowerClaimAdmin(ReadOnlyAdmin):
    list_display = ("show_month", "contract", "show_energy", "match", "plant")
    list_filter = ("contract",)
    list_select_related = ("contract", "match", "match__contract", "plant")
    search_fields = ("contract__number",)

    def scope(self, queryset: QuerySet[PowerClaim], actor: Actor) -> QuerySet[PowerClaim]:
        return queryset.filter(contract__in=queries.contracts_of(actor.own_party))

    def object_context(self, request: HttpRequest, obj: PowerClaim | None) -> dict[str, Any]:
        if obj is None:
            return {}
        claim = reverse("admin:ledger_claims_claim_change", args=[obj.claim_id])
        return {"links": [(_("Claim in the ledger"), claim), *_statement(obj)]}

    @display(description=gettext_lazy("month"), ordering="month")
    def show_month(self, obj: PowerClaim) -> str:
        return f"{obj.month:%Y-%m}"

    @display(description=gettext_lazy("energy, MWh"), ordering="energy_wh")
    def show_energy(self, obj: PowerClaim) -> str:
        return words.energy(obj.energy_wh)


def _statement(obj: CertificateMatch | PowerClaim) -> list[tuple[str, str]]:
    row = queries.standing_of(obj.contract_id, obj.month)
    return [(_("Settlement statement"), tables.page_of("settlement", row.pk))] if row else []
