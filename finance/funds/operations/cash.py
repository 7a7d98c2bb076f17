"""The fund's cash book: numbered, gapless, never below nought; taken back by a mirrored line."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from finance.funds import models
from finance.funds.operations.writing import check_day, lock_fund
from finance.funds.queries.funds import sum_of
from finance.funds.rules import money
from finance.funds.states import (
    ABOUT_AN_INVESTMENT,
    COMES_IN,
    TOLD_BY_HAND,
    CashKind,
    InvestmentKind,
)
from ledger.audit.keeping import find_kept, keep
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound


def write_cash(
    row: models.CashEntry, verb: str, *, key: str, by: Actor, at: datetime, reason: str = ""
) -> models.CashEntry:
    """The next line of the book. The fund is locked.

    :raises MoreThanCash: the fund does not have it
    """
    last = row.fund.cash.order_by("-number").first()
    before = last.balance if last else Decimal(0)
    if before + row.amount < 0:
        raise money.MoreThanCash(wanted=f"{-row.amount:f}", left=f"{before:f}")
    row.number = last.number + 1 if last else 1
    row.balance = before + row.amount
    row.shares = Decimal(row.shares).quantize(money.SHARE)
    keep(row, verb, key=key, by=by, at=at, reason=reason)
    return row


@operation(retry=True)
def tell_cash(
    *,
    fund_id: UUID,
    kind: str,
    amount: Decimal,
    happened_on: date,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    investment_id: UUID | None = None,
    entry_id: UUID | None = None,
    text: str = "",
    approval_id: UUID | None = None,
) -> models.CashEntry:
    """Money that came in or went out, a positive amount; its kind says which way.

    Capital paid in and distributions have their own acts.

    :raises NotFound: not there, or not yours
    :raises NotAnAmount, NotYet, BeforeTheFund: of the amount and the day
    :raises NotAboutThat: a kind without its investment, or with one that does not fit
    :raises MoreThanCash, MoreThanApproved: it is not there, or was not approved
    """
    fund = lock_fund(fund_id, by=by)
    if done := find_kept(models.CashEntry, idempotency_key, by=by):
        return done
    wanted, amount = CashKind(kind), money.check_amount(amount)
    if wanted not in TOLD_BY_HAND:
        raise money.NotAboutThat
    check_day(fund, happened_on, at=at)
    investment = _investment(fund, wanted, investment_id)
    if investment is not None and wanted in {CashKind.INVESTED, CashKind.GRANT}:
        left = left_of(investment)
        if amount > left:
            raise money.MoreThanApproved(wanted=f"{amount:f}", left=f"{left:f}")
    row = models.CashEntry(
        fund=fund,
        happened_on=happened_on,
        kind=wanted,
        amount=amount if wanted in COMES_IN else -amount,
        investment=investment,
        entry_id=entry_id,
        text=text,
        evidence=evidence,
        approval_id=approval_id,
    )
    return write_cash(row, "fund_cash.told", key=idempotency_key, by=by, at=at)


def _investment(
    fund: models.Fund, kind: CashKind, investment_id: UUID | None
) -> models.Investment | None:
    if kind not in ABOUT_AN_INVESTMENT:
        if investment_id is not None:
            raise money.NotAboutThat
        return None
    found = fund.investments.filter(pk=investment_id).first() if investment_id else None
    if found is None:
        raise money.NotAboutThat
    is_grant = found.kind == InvestmentKind.GRANT
    if is_grant != (kind in {CashKind.GRANT, CashKind.GRANT_RETURNED}):
        raise money.NotAboutThat
    return found


def left_of(investment: models.Investment) -> Decimal:
    """What of the approved amount was not put in yet."""
    put = investment.cash.filter(kind__in=[CashKind.INVESTED, CashKind.GRANT])
    left: Decimal = investment.approved_amount + sum_of(put)
    return left


@operation(retry=True)
def take_back_entry(
    *,
    entry_id: UUID,
    reason: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.CashEntry:
    """A line told wrongly is mirrored; both stay in the book.

    :raises NotFound: not there, or not yours
    :raises TakenBackAlready: it was, or it mirrors a line itself
    :raises FromTheBook: it follows from a distribution
    :raises MoreThanCash: the money is not there any more
    """
    entry = models.CashEntry.objects.filter(pk=entry_id).first()
    if entry is None:
        raise NotFound
    lock_fund(entry.fund_id, by=by)
    if done := find_kept(models.CashEntry, idempotency_key, by=by):
        return done
    if entry.kind == CashKind.DISTRIBUTED:
        raise money.FromTheBook
    return mirror(entry, reason, key=idempotency_key, by=by, at=at, approval_id=approval_id)


def mirror(
    entry: models.CashEntry,
    reason: str,
    *,
    key: str,
    by: Actor,
    at: datetime,
    approval_id: UUID | None,
) -> models.CashEntry:
    """:raises TakenBackAlready: it was, or it mirrors a line itself"""
    if entry.reverses_id or models.CashEntry.objects.filter(reverses=entry).exists():
        raise money.TakenBackAlready
    row = models.CashEntry(
        fund=entry.fund,
        happened_on=entry.happened_on,
        kind=entry.kind,
        amount=-entry.amount,
        shares=-entry.shares,
        call_line=entry.call_line,
        distribution_line=entry.distribution_line,
        investment=entry.investment,
        entry_id=entry.entry_id,
        text=reason,
        evidence=entry.evidence,
        reverses=entry,
        approval_id=approval_id,
    )
    return write_cash(row, "fund_cash.taken_back", key=key, by=by, at=at, reason=reason)
