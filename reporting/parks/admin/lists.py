from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.doors.admin import ReadOnlyAdmin, site, worded
from ledger.kernel.actors import Actor
from ledger.kernel.regions import region_name
from reporting.parks import models, queries
from reporting.parks.admin import acts, dating, metering, placing
from reporting.parks.states import BoundaryKind


def _region(code: str) -> str:
    return _(region_name(code)) if code else ""


@admin.register(models.Park, site=site)
class ParkAdmin(ReadOnlyAdmin):
    list_display = ("code", "name_zh", "name_en", "operator", "show_province", "show_region")
    search_fields = ("code", "name_zh", "name_en")
    list_filter = (("province", worded(lambda: _region)),)
    list_select_related = ("operator",)
    fields = (
        "operator", "code", "name_zh", "name_en", "show_province", "show_region", "address",
        "description_zh", "description_en", "registered_at", "registered_by",
    )  # fmt: skip

    @display(description=gettext_lazy("province"), ordering="province")
    def show_province(self, row: models.Park) -> str:
        return _region(row.province) or "–"

    @display(description=gettext_lazy("grid region"), ordering="region")
    def show_region(self, row: models.Park) -> str:
        return _region(row.region) or "–"

    def scope(self, queryset: QuerySet[models.Park], actor: Actor) -> QuerySet[models.Park]:
        return queryset.filter(operator_id=actor.own_party)

    def object_context(self, request: HttpRequest, obj: models.Park | None) -> dict[str, Any]:
        if obj is None:
            return {}
        names = (("tenant", _("Tenants")), ("source", _("Emission sources")))
        return {
            "links": [
                (title, _list_of(f"reporting_parks_{name}", f"park__id__exact={obj.pk}"))
                for name, title in (*names, ("boundary", _("Boundaries")))
            ]
        }


def _list_of(name: str, query: str) -> str:
    return f"{reverse(f'admin:{name}_changelist')}?{query}"


class _OfAPark(ReadOnlyAdmin):
    """Rows that belong to a park."""

    list_select_related: Any = ("park",)
    list_filter: Any = ("park",)

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return queryset.filter(park__operator_id=actor.own_party)


@admin.register(models.Boundary, site=site)
class BoundaryAdmin(_OfAPark):
    list_display = ("park", "kind", "name", "valid_from", "valid_to")
    list_filter = ("park", "kind")
    search_fields = ("name",)
    ordering = ("park__code", "-kind", "name", "-valid_from")
    list_actions = (dating.DrawBoundary,)
    confirmed_actions = (placing.PlaceWithin, dating.RedrawBoundary, dating.EndBoundary)

    def object_context(self, request: HttpRequest, obj: models.Boundary | None) -> dict[str, Any]:
        is_inner = obj is not None and obj.kind == BoundaryKind.SUB_PARK
        return {"related": [placing.members_table(obj)]} if is_inner and obj else {}


@admin.register(models.BoundaryMember, site=site)
class BoundaryMemberAdmin(_OfAPark):
    list_display = ("boundary", "source", "tenant_code", "valid_from", "valid_to")
    list_filter = ("park", "boundary")
    list_select_related = ("park", "boundary", "source")
    search_fields = ("boundary__name", "source__code", "tenant_code")
    ordering = ("boundary__name", "source__code", "tenant_code", "-valid_from")
    confirmed_actions = (dating.EndMember,)


@admin.register(models.Tenant, site=site)
class TenantAdmin(_OfAPark):
    list_display = (
        "code",
        "name_zh",
        "equity_share",
        "has_operational_control",
        "has_financial_control",
        "valid_from",
        "valid_to",
    )
    search_fields = ("code", "name_zh", "name_en")
    ordering = ("code", "-valid_from")
    list_actions = (dating.AdmitTenant,)
    confirmed_actions = (dating.ChangeTerms, dating.EndTenant)

    def object_context(self, request: HttpRequest, obj: models.Tenant | None) -> dict[str, Any]:
        return {"related": [_versions(obj)]} if obj else {}


def _versions(tenant: models.Tenant) -> dict[str, Any]:
    """Under which terms the tenant stood when."""
    terms = models.Tenant.objects.filter(park_id=tenant.park_id, code=tenant.code)
    return {
        "title": _("Terms by date"),
        "headings": [
            _("valid from"), _("valid to (exclusive)"), _("equity share"),
            _("under operational control"), _("under financial control"),
        ],
        "rows": [
            [
                row.valid_from, row.valid_to or "–", dating.percent(row.equity_share),
                _("yes") if row.has_operational_control else _("no"),
                _("yes") if row.has_financial_control else _("no"),
            ]
            for row in terms.order_by("valid_from")
        ],
    }  # fmt: skip


@admin.register(models.Source, site=site)
class SourceAdmin(_OfAPark):
    list_display = ("code", "name_zh", "kind", "show_carrier", "unit", "tenant", "subcategory")
    list_filter: Any = ("park", "kind", ("carrier", worded(queries.carrier_words)), "tenant")
    list_select_related = ("park", "tenant")
    search_fields = ("code", "name_zh", "name_en")
    confirmed_actions = (acts.ProveSupply, dating.EndSource)

    @display(description=gettext_lazy("carrier"), ordering="carrier")
    def show_carrier(self, row: models.Source) -> str:
        told: str | None = getattr(row, "carrier_in_words", None)
        return told or queries.carrier_words()(row.carrier)

    def ask_once(self, rows: list[Any]) -> None:
        """The names of all carriers."""
        word = queries.carrier_words()
        for row in rows:
            row.carrier_in_words = word(row.carrier)


@admin.register(models.Meter, site=site)
class MeterAdmin(ReadOnlyAdmin):
    list_display = (
        "number", "source", "multiplier", "unit", "step_minutes", "fed_by", "valid_from",
        "valid_to",
    )  # fmt: skip
    list_filter = ("source__park",)
    list_select_related = ("source", "fed_by")
    search_fields = ("number", "source__code")
    confirmed_actions = (acts.Calibrate, acts.Replace, acts.PutTogether)

    def object_context(self, request: HttpRequest, obj: models.Meter | None) -> dict[str, Any]:
        return {"related": metering.of_meter(request, obj)} if obj else {}

    def scope(self, queryset: QuerySet[models.Meter], actor: Actor) -> QuerySet[models.Meter]:
        return queryset.filter(source__park__operator_id=actor.own_party)
