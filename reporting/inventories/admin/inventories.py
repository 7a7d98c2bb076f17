"""Inventories and their lines."""

from collections.abc import Callable
from decimal import Decimal
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
from reporting.inventories import models, queries
from reporting.inventories.admin import tables
from reporting.inventories.admin.acts import Build, Calculate, Freeze, Restate
from reporting.inventories.admin.showing import shown
from reporting.inventories.states import InventoryState

COLOURS = {
    InventoryState.DRAFT: "info",
    InventoryState.CALCULATED: "warning",
    InventoryState.FROZEN: "success",
    InventoryState.RESTATED: "danger",
}


@admin.register(models.Inventory, site=site)
class InventoryAdmin(ReadOnlyAdmin):
    list_display = (
        "show_whose",
        "period_start",
        "period_end",
        "consolidation",
        "gwp_set",
        "show_state",
        "show_scope_1",
        "show_location",
        "show_market",
    )
    list_filter = ("state", "park", "gwp_set")
    list_select_related = ("park",)
    list_actions = (Build,)
    exclude = ("purpose",)  # there is one
    confirmed_actions = (Calculate, Freeze, Restate)

    def scope(
        self, queryset: QuerySet[models.Inventory], actor: Actor
    ) -> QuerySet[models.Inventory]:
        return queryset.filter(queries.readable(actor))

    @display(description=gettext_lazy("park"), ordering="park")
    def show_whose(self, row: models.Inventory) -> str:
        return row.whose

    @display(description=gettext_lazy("state"), label=COLOURS)
    def show_state(self, row: models.Inventory) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=gettext_lazy("Scope 1 (tCO2e)"), ordering="scope_1_tco2e")
    def show_scope_1(self, row: models.Inventory) -> str:
        return shown(row.scope_1_tco2e)

    @display(description=gettext_lazy("Scope 2, location-based (tCO2e)"))
    def show_location(self, row: models.Inventory) -> str:
        return shown(row.scope_2_location_tco2e)

    @display(description=gettext_lazy("Scope 2, market-based (tCO2e)"))
    def show_market(self, row: models.Inventory) -> str:
        return shown(row.scope_2_market_tco2e)

    def object_context(self, request: HttpRequest, obj: models.Inventory | None) -> dict[str, Any]:
        if obj is None:
            return {}
        lines = reverse("admin:reporting_inventories_inventoryline_changelist")
        query = f"inventory__id__exact={obj.pk}&calculation={obj.calculation}"
        links = [(_("Lines of this calculation"), f"{lines}?{query}")]
        for frozen in obj.frozen.all():
            address = reverse(
                "admin:reporting_inventories_frozeninventory_change", args=[frozen.pk]
            )
            links.append((_("Frozen content"), address))
        return {"links": links, "related": [_by_part(obj)]}


def _by_part(inventory: models.Inventory) -> dict[str, Any]:
    """What the total is made of: the sum of the lines of each part, linked by the list above."""
    sums: dict[tuple[int, str, str], Decimal] = {}
    for line in inventory.lines.filter(calculation=inventory.calculation):
        key = line.category, line.subcategory, line.gas_group
        sums[key] = sums.get(key, Decimal(0)) + line.emission_tco2e
    names, groups = tables.place_names(), dict(models.GasGroupChoice.choices)
    return {
        "title": _("Emissions by part and gas"),
        "headings": [_("Category"), _("Part"), _("Gas"), "tCO2e"],
        "rows": [
            (
                category,
                names.get(part, part),
                groups.get(gas, gas),
                tables.link_to_lines(
                    inventory.pk,
                    inventory.calculation,
                    shown(tonnes),
                    subcategory=part,
                    gas_group__exact=gas,
                ),
            )
            for (category, part, gas), tonnes in sorted(sums.items())
        ],
    }


def _place() -> Callable[[str], str]:
    names = tables.place_names()
    return lambda code: names.get(code, code)


@admin.register(models.InventoryLine, site=site)
class InventoryLineAdmin(ReadOnlyAdmin):
    list_display = (
        "position",
        "source_code",
        "month",
        "gas",
        "formula",
        "show_mass",
        "show_emission",
        "category",
    )
    list_filter = (
        "inventory", "calculation", "gas_group", "category", ("subcategory", worded(_place)),
        "source_code",
    )  # fmt: skip
    search_fields = ("source_code", "activity_id", "factor_id")
    list_select_related = ("inventory__park",)
    fields = (
        "inventory", "calculation", "position", "source_code", "month", "category", "show_part",
        "gas", "gas_group", "formula", "show_mass", "gwp", "show_emission", "activity_id",
        "activity_digest", "factor_id", "factor_digest",
    )  # fmt: skip

    @display(description=gettext_lazy("part of the category"))
    def show_part(self, line: models.InventoryLine) -> str:
        return tables.place_names().get(line.subcategory, line.subcategory)

    def scope(
        self, queryset: QuerySet[models.InventoryLine], actor: Actor
    ) -> QuerySet[models.InventoryLine]:
        return queryset.filter(queries.readable(actor, "inventory__"))

    @display(description=gettext_lazy("mass (t)"))
    def show_mass(self, line: models.InventoryLine) -> str:
        return f"{line.mass_t.normalize():f}"

    @display(description=gettext_lazy("emission (tCO2e)"))
    def show_emission(self, line: models.InventoryLine) -> str:
        return f"{line.emission_tco2e.normalize():f}"
