"""Jobs that look at a large year. Safe to run twice: what was handed in stays handed in."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from ledger.jobs import runner
from ledger.kernel.actors import SYSTEM, Actor
from ledger.kernel.errors import N_
from ledger.kernel.periods import Period
from ledger.parties import queries as parties
from reporting.activity import operations, queries
from reporting.activity.models import Dataset
from reporting.activity.states import DatasetState, FindingState

LOOKED_AT = (
    N_("looking at the readings"),
    N_("looking at calibrations"),
    N_("holding main meters against sub meters"),
    N_("holding rows against meters and the year before"),
    N_("writing down"),
)


@shared_task(name=operations.CHECKING, acks_late=True)
def check_year(*, job_id: str) -> None:
    """Run the checks over the year that a job names."""
    runner.run(job_id=job_id, body=check_body)


@shared_task(name=operations.SUBMITTING, acks_late=True)
def submit_year(*, job_id: str) -> None:
    """Look at the year that a job names, and hand it in for who asked."""
    runner.run(job_id=job_id, body=submit_body)


def check_body(job: runner.RunningJob) -> Mapping[str, Any]:
    """What the checks found; a cleared or answered finding is not counted as waiting."""
    dataset = _dataset(job)
    _look(job, dataset)
    found = operations.run_checks(
        park_id=dataset.park_id, year=dataset.year, by=_asker(job), at=timezone.now()
    )
    waiting = sum(1 for one in found if one.state == FindingState.OPEN)
    return {"dataset": str(dataset.pk), "findings": waiting}


def submit_body(job: runner.RunningJob) -> Mapping[str, Any]:
    """:raises DatasetIncomplete, FindingsUnanswered: the job's page says so"""
    dataset = _dataset(job)
    if dataset.state == DatasetState.DRAFT:
        _look(job, dataset)
        dataset = operations.submit_dataset(
            dataset_id=dataset.pk, by=_asker(job), at=timezone.now()
        )
    return {"dataset": str(dataset.pk), "state": str(dataset.state)}


def _dataset(job: runner.RunningJob) -> Dataset:
    return queries.get_dataset(dataset_id=UUID(str(job.args["dataset_id"])), by=SYSTEM)


def _asker(job: runner.RunningJob) -> Actor:
    """Who asked, with the roles that she still holds."""
    return parties.actor_for(job.asked_by, job.party_id, timezone.localdate())


def _look(job: runner.RunningJob, dataset: Dataset) -> None:
    """Once outside of any transaction, so that progress shows and the job can be stopped; what is
    then written down is looked at again, with nobody in between.
    """

    def progress(step: int) -> None:
        job.progress(step, len(LOOKED_AT), LOOKED_AT[step])

    operations.look(
        dataset.park_id, Period.year(dataset.year), at=timezone.now(), progress=progress
    )
    progress(len(LOOKED_AT) - 1)
