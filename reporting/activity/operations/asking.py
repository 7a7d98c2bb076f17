"""A year with very many readings is looked at by a job: checked, or handed in."""

from datetime import datetime
from uuid import UUID

from ledger.doors.operation import operation
from ledger.jobs import operations as jobs
from ledger.kernel.actors import Actor
from ledger.kernel.errors import N_
from ledger.kernel.transitions import check_transition
from reporting.activity import queries
from reporting.activity.models import Dataset
from reporting.activity.rules import DatasetNotOpen
from reporting.activity.states import TRANSITIONS, DatasetState
from reporting.readings import queries as readings

CHECKING, SUBMITTING = "activity.check", "activity.submit"
LARGE = 1_000  # months of meters: what a request looks at within a second or two


def is_large(dataset: Dataset) -> bool:
    """Whether a request would keep its reader waiting for the checks."""
    return readings.count_months(dataset.park_id, dataset.year) > LARGE


@operation
def ask_for_checks(*, dataset_id: UUID, by: Actor, at: datetime) -> UUID:
    """Ask for the job that runs the checks over a year; its id.

    :raises NotFound: not there, or another party's
    :raises DatasetNotOpen: the year has been handed in
    """
    dataset = queries.get_dataset(dataset_id=dataset_id, by=by)
    if dataset.state != DatasetState.DRAFT:
        raise DatasetNotOpen
    return _enqueue(dataset, N_("checks of the data"), CHECKING, key=None, by=by, at=at)


@operation
def ask_to_submit(*, dataset_id: UUID, by: Actor, at: datetime) -> UUID:
    """Ask for the job that looks at a year and hands it in for who asked, once for each draft.

    :raises NotFound: not there, or another party's
    :raises IllegalTransition: it has been handed in
    """
    dataset = queries.get_dataset(dataset_id=dataset_id, by=by)
    check_transition(TRANSITIONS, dataset.state, DatasetState.SUBMITTED)
    key = f"{SUBMITTING}:{dataset.pk}:{dataset.moved_at.isoformat()}"
    return _enqueue(dataset, N_("handing in of a year"), SUBMITTING, key=key, by=by, at=at)


def _enqueue(
    dataset: Dataset, kind: str, task: str, *, key: str | None, by: Actor, at: datetime
) -> UUID:
    job = jobs.enqueue(
        kind=kind,
        task=task,
        args={"dataset_id": str(dataset.pk)},
        by=by,
        at=at,
        subject=f"activity.Dataset:{dataset.pk}",
        key=key,
    )
    return job.pk
