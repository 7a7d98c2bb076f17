"""Frozen inventories: what they say, and whether anything has moved since."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from unfold.decorators import display

from ledger.audit import operations as audit
from ledger.doors.admin import ReadOnlyAdmin, actor_of, download, site
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import canonical_json
from reporting.activity import queries as activity
from reporting.inventories import models, queries
from reporting.inventories.admin import tables
from reporting.inventories.admin.showing import shown


@admin.register(models.FrozenInventory, site=site)
class FrozenInventoryAdmin(ReadOnlyAdmin):
    list_display = ("inventory", "content_hash", "dataset_hash", "show_data_state", "frozen_at")
    list_select_related = ("inventory__park",)
    change_form_template = "reporting/inventories/frozen.html"
    fields = (
        "inventory",
        "show_gwp_set",
        "show_data_state",
        "content_hash",
        "dataset_hash",
        "checkpoint_size",
        "frozen_at",
        "frozen_by",
    )

    @display(description=gettext_lazy("GWP set"))
    def show_gwp_set(self, row: models.FrozenInventory) -> str:
        return str(row.content["result"]["gwp_set"]["name"])

    @display(description=gettext_lazy("state of the data"), ordering="data_state")
    def show_data_state(self, row: models.FrozenInventory) -> str:
        return activity.state_name(row.data_state)

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<uuid:frozen_id>/content.json",
            self.admin_site.admin_view(self.download),
            name="reporting_inventories_frozen_download",
        )
        return [own, *super().get_urls()]

    def download(self, request: HttpRequest, frozen_id: UUID) -> HttpResponse:
        """The content in its canonical form: its SHA-256 is the content hash. On record."""
        obj = self.get_object(request, str(frozen_id))
        if obj is None:
            raise Http404
        audit.record(
            verb="inventory.downloaded",
            subject=f"inventories.FrozenInventory:{obj.pk}",
            by=actor_of(request),
            at=timezone.now(),
            data={"content_hash": obj.content_hash},
        )
        name = f"inventory-{obj.content_hash[:12]}.json"
        return download(canonical_json(obj.content), "application/json", name)

    def scope(
        self, queryset: QuerySet[models.FrozenInventory], actor: Actor
    ) -> QuerySet[models.FrozenInventory]:
        return queryset.filter(queries.readable(actor, "inventory__"))

    def object_context(
        self, request: HttpRequest, obj: models.FrozenInventory | None
    ) -> dict[str, Any]:
        if obj is None:
            return {}
        reasons = queries.stale_reasons(obj.pk)
        rows = [(REASONS[reason],) for reason in reasons]
        title = _("Changed since it was frozen") if reasons else _("Unchanged since it was frozen")
        result = obj.content["result"]
        changed = {"title": title, "headings": [_("What changed")], "rows": rows}
        address = reverse("admin:reporting_inventories_frozen_download", args=[obj.pk])
        where = obj.inventory_id, obj.inventory.calculation
        return {
            "links": [(_("Download as JSON"), address)],
            "chart": tables.chart(result),
            "related": [
                _totals(result),
                tables.categories(result, *where),
                tables.value_chain(result, *where),
                _market(result),
                *tables.claims(result),
                *tables.intensity(result.get("intensity", ())),
                tables.uncertainty(result["uncertainty"]),
                *tables.restatement(obj.content.get("restatement")),
                _parts(result),
                changed,
            ],
        }


def _tonnes(text: str) -> str:
    return shown(Decimal(text))


def _totals(result: Mapping[str, Any]) -> dict[str, Any]:
    """The totals of the frozen content, by both ways of counting power."""
    totals = result["totals"]

    def line(title: str, location: str, market: str) -> tuple[str, str, str]:
        return title, _tonnes(totals[location]), _tonnes(totals[market])

    return {
        "title": _("Totals, as frozen"),
        "headings": ["", _("Location-based (tCO2e)"), _("Market-based (tCO2e)")],
        "rows": [
            line(_("Scope 1"), "scope_1_tco2e", "scope_1_tco2e"),
            line(_("Scope 2"), "scope_2_location_tco2e", "scope_2_market_tco2e"),
            line(_("Scopes 1 and 2"), "total_location_tco2e", "total_market_tco2e"),
            *(
                [line(_("Scope 3"), "scope_3_tco2e", "scope_3_tco2e")]
                if "scope_3_tco2e" in totals
                else []
            ),
            line(_("Biogenic CO2, outside the totals (t)"), "biogenic_co2_t", "biogenic_co2_t"),
        ],
    }


def _parts(result: Mapping[str, Any]) -> dict[str, Any]:
    """The lines, summed by category, part, source and gas; the lines themselves are a list."""
    sums: dict[tuple[int, str, str, str], Decimal] = {}
    for line in result["lines"]:
        key = line["category"], line["subcategory"], line["source"], line["gas"]
        sums[key] = sums.get(key, Decimal(0)) + Decimal(line["tco2e"])
    names = tables.place_names()
    return {
        "title": _("Lines by category, source and gas (power location-based)"),
        "headings": [
            _("Category"),
            pgettext("greenhouse gases", "Scope"),
            _("Part"),
            pgettext("greenhouse gases", "Source"),
            _("Gas"),
            "tCO2e",
        ],
        "rows": [
            (category, min(category, 3), names.get(part, part), source, gas, shown(tonnes))
            for (category, part, source, gas), tonnes in sorted(sums.items())
        ],
    }


def _market(result: Mapping[str, Any]) -> dict[str, Any]:
    """How power is counted market-based, from the claims down to the residual mix."""
    return {
        "title": _("Power, market-based"),
        "headings": [_("Evidence"), "MWh", "tCO2e/MWh", "tCO2e"],
        "rows": [
            (
                RUNGS.get(line["rung"], line["rung"]),
                f"{Decimal(line['mwh']).normalize():,f}",
                f"{Decimal(line['tco2e_per_mwh']).normalize():f}",
                _tonnes(line["tco2e"]),
            )
            for line in result["market"]
        ],
    }


RUNGS = {
    "CERTIFICATE": gettext_lazy("green certificates claimed"),
    "DIRECT_SUPPLY": gettext_lazy("green power directly supplied"),
    "SELF_GENERATED": gettext_lazy("self-generated power"),
    "SUPPLIER": gettext_lazy("the supplier's own factor"),
    "RESIDUAL_MIX": gettext_lazy("residual mix"),
    "GRID_AVERAGE": gettext_lazy("grid average"),
}
REASONS = {
    "ACTIVITY": gettext_lazy("activity data"),
    "FACTORS": gettext_lazy("emission factors or warming potentials"),
    "CLAIMS": gettext_lazy("claims in the ledger"),
    "CALCULATION": gettext_lazy("the calculation no longer gives this result"),
    "RESTATED": gettext_lazy("a later inventory took its place"),
}
