"""Asking for work, and moving it along. The work itself is `runner.py`'s."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import transaction

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.jobs import queries
from ledger.jobs.models import Job, OutboxMessage
from ledger.jobs.rules import JobCancelled, LeaseLost, wait_after
from ledger.jobs.states import TRANSITIONS, JobState
from ledger.kernel.actors import Actor
from ledger.kernel.ids import new_id
from ledger.kernel.keys import check_told
from ledger.kernel.transitions import check_transition

SWEEP = 100


def enqueue(
    *,
    kind: str,
    task: str,
    args: Mapping[str, Any],
    by: Actor,
    at: datetime,
    subject: str = "",
    key: str | None = None,
) -> Job:
    """Ask for work in the caller's transaction; after the commit it is sent, at least once.

    `args` holds ids only. With `key`, asking again gives the same job; a failed or cancelled one
    is queued anew. The caller's operation has checked the permission.
    """
    if key:
        check_told(key)
    if key and (known := Job.objects.select_for_update().filter(key=key).first()):
        if known.state in {JobState.FAILED, JobState.CANCELLED}:
            _requeue(known, at=at)
        return known
    job = Job.objects.create(
        kind=kind,
        task=task,
        args=dict(args),
        subject=subject,
        key=key,
        party_id=by.party_id,
        enqueued_at=at,
        enqueued_by=by.user_id,
    )
    send_later(task=task, args={"job_id": str(job.pk)}, at=at)
    _record("job.enqueued", job, by=by, at=at, data={"kind": kind, "args": dict(args)})
    return job


def send_later(*, task: str, args: Mapping[str, Any], at: datetime) -> OutboxMessage:
    """Put a message into the outbox; after the commit it is tried once at once."""
    message = OutboxMessage.objects.create(
        task=task, args=dict(args), created_at=at, next_try_at=at
    )
    transaction.on_commit(lambda: publish_now(message_id=message.pk, at=at), robust=True)
    return message


def publish_now(*, message_id: UUID, at: datetime) -> None:
    """The fast path. Whatever fails here is done again by the sweeper."""
    with transaction.atomic():
        message = (
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(pk=message_id, sent_at=None)
            .first()
        )
        if message is not None:
            _publish(message, at=at)


def sweep_outbox(*, at: datetime) -> int:
    """Send what is due. Two sweepers share the work and send nothing twice."""
    with transaction.atomic():
        messages = list(queries.due_messages(at=at, limit=SWEEP))
        for message in messages:
            _publish(message, at=at)
    return len(messages)


def _publish(message: OutboxMessage, *, at: datetime) -> None:
    try:
        current_app.send_task(
            message.task, kwargs=message.args, task_id=str(message.pk), retry=False
        )
    except Exception:
        message.attempt_count += 1
        message.next_try_at = at + wait_after(message.attempt_count)
        message.save(update_fields=["attempt_count", "next_try_at"])
    else:
        message.sent_at = at
        message.save(update_fields=["sent_at"])


def take_over_silent_jobs(*, at: datetime) -> int:
    """Queue again what a dead worker left behind."""
    with transaction.atomic():
        silent = list(queries.silent_jobs(at=at).select_for_update(skip_locked=True))
        for job in silent:
            _requeue(job, at=at)
    return len(silent)


def send_forgotten_jobs(*, at: datetime) -> int:
    """Send again what a broker forgot; whom the message reaches twice finds nothing to do."""
    with transaction.atomic():
        forgotten = queries.forgotten_jobs(at=at)
        for job in forgotten:
            send_later(task=job.task, args={"job_id": str(job.pk)}, at=at)
    return len(forgotten)


def _requeue(job: Job, *, at: datetime) -> None:
    check_transition(TRANSITIONS, job.state, JobState.QUEUED)
    job.state, job.lease, job.error, job.finished_at = JobState.QUEUED, None, "", None
    job.save(update_fields=["state", "lease", "error", "finished_at"])
    send_later(task=job.task, args={"job_id": str(job.pk)}, at=at)


def take_job(*, job_id: UUID, at: datetime) -> Job | None:
    """Lease a queued job for this worker, or None when there is nothing to do."""
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=job_id, state=JobState.QUEUED).first()
        if job is None:
            return None
        job.state, job.lease, job.alive_at = JobState.RUNNING, new_id(), at
        job.attempt_count += 1
        job.save(update_fields=["state", "lease", "alive_at", "attempt_count"])
    return job


def give_sign_of_life(*, job_id: UUID, lease: UUID, at: datetime) -> bool:
    """Whether the job is still ours."""
    mine = Job.objects.filter(pk=job_id, lease=lease, state=JobState.RUNNING)
    return mine.update(alive_at=at) == 1


def report_progress(
    *, job_id: UUID, lease: UUID, done: int, total: int, note: str, at: datetime
) -> None:
    """:raises JobCancelled, LeaseLost: stop working, this job is no longer yours"""
    mine = Job.objects.filter(pk=job_id, lease=lease, state=JobState.RUNNING)
    if mine.update(done_count=done, total_count=total, note=note[:200], alive_at=at):
        return
    if Job.objects.filter(pk=job_id, state=JobState.CANCELLED).exists():
        raise JobCancelled(str(job_id))
    raise LeaseLost(str(job_id))


def finish_job(
    *, job_id: UUID, lease: UUID, result: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    """:raises LeaseLost: another worker has it"""
    with transaction.atomic():
        job = _held(job_id, lease)
        job.state, job.result, job.finished_at, job.error = JobState.DONE, dict(result), at, ""
        job.done_count = job.total_count
        job.save(update_fields=["state", "result", "finished_at", "error", "done_count"])
        _record("job.finished", job, by=by, at=at, data={"result": dict(result)})


def fail_job(*, job_id: UUID, lease: UUID, error: str, by: Actor, at: datetime) -> None:
    """:raises LeaseLost: another worker has it"""
    with transaction.atomic():
        job = _held(job_id, lease)
        job.state, job.error, job.finished_at = JobState.FAILED, error[:10_000], at
        job.save(update_fields=["state", "error", "finished_at"])
        _record("job.failed", job, by=by, at=at, data={"attempt": job.attempt_count})


def _held(job_id: UUID, lease: UUID) -> Job:
    job = Job.objects.select_for_update().get(pk=job_id)
    if job.lease != lease or job.state != JobState.RUNNING:
        raise LeaseLost(str(job_id))
    return job


@operation
def retry_job(*, job_id: UUID, by: Actor, at: datetime) -> Job:
    """Queue a failed or cancelled job again.

    :raises NotFound, IllegalTransition:
    """
    queries.get_job(job_id=job_id, by=by)
    job = Job.objects.select_for_update().get(pk=job_id)
    _requeue(job, at=at)
    _record("job.retried", job, by=by, at=at)
    return job


@operation
def cancel_job(*, job_id: UUID, by: Actor, at: datetime) -> Job:
    """Stop a job: at once when queued, at its next step when running.

    :raises NotFound, IllegalTransition:
    """
    queries.get_job(job_id=job_id, by=by)
    job = Job.objects.select_for_update().get(pk=job_id)
    check_transition(TRANSITIONS, job.state, JobState.CANCELLED)
    Job.objects.filter(pk=job_id).update(state=JobState.CANCELLED, lease=None, finished_at=at)
    job.refresh_from_db()
    _record("job.cancelled", job, by=by, at=at)
    return job


def _record(
    verb: str, job: Job, *, by: Actor, at: datetime, data: Mapping[str, Any] | None = None
) -> None:
    audit.record(verb=verb, subject=f"jobs.Job:{job.pk}", by=by, at=at, data=data)
