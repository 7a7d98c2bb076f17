"""Into the books and out of them: all of a file or nothing."""

from collections.abc import Mapping
from typing import Any, ClassVar

from ledger.approvals import operations as approvals
from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    AskedFor,
    WriteView,
    answer_of,
    carried_out,
)
from ledger.imports import approvable, models, queries
from ledger.imports.operations.deciding import check_may_commit
from ledger.imports.rest.steps import NothingMore, Reason
from ledger.imports.rules import get_target
from ledger.imports.states import TRANSITIONS, ImportState
from ledger.kernel.actors import Role
from ledger.kernel.transitions import check_transition


class _Decided(WriteView):
    """Where the target's movements are approved, the party's thresholds say by whom; else a worker
    begins at once.
    """

    gives = AskedFor

    def decided(self, row: models.Import, payload: Mapping[str, Any], summary: list[str]) -> Answer:
        if not get_target(row.target).is_approved:
            begin = approvable.JOBS[self.operation]
            told = begin(payload, by=self.actor, at=self.at, approval_id=None)
            return carried_out(self.operation, told)
        made = approvals.propose(
            operation=self.operation,
            payload=payload,
            summary=summary,
            party_id=self.actor.own_party,
            by=self.actor,
            at=self.at,
        )
        return answer_of(self.operation, made)


class Commits(_Decided):
    """Propose that a file is taken into the books, all of it or nothing."""

    operation: ClassVar[str] = approvable.COMMIT
    body = NothingMore

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row = queries.get_own_import(path["import_id"], by=self.actor)
        check_may_commit(row)
        check_transition(TRANSITIONS, row.state, ImportState.COMMITTING)
        payload = approvable.payload_of(row, key=key)
        return self.decided(row, payload, approvable.sentences_of(row))


class Undoings(_Decided):
    """Propose that what a file brought is taken back by linked reversals."""

    operation: ClassVar[str] = approvable.UNDO
    also = frozenset({Role.CARBON_MANAGER})
    body = Reason

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row = queries.get_own_import(path["import_id"], by=self.actor)
        check_transition(TRANSITIONS, row.state, ImportState.UNDOING)
        payload = approvable.payload_of(row, key=key, reason=asked["reason"])
        return self.decided(row, payload, approvable.describe_undo(payload))
