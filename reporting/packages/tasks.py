"""The report job: freeze, render, sign, store. Safe to run twice, and to be killed anywhere."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from ledger.audit import operations as audit
from ledger.audit import queries as log
from ledger.jobs import runner
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import N_
from reporting.disclosures import operations as disclosures
from reporting.documents import queries as documents
from reporting.packages import operations, queries
from reporting.packages.models import Form

STEPS = 5
PACKING_STEPS = 3


@shared_task(name=operations.TASK, acks_late=True)
def make_report(*, job_id: str) -> None:
    """Make the report that a job asks for."""
    runner.run(job_id=job_id, body=_make)


@shared_task(name="packages.make_package", acks_late=True)
def make_package(*, job_id: str) -> None:
    """Pack the report that a job names."""
    runner.run(job_id=job_id, body=_pack)


def _pack(job: runner.RunningJob) -> Mapping[str, Any]:
    """Safe to run twice: the log is sealed again at most, and the first package stays."""
    report = queries.get_report(report_id=UUID(job.args["report_id"]), by=SYSTEM)
    known = report.files.filter(form=Form.PACKAGE).first()
    if known is None:
        job.progress(0, PACKING_STEPS, N_("sealing the log"))
        issued = log.events_of(f"packages.Report:{report.pk}").filter(verb="report.issued")
        for event in issued:
            audit.ensure_sealed(event_id=event.event_id, by=SYSTEM, at=timezone.now())
        job.progress(1, PACKING_STEPS, N_("gathering data, evidence and proofs"))
        content = operations.build_package(report)
        job.progress(2, PACKING_STEPS, N_("storing"))
        known = operations.issue_package(
            report_id=report.pk, content=content, by=SYSTEM, at=timezone.now()
        )
    return {"report": str(report.pk), "package": str(known.pk), "sha256": known.sha256}


def _make(job: runner.RunningJob) -> Mapping[str, Any]:
    language = str(job.args["language"])
    job.progress(0, STEPS, N_("freezing the statement"))
    statement = disclosures.freeze_statement(
        frozen_inventory_id=UUID(job.args["frozen_inventory_id"]),
        framework=str(job.args.get("framework", disclosures.ISO14064_1)),
        by=SYSTEM,
        at=timezone.now(),
    )
    report = queries.find_report(statement_id=statement.pk, language=language)
    if report is None:
        job.progress(1, STEPS, N_("rendering the document"))
        pdf = documents.get_pdf(statement.content, language=language)
        job.progress(2, STEPS, N_("making the workbook and the tagged report"))
        others: dict[str, bytes] = {
            Form.WORKBOOK: documents.get_xlsx(statement.content, language=language),
            Form.INLINE: documents.get_xhtml(statement.content, language=language),
        }
        job.progress(3, STEPS, N_("signing"))
        document = operations.sign_document(statement, pdf)
        job.progress(4, STEPS, N_("storing"))
        report = operations.issue_report(
            statement=statement,
            language=language,
            document=document,
            others=others,
            asked_by=job.asked_by,
            by=SYSTEM,
            at=timezone.now(),
        )
    return {"report": str(report.pk), "sha256": report.sha256, "is_draft": report.is_draft}
