"""The print job: render, sign, keep. Safe to run twice, and to be killed anywhere."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from ledger.jobs import runner
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import N_
from reporting.attestations import operations, queries
from reporting.documents import queries as documents

STEPS = 3


@shared_task(name=operations.TASK, acks_late=True)
def print_attestation(*, job_id: str) -> None:
    """Make the signed PDF that a job asks for."""
    runner.run(job_id=job_id, body=_print)


def _print(job: runner.RunningJob) -> Mapping[str, Any]:
    row = queries.get_attestation(UUID(job.args["attestation_id"]), by=SYSTEM)
    language = str(job.args["language"])
    made = queries.find_print(row.pk, language)
    if made is None:
        job.progress(0, STEPS, N_("rendering the document"))
        pdf = documents.get_attestation_pdf(row.document.encode(), language=language)
        job.progress(1, STEPS, N_("signing"))
        signed = operations.sign_print(pdf)
        job.progress(2, STEPS, N_("storing"))
        made = operations.keep_print(
            attestation_id=row.pk,
            language=language,
            signed=signed,
            asked_by=job.asked_by,
            by=SYSTEM,
            at=timezone.now(),
        )
    return {"print": str(made.pk), "sha256": made.sha256}
