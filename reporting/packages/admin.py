from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.kernel.actors import Actor
from ledger.kernel.errors import DomainError
from reporting.inventories import queries as inventories
from reporting.packages import forms, operations, queries
from reporting.packages.models import Language, Report
from reporting.packages.states import ReportState

COLOURS = {
    ReportState.DRAFT: "info",
    ReportState.CURRENT: "success",
    ReportState.STALE: "warning",
    ReportState.SUPERSEDED: "danger",
}
KINDS = {"pdf": "application/pdf", "json": "application/json"}


class RequestReport(ConfirmedAction):
    name, title = "request", gettext_lazy("Make a report")
    operation = "packages.request_report"
    form_class = forms.ReportForm
    icon = "description"

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        return {"frozen_inventory_id": request.GET.get("frozen", "")}

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"frozen_inventory_id": inventories.frozen_choices(actor_of(request))}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [
            _("A job renders the report of the frozen inventory in %(language)s.")
            % {"language": Language(data["language"]).label},
            _("With a standing opinion on verified data it is signed and final."),
            _("Otherwise it is a draft with a watermark, and is not signed."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.request_report(
            frozen_inventory_id=UUID(data["frozen_inventory_id"]),
            language=data["language"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The report is being made; its job shows how far it has come.")


@admin.register(Report, site=site)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ("document_number", "show_state", "language", "show_period", "issued_at")
    list_filter = ("language", "is_draft")
    search_fields = ("document_number", "sha256")
    list_select_related = ("statement",)
    list_actions = (RequestReport,)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "document_number",
                    "show_validity",
                    "language",
                    "show_period",
                    "issued_at",
                )
            },
        ),
        (
            gettext_lazy("Signature"),
            {"fields": ("signature_level", "certificate_subject", "certificate_sha256")},
        ),
        (
            gettext_lazy("Hashes"),
            {"fields": ("sha256", "byte_count", "show_statement_hash", "show_inventory_hash")},
        ),
    )
    readonly_fields = ("show_validity", "show_period", "show_statement_hash", "show_inventory_hash")

    def scope(self, queryset: QuerySet[Report], actor: Actor) -> QuerySet[Report]:
        return queryset.filter(pk__in=queries.reports_for(actor).values("pk"))

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<uuid:report_id>/file.<str:form>",
            self.admin_site.admin_view(self.download),
            name="reporting_packages_report_download",
        )
        return [own, *super().get_urls()]

    def download(self, request: HttpRequest, report_id: UUID, form: str) -> HttpResponse:
        """The PDF or the JSON of a report; each download is on record."""
        if form not in KINDS:
            raise Http404
        try:
            report, content = operations.download_report(
                report_id=report_id, form=form, by=actor_of(request), at=timezone.now()
            )
        except DomainError as error:
            raise Http404 from error
        response = HttpResponse(content, content_type=KINDS[form])
        response["Content-Disposition"] = f'attachment; filename="{report.document_number}.{form}"'
        return response

    def object_context(self, request: HttpRequest, obj: Report | None) -> dict[str, Any]:
        if obj is None:
            return {}
        frozen = reverse(
            "admin:reporting_inventories_frozeninventory_change",
            args=[obj.statement.frozen_inventory_id],
        )
        return {"links": [*queries.links_of(obj)[1:], (_("Frozen inventory"), frozen)]}

    @display(description=gettext_lazy("validity"), label=COLOURS)
    def show_state(self, row: Report) -> tuple[str, str]:
        state = queries.state_of(row)
        return state.value, str(state.label)

    @display(description=gettext_lazy("validity"))
    def show_validity(self, row: Report) -> str:
        return str(queries.state_of(row).label)

    @display(description=gettext_lazy("period"))
    def show_period(self, row: Report) -> str:
        return f"{row.statement.period_start} – {row.statement.period_end}"

    @display(description=gettext_lazy("hash of the statement"))
    def show_statement_hash(self, row: Report) -> str:
        return row.statement.content_hash

    @display(description=gettext_lazy("hash of the inventory"))
    def show_inventory_hash(self, row: Report) -> str:
        return row.statement.inventory_hash
