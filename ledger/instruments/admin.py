from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.instruments import forms, models, operations, queries
from ledger.instruments.rules import EXCLUDES
from ledger.instruments.states import ProjectState


@admin.register(models.Scheme, site=site)
class SchemeAdmin(ReadOnlyAdmin):
    open_to_all = True
    list_display = (
        "code",
        "name_zh",
        "family",
        "measure",
        "registry",
        "vintage_axis",
        "confidence",
    )
    list_filter = ("family", "registry", "confidence")
    list_select_related = ("registry",)
    search_fields = ("code", "name_zh", "name_en")


@admin.register(models.Registry, site=site)
class RegistryAdmin(ReadOnlyAdmin):
    open_to_all = True
    list_display = ("code", "name_zh", "name_en", "operator_zh", "confidence")
    search_fields = ("code", "name_zh", "name_en")


class RegisterProject(ConfirmedAction):
    name = "register"
    title = gettext_lazy("Register a project")
    operation = "instruments.register_project"
    form_class = forms.RegisterProject
    icon = "add"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        found = queries.plants_of(actor_of(request).own_party)
        return {
            "scheme": [(one.code, str(one)) for one in queries.schemes().filter(family="CREDIT")],
            "plant": [(str(one.pk), str(one)) for one in found],
        }

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        said = [_("The project %(code)s %(name_zh)s is registered.") % data]
        if data["plant"] and data["scheme"] in EXCLUDES:
            said.append(
                _(
                    "Untraded green certificates of the plant, generated in the crediting period, "
                    "are frozen, also those issued later; until the project is withdrawn."
                )
            )
        return said

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        given = {name: value for name, value in data.items() if name != "plant"}
        operations.register_project(
            **given,
            plant_id=UUID(data["plant"]) if data["plant"] else None,
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The project is registered.")


class WithdrawProject(ConfirmedAction):
    name = "withdraw"
    title = gettext_lazy("Withdraw the project")
    operation = "instruments.withdraw_project"
    form_class = forms.Reason
    icon = "undo"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: models.Project) -> bool:
        owner = obj.plant.owner_id if obj.plant else None
        mine = owner is not None and owner == actor_of(request).party_id
        return mine and obj.state == ProjectState.REGISTERED

    def describe(
        self, request: HttpRequest, obj: models.Project, data: Mapping[str, Any]
    ) -> list[str]:
        return [
            _("The project %(code)s is withdrawn, for good.") % {"code": obj.code},
            _("Green certificates that it kept frozen are released."),
        ]

    def perform(
        self, request: HttpRequest, obj: models.Project, data: Mapping[str, Any], key: str
    ) -> str:
        operations.withdraw_project(
            project_id=obj.pk, by=actor_of(request), at=timezone.now(), reason=data["reason"]
        )
        return _("The project is withdrawn.")


class RegisterPlant(ConfirmedAction):
    name = "register"
    title = gettext_lazy("Register a plant")
    operation = "instruments.register_plant"
    form_class = forms.RegisterPlant
    icon = "add"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        technology: Any = models.Plant._meta.get_field("technology")
        return {"technology": technology.choices}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [_("The plant %(code)s %(name_zh)s is registered as your party's.") % data]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        by = actor_of(request)
        operations.register_plant(**data, owner_id=by.own_party, by=by, at=timezone.now())
        return _("The plant is registered.")


@admin.register(models.Project, site=site)
class ProjectAdmin(ReadOnlyAdmin):
    open_to_all = True  # projects are public in their registries
    list_display = (
        "code",
        "name_zh",
        "scheme",
        "methodology",
        "crediting_from",
        "crediting_to",
        "state",
    )
    list_filter = ("scheme", "state")
    confirmed_actions = (WithdrawProject,)
    list_actions = (RegisterProject,)
    list_select_related = ("scheme",)
    search_fields = ("code", "name_zh", "name_en")


@admin.register(models.Plant, site=site)
class PlantAdmin(ReadOnlyAdmin):
    open_to_all = True  # as projects
    list_display = ("code", "name_zh", "technology", "commissioned_on", "region", "capacity_mw")
    list_filter = ("technology", "region")
    list_actions = (RegisterPlant,)
    search_fields = ("code", "name_zh", "name_en")
