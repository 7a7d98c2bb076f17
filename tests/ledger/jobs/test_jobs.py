from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection

from ledger.jobs import operations, runner
from ledger.jobs.models import Job, OutboxMessage
from ledger.jobs.rules import LeaseLost
from ledger.jobs.states import JobState
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import IllegalTransition, NotAllowed, NotFound

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
PARK = uuid4()
OFFICER = Actor(user_id=uuid4(), party_id=PARK, roles=frozenset({Role.DATA_OFFICER}))


def ask(key=None, **args):
    return operations.enqueue(
        kind="report", task="test.nothing", args=args, by=OFFICER, at=NOON, key=key
    )


@pytest.mark.django_db
def test_asking_twice_with_one_key_gives_one_job_and_one_message():
    first, second = ask("report:1"), ask("report:1")

    assert first.pk == second.pk
    assert OutboxMessage.objects.count() == 1


@pytest.mark.django_db
def test_a_job_runs_once_and_keeps_its_result():
    job = ask(number=7)
    seen = []

    def body(running):
        running.progress(1, 2, "half")
        seen.append(running.args["number"])
        return {"pages": 12}

    runner.run(job_id=job.pk, body=body)
    runner.run(job_id=job.pk, body=body)

    job.refresh_from_db()
    assert (seen, job.state, job.result, job.attempt_count) == ([7], "DONE", {"pages": 12}, 1)


@pytest.mark.django_db
def test_an_error_ends_the_job_with_its_text_and_may_be_retried():
    job = ask()

    def body(running):
        raise ValueError("no font")

    runner.run(job_id=job.pk, body=body)
    job.refresh_from_db()
    assert (job.state, job.error) == ("FAILED", "ValueError: no font")

    operations.retry_job(job_id=job.pk, by=OFFICER, at=NOON)
    job.refresh_from_db()
    assert (job.state, job.error) == ("QUEUED", "")
    assert OutboxMessage.objects.count() == 2


@pytest.mark.django_db
def test_another_partys_job_is_not_there_and_a_verifier_may_not_retry():
    job = ask()
    stranger = Actor(user_id=uuid4(), party_id=uuid4(), roles=frozenset({Role.DATA_OFFICER}))
    verifier = Actor(user_id=uuid4(), party_id=PARK, roles=frozenset({Role.VERIFIER}))

    with pytest.raises(NotFound):
        operations.cancel_job(job_id=job.pk, by=stranger, at=NOON)
    with pytest.raises(NotAllowed):
        operations.cancel_job(job_id=job.pk, by=verifier, at=NOON)
    job.refresh_from_db()
    assert job.state == JobState.QUEUED


@pytest.mark.django_db
def test_a_finished_job_cannot_be_cancelled():
    job = ask()
    runner.run(job_id=job.pk, body=lambda running: {})

    with pytest.raises(IllegalTransition):
        operations.cancel_job(job_id=job.pk, by=OFFICER, at=NOON)


@pytest.mark.django_db
def test_a_silent_worker_loses_its_job_and_cannot_finish_it():
    job = ask()
    taken = operations.take_job(job_id=job.pk, at=NOON)
    assert taken is not None and taken.lease is not None
    later = NOON + timedelta(seconds=21)

    assert operations.take_over_silent_jobs(at=NOON + timedelta(seconds=19)) == 0
    assert operations.take_over_silent_jobs(at=later) == 1
    with pytest.raises(LeaseLost):
        operations.finish_job(job_id=job.pk, lease=taken.lease, result={}, by=SYSTEM, at=later)
    job.refresh_from_db()
    assert (job.state, job.lease) == (JobState.QUEUED, None)


@pytest.mark.django_db
def test_a_cancelled_job_stops_at_its_next_step():
    job = ask()
    done = []

    def body(running):
        operations.cancel_job(job_id=job.pk, by=OFFICER, at=NOON)
        running.progress(1, 2)
        done.append("too far")
        return {}

    runner.run(job_id=job.pk, body=body)
    job.refresh_from_db()
    assert (job.state, done) == (JobState.CANCELLED, [])


def test_two_sweepers_send_every_message_once(committed_db, monkeypatch):
    for _ in range(300):
        operations.send_later(task="test.nothing", args={}, at=NOON)
    OutboxMessage.objects.update(sent_at=None)
    sent: list[UUID] = []
    monkeypatch.setattr(
        "celery.Celery.send_task", lambda self, name, task_id, **rest: sent.append(task_id)
    )

    def sweep(_):
        try:
            return sum(iter(lambda: operations.sweep_outbox(at=NOON), 0))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        counts = list(threads.map(sweep, range(2)))

    assert sum(counts) == 300
    assert len(set(sent)) == len(sent) == 300


@pytest.mark.django_db
def test_a_dead_broker_loses_nothing(monkeypatch):
    def dead(self, *args, **kwargs):
        raise OSError("no broker")

    monkeypatch.setattr("celery.Celery.send_task", dead)
    job = ask()

    assert operations.sweep_outbox(at=NOON) == 1
    message = OutboxMessage.objects.get()
    assert (message.sent_at, message.attempt_count) == (None, 1)
    assert message.next_try_at == NOON + timedelta(seconds=2)
    assert Job.objects.get(pk=job.pk).state == JobState.QUEUED


@pytest.mark.django_db
def test_a_message_that_died_with_its_broker_is_sent_again_once_in_a_while(monkeypatch):
    sent: list[UUID] = []
    monkeypatch.setattr(
        "celery.Celery.send_task", lambda self, name, task_id, **rest: sent.append(task_id)
    )
    job = ask()
    operations.sweep_outbox(at=NOON)
    assert len(sent) == 1

    def swept(minutes):
        at = NOON + timedelta(minutes=minutes)
        again = operations.send_forgotten_jobs(at=at)
        operations.sweep_outbox(at=at)
        return again

    assert [swept(minutes) for minutes in (1, 4, 6, 7, 10, 12)] == [0, 0, 1, 0, 0, 1]
    assert len(sent) == 3
    runner.run(job_id=job.pk, body=lambda running: {})
    assert swept(60) == 0
