from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from unfold.decorators import display

from ledger.audit import operations as audit
from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, download, site
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import canonical_json
from ledger.kernel.errors import NotFound
from ledger.kernel.periods import Period
from ledger.kernel.transitions import allows, check_transition
from reporting.activity import queries as activity
from reporting.inventories import forms, models, operations, queries
from reporting.inventories.states import TRANSITIONS, Consolidation, InventoryState
from reporting.parks import queries as parks

TWO_PLACES = Decimal("0.01")
COLOURS = {
    InventoryState.DRAFT: "info",
    InventoryState.CALCULATED: "warning",
    InventoryState.FROZEN: "success",
    InventoryState.RESTATED: "danger",
}


def _shown(tonnes: Decimal | None) -> str:
    """For the eye only: two places; the exact number stands on the object's page."""
    return "–" if tonnes is None else f"{tonnes.quantize(TWO_PLACES):,}"


class Build(ConfirmedAction):
    name, title, operation = (
        "build",
        gettext_lazy("Build an inventory"),
        "inventories.build_inventory",
    )
    form_class = forms.BuildForm
    icon = "calculate"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"park_code": parks.park_choices(actor_of(request))}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        park = _park(data["park_code"], actor_of(request))
        return [
            _("The inventory of %(park)s for %(year)s will be calculated with %(gwp)s.")
            % {"park": parks.shown_name(park), "year": str(data["year"]), "gwp": data["gwp_set"]},
            _("Allowances and credits do not change any total."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        actor = actor_of(request)
        operations.build_inventory(
            park_id=_park(data["park_code"], actor).id,
            period=Period.year(data["year"]),
            consolidation=Consolidation(data["consolidation"]),
            gwp_set=data["gwp_set"],
            significance=data["significance"],
            sold_certificates_mwh=data["sold_certificates_mwh"],
            by=actor,
            at=timezone.now(),
        )
        return _("The inventory was built.")


def _park(code: str, actor: Actor) -> parks.ParkView:
    found = parks.find_park(code)
    if found is None:
        raise NotFound
    return parks.get_park(found.id, actor)


class Calculate(ConfirmedAction):
    name, title = "calculate", gettext_lazy("Calculate again")
    operation = "inventories.calculate_inventory"
    icon = "refresh"

    def is_offered(self, request: HttpRequest, obj: models.Inventory) -> bool:
        return allows(check_transition, TRANSITIONS, obj.state, InventoryState.CALCULATED)

    def describe(
        self, request: HttpRequest, obj: models.Inventory, data: Mapping[str, Any]
    ) -> list[str]:
        return [_("The inventory will be calculated from today's data and factors.")]

    def perform(
        self, request: HttpRequest, obj: models.Inventory, data: Mapping[str, Any], key: str
    ) -> str:
        by, at = actor_of(request), timezone.now()
        operations.calculate_inventory(inventory_id=obj.pk, by=by, at=at)
        return _("Calculated.")


class Freeze(ConfirmedAction):
    name, title, operation = "freeze", gettext_lazy("Freeze"), "inventories.freeze_inventory"
    icon = "ac_unit"

    def is_offered(self, request: HttpRequest, obj: models.Inventory) -> bool:
        return allows(check_transition, TRANSITIONS, obj.state, InventoryState.FROZEN)

    def describe(
        self, request: HttpRequest, obj: models.Inventory, data: Mapping[str, Any]
    ) -> list[str]:
        return [
            _("The inventory is kept as it stands: its content and one hash over it."),
            _("Scope 1: %(tonnes)s tCO2e") % {"tonnes": _shown(obj.scope_1_tco2e)},
            _("It cannot be changed afterwards, only restated by a new one."),
        ]

    def perform(
        self, request: HttpRequest, obj: models.Inventory, data: Mapping[str, Any], key: str
    ) -> str:
        by, at = actor_of(request), timezone.now()
        frozen = operations.freeze_inventory(inventory_id=obj.pk, by=by, at=at)
        return _("Frozen. Content hash: %(hash)s") % {"hash": frozen.content_hash}


class Restate(ConfirmedAction):
    name, title, operation = "restate", gettext_lazy("Restate"), "inventories.restate_inventory"
    form_class = forms.ReasonForm
    icon = "history"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: models.Inventory) -> bool:
        return allows(check_transition, TRANSITIONS, obj.state, InventoryState.RESTATED)

    def describe(
        self, request: HttpRequest, obj: models.Inventory, data: Mapping[str, Any]
    ) -> list[str]:
        return [
            _("A new inventory is calculated from today's data and takes the place of this one."),
            _("This one stays as it was frozen; its opinion and reports become superseded."),
        ]

    def perform(
        self, request: HttpRequest, obj: models.Inventory, data: Mapping[str, Any], key: str
    ) -> str:
        operations.restate_inventory(
            inventory_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now()
        )
        return _("Restated.")


def _readable(actor: Actor, prefix: str = "") -> Q:
    """The operator's own, and what an engagement lets a verifier read."""
    mine = Q(**{f"{prefix}party_id": actor.own_party})
    for park_id, period_start in queries.also_readable(actor):
        names = {f"{prefix}park_id": park_id, f"{prefix}period_start": period_start}
        mine |= Q(**names)
    return mine


@admin.register(models.Inventory, site=site)
class InventoryAdmin(ReadOnlyAdmin):
    list_display = (
        "park",
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
    confirmed_actions = (Calculate, Freeze, Restate)

    def scope(
        self, queryset: QuerySet[models.Inventory], actor: Actor
    ) -> QuerySet[models.Inventory]:
        return queryset.filter(_readable(actor))

    @display(description=gettext_lazy("state"), label=COLOURS)
    def show_state(self, row: models.Inventory) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=gettext_lazy("Scope 1 (tCO2e)"), ordering="scope_1_tco2e")
    def show_scope_1(self, row: models.Inventory) -> str:
        return _shown(row.scope_1_tco2e)

    @display(description=gettext_lazy("Scope 2, location-based (tCO2e)"))
    def show_location(self, row: models.Inventory) -> str:
        return _shown(row.scope_2_location_tco2e)

    @display(description=gettext_lazy("Scope 2, market-based (tCO2e)"))
    def show_market(self, row: models.Inventory) -> str:
        return _shown(row.scope_2_market_tco2e)

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
    names, groups = parks.part_names(), dict(models.GasGroupChoice.choices)
    return {
        "title": _("Emissions by part and gas"),
        "headings": [_("Category"), _("Part"), _("Gas"), "tCO2e"],
        "rows": [
            (category, names.get(part, part), groups.get(gas, gas), _shown(tonnes))
            for (category, part, gas), tonnes in sorted(sums.items())
        ],
    }


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
    list_filter = ("inventory", "calculation", "gas_group", "category", "source_code")
    search_fields = ("source_code", "activity_id", "factor_id")
    list_select_related = ("inventory__park",)

    def scope(
        self, queryset: QuerySet[models.InventoryLine], actor: Actor
    ) -> QuerySet[models.InventoryLine]:
        return queryset.filter(_readable(actor, "inventory__"))

    @display(description=gettext_lazy("mass (t)"))
    def show_mass(self, line: models.InventoryLine) -> str:
        return f"{line.mass_t.normalize():f}"

    @display(description=gettext_lazy("emission (tCO2e)"))
    def show_emission(self, line: models.InventoryLine) -> str:
        return f"{line.emission_tco2e.normalize():f}"


@admin.register(models.FrozenInventory, site=site)
class FrozenInventoryAdmin(ReadOnlyAdmin):
    list_display = ("inventory", "content_hash", "dataset_hash", "data_state", "frozen_at")
    list_select_related = ("inventory__park",)
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
        return queryset.filter(_readable(actor, "inventory__"))

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
        return {
            "links": [(_("Download as JSON"), address)],
            "related": [_totals(result), _parts(result), _market(result), changed],
        }


def _tonnes(text: str) -> str:
    return _shown(Decimal(text))


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
            line(_("Biogenic CO2, outside the totals (t)"), "biogenic_co2_t", "biogenic_co2_t"),
        ],
    }


def _parts(result: Mapping[str, Any]) -> dict[str, Any]:
    """The lines, summed by category, part, source and gas; the lines themselves are a list."""
    sums: dict[tuple[int, str, str, str], Decimal] = {}
    for line in result["lines"]:
        key = line["category"], line["subcategory"], line["source"], line["gas"]
        sums[key] = sums.get(key, Decimal(0)) + Decimal(line["tco2e"])
    names = parks.part_names()
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
            (category, category, names.get(part, part), source, gas, _shown(tonnes))
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
