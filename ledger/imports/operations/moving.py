"""What every step of an import's life shares: lock, check the table of moves, change, record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from ledger.audit import operations as audit
from ledger.imports import models, queries
from ledger.imports.states import TRANSITIONS, ImportState
from ledger.jobs import operations as jobs
from ledger.kernel.actors import Actor
from ledger.kernel.transitions import check_transition

READING, COMMITTING, UNDOING = queries.JOB_KINDS
TASKS: Mapping[ImportState, tuple[str, str]] = {
    ImportState.STAGING: (READING, "imports.stage"),
    ImportState.COMMITTING: (COMMITTING, "imports.commit"),
    ImportState.UNDOING: (UNDOING, "imports.undo"),
}


def subject_of(row: models.Import) -> str:
    return f"imports.Import:{row.pk}"


def locked(import_id: UUID, *, by: Actor) -> models.Import:
    """:raises NotFound: not there, or another party's"""
    queries.get_own_import(import_id, by=by)
    return models.Import.objects.select_for_update().get(pk=import_id)


def move(
    row: models.Import,
    state: ImportState,
    *,
    verb: str,
    by: Actor,
    at: datetime,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """:raises IllegalTransition: the table has no such move"""
    check_transition(TRANSITIONS, row.state, state)
    row.state, row.moved_at, row.moved_by = state, at, by.user_id
    row.save()
    record(row, verb=verb, by=by, at=at, reason=reason, data=data)


def record(
    row: models.Import,
    *,
    verb: str,
    by: Actor,
    at: datetime,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    audit.record(
        verb=verb,
        subject=subject_of(row),
        by=by,
        at=at,
        reason=reason,
        data={"row": queries.content_of(row), **(data or {})},
    )


def ask_for_work(row: models.Import, *, by: Actor, at: datetime) -> None:
    """The job that does what the import's state says; with the change, in one transaction."""
    kind, task = TASKS[ImportState(row.state)]
    job = jobs.enqueue(
        kind=kind, task=task, args={"import_id": str(row.pk)}, by=by, at=at,
        subject=subject_of(row),
    )  # fmt: skip
    models.Import.objects.filter(pk=row.pk).update(job_id=job.pk)
    row.job_id = job.pk
