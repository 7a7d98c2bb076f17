"""Facts for the indicators, and assessments as they were kept."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.doors.permissions import MAY
from ledger.doors.wording import number_format
from ledger.kernel.actors import Actor
from reporting.indicators import forms, models, operations, queries
from reporting.indicators.showing import page
from reporting.indicators.states import FactKind, Status
from reporting.parks import queries as parks

COLOURS = {
    Status.MET: "success",
    Status.NOT_MET: "danger",
    Status.NO_TIER: "warning",
    Status.NO_DATA: "warning",
}


class OfAPark(ConfirmedAction):
    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        actor = actor_of(request)
        inner = parks.inner_choices(actor.own_party)
        return {"park_code": parks.park_choices(actor), "inner_park": inner}


class Assess(OfAPark):
    name, title = "assess", gettext_lazy("Assess a park's year")
    operation = "indicators.assess_park"
    form_class = forms.WhichForm
    icon = "speed"

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        return request.GET.dict()

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        park = queries.park_called(data["park_code"], actor_of(request))
        found = queries.worked_out(
            park.id, data["year"], on=timezone.localdate(), inner_park=data["inner_park"]
        )
        return [
            page.shown(found, park_id=park.id, year=data["year"])["verdict"]["text"],
            _("It is kept with everything it is made of, and can be compared later."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        actor = actor_of(request)
        kept = operations.assess_park(
            park_id=queries.park_called(data["park_code"], actor).id,
            year=data["year"],
            inner_park=data["inner_park"],
            by=actor,
            at=timezone.now(),
            idempotency_key=key,
        )
        return _("Kept. Content hash: %(hash)s") % {"hash": kept.content_hash}


class RecordFact(OfAPark):
    name, title = "record", gettext_lazy("Enter a fact")
    operation = "indicators.record_fact"
    form_class = forms.FactForm
    icon = "edit_note"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        word = dict(models.FactKindChoice.choices)[data["kind"]]
        amount = f"{data['part']:f} {data['unit']}"
        if data["whole"] is not None:
            amount = f"{data['part']:f} / {data['whole']:f} {data['unit']}"
        return [
            f"{data['year']} · {word} {data['name']}: {amount}",
            _("Told again, it becomes the next version; the one before stays to be read."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        actor = actor_of(request)
        same = ("inner_park", "year", "name", "part", "whole", "unit", "evidence", "reason")
        operations.record_fact(
            park_id=queries.park_called(data["park_code"], actor).id,
            kind=FactKind(data["kind"]),
            **{name: data[name] for name in same},
            by=actor,
            at=timezone.now(),
            idempotency_key=key,
        )
        return _("Kept.")


class Exclude(OfAPark):
    name, title = "exclude", gettext_lazy("Leave an indicator out")
    operation = "indicators.record_fact"
    form_class = forms.ExclusionForm
    icon = "do_not_disturb_on"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [
            _("%(indicator)s is left out of %(year)s, because: %(reason)s")
            % {
                "indicator": queries.indicator_names()[data["name"]],
                "year": str(data["year"]),
                "reason": data["reason"],
            }
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        actor = actor_of(request)
        operations.record_fact(
            park_id=queries.park_called(data["park_code"], actor).id,
            year=data["year"],
            inner_park=data["inner_park"],
            kind=FactKind.EXCLUSION,
            name=data["name"],
            reason=data["reason"],
            by=actor,
            at=timezone.now(),
            idempotency_key=key,
        )
        return _("Kept.")


@admin.register(models.ParkFact, site=site)
class ParkFactAdmin(ReadOnlyAdmin):
    list_display = (
        "park", "inner_park", "year", "kind", "name", "show_part", "show_whole", "unit",
        "version", "evidence",
    )  # fmt: skip
    list_filter = ("park", "year", "kind")
    search_fields = ("name", "evidence", "reason")
    list_select_related = ("park",)
    exclude = ("idempotency_key", "part", "whole")
    readonly_fields = ("show_part", "show_whole")
    list_actions = (RecordFact, Exclude)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        may = not actor_of(request).roles.isdisjoint(MAY["indicators.import_facts"])
        button = (_("Upload a file"), "upload_file", reverse("facts_upload"))
        context = {"list_buttons": [button] if may else []}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def scope(self, queryset: QuerySet[models.ParkFact], actor: Actor) -> QuerySet[models.ParkFact]:
        return queryset.filter(party_id=actor.own_party)

    @display(description=gettext_lazy("amount"), ordering="part")
    def show_part(self, row: models.ParkFact) -> str:
        return page.plain(row.part)

    @display(description=gettext_lazy("of, or quota"), ordering="whole")
    def show_whole(self, row: models.ParkFact) -> str:
        return page.plain(row.whole)


@admin.register(models.Assessment, site=site)
class AssessmentAdmin(ReadOnlyAdmin):
    list_display = (
        "show_whose", "year", "show_status", "show_intensity", "show_tco2", "show_tce",
        "recorded_at",
    )  # fmt: skip
    list_filter = ("park", "year", "status")
    list_select_related = ("park",)
    fields = (
        "park", "inner_park", "year", "show_status", "show_intensity", "show_tco2", "show_tce",
        "worked_out_on",
        "content_hash", "dataset_hash", "recorded_at", "recorded_by",
    )  # fmt: skip
    list_actions = (Assess,)
    change_form_template = "reporting/indicators/assessment.html"
    export_fields = (
        "park_id", "inner_park", "year", "status", "intensity", "emission_tco2", "energy_tce",
        "content_hash", "recorded_at",
    )  # fmt: skip

    def scope(
        self, queryset: QuerySet[models.Assessment], actor: Actor
    ) -> QuerySet[models.Assessment]:
        return queryset.filter(party_id=actor.own_party)

    @display(description=gettext_lazy("park"), ordering="park")
    def show_whose(self, row: models.Assessment) -> str:
        return row.whose

    @display(description=gettext_lazy("core indicator"), label=COLOURS, ordering="status")
    def show_status(self, row: models.Assessment) -> tuple[str, str]:
        return row.status, row.get_status_display()

    @display(description=gettext_lazy("tCO2 per tce"), ordering="intensity")
    def show_intensity(self, row: models.Assessment) -> str:
        return number_format(row.intensity, 4)

    @display(description=gettext_lazy("emissions (tCO2)"), ordering="emission_tco2")
    def show_tco2(self, row: models.Assessment) -> str:
        return number_format(row.emission_tco2, 2)

    @display(description=gettext_lazy("energy (tce)"), ordering="energy_tce")
    def show_tce(self, row: models.Assessment) -> str:
        return number_format(row.energy_tce, 2)

    def object_context(self, request: HttpRequest, obj: models.Assessment | None) -> dict[str, Any]:
        if obj is None:
            return {}
        shown = page.shown(obj.content, park_id=obj.park_id, year=obj.year)
        facts = reverse("admin:reporting_indicators_parkfact_changelist")
        query = f"park__id__exact={obj.park_id}&year={obj.year}"
        return {
            **shown,
            "links": [(_("Facts of the year"), f"{facts}?{query}")],
            "is_stale": queries.is_stale(obj.pk),
        }
