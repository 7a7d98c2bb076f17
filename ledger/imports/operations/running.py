"""The work of the jobs: read and check, take in, undo. Each may be run again after a kill.

Taking in and undoing are one transaction each, however many lines: what a reader sees is none of
it or all of it (docs/adr/imports-one-transaction.md).
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from ledger.imports import checking, models, queries, staging
from ledger.imports.operations.moving import move
from ledger.imports.rules import ChangedSinceChecked, RowProblem, Target, get_target
from ledger.imports.staging import Progress
from ledger.imports.states import ImportState
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import N_, DomainError

Told = dict[str, Any]


def _lock(import_id: UUID) -> models.Import:
    return models.Import.objects.select_for_update().get(pk=import_id)


def _for(row: models.Import) -> Actor:
    """The machine that does what a person of this party decided."""
    return Actor(user_id=row.moved_by, party_id=row.party_id, roles=frozenset({Role.SYSTEM}))


def _in_turn(row: models.Import) -> None:
    """One import of a party and target is checked, taken in or undone at a time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"imports {row.party_id} {row.target}"],
        )


def run_stage(*, import_id: UUID, progress: Progress, at: datetime) -> Told:
    """Read what is not read yet, then check all of it."""
    row = models.Import.objects.get(pk=import_id)
    if row.state != ImportState.STAGING:
        return _told(row)
    if not row.is_staged:
        staging.stage(import_id=import_id, progress=progress)
    with transaction.atomic():
        row = _lock(import_id)
        if row.state == ImportState.STAGING:
            _note_staged(row)
            _check(row, at=at)
    return _told(row)


def _note_staged(row: models.Import) -> None:
    if row.is_staged:
        return
    pieces = models.ImportPiece.objects.filter(import_id=row.pk).order_by("number")
    sums = pieces.aggregate(lines=Sum("line_count"), records=Sum("record_count"))
    row.line_count, row.record_count = sums["lines"] or 0, sums["records"] or 0
    row.content_digest, row.is_staged = queries.content_digest(list(pieces)), True


def _check(row: models.Import, *, at: datetime) -> None:
    """A new check: its problems, what would be written, and whether that may be."""
    target = get_target(row.target)
    row.check_number += 1
    found = chain(_notices(row), _of_lines(row, target), target.check(row.pk))
    staging.write_problems(row.pk, row.check_number, found)
    _count(row)
    counted = queries.record_count if target.is_whole else queries.fresh_count
    row.summary = {"records": counted(row.pk), **target.summarise(row.pk)}
    state = ImportState.FAULTY if row.problem_count else ImportState.READY
    move(row, state, verb="import.checked", by=_for(row), at=at)


def _of_lines(row: models.Import, target: Target) -> Iterable[RowProblem]:
    return checking.problems_of(row.pk, beside_earlier=not target.is_whole)


def _notices(row: models.Import) -> Iterable[RowProblem]:
    """What should be known of the layout itself."""
    unconfirmed = row.mapping.is_unconfirmed if row.mapping else staging.layout_of(row).unconfirmed
    if unconfirmed:
        message = N_("The registry has not confirmed this layout: compare a few lines yourself.")
        yield RowProblem(0, "", "layout_unconfirmed", message, blocking=False)


def _count(row: models.Import) -> None:
    standing = queries.standing_problems(row)
    row.problem_count = standing.filter(is_blocking=True).count()
    row.notice_count = standing.filter(is_blocking=False).count()


def run_commit(*, import_id: UUID, progress: Progress, at: datetime) -> Told:
    """Take it in, in one transaction. A refusal takes nothing in and leads back to the check."""
    try:
        with transaction.atomic():
            row = _lock(import_id)
            if row.state == ImportState.COMMITTING:
                _commit(row, get_target(row.target), progress=progress, at=at)
        return _told(row)
    except DomainError as refusal:
        _take_back(import_id, refusal, at=at)
        raise


def _commit(row: models.Import, target: Target, *, progress: Progress, at: datetime) -> None:
    _in_turn(row)
    by = _for(row)
    written = target.commit(row.pk, by=by, at=at, approval_id=row.approval_id, progress=progress)
    kept = queries.record_count(row.pk) if target.is_whole else _keep_keys(row.pk)
    row.result = {"records": kept, **written}
    move(row, ImportState.COMMITTED, verb="import.committed", by=by, at=at)


def _keep_keys(import_id: UUID) -> int:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_imports_takenkey (key, import_id, row_number, line)"  # noqa: S608
                f" SELECT key, %(import)s, row_number, line FROM ({queries.FRESH_ROWS}) AS f",
                {"import": import_id},
            )
            return int(cursor.rowcount)
    except IntegrityError as error:
        raise ChangedSinceChecked from error


def _take_back(import_id: UUID, refusal: DomainError, *, at: datetime) -> None:
    """What the books refused is said as a problem of the file, beside what a new check finds."""
    said = RowProblem(0, "", refusal.code, refusal.message, refusal.params)
    with transaction.atomic():
        row = _lock(import_id)
        if row.state != ImportState.COMMITTING:
            return
        row.check_number += 1
        target = get_target(row.target)
        again = chain(_of_lines(row, target), target.check(row.pk))
        staging.write_problems(row.pk, row.check_number, chain([said], again))
        _count(row)
        move(
            row, ImportState.FAULTY, verb="import.refused", by=_for(row), at=at,
            data={"refusal": refusal.code},
        )  # fmt: skip


def run_undo(*, import_id: UUID, progress: Progress, at: datetime) -> Told:
    """Reverse what was written, in one transaction; refused where units have moved on since."""
    try:
        with transaction.atomic():
            row = _lock(import_id)
            if row.state == ImportState.UNDOING:
                _undo(row, progress=progress, at=at)
        return _told(row)
    except DomainError as refusal:
        with transaction.atomic():
            row = _lock(import_id)
            if row.state == ImportState.UNDOING:
                move(
                    row, ImportState.COMMITTED, verb="import.undo_refused", by=_for(row), at=at,
                    data={"refusal": refusal.code},
                )  # fmt: skip
        raise


def _undo(row: models.Import, *, progress: Progress, at: datetime) -> None:
    _in_turn(row)
    by = _for(row)
    target = get_target(row.target)
    written = target.undo(row.pk, by=by, at=at, reason=row.reason, progress=progress)
    models.TakenKey.objects.filter(import_id=row.pk).delete()
    row.result = {**row.result, "undone": dict(written)}
    move(row, ImportState.UNDONE, verb="import.undone", by=by, at=at, reason=row.reason)


def _told(row: models.Import) -> Told:
    return {
        "import": str(row.pk),
        "state": row.state,
        "problems": row.problem_count,
        "lines": row.line_count,
    }
