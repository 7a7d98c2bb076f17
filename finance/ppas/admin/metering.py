"""Meters and the files of their rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from finance.ppas import forms, operations, queries
from finance.ppas.admin.asking import somebody
from finance.ppas.models import Point, Upload
from finance.ppas.showing import charts, tables, words
from finance.ppas.states import Side, UploadState
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
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.parties import queries as parties

COLUMNS = {
    "point": gettext_lazy("metering point"),
    "time": gettext_lazy("time"),
    "energy": gettext_lazy("energy"),
    "unit": gettext_lazy("unit"),
    "": "–",
}
COLOURS = {UploadState.WAITING: "info", UploadState.TAKEN: "success", UploadState.REFUSED: "danger"}
SHOWN = 200


class RegisterPoint(ConfirmedAction):
    name = "register"
    title = gettext_lazy("Register a metering point")
    operation = "ppas.register_point"
    form_class = forms.RegisterPoint
    icon = "electric_meter"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {
            "plant": [(str(one.pk), str(one)) for one in instruments.plants()],
            "user": somebody(request),
        }

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        if data["side"] == Side.GENERATION and data["plant"]:
            whose = str(instruments.get_plant(UUID(data["plant"])))
        else:
            whose = parties.name_of(data["user"]) if data["user"] else "–"
        about = {"code": data["code"], "name": data["name"], "whose": whose}
        return [_("%(code)s (%(name)s) is registered for %(whose)s; this is final.") % about]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.register_point(
            code=data["code"],
            name=data["name"],
            side=data["side"],
            grain=data["grain"],
            plant_id=UUID(data["plant"]) if data["plant"] else None,
            user_id=UUID(data["user"]) if data["user"] else None,
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The metering point is registered.")


class RecordMonth(ConfirmedAction):
    name = "record"
    title = gettext_lazy("Tell the ledger what was generated")
    operation = "ppas.record_metered_month"
    icon = "bolt"
    form_class = forms.OfMonth

    def is_offered(self, request: HttpRequest, obj: Point) -> bool:
        return obj.side == Side.GENERATION

    def describe(self, request: HttpRequest, obj: Point, data: Mapping[str, Any]) -> list[str]:
        found = obj.months.filter(month=data["month"]).order_by("-version").first()
        about = {
            "mwh": words.energy(found.energy_wh) if found else "–",
            "month": f"{data['month']:%Y-%m}",
            "plant": str(obj.plant),
        }
        return [
            _("%(mwh)s MWh of %(plant)s are recorded for %(month)s; this is final.") % about,
            _("Certificates are issued from it, and claims use it up."),
        ]

    def perform(self, request: HttpRequest, obj: Point, data: Mapping[str, Any], key: str) -> str:
        operations.record_metered_month(
            point_id=obj.pk, month=data["month"], by=actor_of(request), at=timezone.now()
        )
        return _("The generation is recorded.")


@admin.register(Point, site=site)
class PointAdmin(ReadOnlyAdmin):
    list_display = (
        "code", "name", "side", "grain", "plant", named("user_id", gettext_lazy("user")),
        named("party_id", gettext_lazy("kept by")),
    )  # fmt: skip
    list_filter = ("side", "grain")
    list_select_related = ("plant",)
    search_fields = ("code", "name", "plant__name_zh", "plant__name_en")
    list_actions = (RegisterPoint,)
    confirmed_actions = (RecordMonth,)
    change_form_template = "finance/ppas/point.html"

    def scope(self, queryset: QuerySet[Point], actor: Actor) -> QuerySet[Point]:
        return queryset.filter(pk__in=queries.points_visible_to(actor).values("pk"))

    def object_context(self, request: HttpRequest, obj: Point | None) -> dict[str, Any]:
        if obj is None:
            return {}
        months = list(
            queries.newest_months(Point.objects.filter(pk=obj.pk)).order_by("-month")[:24]
        )
        return {
            "chart": charts.metered_months(months) if months else "",
            "related": [
                {
                    "title": _("Metered months"),
                    "headings": [
                        _("month"), _("MWh"), _("rows"), _("missing"), _("corrected"), _("version"),
                    ],
                    "rows": [
                        [
                            tables.link(tables.rows_page(obj.pk, one.month), f"{one.month:%Y-%m}"),
                            words.energy(one.energy_wh),
                            number_format(one.row_count),
                            number_format(one.missing_count),
                            number_format(one.corrected_count),
                            str(one.version),
                        ]
                        for one in months
                    ],
                },
                {
                    "title": _("Contracts"),
                    "headings": [_("power contract"), _("state")],
                    "rows": [
                        [tables.link(tables.page_of("contract", one.pk), one),
                         one.get_state_display()]
                        for one in queries.contracts_with(obj, by=actor_of(request))
                    ],
                },
            ],
        }  # fmt: skip


class UploadRows(ConfirmedAction):
    name = "upload"
    title = gettext_lazy("Upload meter rows")
    operation = "ppas.upload_readings"
    form_class = forms.UploadRows
    icon = "upload_file"
    asks_first = False

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        upload = operations.upload_readings(
            content=data["file"].file,
            name=data["file"].name,
            reason=data["reason"],
            by=actor_of(request),
            at=timezone.now(),
        )
        if upload.state == UploadState.TAKEN:
            return _("This file was taken in before; nothing changes.")
        return _("The file is being read; its page names every bad row.")


@admin.register(Upload, site=site)
class UploadAdmin(ReadOnlyAdmin):
    list_display = (
        "file_name", "show_state", "row_count", "new_count", "corrected_count", "same_count",
        "problem_count", "uploaded_at", named("uploaded_by", gettext_lazy("uploaded by")),
    )  # fmt: skip
    list_filter = ("state",)
    search_fields = ("file_name", "sha256")
    exclude = ("problems",)
    list_actions = (UploadRows,)
    change_form_template = "finance/ppas/upload.html"

    def scope(self, queryset: QuerySet[Upload], actor: Actor) -> QuerySet[Upload]:
        return queryset.filter(party_id=actor.own_party)

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<uuid:upload_id>/problems.csv",
            self.admin_site.admin_view(self.problems),
            name="finance_ppas_upload_problems",
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
            "problems": _problems(obj)[:SHOWN],
        }
        if obj.problem_count:
            url = reverse("admin:finance_ppas_upload_problems", args=[obj.pk])
            context["links"] = [(_("Every bad row as CSV"), url)]
        elif obj.state == UploadState.TAKEN:
            context["related"] = [
                {
                    "title": _("Metered months"),
                    "headings": [_("metering point"), _("month"), _("MWh"), _("missing")],
                    "rows": [
                        [
                            tables.link(
                                tables.rows_page(one.point_id, one.month),
                                f"{one.point.code} {one.point.name}",
                            ),
                            f"{one.month:%Y-%m}",
                            words.energy(one.energy_wh),
                            number_format(one.missing_count),
                        ]
                        for one in obj.months.select_related("point").order_by(
                            "point__code", "month"
                        )[:SHOWN]
                    ],
                }
            ]
        return context

    @display(description=gettext_lazy("state"), label=COLOURS, ordering="state")
    def show_state(self, obj: Upload) -> tuple[str, str]:
        return obj.state, obj.get_state_display()


def _problems(obj: Upload) -> list[list[Any]]:
    return [
        [row, str(COLUMNS.get(column, column)), _(message), text]
        for row, column, message, text in obj.problems
    ]
