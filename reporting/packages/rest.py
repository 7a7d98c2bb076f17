"""Reports for machines: ask for one, follow its job, take its files, withdraw it."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request

from ledger.approvals.proposing import ProposedWrite
from ledger.doors.admin import download
from ledger.doors.idempotency import Answer
from ledger.doors.permissions import MAY
from ledger.doors.rest import ApiView, DetailView, Listing, ListView, WriteView
from ledger.jobs import operations as jobs
from ledger.jobs import queries as job_queries
from ledger.kernel.actors import GRANTABLE, Role
from ledger.kernel.errors import NotFound
from reporting.disclosures import operations as disclosures
from reporting.packages import operations, queries
from reporting.packages.models import Language, Report
from reporting.packages.operations.packing import TASK as PACKING
from reporting.packages.states import ReportState

OURS = (operations.TASK, PACKING)
READERS = MAY["packages.download_report"] & GRANTABLE


# --- jobs


class ReportJob(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField(help_text="report or package.")
    state = serializers.CharField(help_text="QUEUED, RUNNING, DONE, FAILED or CANCELLED.")
    done_count = serializers.IntegerField(help_text="Steps that are done.")
    total_count = serializers.IntegerField()
    note = serializers.CharField(allow_blank=True)
    error = serializers.CharField(allow_blank=True)
    report_id = serializers.UUIDField(allow_null=True, help_text="Once it is made.")


def _job(job_id: UUID, view: ApiView) -> dict[str, Any]:
    """:raises NotFound: no job of ours, or another party's"""
    job = job_queries.get_job(job_id=job_id, by=view.actor)
    if job.task not in OURS:
        raise NotFound
    plain = ("id", "kind", "state", "done_count", "total_count", "note", "error")
    return {**{name: getattr(job, name) for name in plain}, "report_id": job.result.get("report")}


def _asked_for(job_id: UUID, view: ApiView) -> Answer:
    told = dict(ReportJob(_job(job_id, view)).data)
    return Answer(status=202, body=told, location=f"/api/v1/report-jobs/{job_id}/")


class OneReportJob(DetailView):
    """How far a report's job has come, and what it made."""

    row = ReportJob

    def find(self, **path: Any) -> Any:
        return _job(path["job_id"], self)


class Nothing(serializers.Serializer[Any]):
    """The address says it all."""


class ReportJobCancellations(WriteView):
    """Stop a job: at once when queued, at its next step when running."""

    operation: ClassVar[str] = "jobs.cancel_job"
    body, gives = Nothing, ReportJob

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        _job(path["job_id"], self)
        jobs.cancel_job(job_id=path["job_id"], by=self.actor, at=self.at)
        return _asked_for(path["job_id"], self)


class ReportJobRetries(WriteView):
    """Queue a failed or cancelled job again."""

    operation: ClassVar[str] = "jobs.retry_job"
    body, gives = Nothing, ReportJob

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        _job(path["job_id"], self)
        jobs.retry_job(job_id=path["job_id"], by=self.actor, at=self.at)
        return _asked_for(path["job_id"], self)


# --- reports


class ReportFileRow(serializers.Serializer[Any]):
    form = serializers.CharField(help_text="pdf, json, xlsx, xhtml or asice.")
    href = serializers.CharField()
    sha256 = serializers.CharField()
    byte_count = serializers.IntegerField(allow_null=True)


class ReportRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    document_number = serializers.CharField()
    framework = serializers.CharField(source="statement.framework")
    language = serializers.CharField()
    park_id = serializers.UUIDField(source="statement.park_id")
    period_start = serializers.DateField(source="statement.period_start")
    period_end = serializers.DateField(source="statement.period_end", help_text="First day after.")
    frozen_inventory_id = serializers.UUIDField(source="statement.frozen_inventory_id")
    statement_hash = serializers.CharField(source="statement.content_hash")
    input_hash = serializers.CharField(source="statement.input_hash")
    sha256 = serializers.CharField(help_text="Of the PDF.")
    is_draft = serializers.BooleanField()
    signature_level = serializers.CharField(allow_blank=True)
    issued_at = serializers.DateTimeField()


class OneReportRow(ReportRow):
    state = serializers.ChoiceField(choices=ReportState.values, help_text="What it is worth today.")
    files = ReportFileRow(many=True)


class Reports(ListView, WriteView):
    """Reports that you may read, newest first; or ask for one. The same inputs, the same job."""

    operation: ClassVar[str] = "packages.request_report"
    may = {"GET": READERS}
    row = ReportRow
    gives = ReportJob
    orders = {"-id": ("id",), "id": ("id",)}
    default_order = "-id"

    class ReportFilters(Listing):
        framework = serializers.CharField(required=False, max_length=40)
        language = serializers.ChoiceField(choices=Language.values, required=False)
        frozen_inventory_id = serializers.UUIDField(required=False)

    filters = ReportFilters

    class RequestReport(serializers.Serializer[Any]):
        frozen_inventory_id = serializers.UUIDField()
        framework = serializers.CharField(
            required=False, default=disclosures.ISO14064_1, max_length=40
        )
        language = serializers.ChoiceField(choices=Language.values)

    body = RequestReport

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        rows = queries.reports_for(self.actor).order_by()
        of_statement = {
            f"statement__{name}": asked[name]
            for name in ("framework", "frozen_inventory_id")
            if name in asked
        }
        own = {"language": asked["language"]} if "language" in asked else {}
        return rows.filter(**of_statement, **own)

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        job_id = operations.request_report(**asked, by=self.actor, at=self.at)
        return _asked_for(job_id, self)


class OneReport(DetailView):
    """A report with its files, and whether it is valid, stale, superseded or withdrawn."""

    may = {"GET": READERS}
    row = OneReportRow

    def find(self, **path: Any) -> Any:
        report = queries.get_report(report_id=path["report_id"], by=self.actor)
        told = dict(ReportRow(report).data)
        return {
            **{name: getattr(report, name) for name in told if hasattr(report, name)},
            "statement": report.statement,
            "state": queries.state_of(report).value,
            "files": [*_own_files(report), *(_file(report, one) for one in _others(report))],
        }


def _own_files(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "form": "pdf",
            "href": _address(report, "pdf"),
            "sha256": report.sha256,
            "byte_count": report.byte_count,
        },
        {
            "form": "json",
            "href": _address(report, "json"),
            "sha256": report.statement.content_hash,
            "byte_count": None,
        },
    ]


def _others(report: Report) -> QuerySet[Any]:
    return report.files.order_by("form")


def _file(report: Report, one: Any) -> dict[str, Any]:
    plain = {name: getattr(one, name) for name in ("form", "sha256", "byte_count")}
    return {**plain, "href": _address(report, one.form)}


def _address(report: Report, form: str) -> str:
    return f"/api/v1/reports/{report.pk}/files/{form}/"


class ReportContent(ApiView):
    """A report's file, byte by byte as it was issued. That you took it is on record."""

    may = {"GET": READERS}
    responses = {("200", "application/octet-stream"): OpenApiTypes.BINARY}

    def get(self, request: Request, **path: Any) -> HttpResponse:
        report, content = operations.download_report(
            report_id=path["report_id"], form=path["form"], by=self.actor, at=self.at
        )
        name = f"{report.document_number}.{path['form']}"
        return download(content, "application/octet-stream", name)


class ReportPackages(WriteView):
    """Have a final report packed with its data, evidence, opinion and proofs, and signed."""

    operation: ClassVar[str] = "packages.request_package"
    body, gives = Nothing, ReportJob

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        job_id = operations.request_package(report_id=path["report_id"], by=self.actor, at=self.at)
        return _asked_for(job_id, self)


class ReportWithdrawals(ProposedWrite):
    """Withdraw a report; a second person decides. The file stays, and whoever checks it is told."""

    operation: ClassVar[str] = "packages.withdraw_report"
    also: ClassVar[frozenset[Role]] = frozenset({Role.CARBON_MANAGER})

    class WithdrawReport(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=2000)

    body = WithdrawReport

    def values(self, asked: Mapping[str, Any], **path: Any) -> Mapping[str, Any]:
        report = queries.get_own_report(report_id=path["report_id"], by=self.actor)
        return {"report_id": report.pk, "reason": asked["reason"]}
