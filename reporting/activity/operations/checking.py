"""The checks are run, and what they find is answered; a year goes on only when all is."""

from datetime import date, datetime
from uuid import UUID

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.files import queries as files
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.periods import Period
from ledger.kernel.transitions import check_transition
from reporting.activity import queries
from reporting.activity.checking import Found, find_all
from reporting.activity.models import Dataset, Finding
from reporting.activity.operations.recording import BEIJING, open_dataset
from reporting.activity.rules import AnswerNeeded
from reporting.activity.states import FINDING_TRANSITIONS, AnswerKind, FindingState
from reporting.parks import queries as parks


@operation
def run_checks(*, park_id: UUID, year: int, by: Actor, at: datetime) -> list[Finding]:
    """Look at everything of a year. New findings wait for an answer; those that are no longer so
    are cleared; an answered one stays answered as long as it is the same.

    :raises NotFound: the park is not there or not the actor's
    :raises DatasetNotOpen: the year has been handed in
    """
    park = parks.get_park(park_id, by)
    dataset = open_dataset(park_id=park_id, party_id=park.operator_id, year=year, by=by, at=at)
    today = at.astimezone(BEIJING).date()
    found = {one.key: one for one in find_all(park_id, Period.year(year), today=today)}
    known = {_key(row): row for row in dataset.findings.select_for_update()}
    for key, row in known.items():
        _look_again(row, found.get(key), by=by, at=at)
    new = [_new(dataset, one, by=by, at=at) for key, one in found.items() if key not in known]
    return [*known.values(), *new]


def _key(row: Finding) -> tuple[str, UUID, date]:
    return row.check_code, row.subject_id, row.month


def _new(dataset: Dataset, found: Found, *, by: Actor, at: datetime) -> Finding:
    row = Finding(
        dataset=dataset,
        check_code=found.check,
        severity=found.severity,
        subject_id=found.subject_id,
        subject=found.subject,
        month=found.month,
        params=dict(found.params),
        digest=found.digest,
        found_at=at,
        found_by=by.user_id,
        moved_at=at,
        moved_by=by.user_id,
    )
    row.save(force_insert=True)
    _record("data_finding.found", row, by, at)
    return row


def _look_again(row: Finding, found: Found | None, *, by: Actor, at: datetime) -> None:
    if found is None:
        if row.state != FindingState.CLEARED:
            _move(row, FindingState.CLEARED, by=by, at=at)
        return
    is_same = row.digest == found.digest
    row.params, row.digest, row.severity = dict(found.params), found.digest, found.severity
    if row.state == FindingState.OPEN:
        if not is_same:
            row.save()
            _record("data_finding.changed", row, by, at)
    elif not is_same or row.state == FindingState.CLEARED:
        row.answer, row.answer_kind, row.evidence_file_id = "", "", None
        _move(row, FindingState.OPEN, by=by, at=at)


@operation
def answer_finding(
    *,
    finding_id: UUID,
    kind: AnswerKind,
    answer: str,
    by: Actor,
    at: datetime,
    evidence_file_id: UUID | None = None,
) -> Finding:
    """Say why it is so, or that an estimate stands in; with evidence, where there is some.

    :raises NotFound: not there, or another party's
    :raises AnswerNeeded: no words
    :raises IllegalTransition: it does not wait for an answer
    """
    row = Finding.objects.select_for_update().filter(pk=finding_id).first()
    if row is None:
        raise NotFound
    queries.get_dataset(dataset_id=row.dataset_id, by=by)
    if not answer.strip():
        raise AnswerNeeded
    if evidence_file_id is not None:
        files.get_file(file_id=evidence_file_id, by=by)
    row.answer_kind, row.answer = AnswerKind(kind), answer.strip()
    row.evidence_file_id = evidence_file_id
    return _move(row, FindingState.ANSWERED, by=by, at=at)


def _move(row: Finding, state: FindingState, *, by: Actor, at: datetime) -> Finding:
    check_transition(FINDING_TRANSITIONS, row.state, state)
    row.state, row.moved_at, row.moved_by = state, at, by.user_id
    row.save()
    _record(f"data_finding.{state.lower()}", row, by, at)
    return row


def _record(verb: str, row: Finding, by: Actor, at: datetime) -> None:
    audit.record(
        verb=verb,
        subject=f"activity.Finding:{row.pk}",
        by=by,
        at=at,
        reason=row.answer,
        data={"row": parks.row_facts(row)},
    )
