"""Runs a job in a worker: leases it, shows that it lives, and ends it once.

A worker that is killed leaves its lease; after a short silence the sweeper queues the job again.
So a body must be idempotent: the second run finds what the first one finished.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from django.db import connection
from django.utils import timezone

from ledger.jobs import operations
from ledger.jobs.models import Job
from ledger.jobs.rules import SIGN_OF_LIFE_EVERY, JobCancelled, LeaseLost
from ledger.kernel.actors import SYSTEM, Actor
from ledger.kernel.errors import DomainError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RunningJob:
    """What a body sees of its job."""

    job_id: UUID
    lease: UUID
    args: Mapping[str, Any]
    party_id: UUID | None
    asked_by: UUID

    def progress(self, done: int, total: int, note: str = "") -> None:
        """:raises JobCancelled, LeaseLost: stop now; do nothing more"""
        operations.report_progress(
            job_id=self.job_id,
            lease=self.lease,
            done=done,
            total=total,
            note=note,
            at=timezone.now(),
        )


Body = Callable[[RunningJob], Mapping[str, Any]]


def run(*, job_id: UUID | str, body: Body, by: Actor = SYSTEM) -> None:
    """Do the work of one job, if it is still to be done.

    A refusal or an error ends the job as FAILED with its text; people may retry it.
    """
    job = operations.take_job(job_id=UUID(str(job_id)), at=timezone.now())
    if job is None or job.lease is None:
        return
    running = RunningJob(job.pk, job.lease, job.args, job.party_id, job.enqueued_by)
    with _Heart(job):
        try:
            result = body(running)
            operations.finish_job(
                job_id=job.pk, lease=job.lease, result=result, by=by, at=timezone.now()
            )
        except (JobCancelled, LeaseLost):
            log.info("job_given_up", job_id=str(job.pk))
        except Exception as error:
            log.exception("job_failed", job_id=str(job.pk))
            _fail(job, error, by=by)


def _fail(job: Job, error: Exception, *, by: Actor) -> None:
    assert job.lease is not None  # noqa: S101  leased above
    text = (
        error.sentence() if isinstance(error, DomainError) else f"{type(error).__name__}: {error}"
    )
    try:
        operations.fail_job(job_id=job.pk, lease=job.lease, error=text, by=by, at=timezone.now())
    except LeaseLost:
        log.info("job_given_up", job_id=str(job.pk))


class _Heart:
    """A thread that shows every few seconds that the worker lives, on a connection of its own."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        self.thread.join(timeout=2)

    def _beat(self) -> None:
        assert self.job.lease is not None  # noqa: S101  leased by the runner
        while not self.stop.wait(SIGN_OF_LIFE_EVERY):
            alive = operations.give_sign_of_life(
                job_id=self.job.pk, lease=self.job.lease, at=timezone.now()
            )
            if not alive:
                break
        connection.close()
