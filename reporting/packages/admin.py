from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.approvals.proposing import ProposedAction
from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, site, worded
from ledger.doors.wording import in_language, period
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import DomainError
from reporting.disclosures import queries as disclosures
from reporting.inventories import queries as inventories
from reporting.packages import forms, operations, queries
from reporting.packages.models import Form, Language, Report
from reporting.packages.states import ReportState

COLOURS = {
    ReportState.DRAFT: "info",
    ReportState.CURRENT: "success",
    ReportState.STALE: "warning",
    ReportState.SUPERSEDED: "danger",
    ReportState.WITHDRAWN: "danger",
}
KINDS = {
    "pdf": "application/pdf",
    "json": "application/json",
    Form.WORKBOOK.value: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.INLINE.value: "application/xhtml+xml",
    Form.PACKAGE.value: "application/vnd.etsi.asic-e+zip",
}


def _framework_name(code: str) -> str:
    found = disclosures.frameworks().get(code)
    return found.short if found else code


def _files(report: Report) -> dict[str, Any]:
    """The report in its other forms, each with its hash."""
    rows = [
        (one.get_form_display(), f"{one.byte_count:,}", one.sha256)
        for one in report.files.order_by("form")
    ]
    headings = [_("Form"), _("bytes"), "SHA-256"]
    return {"title": _("Other forms of this report"), "headings": headings, "rows": rows}


def _title(asked: disclosures.Framework) -> str:
    return in_language(asked.title["zh"], asked.title["en"])


class RequestReport(ConfirmedAction):
    name, title = "request", gettext_lazy("Make a report")
    operation = "packages.request_report"
    form_class = forms.ReportForm
    icon = "description"

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        return {
            "frozen_inventory_id": request.GET.get("frozen", ""),
            "framework": request.GET.get("framework", next(iter(disclosures.frameworks()))),
        }

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        asked = disclosures.frameworks().values()
        return {
            "frozen_inventory_id": inventories.frozen_choices(actor_of(request)),
            "framework": [(one.code, _title(one)) for one in asked],
        }

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        asked = disclosures.get_framework(data["framework"])
        return [
            _("A job renders the report “%(framework)s” of the frozen inventory in %(language)s.")
            % {"framework": _title(asked), "language": Language(data["language"]).label},
            _("With a standing opinion on verified data it is signed and final."),
            _("Otherwise it is a draft with a watermark, and is not signed."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.request_report(
            frozen_inventory_id=UUID(data["frozen_inventory_id"]),
            framework=data["framework"],
            language=data["language"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The report is being made; its job shows how far it has come.")


class RequestPackage(ConfirmedAction):
    name, title = "package", gettext_lazy("Make the signed package")
    operation = "packages.request_package"
    icon = "inventory_2"

    def is_offered(self, request: HttpRequest, obj: Report) -> bool:
        made = obj.files.filter(form=Form.PACKAGE).exists()
        return not obj.is_draft and not made

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [
            _("A job packs the report with its data, evidence, opinion and proofs, and signs it."),
            _("The offline verifier checks all of it and adds the figures up anew."),
        ]

    def perform(self, request: HttpRequest, obj: Report, data: Mapping[str, Any], key: str) -> str:
        operations.request_package(report_id=obj.pk, by=actor_of(request), at=timezone.now())
        return _("The package is being made; its job shows how far it has come.")


class WithdrawReport(ProposedAction):
    name, title = "withdraw", gettext_lazy("Withdraw the report")
    operation = "packages.withdraw_report"
    form_class = forms.WithdrawForm
    icon, dangerous = "block", True
    makers = frozenset({Role.CARBON_MANAGER})

    def is_offered(self, request: HttpRequest, obj: Report) -> bool:
        own = obj.party_id == actor_of(request).own_party
        return own and not obj.is_draft and queries.find_withdrawal(obj) is None

    def values(self, obj: Report, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"report_id": obj.pk, "reason": data["reason"]}


@admin.register(Report, site=site)
class ReportAdmin(ReadOnlyAdmin):
    list_display = (
        "document_number", "show_framework", "show_state", "language", "show_period", "issued_at",
    )  # fmt: skip
    list_filter = (
        ("statement__framework", worded(lambda: _framework_name)), "language", "is_draft",
    )  # fmt: skip
    search_fields = ("document_number", "sha256")
    list_select_related = ("statement",)
    list_actions = (RequestReport,)
    confirmed_actions = (RequestPackage, WithdrawReport)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "document_number",
                    "show_framework",
                    "show_validity",
                    "show_withdrawal",
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
    readonly_fields = (
        "show_framework", "show_validity", "show_withdrawal", "show_period", "show_statement_hash",
        "show_inventory_hash",
    )  # fmt: skip

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
        page = reverse("disclosures_completeness", args=[obj.statement.frozen_inventory_id])
        asked = f"{page}?framework={obj.statement.framework}"
        links = [(_("Frozen inventory"), frozen), (_("Completeness"), asked)]
        return {"links": [*queries.links_of(obj)[1:], *links], "related": [_files(obj)]}

    @display(description=gettext_lazy("framework"))
    def show_framework(self, row: Report) -> str:
        return _framework_name(row.statement.framework)

    @display(description=gettext_lazy("withdrawn"))
    def show_withdrawal(self, row: Report) -> str:
        found = queries.find_withdrawal(row)
        return f"{localize(found.recorded_at)} · {found.reason}" if found else "–"

    @display(description=gettext_lazy("validity"), label=COLOURS)
    def show_state(self, row: Report) -> tuple[str, str]:
        state = queries.state_of(row)
        return state.value, str(state.label)

    @display(description=gettext_lazy("validity"))
    def show_validity(self, row: Report) -> str:
        return str(queries.state_of(row).label)

    @display(description=gettext_lazy("period"))
    def show_period(self, row: Report) -> str:
        return period(row.statement.period_start, row.statement.period_end)

    @display(description=gettext_lazy("hash of the statement"))
    def show_statement_hash(self, row: Report) -> str:
        return row.statement.content_hash

    @display(description=gettext_lazy("hash of the inventory"))
    def show_inventory_hash(self, row: Report) -> str:
        return row.statement.inventory_hash
