from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.doors import tabular
from ledger.doors.admin import (
    Choices,
    ConfirmedAction,
    ReadOnlyAdmin,
    actor_of,
    download,
    named,
    site,
)
from ledger.doors.wording import number_format
from ledger.jobs import queries as jobs
from ledger.kernel.actors import Actor
from reporting.parks import queries as parks
from reporting.readings import forms, operations, queries, showing
from reporting.readings.importer import Template
from reporting.readings.models import Month, Upload
from reporting.readings.states import Stamp, UploadState

COLOURS = {UploadState.WAITING: "info", UploadState.TAKEN: "success", UploadState.REFUSED: "danger"}
SHOWN = 200


class UploadReadings(ConfirmedAction):
    name = "upload"
    title = gettext_lazy("Upload readings")
    operation = "readings.upload_readings"
    form_class = forms.UploadReadings
    icon = "upload_file"
    asks_first = False

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        actor = actor_of(request)
        return {
            "park": [
                (str(one.id), parks.shown_name(one)) for one in parks.parks_of(actor.own_party)
            ]
        }

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        upload = operations.upload_readings(
            park_id=UUID(data["park"]),
            content=data["file"].file,
            name=data["file"].name,
            stamp=Stamp(data["stamp"]),
            reason=data["reason"],
            by=actor_of(request),
            at=timezone.now(),
        )
        if upload.state == UploadState.TAKEN:
            return _("This file was taken in before; nothing changes.")
        return _("The file is being read; its page shows how far, and names every bad row.")


@admin.register(Upload, site=site)
class UploadAdmin(ReadOnlyAdmin):
    list_display = (
        "file_name", "park", "show_state", "row_count", "new_count", "corrected_count",
        "same_count", "problem_count", "first_day", "last_day", "uploaded_at",
        named("uploaded_by", gettext_lazy("uploaded by")),
    )  # fmt: skip
    list_filter = ("state", "park")
    list_select_related = ("park",)
    search_fields = ("file_name", "sha256")
    exclude = ("problems",)
    list_actions = (UploadReadings,)
    change_form_template = "reporting/readings/upload.html"
    change_list_template = "reporting/readings/uploads.html"

    def scope(self, queryset: QuerySet[Upload], actor: Actor) -> QuerySet[Upload]:
        return queryset.filter(party_id=actor.own_party)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Above the list: files to fill in."""
        actor = actor_of(request)
        own = parks.parks_of(actor.party_id) if actor.party_id else []
        links = [link for one in own for link in _templates(one)]
        return super().changelist_view(request, {"templates": links, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<uuid:upload_id>/problems.csv",
            self.admin_site.admin_view(self.problems),
            name="reporting_readings_upload_problems",
        )
        return [own, *super().get_urls()]

    def problems(self, request: HttpRequest, upload_id: UUID) -> HttpResponse:
        """Every bad row as a file, to be mended one by one."""
        obj = self.get_object(request, str(upload_id))
        if obj is None:
            return HttpResponse(status=404)
        headings = [_("Row"), _("Column"), _("Reason"), _("as written")]
        return download(tabular.to_csv(headings, _problems(obj)), "text/csv", "problems.csv")

    def object_context(self, request: HttpRequest, obj: Upload | None) -> dict[str, Any]:
        if obj is None:
            return {}
        context: dict[str, Any] = {
            "refresh_seconds": 2 if obj.state == UploadState.WAITING else 0,
            "upload": obj,
            "job": jobs.find_by_key(f"readings.upload:{obj.pk}"),
            "problems": _problems(obj)[:SHOWN],
        }
        if obj.problem_count:
            url = reverse("admin:reporting_readings_upload_problems", args=[obj.pk])
            context["links"] = [(_("Every bad row as CSV"), url)]
        elif obj.state == UploadState.TAKEN:
            context["related"] = [showing.months_of_file(obj, actor_of(request))]
        return context

    @display(description=gettext_lazy("state"), label=COLOURS, ordering="state")
    def show_state(self, obj: Upload) -> tuple[str, str]:
        return obj.state, obj.get_state_display()


def _templates(park: parks.ParkView) -> list[tuple[str, str]]:
    """A workbook for each layout, and the plainest as CSV too."""
    found = [
        (f"{word} · {park.code} (XLSX)",
         f"{reverse('readings_template', args=[park.id, 'xlsx'])}?layout={layout}")
        for layout, word in showing.TEMPLATES.items()
    ]  # fmt: skip
    plain = reverse("readings_template", args=[park.id, "csv"])
    return [*found, (f"{showing.TEMPLATES[Template.LINES]} · {park.code} (CSV)", plain)]


def _problems(obj: Upload) -> list[list[Any]]:
    return [
        [row or "–", str(showing.COLUMNS.get(column, column)), _(message), text]
        for row, column, message, text in obj.problems
    ]


@admin.register(Month, site=site)
class MonthAdmin(ReadOnlyAdmin):
    list_display = (
        "show_meter", "show_source", "show_month", "show_total", "show_unit", "show_complete",
        "estimated_count", "corrected_count",
    )  # fmt: skip
    list_filter = ("month", ("meter__source__park", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("meter__source",)
    search_fields = ("meter__number", "meter__source__code", "meter__source__name_zh")
    fields = (
        "show_meter", "show_source", "show_month", "show_total", "show_unit", "show_complete",
        "estimated_count", "day_count", "corrected_count", "root",
    )  # fmt: skip
    change_form_template = "reporting/readings/month.html"

    def scope(self, queryset: QuerySet[Month], actor: Actor) -> QuerySet[Month]:
        return queryset.filter(pk__in=queries.months_of(actor).values("pk"))

    def object_context(self, request: HttpRequest, obj: Month | None) -> dict[str, Any]:
        if obj is None:
            return {}
        days = list(queries.days_of(obj.meter_id, queries.period_of(obj)))
        return {
            "chart": showing.chart_of_month(obj, days),
            "related": [showing.days_table(obj, days)],
        }

    @display(description=gettext_lazy("meter"), ordering="meter__number")
    def show_meter(self, obj: Month) -> str:
        return obj.meter.number

    @display(description=gettext_lazy("emission source"), ordering="meter__source__code")
    def show_source(self, obj: Month) -> str:
        return str(obj.meter.source)

    @display(description=gettext_lazy("month"), ordering="month")
    def show_month(self, obj: Month) -> str:
        return f"{obj.month:%Y-%m}"

    @display(description=gettext_lazy("in all"), ordering="total_millionths")
    def show_total(self, obj: Month) -> str:
        return showing.amount(obj.total_millionths)

    @display(description=gettext_lazy("unit"))
    def show_unit(self, obj: Month) -> str:
        return obj.meter.unit or obj.meter.source.unit

    @display(description=gettext_lazy("readings of those expected"))
    def show_complete(self, obj: Month) -> str:
        told, expected = number_format(obj.told_count), number_format(obj.expected_count)
        if obj.told_count < obj.expected_count:
            return format_html('<span class="text-red-600">{} / {}</span>', told, expected)
        return f"{told} / {expected}"
