"""Calibrations, virtual meters and evidence of direct supply, to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.doors.admin import ReadOnlyAdmin, site
from ledger.kernel.actors import Actor
from reporting.parks import models, queries


@admin.register(models.Calibration, site=site)
class CalibrationAdmin(ReadOnlyAdmin):
    list_display = ("meter", "certificate", "laboratory", "calibrated_on", "valid_to")
    list_filter = ("meter__source__park",)
    list_select_related = ("meter",)
    search_fields = ("meter__number", "certificate", "laboratory")

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return queryset.filter(meter__source__park__operator_id=actor.own_party)


@admin.register(models.MeterPart, site=site)
class MeterPartAdmin(ReadOnlyAdmin):
    list_display = ("virtual", "show_sign", "part", "valid_from", "valid_to")
    list_filter = ("virtual__source__park",)
    list_select_related = ("virtual", "part")
    search_fields = ("virtual__number", "part__number")

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return queryset.filter(virtual__source__park__operator_id=actor.own_party)

    @display(description=gettext_lazy("added or taken off"), ordering="sign")
    def show_sign(self, obj: models.MeterPart) -> str:
        return _("added") if obj.sign > 0 else _("subtracted")


@admin.register(models.DirectSupply, site=site)
class DirectSupplyAdmin(ReadOnlyAdmin):
    list_display = (
        "source", "form", "generator", "agreement", "line", "generator_meter", "user_meter",
        "show_missing", "valid_from", "valid_to",
    )  # fmt: skip
    list_filter = ("form", "source__park")
    list_select_related = ("source", "user_meter")
    search_fields = ("source__code", "generator", "agreement")

    def scope(self, queryset: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return queryset.filter(source__park__operator_id=actor.own_party)

    @display(description=gettext_lazy("still missing"))
    def show_missing(self, obj: models.DirectSupply) -> str:
        told = {field.name: getattr(obj, field.attname) for field in obj._meta.concrete_fields}
        missing = queries.missing_words(told, has_user_meter=obj.user_meter_id is not None)
        return _("; ").join(missing) or _("nothing")


def of_meter(request: HttpRequest, obj: models.Meter) -> list[dict[str, Any]]:
    """What a meter's page says beside its own columns."""
    calibrations = [
        [row.certificate, row.laboratory or "–", row.calibrated_on, row.valid_to]
        for row in obj.calibrations.all()
    ]
    parts = [
        ["+" if row.sign > 0 else "−", row.part.number, row.valid_from, row.valid_to or "–"]
        for row in obj.parts.select_related("part").order_by("part__number")
    ]
    found = [
        {
            "title": _("Calibrations"),
            "headings": [
                _("certificate number"), _("laboratory"), _("calibrated on"),
                _("valid to (exclusive)"),
            ],
            "rows": calibrations,
        }
    ]  # fmt: skip
    if parts:
        found.append(
            {
                "title": _("Made of these meters"),
                "headings": ["±", _("meter"), _("valid from"), _("valid to (exclusive)")],
                "rows": parts,
            }
        )
    return found
