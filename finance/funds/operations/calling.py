"""Capital is called from those who promised it, and paid in line by line."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from finance.funds import models
from finance.funds.operations.cash import write_cash
from finance.funds.operations.writing import check_day, get_class, lock_fund, next_number
from finance.funds.queries.funds import sum_of
from finance.funds.queries.positions import positions_of, weights_of
from finance.funds.rules import money
from finance.funds.states import CashKind
from ledger.audit.keeping import find_kept, keep
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound


@operation(retry=True)
def make_call(
    *,
    fund_id: UUID,
    amount: Decimal,
    purpose: str,
    called_on: date,
    due_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    share_price: Decimal = Decimal(1),
    share_class_id: UUID | None = None,
    text: str = "",
    approval_id: UUID | None = None,
) -> models.Call:
    """Call capital, shared out by commitment to the hundredth; of one class, or of all.

    :raises NotFound: not there, or not yours
    :raises NotAnAmount: of the amount or the price
    :raises NotYet, BeforeTheFund: of the day
    :raises NothingCommitted: nobody to call it from
    :raises MoreThanUndrawn: an investor would be called beyond her commitment
    """
    fund = lock_fund(fund_id, by=by)
    if done := find_kept(models.Call, idempotency_key, by=by):
        return done
    amount = money.check_amount(amount)
    check_price(share_price)
    check_day(fund, called_on, at=at)
    if due_on < called_on:
        raise money.BeforeTheFund(day=due_on.isoformat())
    share_class = get_class(fund, share_class_id)
    parts = parts_of_call(fund, amount, share_class_id=share_class_id)
    row = models.Call(
        fund=fund,
        number=next_number(fund.calls),
        share_class=share_class,
        purpose=purpose,
        called_on=called_on,
        due_on=due_on,
        amount=amount,
        share_price=share_price.quantize(money.PRICE),
        text=text,
        approval_id=approval_id,
    )
    keep(row, "call.made", key=idempotency_key, by=by, at=at)
    _write_lines(row, parts, key=idempotency_key, by=by, at=at)
    return row


def check_price(price: Decimal) -> None:
    """:raises NotAnAmount: not positive, or finer than six places"""
    if not price.is_finite() or price <= 0 or price != price.quantize(money.PRICE):
        raise money.NotAnAmount(text=str(price))


def parts_of_call(
    fund: models.Fund, amount: Decimal, *, share_class_id: UUID | None
) -> dict[tuple[UUID, UUID], Decimal]:
    """Who would be asked for how much.

    :raises NothingCommitted, MoreThanUndrawn: see `make_call`
    """
    found = positions_of([fund.pk], on=date.max)
    weights = weights_of(found, share_class_id=share_class_id, by_shares=False)
    parts = money.shared(amount, weights)
    room = {(one.share_class_id, one.investor_id): one.callable for one in found}
    for holder, part in parts.items():
        if part > room[holder]:
            raise money.MoreThanUndrawn(wanted=f"{part:f}", left=f"{room[holder]:f}")
    return parts


def _write_lines(
    call: models.Call,
    parts: dict[tuple[UUID, UUID], Decimal],
    *,
    key: str,
    by: Actor,
    at: datetime,
) -> None:
    for (share_class_id, investor_id), part in parts.items():
        if not part:
            continue
        line = models.CallLine(
            fund_id=call.fund_id,
            call=call,
            share_class_id=share_class_id,
            investor_id=investor_id,
            amount=part,
        )
        name = f"{key}:{share_class_id}:{investor_id}"
        keep(line, "call.line", key=name, by=by, at=at)


@operation(retry=True)
def take_back_call(
    *,
    call_id: UUID,
    reason: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Call:
    """A call nobody has paid in is taken back, by a call with negative lines.

    :raises NotFound: not there, or not yours
    :raises TakenBackAlready: it was, or it is such a call itself
    :raises PaidAlready: something was paid in
    """
    call = models.Call.objects.filter(pk=call_id).first()
    if call is None:
        raise NotFound
    fund = lock_fund(call.fund_id, by=by)
    if done := find_kept(models.Call, idempotency_key, by=by):
        return done
    if call.reverses_id or models.Call.objects.filter(reverses=call).exists():
        raise money.TakenBackAlready
    if sum_of(models.CashEntry.objects.filter(call_line__call=call)):
        raise money.PaidAlready
    row = models.Call(
        fund=fund,
        number=next_number(fund.calls),
        share_class=call.share_class,
        purpose=call.purpose,
        called_on=call.called_on,
        due_on=call.due_on,
        amount=-call.amount,
        share_price=call.share_price,
        text=reason,
        reverses=call,
        approval_id=approval_id,
    )
    keep(row, "call.taken_back", key=idempotency_key, by=by, at=at, reason=reason)
    parts = {(one.share_class_id, one.investor_id): -one.amount for one in call.lines.all()}
    _write_lines(row, parts, key=idempotency_key, by=by, at=at)
    return row


@operation(retry=True)
def record_payment(
    *,
    line_id: UUID,
    amount: Decimal,
    paid_on: date,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
) -> models.CashEntry:
    """An investor has paid in what was called, or a part of it; shares are issued for it.

    :raises NotFound: not there, or not yours
    :raises NotAnAmount, NotYet, BeforeTheFund: of what was paid, and when
    :raises MoreThanCalled: more than the line still asks for
    """
    line = models.CallLine.objects.select_related("call").filter(pk=line_id).first()
    if line is None:
        raise NotFound
    fund = lock_fund(line.fund_id, by=by)
    if done := find_kept(models.CashEntry, idempotency_key, by=by):
        return done
    amount = money.check_amount(amount)
    check_day(fund, paid_on, at=at)
    left = open_of(line)
    if amount > left:
        raise money.MoreThanCalled(wanted=f"{amount:f}", left=f"{left:f}")
    row = models.CashEntry(
        fund=fund,
        happened_on=paid_on,
        kind=CashKind.PAID_IN,
        amount=amount,
        shares=money.shares_for(amount, line.call.share_price),
        call_line=line,
        evidence=evidence,
    )
    return write_cash(row, "fund_cash.told", key=idempotency_key, by=by, at=at)


def open_of(line: models.CallLine) -> Decimal:
    """What of a line is not paid in yet; nothing of a call that was taken back."""
    if models.Call.objects.filter(reverses=line.call_id).exists():
        return Decimal(0)
    left: Decimal = line.amount - sum_of(line.payments.all())
    return max(left, Decimal(0))
