"""The report job: freeze, render, sign, store. Safe to run twice, and to be killed anywhere."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from ledger.jobs import runner
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import N_
from reporting.disclosures import operations as disclosures
from reporting.documents import queries as documents
from reporting.packages import operations, queries

STEPS = 4


@shared_task(name=operations.TASK, acks_late=True)
def make_report(*, job_id: str) -> None:
    """Make the report that a job asks for."""
    runner.run(job_id=job_id, body=_make)


def _make(job: runner.RunningJob) -> Mapping[str, Any]:
    language = str(job.args["language"])
    job.progress(0, STEPS, N_("freezing the statement"))
    statement = disclosures.freeze_statement(
        frozen_inventory_id=UUID(job.args["frozen_inventory_id"]), by=SYSTEM, at=timezone.now()
    )
    report = queries.find_report(statement_id=statement.pk, language=language)
    if report is None:
        job.progress(1, STEPS, N_("rendering the document"))
        pdf = documents.get_pdf(statement.content, language=language)
        job.progress(2, STEPS, N_("signing"))
        document = operations.sign_document(statement, pdf)
        job.progress(3, STEPS, N_("storing"))
        report = operations.issue_report(
            statement=statement,
            language=language,
            document=document,
            asked_by=job.asked_by,
            by=SYSTEM,
            at=timezone.now(),
        )
    return {"report": str(report.pk), "sha256": report.sha256, "is_draft": report.is_draft}
