"""A pledge is drawn up, its units reserved; a second person lets it be pledged."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from finance.facilities import queries as facilities
from finance.pledges import models, queries
from finance.pledges.operations import keeping
from finance.pledges.rules import refusals
from finance.pledges.rules.cover import Lines
from finance.pledges.states import (
    SECURING,
    CallState,
    PledgeState,
    RequestKind,
    RequestState,
)
from ledger.accounts import queries as accounts
from ledger.audit.keeping import find_kept, keep
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units to be pledged: of which account and lot, how many, which serials (else the lowest)."""

    account_id: UUID
    lot_id: UUID
    unit_count: int
    ranges: Sequence[tuple[int, int]] = field(default=())


@operation(retry=True)
def submit_pledge(
    *,
    facility_id: UUID,
    number: str,
    collateral: Sequence[Wanted],
    loan_share: Decimal,
    reference: str,
    target_ltv: Decimal,
    warning_ltv: Decimal,
    top_up_ltv: Decimal,
    close_out_ltv: Decimal,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    has_haircut: bool = False,
    with_interest: bool = False,
    cure_days: int = 3,
    ends_on: date | None = None,
    behind_id: UUID | None = None,
    consent_number: str = "",
) -> models.Pledge:
    """Draw up a pledge over free units for a facility's lender; they are reserved at once.

    With `behind_id` it stands in the second rank, behind a pledge whose creditor has consented.

    :raises NotFound: facility, account or first pledge is not there, or not yours
    :raises NotEnoughUnits, RangeNotHeld: fewer are free (R7.17)
    :raises OddLines, NoCollateral, NumberTaken, ConsentMissing: refused
    """
    if done := find_kept(models.Pledge, idempotency_key, by=by):
        return done
    facility = facilities.get_facility(facility_id, by=by)
    if facility.borrower_id != by.party_id and not by.is_machine:
        raise NotAllowed
    Lines(target_ltv, warning_ltv, top_up_ltv, close_out_ltv).check()
    if not collateral:
        raise refusals.NoCollateral
    if models.Pledge.objects.filter(creditor_id=facility.lender_id, number=number).exists():
        raise refusals.NumberTaken(number=number)
    behind = _first(behind_id, consent_number, by) if behind_id else None
    row = models.Pledge(
        number=number,
        facility=facility,
        debtor_id=facility.borrower_id,
        creditor_id=facility.lender_id,
        rank=behind.rank + 1 if behind else 1,
        behind=behind,
        consent_number=consent_number if behind else "",
        loan_share=loan_share,
        reference=reference,
        has_haircut=has_haircut,
        with_interest=with_interest,
        target_ltv=target_ltv,
        warning_ltv=warning_ltv,
        top_up_ltv=top_up_ltv,
        close_out_ltv=close_out_ltv,
        cure_days=cure_days,
        ends_on=ends_on,
        evidence=evidence,
    )
    keep(row, "pledge.submitted", key=idempotency_key, by=by, at=at)
    for place, wanted in enumerate(collateral):
        _check_own(row, wanted, by)
        keeping.reserve(row, wanted, key=f"{idempotency_key}:{place}", by=by, at=at)
    return row


def _check_own(row: models.Pledge, wanted: Wanted, by: Actor) -> None:
    """:raises NotFound: the account is not the debtor's"""
    accounts.get_own_account(wanted.account_id, by=keeping.acting_for(row, by))


def _first(behind_id: UUID, consent_number: str, by: Actor) -> models.Pledge:
    """:raises ConsentMissing: I10"""
    row = queries.get_pledge_seen_by(behind_id, by)
    agreed = row.requests.filter(
        kind=RequestKind.SECOND_RANK, state=RequestState.CONSENTED, number=consent_number
    )
    used = models.Pledge.objects.filter(behind=row, consent_number=consent_number)
    if row.state not in SECURING or not agreed.exists() or used.exists():
        raise refusals.ConsentMissing
    return row


@operation(retry=True)
def approve_pledge(
    *,
    pledge_id: UUID,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Pledge:
    """The debtor's second person lets the reserved units be pledged to the creditor.

    :raises NotFound: not there, or not yours
    :raises IllegalTransition: approved or ended already
    :raises Insolvent: a court has opened proceedings
    """
    row = keeping.lock(pledge_id, by=by)
    keeping.check_debtor(row, by)
    if row.state == PledgeState.APPROVED:
        return row
    _check_solvent(row)
    row.approval_id, row.approved_on = approval_id, keeping.day_of(at)
    keeping.move(row, PledgeState.APPROVED, by=by, at=at)
    for part in queries.parts_of(row):
        keeping.pledge_part(row, part, by=by, at=at, key=idempotency_key)
    return row


def _check_solvent(row: models.Pledge) -> None:
    found = models.Proceeding.objects.filter(pledge__debtor_id=row.debtor_id).first()
    if found is not None:
        raise refusals.Insolvent(number=found.number)


@operation(retry=True)
def withdraw_pledge(
    *, pledge_id: UUID, reason: str, by: Actor, at: datetime, idempotency_key: str
) -> models.Pledge:
    """The debtor takes a draft back; its units are free again.

    :raises NotFound: not there, or not yours
    :raises IllegalTransition: it is pledged already, or has ended
    """
    row = keeping.lock(pledge_id, by=by)
    keeping.check_debtor(row, by)
    if row.state == PledgeState.LAPSED:
        return row
    if row.state != PledgeState.DRAFT:
        raise refusals.OnlyTheCreditor
    for part in queries.parts_of(row):
        keeping.give_back(row, part, by=by, at=at, key="withdrawn", reason=reason)
    keeping.move(row, PledgeState.LAPSED, by=by, at=at, reason=reason)
    return row


@operation(retry=True)
def add_collateral(
    *,
    pledge_id: UUID,
    account_id: UUID,
    lot_id: UUID,
    unit_count: int,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Part:
    """Top up: more free units are pledged; the creditor gains, so she need not be asked.

    :raises NotFound: not there, or not yours
    :raises NotEnoughUnits: fewer are free
    :raises OnlyTheDebtor, Insolvent, IllegalTransition: refused
    """
    row = keeping.lock(pledge_id, by=by)
    keeping.check_debtor(row, by)
    if done := find_kept(models.Part, idempotency_key, by=by):
        return done
    if row.state not in SECURING or row.behind_id is not None:
        raise refusals.NoCollateral
    _check_solvent(row)
    wanted = Wanted(account_id, lot_id, unit_count)
    _check_own(row, wanted, by)
    part = keeping.reserve(row, wanted, key=idempotency_key, by=by, at=at)
    keeping.pledge_part(row, part, by=by, at=at, key=idempotency_key)
    _meet_call(row, by=by, at=at)
    return part


def _meet_call(row: models.Pledge, *, by: Actor, at: datetime) -> None:
    """A margin call is met as soon as enough is added, not only at the next valuation."""
    if row.state != PledgeState.TOPPING_UP:
        return
    cover = queries.cover_of(row, keeping.day_of(at))
    if cover.ltv is not None and cover.ltv < row.warning_ltv:
        keeping.end_calls(row, CallState.MET, by=by, at=at)
        keeping.move(row, PledgeState.PERFECTED, by=by, at=at)


__all__ = [
    "Wanted",
    "add_collateral",
    "approve_pledge",
    "submit_pledge",
    "withdraw_pledge",
]
