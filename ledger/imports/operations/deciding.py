"""What people decide over an import that was read: leave lines out, take it in, undo it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ledger.audit import operations as audit
from ledger.audit.operations import Happening
from ledger.doors.operation import operation
from ledger.imports import models, queries
from ledger.imports.operations.moving import ask_for_work, locked, move
from ledger.imports.rules import HasProblems, LineNotThere, NothingNew
from ledger.imports.states import ImportState
from ledger.kernel.actors import Actor

MOST_AT_ONCE = 10_000


@operation
def check_again(*, import_id: UUID, by: Actor, at: datetime) -> models.Import:
    """Compare the lines with the books as they are now; the file is not read again.

    :raises NotFound, IllegalTransition: refused
    """
    row = locked(import_id, by=by)
    _check_again(row, by=by, at=at)
    return row


def _check_again(row: models.Import, *, by: Actor, at: datetime) -> None:
    move(row, ImportState.STAGING, verb="import.check_asked", by=by, at=at)
    ask_for_work(row, by=by, at=at)


@operation
def set_aside_lines(
    *,
    import_id: UUID,
    reason: str,
    by: Actor,
    at: datetime,
    lines: Sequence[tuple[int, int]] = (),
) -> int:
    """Leave lines (row, part) out, each with the reason; without `lines`, all that have problems.

    They stay in the import, with their problems, and are told wherever it is shown. The rest is
    checked again.

    :raises LineNotThere: no such line
    :raises NotFound, IllegalTransition: refused
    """
    row = locked(import_id, by=by)
    chosen = list(dict.fromkeys(lines or _faulty(row)))[:MOST_AT_ONCE]
    _check_there(row, chosen)
    made = models.SetAside.objects.bulk_create(
        [
            models.SetAside(
                import_of=row,
                row_number=number,
                line=line,
                reason=reason[:200],
                set_at=at,
                set_by=by.user_id,
            )
            for number, line in chosen
        ]
    )
    audit.record_many(
        [
            Happening(
                verb="import.line_set_aside",
                subject=f"imports.SetAside:{one.pk}",
                data={"row": queries.facts_of(one)},
                reason=reason,
            )
            for one in made
        ],
        by=by,
        at=at,
    )
    _check_again(row, by=by, at=at)
    return len(made)


def _faulty(row: models.Import) -> list[tuple[int, int]]:
    """Those with a problem that keeps the file out; part 0: a line that could not be read."""
    found = queries.standing_problems(row).filter(is_blocking=True, row_number__gt=0)
    return list(found.values_list("row_number", "line"))


def _check_there(row: models.Import, lines: Sequence[tuple[int, int]]) -> None:
    there = models.ImportRow.objects.filter(
        import_id=row.pk, row_number__in={number for number, _ in lines}
    )
    known = set(there.values_list("row_number", "line"))
    aside = set(models.SetAside.objects.filter(import_of=row).values_list("row_number", "line"))
    if not lines or not set(lines) <= known - aside:
        raise LineNotThere


@operation
def commit_import(
    *, import_id: UUID, by: Actor, at: datetime, approval_id: UUID | None = None
) -> models.Import:
    """Take an import in: a job does it, all or nothing.

    :raises HasProblems, NothingNew, NotFound, IllegalTransition: refused
    """
    row = locked(import_id, by=by)
    check_may_commit(row)
    row.approval_id = approval_id
    move(row, ImportState.COMMITTING, verb="import.commit_begun", by=by, at=at)
    ask_for_work(row, by=by, at=at)
    return row


def check_may_commit(row: models.Import) -> None:
    """:raises HasProblems, NothingNew: nobody need be asked"""
    if row.state == ImportState.FAULTY or row.problem_count:
        raise HasProblems(count=row.problem_count)
    if row.state == ImportState.READY and not row.summary.get("records"):
        raise NothingNew


@operation
def undo_import(
    *, import_id: UUID, reason: str, by: Actor, at: datetime, approval_id: UUID | None = None
) -> models.Import:
    """Take back what an import wrote, by linked reversals; a job does it, all or nothing.

    :raises NotFound, IllegalTransition: refused
    """
    row = locked(import_id, by=by)
    row.reason, row.approval_id = reason[:200], approval_id or row.approval_id
    move(row, ImportState.UNDOING, verb="import.undo_begun", by=by, at=at, reason=reason)
    ask_for_work(row, by=by, at=at)
    return row


@operation
def discard_import(*, import_id: UUID, reason: str, by: Actor, at: datetime) -> models.Import:
    """Put a file aside that is in no books; what was read of it stays to be looked at.

    :raises NotFound, IllegalTransition: refused
    """
    row = locked(import_id, by=by)
    row.reason = reason[:200]
    move(row, ImportState.DISCARDED, verb="import.discarded", by=by, at=at, reason=reason)
    return row
