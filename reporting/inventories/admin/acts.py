"""Building, calculating, freezing and restating."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.doors.admin import Choices, ConfirmedAction, actor_of
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.periods import Period
from ledger.kernel.transitions import allows, check_transition
from reporting.inventories import forms, models, operations
from reporting.inventories.admin.showing import shown
from reporting.inventories.engine.judging import Change
from reporting.inventories.states import TRANSITIONS, Consolidation, InventoryState
from reporting.parks import queries as parks


class Build(ConfirmedAction):
    name, title, operation = (
        "build",
        gettext_lazy("Build an inventory"),
        "inventories.build_inventory",
    )
    form_class = forms.BuildForm
    icon = "calculate"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        actor = actor_of(request)
        inner = parks.inner_choices(actor.own_party)
        return {"park_code": parks.park_choices(actor), "inner_park": inner}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        park = _park(data["park_code"], actor_of(request))
        whose = " · ".join(filter(None, (parks.shown_name(park), data["inner_park"])))
        return [
            _("The inventory of %(park)s for %(year)s will be calculated with %(gwp)s.")
            % {"park": whose, "year": str(data["year"]), "gwp": data["gwp_set"]},
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
            denominators=data["denominators"],
            suppliers=data["suppliers"],
            significance_by_part=data["judged"],
            inner_park=data["inner_park"],
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
            _("Scope 1: %(tonnes)s tCO2e") % {"tonnes": shown(obj.scope_1_tco2e)},
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
            inventory_id=obj.pk,
            reason=data["reason"],
            change=Change(data["change"]),
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("Restated.")
