"""Celery doors: reading a file of meter rows, and settling months. Both are safe to run twice."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from finance.ppas import importer, operations, queries
from finance.ppas.operations.metering import TASK as READ
from finance.ppas.operations.settling import TASK as SETTLE
from finance.ppas.queries.metering import points_to_read
from finance.ppas.states import UploadState
from ledger.files import queries as files
from ledger.jobs import runner
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import N_
from ledger.kernel.periods import Period


@shared_task(name=READ, acks_late=True)
def read_meter_rows(*, job_id: str) -> None:
    """Read a file and take it in, or refuse it with every problem named."""
    runner.run(job_id=job_id, body=_read)


def _read(job: runner.RunningJob) -> Mapping[str, Any]:
    return read_upload(
        UUID(str(job.args["upload_id"])), lambda done: job.progress(done, 0, N_("reading rows"))
    )


def read_upload(
    upload_id: UUID, progress: importer.Progress = lambda _done: None
) -> Mapping[str, Any]:
    upload = queries.get_upload(upload_id, by=SYSTEM)
    if upload.state == UploadState.WAITING:
        stored = files.get_file(file_id=upload.file_id, by=SYSTEM)
        points = points_to_read(upload.party_id)
        with files.open_content(stored) as file:
            read = importer.read_file(file, points=points, progress=progress)
        with read.rows:
            upload = operations.take_readings(
                upload_id=upload_id, read=read, by=SYSTEM, at=timezone.now()
            )
    return {
        "upload": str(upload.pk),
        "state": str(upload.state),
        "rows": upload.row_count,
        "problems": upload.problem_count,
    }


@shared_task(name=SETTLE, acks_late=True)
def settle(*, job_id: str) -> None:
    """Settle the months that a job asks for."""
    runner.run(job_id=job_id, body=_settle)


def _settle(job: runner.RunningJob) -> Mapping[str, Any]:
    last = date.fromisoformat(str(job.args["last"]))
    period = Period(
        date.fromisoformat(str(job.args["first"])), Period.month(last.year, last.month).end
    )
    count = operations.settle_in_steps(
        contract_ids=[UUID(str(one)) for one in job.args["contracts"]],
        period=period,
        progress=lambda done, total: job.progress(done, total, N_("settling contracts")),
        by=SYSTEM,
        at=timezone.now(),
    )
    return {"contracts": len(job.args["contracts"]), "statements": count}
