"""A fund is opened: its classes, terms, and who promises what."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from finance.funds import models
from finance.funds.operations.writing import get_class, lock_fund
from finance.funds.queries.funds import sum_of
from finance.funds.queries.positions import positions_of
from finance.funds.rules.money import CodeTaken, CommitmentTooSmall, NotAnAmount, rounded
from ledger.audit.keeping import find_kept, keep
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.keys import key_of
from ledger.parties import queries as parties


@operation(retry=True)
def open_fund(
    *,
    code: str,
    kind: str,
    legal_form: str,
    name_zh: str,
    starts_on: date,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    name_en: str = "",
    filing_number: str = "",
    currency: str = "CNY",
    ends_on: date | None = None,
    vehicle_id: UUID | None = None,
) -> models.Fund:
    """Enter a fund whose books the actor's party keeps. `vehicle_id`: who holds its units.

    :raises CodeTaken: the party keeps a fund of this code, or the vehicle has one
    :raises NotFound: no such party
    """
    done = models.Fund.objects.filter(idempotency_key=key_of(by, idempotency_key)).first()
    if done is not None:
        return done
    if models.Fund.objects.filter(manager_id=by.own_party, code=code).exists():
        raise CodeTaken(code=code)
    if vehicle_id is not None:
        vehicle = parties.get_party(vehicle_id)
        if models.Fund.objects.filter(vehicle_id=vehicle_id).exists():
            raise CodeTaken(code=parties.shown_name(vehicle))
    fund = models.Fund(
        manager_id=by.own_party,
        vehicle_id=vehicle_id,
        code=code,
        kind=kind,
        legal_form=legal_form,
        name_zh=name_zh,
        name_en=name_en,
        filing_number=filing_number,
        currency=currency,
        starts_on=starts_on,
        ends_on=ends_on,
        evidence=evidence,
    )
    keep(fund, "fund.opened", key=idempotency_key, by=by, at=at)
    return fund


@operation(retry=True)
def add_class(
    *,
    fund_id: UUID,
    code: str,
    name_zh: str,
    money_kind: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    name_en: str = "",
) -> models.ShareClass:
    """A class of shares, for public or social money.

    :raises NotFound: not there, or not yours
    :raises CodeTaken: the fund has a class of this code
    """
    fund = lock_fund(fund_id, by=by)
    if done := find_kept(models.ShareClass, idempotency_key, by=by):
        return done
    if fund.classes.filter(code=code).exists():
        raise CodeTaken(code=code)
    row = models.ShareClass(
        fund=fund, code=code, name_zh=name_zh, name_en=name_en, money_kind=money_kind
    )
    keep(row, "share_class.added", key=idempotency_key, by=by, at=at)
    return row


@operation(retry=True)
def set_terms(
    *,
    fund_id: UUID,
    valid_from: date,
    fee_bps: int,
    fee_basis: str,
    hurdle_bps: int,
    carry_bps: int,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Terms:
    """Fee, preferred return and carry from a day on; earlier lines stay.

    :raises NotFound: not there, or not yours
    :raises CodeTaken: terms begin on that day already
    """
    fund = lock_fund(fund_id, by=by)
    if done := find_kept(models.Terms, idempotency_key, by=by):
        return done
    if fund.terms.filter(valid_from=valid_from).exists():
        raise CodeTaken(code=valid_from.isoformat())
    row = models.Terms(
        fund=fund,
        valid_from=valid_from,
        fee_bps=fee_bps,
        fee_basis=fee_basis,
        hurdle_bps=hurdle_bps,
        carry_bps=carry_bps,
        evidence=evidence,
    )
    keep(row, "fund_terms.set", key=idempotency_key, by=by, at=at)
    return row


@operation(retry=True)
def record_commitment(
    *,
    fund_id: UUID,
    share_class_id: UUID,
    investor_id: UUID,
    amount: Decimal,
    committed_on: date,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Commitment:
    """What an investor promises; a negative amount lowers it, never below what was called.

    :raises NotFound: not there, or not yours; no such party
    :raises NotAnAmount: nought, or finer than hundredths
    :raises CommitmentTooSmall: more was called already
    """
    fund = lock_fund(fund_id, by=by)
    if done := find_kept(models.Commitment, idempotency_key, by=by):
        return done
    share_class = get_class(fund, share_class_id)
    if share_class is None:
        raise NotFound
    parties.get_party(investor_id)
    if not amount.is_finite() or not amount or amount != rounded(amount):
        raise NotAnAmount(text=str(amount))
    _check_covers_calls(fund, share_class, investor_id, amount)
    row = models.Commitment(
        fund=fund,
        share_class=share_class,
        investor_id=investor_id,
        amount=rounded(amount),
        money_kind=share_class.money_kind,
        committed_on=committed_on,
        evidence=evidence,
        approval_id=approval_id,
    )
    keep(row, "commitment.recorded", key=idempotency_key, by=by, at=at)
    return row


def _check_covers_calls(
    fund: models.Fund, share_class: models.ShareClass, investor_id: UUID, amount: Decimal
) -> None:
    mine = {"share_class": share_class, "investor_id": investor_id}
    committed = sum_of(fund.commitments.filter(**mine)) + amount
    found = positions_of([fund.pk], on=date.max, investor_id=investor_id)
    used = next((one for one in found if one.share_class_id == share_class.pk), None)
    least = used.called - used.recallable if used else Decimal(0)
    if committed < max(least, Decimal(0)):
        raise CommitmentTooSmall(count=f"{least:f}")


@operation(retry=True)
def tell_index_level(
    *,
    code: str,
    on: date,
    level: Decimal,
    source: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
) -> models.IndexLevel:
    """The level of an index on a day; of one day the newest counts.

    :raises NotAnAmount: not a positive level
    """
    if done := find_kept(models.IndexLevel, idempotency_key, by=by):
        return done
    if not level.is_finite() or level <= 0:
        raise NotAnAmount(text=str(level))
    row = models.IndexLevel(party_id=by.own_party, code=code, on=on, level=level, source=source)
    keep(row, "index_level.told", key=idempotency_key, by=by, at=at)
    return row
