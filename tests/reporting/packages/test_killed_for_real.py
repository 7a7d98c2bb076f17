"""Worker, database and broker die for real, at every step of a report: one report comes of it."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from django.conf import settings as product
from django.db import Error, connection
from django.utils import timezone

from ledger.jobs import operations as jobs
from ledger.jobs import runner
from ledger.jobs.models import Job, OutboxMessage
from ledger.jobs.states import JobState
from reporting.packages import operations, tasks
from reporting.packages.models import Report
from tests.reporting.packages.test_killed_at_each_step import nothing_is_wrong_double_or_lost
from tests.reporting.packages.test_killed_worker import ROOT, until, verified_facility, worker

# A worker that is shot (kill -9, not an exception) when it says that so many steps are done.
DOOMED = """
import os, signal, sys
from ledger.jobs import operations, runner
step = int(sys.argv[1])
told, finish = runner.RunningJob.progress, operations.finish_job
def progress(job, done, total, note=""):
    told(job, done, total, note)
    if done == step:
        os.kill(os.getpid(), signal.SIGKILL)
def finished(**given):
    if step < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    finish(**given)
runner.RunningJob.progress, operations.finish_job = progress, finished
from config.celery import app
app.worker_main(["worker", "--pool", "solo", "--loglevel", "ERROR"])
"""
AT_THE_END = -1


@pytest.fixture(autouse=True)
def where_the_worker_stores(settings: Any, tmp_path: Path, own_folder: None) -> None:
    own = {**settings.STORAGES["evidence"], "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = {**settings.STORAGES, "evidence": own}


def url_of(database: str) -> str:
    url = os.environ["DATABASE_URL"].replace("/tanzhang?", f"/{database}?")
    assert database in url
    return url


@contextmanager
def doomed_worker(
    step: int, *, database: str, keys: Path, data: Path, script: str = DOOMED
) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": url_of(database),
        "KEY_DIR": str(keys),
        "TANZHANG_DATA": str(data),
        "CHECKPOINT_DIR": str(data / "checkpoints"),
    }
    command = [sys.executable, "-c", "import django; django.setup()\n" + script, str(step)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def asked_for() -> tuple[Any, Any]:
    frozen, manager = verified_facility()
    return manager, operations.request_report(
        frozen_inventory_id=frozen.id, language="en", by=manager, at=timezone.now()
    )


def taken_from_the_dead() -> None:
    assert jobs.take_over_silent_jobs(at=timezone.now() + timedelta(minutes=2)) == 1


def test_a_worker_shot_at_every_step_in_turn_leaves_one_report(
    committed_db: str, key_folder: Path, tmp_path: Path
) -> None:
    _manager, job_id = asked_for()
    steps = [*range(tasks.STEPS), AT_THE_END]
    for step in steps:
        with doomed_worker(step, database=committed_db, keys=key_folder, data=tmp_path) as shot:
            assert shot.wait(90) == -signal.SIGKILL
        assert Job.objects.get(pk=job_id).state == JobState.RUNNING
        assert Report.objects.count() == (1 if step == AT_THE_END else 0)
        taken_from_the_dead()
    with worker(committed_db, key_folder, tmp_path):
        done = until(lambda job: job.state in {JobState.DONE, JobState.FAILED}, job_id)
    nothing_is_wrong_double_or_lost(done, attempts=len(steps) + 1)


def cut_at(step: int, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server ends every connection of this process when so many steps are done."""
    told = runner.RunningJob.progress

    def progress(job: Any, done: int, total: int, note: str = "") -> None:
        told(job, done, total, note)
        if done == step:
            with psycopg.connect(url_of(database), autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    monkeypatch.setattr(runner.RunningJob, "progress", progress)


@pytest.mark.usefixtures("own_keys")
def test_a_database_cut_off_at_every_step_in_turn_leaves_one_report(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager, job_id = asked_for()
    for step in range(tasks.STEPS):
        with monkeypatch.context() as patch:
            cut_at(step, committed_db, patch)
            with contextlib.suppress(Error):
                tasks.make_report(job_id=str(job_id))
        connection.close()
        assert Report.objects.count() == 0
        if Job.objects.get(pk=job_id).state == JobState.FAILED:  # it could still say so
            jobs.retry_job(job_id=job_id, by=manager, at=timezone.now())
        else:
            taken_from_the_dead()
    tasks.make_report(job_id=str(job_id))
    done = Job.objects.get(pk=job_id)
    nothing_is_wrong_double_or_lost(done, attempts=tasks.STEPS + 1)


def test_a_broker_that_forgets_everything_loses_no_report(
    committed_db: str, key_folder: Path, tmp_path: Path
) -> None:
    _manager, job_id = asked_for()
    assert OutboxMessage.objects.get(args__job_id=str(job_id)).sent_at is not None
    # as a restart without its memory; the client's word for what celery calls redis+socket
    address = product.CELERY_BROKER_URL.replace("redis+socket://", "unix://")
    redis.Redis.from_url(address).flushdb()
    later = timezone.now() + timedelta(minutes=6)
    assert jobs.send_forgotten_jobs(at=later) == 1
    assert jobs.send_forgotten_jobs(at=later) == 0  # it is on its way
    with worker(committed_db, key_folder, tmp_path):
        done = until(lambda job: job.state in {JobState.DONE, JobState.FAILED}, job_id)
    nothing_is_wrong_double_or_lost(done, attempts=1)
