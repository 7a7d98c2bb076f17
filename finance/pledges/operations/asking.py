"""The debtor asks, the creditor decides through her own login; consent is carried out at once."""

from datetime import datetime
from uuid import UUID

from finance.pledges import models, queries
from finance.pledges.operations import keeping, telling
from finance.pledges.operations.submitting import Wanted
from finance.pledges.rules import refusals
from finance.pledges.states import (
    REQUESTS,
    SECURING,
    CallState,
    PartState,
    PledgeState,
    RequestKind,
    RequestState,
)
from ledger.audit.keeping import find_kept, keep
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.transitions import check_transition
from ledger.parties import queries as parties


@operation(retry=True)
def ask(
    *,
    pledge_id: UUID,
    kind: str,
    reason: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    part_id: UUID | None = None,
    unit_count: int | None = None,
    new: Wanted | None = None,
) -> models.Request:
    """Ask the creditor for a release, a substitution, or her consent to a second pledge.

    What is to come in by a substitution is reserved at once.

    :raises NotFound: not there, or not yours
    :raises OnlyTheDebtor, MoreThanPledged, NoCollateral: refused
    """
    row = keeping.lock(pledge_id, by=by)
    keeping.check_debtor(row, by)
    if done := find_kept(models.Request, idempotency_key, by=by):
        return done
    if row.state not in SECURING:
        raise refusals.NoCollateral
    part = _part(row, kind, part_id, unit_count)
    new_part = None
    if kind == RequestKind.SUBSTITUTION:
        if new is None or row.behind_id is not None:
            raise refusals.NoCollateral
        new_part = keeping.reserve(row, new, key=f"{idempotency_key}:new", by=by, at=at)
    made = models.Request(
        pledge=row, number=f"{row.number}-C{row.requests.count() + 1}", kind=kind, part=part,
        unit_count=unit_count if part else None, new_part=new_part, reason=reason,
        asked_person=parties.person_of(by.user_id),
    )  # fmt: skip
    keep(made, "pledge.asked", key=idempotency_key, by=by, at=at)
    telling.tell_of_request(made, telling.ASKED, by=by, at=at)
    return made


def _part(
    row: models.Pledge, kind: str, part_id: UUID | None, unit_count: int | None
) -> models.Part | None:
    if kind not in {RequestKind.PARTIAL, RequestKind.SUBSTITUTION}:
        return None
    part = next((one for one in queries.parts_of(row) if one.pk == part_id), None)
    if part is None or part.state != PartState.PLEDGED:
        raise NotFound
    if unit_count is None or not 1 <= unit_count <= part.unit_count:
        raise refusals.MoreThanPledged(wanted=unit_count or 0, held=part.unit_count)
    return part


def _lock_request(request_id: UUID, by: Actor) -> tuple[models.Request, models.Pledge]:
    seen = queries.get_request(request_id, by=by)
    pledge = keeping.lock(seen.pledge_id, by=by)
    return models.Request.objects.select_for_update().get(pk=request_id), pledge


@operation(retry=True)
def decide(
    *,
    request_id: UUID,
    consents: bool,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    answer: str = "",
    repayment: str = "",
    cancellation: str = "",
    unfreezing: str = "",
) -> models.Request:
    """The creditor consents or refuses; what she consents to happens in the same transaction.

    A release of everything names its three documents (R7.23).

    :raises NotFound: not there, or not yours
    :raises OnlyTheCreditor: any other party, an administrator, a machine
    :raises DecidedByTheAsker: the same natural person asked, for whichever party
    :raises IllegalTransition: decided already
    :raises ThreeEvidences: a document is missing
    """
    row, pledge = _lock_request(request_id, by)
    keeping.check_creditor(pledge, by)
    state = RequestState.CONSENTED if consents else RequestState.REFUSED
    if row.state == state and row.decided_by == by.user_id:
        return row
    check_transition(REQUESTS, row.state, state)
    if parties.person_of(by.user_id) == row.asked_person:
        raise refusals.DecidedByTheAsker
    row.answer, row.repayment = answer, repayment
    row.cancellation, row.unfreezing = cancellation, unfreezing
    if consents:
        _carry_out(row, pledge, by=by, at=at)
    else:
        _drop_new_part(row, pledge, by=by, at=at)
    _settle(row, state, by=by, at=at, reason=answer)
    return row


def _settle(
    row: models.Request, state: RequestState, *, by: Actor, at: datetime, reason: str
) -> None:
    row.state, row.decided_at, row.decided_by = state, at, by.user_id
    row.save()
    keeping.say(row, "pledge.decided", by=by, at=at, reason=reason)
    telling.tell_of_request(row, telling.DECIDED, by=by, at=at)


def _drop_new_part(row: models.Request, pledge: models.Pledge, *, by: Actor, at: datetime) -> None:
    if row.new_part is not None:
        keeping.give_back(pledge, row.new_part, by=by, at=at, key=f"refused:{row.pk}")


def _carry_out(row: models.Request, pledge: models.Pledge, *, by: Actor, at: datetime) -> None:
    if row.kind == RequestKind.RELEASE:
        _release(row, pledge, by=by, at=at)
        return
    if row.new_part is not None:  # first what comes, then what goes
        keeping.pledge_part(pledge, row.new_part, by=by, at=at, key=f"in:{row.pk}")
    if row.part is not None:
        keeping.give_back(
            pledge, row.part, unit_count=row.unit_count, by=by, at=at, key=f"out:{row.pk}",
            reason=row.reason,
        )  # fmt: skip


def _release(row: models.Request, pledge: models.Pledge, *, by: Actor, at: datetime) -> None:
    documents = (row.repayment, row.cancellation, row.unfreezing)
    if not all(one.strip() for one in documents):
        raise refusals.ThreeEvidences
    for part in queries.parts_of(pledge):
        keeping.give_back(pledge, part, by=by, at=at, key=f"out:{row.pk}", reason=row.reason)
    keeping.end_calls(pledge, CallState.ENDED, by=by, at=at)
    keeping.move(pledge, PledgeState.RELEASED, by=by, at=at, reason=row.reason)


@operation(retry=True)
def withdraw_request(
    *, request_id: UUID, by: Actor, at: datetime, idempotency_key: str
) -> models.Request:
    """The debtor no longer asks; what was reserved for it is free again.

    :raises NotFound: not there, or not yours
    :raises OnlyTheDebtor, IllegalTransition: refused
    """
    row, pledge = _lock_request(request_id, by)
    keeping.check_debtor(pledge, by)
    if row.state == RequestState.WITHDRAWN:
        return row
    check_transition(REQUESTS, row.state, RequestState.WITHDRAWN)
    _drop_new_part(row, pledge, by=by, at=at)
    _settle(row, RequestState.WITHDRAWN, by=by, at=at, reason="")
    return row
