"""A year with very many readings is looked at by a job: progress, refusals, a worker that dies."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from ledger.audit.models import Event
from ledger.jobs import operations as jobs
from ledger.jobs import runner
from ledger.jobs.models import Job
from ledger.jobs.rules import SILENCE
from ledger.jobs.states import JobState
from ledger.kernel.actors import Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.transitions import IllegalTransition
from ledger.parties import queries as parties
from reporting.activity import operations, tasks
from reporting.activity.models import Dataset, Finding
from reporting.activity.operations import asking
from reporting.activity.states import DatasetState
from tests.factories import readings as factory

pytestmark = pytest.mark.django_db(transaction=False)
NOON = factory.NOON


@pytest.fixture
def year(park_of_a_year, monkeypatch):
    """A year of one source that lacks nothing; its officer holds her role when the job runs."""
    park, officer, dataset = park_of_a_year
    monkeypatch.setattr(parties, "actor_for", lambda user_id, party_id, on: officer)
    return park, officer, dataset


@pytest.fixture
def park_of_a_year(db):
    from io import BytesIO

    park, officer = factory.make_park()
    factory.add_source(park, "GRID")
    rows = "".join(f"GRID,2025-{month:02d},10,MWh\n" for month in range(1, 13))
    upload = operations.upload_year(
        park_id=park.id, year=2025, name="y.csv", by=officer, at=NOON,
        content=BytesIO(b"source,month,quantity,unit\n" + rows.encode()),
    )  # fmt: skip
    return park, officer, upload.dataset


def job_of(job_id):
    return Job.objects.get(pk=job_id)


def test_few_readings_are_looked_at_at_once_and_very_many_by_a_job(year, monkeypatch):
    dataset = year[2]
    assert not operations.is_large(dataset)
    monkeypatch.setattr(asking, "LARGE", -1)
    assert operations.is_large(dataset)


def test_the_job_hands_a_year_in_for_who_asked_and_shows_how_far_it_is(year, monkeypatch):
    _park, officer, dataset = year
    told = []
    report = jobs.report_progress
    monkeypatch.setattr(
        jobs, "report_progress", lambda **said: (told.append(said["note"]), report(**said))
    )
    job_id = operations.ask_to_submit(dataset_id=dataset.pk, by=officer, at=NOON)
    tasks.submit_year(job_id=str(job_id))
    dataset.refresh_from_db()
    assert (dataset.state, dataset.submitted_by) == (DatasetState.SUBMITTED, officer.user_id)
    job = job_of(job_id)
    assert (job.state, job.result["state"]) == (JobState.DONE, "SUBMITTED")
    assert told == list(tasks.LOOKED_AT)


def test_what_waits_for_an_answer_ends_the_job_and_not_the_draft(year):
    park, officer, dataset = year
    meter = factory.add_meter(factory.add_source(park, "G2", valid_to=None), "E-1", 60)
    assert meter
    job_id = operations.ask_to_submit(dataset_id=dataset.pk, by=officer, at=NOON)
    tasks.submit_year(job_id=str(job_id))
    job = job_of(job_id)
    assert (job.state, "Data is missing" in job.error) == (JobState.FAILED, True)
    dataset.refresh_from_db()
    assert dataset.state == DatasetState.DRAFT
    assert operations.ask_to_submit(dataset_id=dataset.pk, by=officer, at=NOON) == job_id
    assert job_of(job_id).state == JobState.QUEUED  # asked for again


def test_a_worker_that_dies_after_handing_in_hands_in_once(year, monkeypatch):
    _park, officer, dataset = year
    job_id = operations.ask_to_submit(dataset_id=dataset.pk, by=officer, at=NOON)
    taken = jobs.take_job(job_id=job_id, at=timezone.now() - 2 * SILENCE)
    running = runner.RunningJob(job_id, taken.lease, taken.args, officer.party_id, officer.user_id)
    monkeypatch.setattr(jobs, "report_progress", lambda **said: None)
    tasks.submit_body(running)  # and here the worker was killed: nobody ended the job
    assert job_of(job_id).state == JobState.RUNNING
    Job.objects.filter(pk=job_id).update(alive_at=timezone.now() - 2 * SILENCE)
    assert jobs.take_over_silent_jobs(at=timezone.now() + timedelta(seconds=1)) == 1
    tasks.submit_year(job_id=str(job_id))
    assert job_of(job_id).state == JobState.DONE
    handed_in = Event.objects.filter(
        subject=f"activity.Dataset:{dataset.pk}", verb="dataset.submitted"
    )
    assert handed_in.count() == 1


def test_a_job_runs_the_checks_and_says_what_waits(year):
    park, officer, dataset = year
    meter = factory.add_meter(factory.add_source(park, "G2"), "E-1", 60)
    rows = [("E-1", f"2025-01-02 {hour:02d}:00", -1) for hour in range(24)]
    factory.upload(park, officer, factory.lines(rows))
    job_id = operations.ask_for_checks(dataset_id=dataset.pk, by=officer, at=NOON)
    tasks.check_year(job_id=str(job_id))
    found = Finding.objects.filter(subject_id=meter)
    assert {one.check_code for one in found} == {"gap", "negative"}
    assert {one.month for one in found} == {date(2025, 1, 1)}
    assert job_of(job_id).result["findings"] == Finding.objects.count() == 2


def test_only_who_may_hand_in_asks_for_it_and_not_twice(year):
    park, officer, dataset = year
    manager = factory.person(park.operator_id, Role.CARBON_MANAGER)
    with pytest.raises(NotAllowed):
        operations.ask_to_submit(dataset_id=dataset.pk, by=manager, at=NOON)
    _other, stranger = factory.make_park("XX")
    with pytest.raises(NotFound):
        operations.ask_to_submit(dataset_id=dataset.pk, by=stranger, at=NOON)
    assert not Job.objects.exists()
    operations.submit_dataset(dataset_id=dataset.pk, by=officer, at=NOON)
    with pytest.raises(IllegalTransition):
        operations.ask_to_submit(dataset_id=Dataset.objects.get().pk, by=officer, at=NOON)
