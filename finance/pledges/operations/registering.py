"""Both registrations are recorded with number, day, end and document; and what a court opened."""

from datetime import date, datetime
from uuid import UUID

from finance.pledges import models, queries
from finance.pledges.operations import keeping, telling
from finance.pledges.rules import refusals
from finance.pledges.states import SECURING, TRANSITIONS, PledgeState, Register
from ledger.audit.keeping import find_kept, keep
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.transitions import check_transition


@operation(retry=True)
def register(
    *,
    pledge_id: UUID,
    register: str,
    number: str,
    registered_on: date,
    document: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    expires_on: date | None = None,
) -> models.Registration:
    """Record an entry of a register, or its renewal; debtor or creditor tells it.

    With the entry at Zhongdengwang a pledge is registered, with the registry's freeze letter as
    well it is perfect, in whichever order they come (R7.11, R7.16).

    :raises NotFound: not there, or not yours
    :raises RegisteredOtherwise: it ends before it begins, has no end, or is still to come
    :raises IllegalTransition: the pledge is not approved, or has ended
    """
    row = keeping.lock(pledge_id, by=by)
    if done := find_kept(models.Registration, idempotency_key, by=by):
        return done
    _check(register, registered_on, expires_on, on=keeping.day_of(at))
    if row.state not in SECURING:
        check_transition(TRANSITIONS, row.state, PledgeState.REGISTERED)
    made = models.Registration(
        pledge=row, register=register, number=number, registered_on=registered_on,
        expires_on=expires_on, document=document,
    )  # fmt: skip
    keep(made, "pledge.registered", key=idempotency_key, by=by, at=at)
    ends = expires_on.isoformat() if expires_on else None
    telling.tell(
        row, telling.REGISTERED, by=by, at=at, register=register, number_there=number, ends_on=ends
    )
    _advance(row, by=by, at=at)
    return made


def _check(register: str, registered_on: date, expires_on: date | None, *, on: date) -> None:
    needs_end = register == Register.ZDW and expires_on is None
    backwards = expires_on is not None and expires_on <= registered_on
    if needs_end or backwards or registered_on > on:
        raise refusals.RegisteredOtherwise


def _advance(row: models.Pledge, *, by: Actor, at: datetime) -> None:
    zdw = queries.registration_of(row, Register.ZDW)
    letter = queries.registration_of(row, Register.REGISTRY)
    if zdw and row.state == PledgeState.APPROVED:
        keeping.move(row, PledgeState.REGISTERED, by=by, at=at)
    if zdw and letter and row.state == PledgeState.REGISTERED:
        keeping.move(row, PledgeState.PERFECTED, by=by, at=at)


@operation(retry=True)
def record_proceeding(
    *,
    pledge_id: UUID,
    kind: str,
    number: str,
    opened_on: date,
    document: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
) -> models.Proceeding:
    """A court has opened insolvency proceedings over the debtor: nothing more is drawn or pledged.

    :raises NotFound: not there, or not yours
    """
    row = keeping.lock(pledge_id, by=by)
    if done := find_kept(models.Proceeding, idempotency_key, by=by):
        return done
    made = models.Proceeding(
        pledge=row, kind=kind, number=number, opened_on=opened_on, document=document
    )
    keep(made, "pledge.proceeding", key=idempotency_key, by=by, at=at)
    return made
