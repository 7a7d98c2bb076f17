"""A worker that dies at any step of a report leaves nothing wrong, double or lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ledger.audit.models import Event
from ledger.files.models import StoredFile
from ledger.jobs import operations as jobs
from ledger.jobs import runner
from ledger.jobs.models import Job
from ledger.jobs.states import JobState
from reporting.disclosures.models import Statement
from reporting.packages import operations, queries, tasks
from reporting.packages.models import Report, ReportFile
from tests.reporting.packages.test_reports import golden_facility, opine  # noqa: F401  a fixture


class Killed(BaseException):
    """No handler of ours catches it: as if the process were gone."""


@pytest.fixture
def verified(golden_facility, park, manager, own_keys):  # noqa: F811
    opine(golden_facility, park, manager)
    return golden_facility


def die_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    told = runner.RunningJob.progress

    def progress(job: Any, done: int, total: int, note: str = "") -> None:
        told(job, done, total, note)
        if done == step:
            raise Killed

    monkeypatch.setattr(runner.RunningJob, "progress", progress)


def taken_up_again(job_id: Any) -> Job:
    """What the sweeper does after a silence, and the next worker."""
    assert Job.objects.get(pk=job_id).state == JobState.RUNNING
    assert jobs.take_over_silent_jobs(at=timezone.now() + timedelta(minutes=2)) == 1
    tasks.make_report(job_id=str(job_id))
    return Job.objects.get(pk=job_id)


def nothing_is_wrong_double_or_lost(job: Job, *, attempts: int = 2) -> None:
    assert (job.state, job.error, job.attempt_count) == (JobState.DONE, "", attempts)
    report = Report.objects.get()
    assert job.result["report"] == str(report.pk)
    assert (Statement.objects.count(), ReportFile.objects.count()) == (1, 2)
    assert StoredFile.objects.filter(purpose="report").count() == 3
    told = {"statement.frozen": 1, "report.issued": 1, "report.file_issued": 2}
    for verb, count in told.items():
        assert Event.objects.filter(verb=verb).count() == count
    assert queries.content_of(report).startswith(b"%PDF-")
    assert list(queries.check_rows()) == []


@pytest.mark.parametrize("step", range(tasks.STEPS))
def test_killed_at_a_step(verified, manager, monkeypatch, step):
    job_id = operations.request_report(
        frozen_inventory_id=verified.id, language="en", by=manager, at=timezone.now()
    )
    with monkeypatch.context() as patch:
        die_at(step, patch)
        with pytest.raises(Killed):
            tasks.make_report(job_id=str(job_id))
    assert Report.objects.count() == 0
    nothing_is_wrong_double_or_lost(taken_up_again(job_id))


def test_killed_after_the_report_is_on_record_and_before_the_job_is_done(
    verified, manager, monkeypatch
):
    job_id = operations.request_report(
        frozen_inventory_id=verified.id, language="en", by=manager, at=timezone.now()
    )
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "finish_job", lambda **_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            tasks.make_report(job_id=str(job_id))
    assert Report.objects.count() == 1
    nothing_is_wrong_double_or_lost(taken_up_again(job_id))


def test_a_cancelled_job_stops_at_its_next_step_and_a_retry_makes_the_report(
    verified, manager, monkeypatch
):
    job_id = operations.request_report(
        frozen_inventory_id=verified.id, language="en", by=manager, at=timezone.now()
    )
    told = runner.RunningJob.progress

    def progress(job: Any, done: int, total: int, note: str = "") -> None:
        if done == 1:
            jobs.cancel_job(job_id=job_id, by=manager, at=timezone.now())
        told(job, done, total, note)

    with monkeypatch.context() as patch:
        patch.setattr(runner.RunningJob, "progress", progress)
        tasks.make_report(job_id=str(job_id))
    assert Job.objects.get(pk=job_id).state == JobState.CANCELLED
    assert Report.objects.count() == 0
    jobs.retry_job(job_id=job_id, by=manager, at=timezone.now())
    tasks.make_report(job_id=str(job_id))
    nothing_is_wrong_double_or_lost(Job.objects.get(pk=job_id))
