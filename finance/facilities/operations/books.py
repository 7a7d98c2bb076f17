"""A facility is entered, agreed, drawn, repaid, closed or in default."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

from finance.facilities import models, queries
from finance.facilities.rules import interest as rules
from finance.facilities.states import TRANSITIONS, FacilityState, LineKind
from ledger.audit import operations as audit
from ledger.audit.keeping import content_of, find_kept, keep, subject_of
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotAllowed
from ledger.kernel.transitions import check_transition
from ledger.parties import queries as parties

BEIJING = timezone(timedelta(hours=8))
# Asked before money is drawn, (facility, amount, on): rooms above refuse what is not secured yet.
drawdown_guards: list[Callable[[models.Facility, Decimal, date], None]] = []


def day_of(at: datetime) -> date:
    return at.astimezone(BEIJING).date()


def lock(facility_id: UUID, *, by: Actor) -> models.Facility:
    """:raises NotFound: not there, or not yours"""
    queries.get_facility(facility_id, by=by)
    return models.Facility.objects.select_for_update().get(pk=facility_id)


def move(
    row: models.Facility, state: FacilityState, *, by: Actor, at: datetime, reason: str = ""
) -> None:
    """:raises IllegalTransition: the table has no such move"""
    check_transition(TRANSITIONS, row.state, state)
    row.state = state
    row.save(update_fields=["state", "approval_id"])
    audit.record(
        verb="facility.moved", subject=subject_of(row), by=by, at=at,
        data={"row": content_of(row)}, reason=reason,
    )  # fmt: skip


@operation(retry=True)
def enter_facility(
    *,
    code: str,
    lender_id: UUID,
    limit_amount: Decimal,
    rate_kind: str,
    rate_bps: int,
    day_count: str,
    plan: str,
    starts_on: date,
    matures_on: date,
    purpose: str,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    period_months: int = 3,
    grace_months: int = 0,
    reset_months: int = 12,
    is_secured: bool = True,
    currency: str = "CNY",
) -> models.Facility:
    """Enter what a bank has offered the actor's party; agreeing to it is a second person's act.

    :raises CodeTaken, SameParty, OddTerms, NotAnAmount, NotEvidenced: refused
    :raises NotFound: no such lender
    """
    if done := find_kept(models.Facility, idempotency_key, by=by):
        return done
    parties.get_party(lender_id)
    if lender_id == by.own_party:
        raise rules.SameParty
    if models.Facility.objects.filter(lender_id=lender_id, code=code).exists():
        raise rules.CodeTaken(code=code)
    if queries.months_on(starts_on, grace_months) >= matures_on:
        raise rules.OddTerms
    check_evidence(evidence)
    row = models.Facility(
        code=code,
        borrower_id=by.own_party,
        lender_id=lender_id,
        currency=currency,
        limit_amount=rules.check_amount(limit_amount),
        rate_kind=rate_kind,
        rate_bps=rate_bps,
        reset_months=reset_months,
        day_count=day_count,
        plan=plan,
        period_months=period_months,
        grace_months=grace_months,
        starts_on=starts_on,
        matures_on=matures_on,
        is_secured=is_secured,
        purpose=purpose,
        evidence=evidence,
    )
    keep(row, "facility.entered", key=idempotency_key, by=by, at=at)
    return row


def check_evidence(evidence: str) -> None:
    if not evidence.strip():
        raise rules.NotEvidenced


def borrowed(facility_id: UUID, by: Actor) -> models.Facility:
    row = lock(facility_id, by=by)
    if not by.is_machine and row.borrower_id != by.party_id:
        raise NotAllowed
    return row


@operation(retry=True)
def agree_facility(
    *, facility_id: UUID, by: Actor, at: datetime, idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Facility:  # fmt: skip
    """The borrower's second person agrees to the terms.

    :raises NotFound: not there, or not yours
    :raises IllegalTransition: agreed or cancelled already
    """
    row = borrowed(facility_id, by)
    if row.state == FacilityState.AGREED:
        return row
    row.approval_id = approval_id
    move(row, FacilityState.AGREED, by=by, at=at)
    return row


@operation(retry=True)
def cancel_facility(
    *, facility_id: UUID, reason: str, by: Actor, at: datetime, idempotency_key: str
) -> models.Facility:
    """End a facility of which nothing was drawn.

    :raises NotFound: not there, or not yours
    :raises IllegalTransition: something was drawn, or it has ended
    """
    row = borrowed(facility_id, by)
    if row.state != FacilityState.CANCELLED:
        move(row, FacilityState.CANCELLED, by=by, at=at, reason=reason)
    return row


def check_drawdown(row: models.Facility, amount: Decimal, on: date) -> None:
    """:raises OutsideTheTerm, MoreThanTheLimit: and whatever the guards refuse"""
    if not row.starts_on <= on < row.matures_on:
        first, last = row.starts_on.isoformat(), row.matures_on.isoformat()
        raise rules.OutsideTheTerm(day=on.isoformat(), first=first, last=last)
    left = queries.standing_on(row, row.matures_on).undrawn if row.lines.exists() else None
    left = row.limit_amount if left is None else left
    if amount > left:
        raise rules.MoreThanTheLimit(wanted=f"{amount:f}", left=f"{left:f}")
    for guard in drawdown_guards:
        guard(row, amount, on)


@operation(retry=True)
def draw(
    *,
    facility_id: UUID,
    amount: Decimal,
    drawn_on: date,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    text: str = "",
    approval_id: UUID | None = None,
) -> models.Line:
    """Money is drawn; what secures it must be perfect first (R7.16).

    :raises NotFound: not there, or not yours
    :raises IllegalTransition: not agreed, in default, or over
    :raises NotYet, OutsideTheTerm, MoreThanTheLimit, NotAnAmount, NotEvidenced: refused
    """
    row = borrowed(facility_id, by)
    if done := find_kept(models.Line, idempotency_key, by=by):
        return done
    if row.state != FacilityState.DRAWN:
        check_transition(TRANSITIONS, row.state, FacilityState.DRAWN)
    rules.check_amount(amount)
    check_evidence(evidence)
    _check_day(row, drawn_on, at)
    check_drawdown(row, amount, drawn_on)
    line = _line(
        row, LineKind.DRAWN, amount, drawn_on, evidence, key=idempotency_key, by=by, at=at,
        text=text, approval_id=approval_id,
    )  # fmt: skip
    if row.state != FacilityState.DRAWN:
        move(row, FacilityState.DRAWN, by=by, at=at)
    return line


def _check_day(row: models.Facility, day: date, at: datetime) -> None:
    if day > day_of(at):
        raise rules.NotYet(day=day.isoformat())
    if day < row.starts_on:
        first, last = row.starts_on.isoformat(), row.matures_on.isoformat()
        raise rules.OutsideTheTerm(day=day.isoformat(), first=first, last=last)


def _line(
    row: models.Facility,
    kind: LineKind,
    amount: Decimal,
    happened_on: date,
    evidence: str,
    *,
    key: str,
    by: Actor,
    at: datetime,
    payee: str = "",
    text: str = "",
    approval_id: UUID | None = None,
) -> models.Line:
    line = models.Line(
        facility=row, kind=kind.value, amount=amount, happened_on=happened_on, payee=payee,
        evidence=evidence, text=text, approval_id=approval_id,
    )  # fmt: skip
    keep(line, "facility.line", key=key, by=by, at=at)
    return line


@operation(retry=True)
def record_line(
    *,
    facility_id: UUID,
    kind: str,
    amount: Decimal,
    happened_on: date,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    payee: str = "",
    text: str = "",
) -> models.Line:
    """Record a payment, a fee, a subsidy received or a use of proceeds; not a drawdown.

    :raises NotFound: not there, or not yours
    :raises MoreThanOwed: more is paid than is owed on that day
    :raises MoreThanDrawn: more is used than was drawn
    :raises NotYet, OutsideTheTerm, NotAnAmount, NotEvidenced, NotAllowed: refused
    """
    row = lock(facility_id, by=by)
    if done := find_kept(models.Line, idempotency_key, by=by):
        return done
    if kind == LineKind.DRAWN:
        raise NotAllowed
    rules.check_amount(amount)
    check_evidence(evidence)
    _check_day(row, happened_on, at)
    _check_room(row, LineKind(kind), amount, happened_on)
    return _line(
        row, LineKind(kind), amount, happened_on, evidence, key=idempotency_key, by=by, at=at,
        payee=payee, text=text,
    )  # fmt: skip


def _check_room(row: models.Facility, kind: LineKind, amount: Decimal, on: date) -> None:
    last = max([on, *row.lines.values_list("happened_on", flat=True)])
    now = queries.standing_on(row, last)
    owed = {
        LineKind.REPAID: now.principal,
        LineKind.PREPAID: now.principal,
        LineKind.INTEREST: now.interest_owed,
        LineKind.FEE_PAID: now.fees_owed,
        LineKind.SUBSIDY: now.subsidy - now.subsidy_received,
    }
    if kind in owed and amount > owed[kind]:
        raise rules.MoreThanOwed(wanted=f"{amount:f}", left=f"{owed[kind]:f}")
    if kind is LineKind.USED and amount > now.unused:
        raise rules.MoreThanDrawn(wanted=f"{amount:f}", left=f"{now.unused:f}")


@operation(retry=True)
def close_facility(
    *, facility_id: UUID, by: Actor, at: datetime, idempotency_key: str,
    evidence: str = "",
) -> models.Facility:  # fmt: skip
    """Everything is repaid: the lender confirms it, with the document (R7.23).

    :raises NotFound: not there, or not yours
    :raises NotAllowed: only the lender confirms
    :raises StillOwed: principal, interest or fees
    :raises NotEvidenced: no document
    """
    row = _lent(facility_id, by)
    if row.state == FacilityState.REPAID:
        return row
    check_evidence(evidence)
    owed = queries.standing_on(row, day_of(at)).owed
    if owed > 0:
        raise rules.StillOwed(left=f"{owed:f}")
    move(row, FacilityState.REPAID, by=by, at=at, reason=evidence)
    return row


@operation(retry=True)
def declare_default(
    *, facility_id: UUID, reason: str, by: Actor, at: datetime, idempotency_key: str,
) -> models.Facility:  # fmt: skip
    """The lender says that the borrower has not paid, and by which notice.

    :raises NotFound: not there, or not yours
    :raises NotAllowed: only the lender declares
    :raises IllegalTransition: nothing is drawn
    """
    row = _lent(facility_id, by)
    if row.state != FacilityState.DEFAULTED:
        move(row, FacilityState.DEFAULTED, by=by, at=at, reason=reason)
    return row


def _lent(facility_id: UUID, by: Actor) -> models.Facility:
    row = lock(facility_id, by=by)
    if not by.is_machine and row.lender_id != by.party_id:
        raise NotAllowed
    return row
