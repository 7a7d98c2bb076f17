"""Breaks moved along by people: who looks after it, what is known, when it is over."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.files import queries as files
from ledger.kernel.actors import Actor
from ledger.kernel.transitions import check_transition
from ledger.reconciliation import queries, rules
from ledger.reconciliation.models import Break, BreakNote
from ledger.reconciliation.states import TRANSITIONS, BreakState


def record(verb: str, row: Break, *, by: Actor, at: datetime, reason: str = "") -> None:
    audit.record(
        verb=f"break.{verb}",
        subject=f"reconciliation.Break:{row.pk}",
        by=by,
        at=at,
        data={"row": queries.content_of(row)},
        reason=reason,
    )


@operation
def assign_breaks(*, break_ids: Sequence[UUID], owner_id: UUID, by: Actor, at: datetime) -> int:
    """Give breaks to somebody, all or none; those in work start again with her.

    :raises NotFound: one is not there, or another party's
    :raises IllegalTransition: one is closed
    """
    for break_id in sorted(set(break_ids)):
        row = queries.lock_break(break_id, by=by)
        if row.state != BreakState.ASSIGNED:
            check_transition(TRANSITIONS, row.state, BreakState.ASSIGNED)
        row.state, row.owner_id = BreakState.ASSIGNED, owner_id
        row.save(update_fields=["state", "owner_id"])
        record("assigned", row, by=by, at=at)
    return len(set(break_ids))


@operation
def add_note(
    *, break_id: UUID, by: Actor, at: datetime, text: str = "", file_id: UUID | None = None
) -> BreakNote:
    """A comment, or a file of evidence.

    :raises TextMissing: neither
    :raises NotFound: no such break or file, or another party's
    """
    row = queries.get_break(break_id, by=by)
    return _write(row, by=by, at=at, text=text, file_id=file_id)


def _write(row: Break, *, by: Actor, at: datetime, text: str, file_id: UUID | None) -> BreakNote:
    if not text.strip() and file_id is None:
        raise rules.TextMissing
    if file_id is not None:
        files.get_file(file_id=file_id, by=by)
    note = BreakNote.objects.create(
        of_break=row, text=text, file_id=file_id, written_at=at, written_by=by.user_id
    )
    audit.record(
        verb="break.noted",
        subject=f"reconciliation.BreakNote:{note.pk}",
        by=by,
        at=at,
        data={"row": queries.content_of(note)},
    )
    return note


@operation
def explain_break(
    *, break_id: UUID, text: str, by: Actor, at: datetime, file_id: UUID | None = None
) -> Break:
    """Why the books differ: a movement on its way, say. It blocks until the difference is gone.

    :raises TextMissing: nothing is said
    :raises IllegalTransition: nobody has it, or it is closed
    :raises NotFound: not there, or another party's
    """
    row = queries.lock_break(break_id, by=by)
    check_transition(TRANSITIONS, row.state, BreakState.EXPLAINED)
    _write(row, by=by, at=at, text=text, file_id=file_id)
    row.state = BreakState.EXPLAINED
    row.save(update_fields=["state"])
    record("explained", row, by=by, at=at)
    return row


@operation
def close_break(*, break_id: UUID, reason: str, by: Actor, at: datetime) -> Break:
    """Agree that it is over: the newest comparison saw it no more.

    :raises StillThere: it did (I41)
    :raises IllegalTransition: closed already
    :raises NotFound: not there, or another party's
    """
    row = queries.lock_break(break_id, by=by)
    check_transition(TRANSITIONS, row.state, BreakState.CLOSED)
    if row.vanished_at is None:
        raise rules.StillThere
    row.state, row.closed_at, row.closed_by = BreakState.CLOSED, at, by.user_id
    row.save(update_fields=["state", "closed_at", "closed_by"])
    record("closed", row, by=by, at=at, reason=reason)
    return row
