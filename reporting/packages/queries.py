"""Issued reports, what they are worth today, and who may read them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.audit import keeping
from ledger.audit import queries as audit
from ledger.files import queries as files
from ledger.jobs.queries import Told
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import NotFound
from reporting.disclosures import queries as disclosures
from reporting.documents import queries as documents
from reporting.inventories import queries as inventories
from reporting.packages import signing
from reporting.packages.models import Language, Report, ReportFile, Withdrawal
from reporting.packages.states import ReportState
from reporting.verification import queries as verification


def reports_for(by: Actor) -> QuerySet[Report]:
    """The reports an actor may read: her party's, or those of her engagements as a verifier."""
    reports = Report.objects.select_related("statement")
    if by.is_machine or by.has(Role.AUDITOR):
        return reports
    mine = Q(party_id=by.party_id)
    if by.has(Role.VERIFIER):
        for park_id, period_start in verification.engaged_periods(by):
            mine |= Q(statement__park_id=park_id, statement__period_start=period_start)
    return reports.filter(mine)


def get_report(*, report_id: UUID, by: Actor) -> Report:
    """:raises NotFound: not there, or not the actor's to read"""
    found = reports_for(by).filter(pk=report_id).first()
    if found is None:
        raise NotFound
    return found


def get_own_report(*, report_id: UUID, by: Actor) -> Report:
    """:raises NotFound: not there, or not of the actor's own party"""
    found = Report.objects.filter(pk=report_id, party_id=by.own_party).first()
    if found is None:
        raise NotFound
    return found


def find_report(*, statement_id: UUID, language: str) -> Report | None:
    return Report.objects.filter(statement_id=statement_id, language=language).first()


def find_by_hash(sha256: str) -> Report | None:
    """By the hash of one of its files, or of the statement inside it."""
    issued = Report.objects.filter(is_draft=False).select_related("statement", "withdrawal")
    of_a_file = ReportFile.objects.filter(sha256=sha256).values("report")
    return issued.filter(
        Q(sha256=sha256) | Q(statement__content_hash=sha256) | Q(pk__in=of_a_file)
    ).first()


def state_of(report: Report) -> ReportState:
    """What the report is worth today (R5.20)."""
    statement = report.statement
    if find_withdrawal(report) is not None:
        return ReportState.WITHDRAWN
    if disclosures.is_superseded(statement):
        return ReportState.SUPERSEDED
    # facts discovered later re-opened the verification (R5.18)
    key = statement.opinion_key
    if key and verification.is_withdrawn(key):
        return ReportState.STALE
    told_since = disclosures.changed_since(
        statement.park_id, statement.period_start, statement.frozen_at
    )
    if told_since or inventories.is_stale(statement.frozen_inventory_id):
        return ReportState.STALE
    return ReportState.DRAFT if report.is_draft else ReportState.CURRENT


def find_withdrawal(report: Report) -> Withdrawal | None:
    return Withdrawal.objects.filter(report=report).first()


def tell_job(job: Any, actor: Actor | None) -> Told:
    """What a report job is about, what it made, and where: for the job's page."""
    frozen = inventories.name_of_frozen(UUID(job.args["frozen_inventory_id"]))
    asked = disclosures.frameworks().get(job.args.get("framework", ""))
    which = f"{asked.short} · " if asked else ""
    subject = f"{which}{frozen} · {Language(job.args['language']).label}"
    made = Report.objects.filter(pk=job.result.get("report")).first()
    if made is None:
        return Told(subject=subject)
    draft = _("A draft with a watermark was made: %(number)s.")
    final = _("The signed final report was made: %(number)s.")
    said = (draft if made.is_draft else final) % {"number": made.document_number}
    may_read = actor is not None and reports_for(actor).filter(pk=made.pk).exists()
    return Told(subject, said, links_of(made) if may_read else ())


def tell_package_job(job: Any, actor: Actor | None) -> Told:
    """Likewise, of a job that packs a report."""
    report = Report.objects.filter(pk=job.args["report_id"]).first()
    if report is None:
        return Told()
    may_read = actor is not None and reports_for(actor).filter(pk=report.pk).exists()
    said = _("The signed package was made.") if job.result else ""
    return Told(report.document_number, said, links_of(report) if may_read else ())


def links_of(report: Report) -> list[tuple[str, str]]:
    """The report's page and its files."""
    file = "admin:reporting_packages_report_download"
    page = reverse("admin:reporting_packages_report_change", args=[report.pk])
    return [
        (_("Report %(number)s") % {"number": report.document_number}, page),
        (_("Download the PDF"), reverse(file, args=[report.pk, "pdf"])),
        (_("Download the statement as JSON"), reverse(file, args=[report.pk, "json"])),
        *(
            (
                _("Download: %(form)s") % {"form": one.get_form_display()},
                reverse(file, args=[report.pk, one.form]),
            )
            for one in report.files.order_by("form")
        ),
    ]


def form_of(report: Report, form: str) -> bytes:
    """The PDF, the statement, or another form that was stored.

    :raises NotFound: it was not made in that form
    :raises FileAltered: the bytes are not those that were issued
    """
    if form == "pdf":
        return content_of(report)
    if form == "json":
        return statement_of(report)
    row = report.files.filter(form=form).first()
    if row is None:
        raise NotFound
    return files.content_of(files.get_file(file_id=row.file_id, by=SYSTEM))


def content_of(report: Report) -> bytes:
    """The stored file.

    :raises FileAltered: the bytes are not those that were issued
    """
    return files.content_of(files.get_file(file_id=report.file_id, by=SYSTEM))


def statement_of(report: Report) -> bytes:
    """The statement as canonical JSON: the same bytes that the PDF carries inside."""
    content: Mapping[str, Any] = report.statement.content
    return documents.get_json(content)


def row_facts(row: Report | ReportFile) -> dict[str, Any]:
    """Every column of a report or of one of its files, as its event tells it."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def check_rows() -> Iterator[audit.Fault]:
    """Each issued report, each of its files and each withdrawal is as its event says."""
    for model, verb in ((Report, "report.issued"), (ReportFile, "report.file_issued")):
        name = f"packages.{model.__name__}"
        rows: Any = model._default_manager.order_by("pk").iterator()
        yield from audit.compare_rows_with_events(
            ((f"{name}:{row.pk}", row_facts(row)) for row in rows), kind=name, verbs=[verb]
        )
    yield from keeping.rows_match_events({Withdrawal: ["report.withdrawn"]})


def make_missing_key(folder: Path, is_demonstration: bool, at: datetime) -> dict[str, Any] | None:
    """For `make_keys`: makes the document key unless there is one; gives its public facts."""
    return signing.make_missing_key(folder, is_demonstration, at)
