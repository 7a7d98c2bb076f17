"""Kill -9 the worker that runs the checks of a year: no finding is lost, and none stands twice."""

import io
import signal
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from ledger.audit.models import Event
from ledger.jobs import operations as jobs
from ledger.jobs.models import Job
from ledger.jobs.states import JobState
from ledger.kernel.actors import Actor, Role
from reporting.activity import operations, queries
from reporting.activity.models import Dataset, Finding
from reporting.activity.states import AnswerKind
from reporting.parks import operations as parks
from tests.factories import people
from tests.factories import readings as factory
from tests.reporting.packages.test_killed_for_real import doomed_worker
from tests.reporting.packages.test_killed_worker import until, worker

# A worker that is shot when it has written so many findings down and not yet committed them, or,
# at nought, when all are committed and the job is not yet ended.
DOOMED = """
import os, signal, sys
from ledger.jobs import operations as jobs
from reporting.activity.operations import checking
last, written, record = int(sys.argv[1]), [], checking._record
def die(*args, **given):
    os.kill(os.getpid(), signal.SIGKILL)
def recorded(*args, **given):
    record(*args, **given)
    written.append(args)
    if len(written) == last:
        die()
checking._record = recorded
if not last:
    jobs.finish_job = die
from config.celery import app
app.worker_main(["worker", "--pool", "solo", "--loglevel", "ERROR"])
"""
IN_THE_MIDDLE, AT_THE_END = 10, 0
SOURCES = ("GRID", "PORT", "YARD")


@pytest.fixture
def year(committed_db: str) -> tuple[Dataset, Actor]:
    """Three sources that used twice as much in each month as in the year before."""
    operator, user = people.make_party(), people.make_user()
    people.give(user, operator, Role.DATA_OFFICER)
    officer = Actor(user.pk, operator.pk, frozenset({Role.DATA_OFFICER}))
    park = parks.register_park(
        code="KILL", name_zh="园区", province="330000", operator_id=operator.pk,
        by=factory.SYSTEM, at=factory.NOON,
    )  # fmt: skip
    for code in SOURCES:
        factory.add_source(park, code)
    for of_year, amount in ((2024, 100), (2025, 200)):
        lines = [f"{code},{of_year}-{m:02d},{amount},MWh" for code in SOURCES for m in range(1, 13)]
        operations.upload_year(
            park_id=park.id, year=of_year, name="y.csv", by=officer, at=factory.NOON,
            content=io.BytesIO("\n".join(["source,month,quantity,unit", *lines]).encode()),
        )  # fmt: skip
    return Dataset.objects.get(park_id=park.id, year=2025), officer


def told(verb: str) -> int:
    return Event.objects.filter(verb=verb).count()


def test_checks_shot_in_the_middle_and_again_at_the_end_are_finished_once(
    year: tuple[Dataset, Actor], committed_db: str, tmp_path: Path
) -> None:
    dataset, officer = year
    job_id = operations.ask_for_checks(dataset_id=dataset.pk, by=officer, at=timezone.now())
    where: dict[str, Any] = {"database": committed_db, "keys": tmp_path, "data": tmp_path}

    for shot_after, there in ((IN_THE_MIDDLE, 0), (AT_THE_END, 36)):
        with doomed_worker(shot_after, script=DOOMED, **where) as shot:
            assert shot.wait(60) == -signal.SIGKILL
        assert Job.objects.get(pk=job_id).state == JobState.RUNNING
        assert (Finding.objects.count(), told("data_finding.found")) == (there, there)
        assert jobs.take_over_silent_jobs(at=timezone.now() + timedelta(minutes=2)) == 1

    answered = Finding.objects.get(subject="PORT", month="2025-05-01")
    operations.answer_finding(
        finding_id=answered.pk, kind=AnswerKind.EXPLAINED, answer="新设备投产", by=officer,
        at=timezone.now(),
    )  # fmt: skip
    with worker(committed_db, tmp_path, tmp_path):
        done = until(lambda job: job.state in {JobState.DONE, JobState.FAILED}, job_id)

    assert (done.state, done.error, done.attempt_count) == (JobState.DONE, "", 3)
    assert done.result == {"dataset": str(dataset.pk), "findings": 35}
    found = Finding.objects.values_list("check_code", "subject", "state")
    assert Counter(found) == {
        ("year_on_year", "GRID", "OPEN"): 12,
        ("year_on_year", "YARD", "OPEN"): 12,
        ("year_on_year", "PORT", "OPEN"): 11,
        ("year_on_year", "PORT", "ANSWERED"): 1,
    }
    assert Finding.objects.values("subject_id", "month").distinct().count() == 36
    answered.refresh_from_db()
    assert answered.answer == "新设备投产"
    assert (told("data_finding.found"), told("data_finding.answered")) == (36, 1)
    assert (told("data_finding.open"), told("data_finding.changed")) == (0, 0)
    assert list(queries.check_rows_against_events()) == []
