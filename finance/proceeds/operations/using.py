"""Money allocated, spent with evidence, given for interest, and its effect."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from finance.proceeds import models, queries, rules
from finance.proceeds.operations.days import check_past, lock
from finance.proceeds.states import Stance
from ledger.audit.keeping import find_kept, keep
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.parties import queries as parties


@operation(retry=True)
def allocate(
    *,
    raising_id: UUID,
    project_id: UUID,
    amount: Decimal,
    allocated_on: date,
    tag: str,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Allocation:
    """Set money aside for a project; a negative amount releases what is not spent.

    :raises NotFound: not there, or not yours
    :raises NotAnAmount, InTheFuture: of amount and day
    :raises OnlyHeld: a position
    :raises MoreThanRaised: it is not there
    :raises LessThanSpent: more released than is left
    """
    raising = lock(raising_id, by=by)
    if done := find_kept(models.Allocation, idempotency_key, by=by):
        return done
    project = queries.get_project(project_id, by=by)
    amount = rules.check_amount(amount, may_be_negative=True)
    check_past(allocated_on, at=at)
    check_there(raising, project, amount)
    row = models.Allocation(
        raising=raising,
        project=project,
        amount=amount,
        allocated_on=allocated_on,
        tag=tag,
        evidence=evidence,
        approval_id=approval_id,
    )
    keep(row, "proceeds.allocated", key=idempotency_key, by=by, at=at)
    return row


def check_there(raising: models.Raising, project: models.Project, amount: Decimal) -> None:
    """:raises OnlyHeld, MoreThanRaised, LessThanSpent: see `allocate`"""
    _check_within(raising, amount)
    left = queries.left_for(raising.pk, project.pk)
    if amount < 0 and left + amount < 0:
        raise rules.LessThanSpent(wanted=f"{-amount:f}", left=f"{left:f}")


def _check_within(raising: models.Raising, amount: Decimal) -> None:
    if raising.stance != Stance.RAISED:
        raise rules.OnlyHeld
    left = queries.use_of(raising).unallocated
    if amount > left:
        raise rules.MoreThanRaised(wanted=f"{amount:f}", left=f"{left:f}")


@operation(retry=True)
def spend(
    *,
    raising_id: UUID,
    project_id: UUID,
    amount: Decimal,
    spent_on: date,
    payee: str,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    text: str = "",
) -> models.Spending:
    """Tell what was paid for a project out of its allocation, and what proves it (R7.24).

    :raises NotFound: not there, or not yours
    :raises EvidenceMissing: nothing proves it
    :raises NotAnAmount, InTheFuture: of amount and day
    :raises MoreThanAllocated: more than the project was given
    """
    raising = lock(raising_id, by=by)
    if done := find_kept(models.Spending, idempotency_key, by=by):
        return done
    project = queries.get_project(project_id, by=by)
    if not evidence.strip():
        raise rules.EvidenceMissing
    amount = rules.check_amount(amount)
    check_past(spent_on, at=at)
    left = queries.left_for(raising.pk, project.pk)
    if amount > left:
        raise rules.MoreThanAllocated(wanted=f"{amount:f}", left=f"{left:f}")
    row = models.Spending(
        raising=raising,
        project=project,
        amount=amount,
        spent_on=spent_on,
        payee=payee,
        evidence=evidence,
        text=text,
    )
    keep(row, "proceeds.spent", key=idempotency_key, by=by, at=at)
    return row


@operation(retry=True)
def take_back_spending(
    *,
    spending_id: UUID,
    reason: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Spending:
    """A spending told wrongly is mirrored; both stay.

    :raises NotFound: not there, or not yours
    :raises TakenBackAlready: it was, or it mirrors one itself
    """
    told = models.Spending.objects.filter(pk=spending_id).first()
    if told is None:
        raise NotFound
    raising = lock(told.raising_id, by=by)
    if done := find_kept(models.Spending, idempotency_key, by=by):
        return done
    if told.reverses_id or models.Spending.objects.filter(reverses=told).exists():
        raise rules.TakenBackAlready
    row = models.Spending(
        raising=raising,
        project=told.project,
        amount=-told.amount,
        spent_on=told.spent_on,
        payee=told.payee,
        evidence=told.evidence,
        text=reason,
        reverses=told,
        approval_id=approval_id,
    )
    keep(row, "proceeds.taken_back", key=idempotency_key, by=by, at=at, reason=reason)
    return row


@operation(retry=True)
def record_impact(
    *,
    project_id: UUID,
    period_start: date,
    period_end: date,
    reduced_tco2e: Decimal,
    saved_tce: Decimal,
    method: str,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    verified_by: str = "",
) -> models.Impact:
    """What a project did in a period; told again, the newest version counts.

    :raises NotFound: not there, or not yours
    :raises EmptyTime: it ends before it begins
    """
    project = queries.get_project(project_id, by=by)
    if done := find_kept(models.Impact, idempotency_key, by=by):
        return done
    rules.check_period(period_start, period_end)
    told = project.impacts.filter(period_start=period_start, period_end=period_end)
    row = models.Impact(
        project=project,
        period_start=period_start,
        period_end=period_end,
        version=told.count() + 1,
        reduced_tco2e=reduced_tco2e,
        saved_tce=saved_tce,
        method=method,
        verified_by=verified_by,
        evidence=evidence,
    )
    keep(row, "impact.recorded", key=idempotency_key, by=by, at=at)
    return row


@operation(retry=True)
def grant_subsidy(
    *,
    raising_id: UUID,
    beneficiary_id: UUID,
    loan: str,
    principal: Decimal,
    subsidy_bps: int,
    starts_on: date,
    ends_on: date,
    basis_days: int,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Subsidy:
    """Pay part of a loan's interest out of raised money, reckoned by days.

    :raises NotFound: not there, or not yours; no such party
    :raises NotAnAmount, EmptyTime: of principal and time
    :raises SubsidisedAlready: a day would be paid twice
    :raises OnlyHeld, MoreThanRaised: the money is not there
    """
    raising = lock(raising_id, by=by)
    if done := find_kept(models.Subsidy, idempotency_key, by=by):
        return done
    parties.get_party(beneficiary_id)
    rules.check_period(starts_on, ends_on)
    amount = rules.subsidy(
        rules.check_amount(principal),
        bps=subsidy_bps,
        days=(ends_on - starts_on).days,
        basis=basis_days,
    )
    _check_not_paid_twice(beneficiary_id, loan, starts_on, ends_on)
    _check_within(raising, rules.check_amount(amount))
    row = models.Subsidy(
        raising=raising,
        beneficiary_id=beneficiary_id,
        loan=loan,
        principal=principal,
        subsidy_bps=subsidy_bps,
        starts_on=starts_on,
        ends_on=ends_on,
        basis_days=basis_days,
        amount=amount,
        evidence=evidence,
        approval_id=approval_id,
    )
    keep(row, "subsidy.granted", key=idempotency_key, by=by, at=at)
    return row


def _check_not_paid_twice(beneficiary_id: UUID, loan: str, starts_on: date, ends_on: date) -> None:
    paid = models.Subsidy.objects.filter(beneficiary_id=beneficiary_id, loan=loan)
    if paid.filter(starts_on__lt=ends_on, ends_on__gt=starts_on).exists():
        raise rules.SubsidisedAlready
