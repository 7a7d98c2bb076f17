"""The import room's jobs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from celery import shared_task
from django.db import connections
from django.utils import timezone

from ledger.imports import operations
from ledger.jobs import runner


def _run(job_id: str, work: Callable[..., Any]) -> None:
    def body(job: runner.RunningJob) -> Any:
        # Progress is told on a connection of its own: the work's transaction is not seen outside.
        with ThreadPoolExecutor(max_workers=1) as teller:

            def progress(done: int, total: int, note: str = "") -> None:
                teller.submit(job.progress, done, total, note).result()

            try:
                return work(
                    import_id=UUID(job.args["import_id"]), progress=progress, at=timezone.now()
                )
            finally:
                teller.submit(connections.close_all).result()

    runner.run(job_id=job_id, body=body)


@shared_task(name="imports.stage")
def stage(*, job_id: str) -> None:
    """Read and check an import. Safe to run twice: it goes on where it stopped."""
    _run(job_id, operations.run_stage)


@shared_task(name="imports.commit")
def commit(*, job_id: str) -> None:
    """Take an import in. Safe to run twice: the second finds it taken in."""
    _run(job_id, operations.run_commit)


@shared_task(name="imports.undo")
def undo(*, job_id: str) -> None:
    """Undo an import. Safe to run twice."""
    _run(job_id, operations.run_undo)
