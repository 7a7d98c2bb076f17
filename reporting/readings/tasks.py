"""The job that reads a file of readings. Safe to run twice: what was read is read."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from ledger.files import queries as files
from ledger.jobs import runner
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import N_, DomainError
from reporting.parks import queries as parks
from reporting.readings import importer, operations, queries
from reporting.readings.importer import Read
from reporting.readings.rules import Problem
from reporting.readings.states import Stamp, UploadState


@shared_task(name=operations.TASK, acks_late=True)
def read_readings(*, job_id: str) -> None:
    """Read a file and take it in, or refuse it with every problem named."""
    runner.run(job_id=job_id, body=_read)


def _read(job: runner.RunningJob) -> Mapping[str, Any]:
    def progress(done: int) -> None:
        job.progress(done, 0, N_("reading rows"))

    return read_upload(UUID(str(job.args["upload_id"])), progress)


def read_upload(
    upload_id: UUID, progress: importer.Progress = lambda done: None
) -> Mapping[str, Any]:
    """Read it outside any transaction, then take it in by one."""
    upload = queries.get_upload(upload_id, by=SYSTEM)
    if upload.state == UploadState.WAITING:
        read = read_file(upload, progress)
        upload = operations.take_readings(
            upload_id=upload_id, read=read, by=SYSTEM, at=timezone.now()
        )
    return {
        "upload": str(upload.pk),
        "state": str(upload.state),
        "rows": upload.row_count,
        "problems": upload.problem_count,
    }


def read_file(upload: Any, progress: importer.Progress = lambda done: None) -> Read:
    """A file that cannot be read at all has that one problem."""
    stored = files.get_file(file_id=upload.file_id, by=SYSTEM)
    try:
        with files.open_content(stored) as file:
            return importer.read_file(
                file,
                meters=parks.meters_of(upload.park_id),
                is_end=upload.stamp == Stamp.END,
                today=timezone.localdate(),
                progress=progress,
            )
    except DomainError as refusal:
        found = Read(problem_count=1)
        found.problems = [Problem(0, "", refusal.message, str(refusal.params or ""))]
        return found
