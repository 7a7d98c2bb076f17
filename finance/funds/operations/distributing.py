"""Money goes back to the investors, shared out by their shares."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from finance.funds import models
from finance.funds.operations.calling import check_price
from finance.funds.operations.cash import mirror, write_cash
from finance.funds.operations.writing import check_day, get_class, lock_fund, next_number
from finance.funds.queries.positions import positions_of, weights_of
from finance.funds.rules import money
from finance.funds.states import CashKind, DistributionKind
from ledger.audit.keeping import find_kept, keep
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound

Holder = tuple[UUID, UUID]


@operation(retry=True)
def make_distribution(
    *,
    fund_id: UUID,
    kind: str,
    amount: Decimal,
    paid_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    share_price: Decimal | None = None,
    share_class_id: UUID | None = None,
    text: str = "",
    approval_id: UUID | None = None,
) -> models.Distribution:
    """Pay investors by their shares, to the hundredth; a redemption cancels shares at a price.

    :raises NotFound: not there, or not yours
    :raises NotAnAmount, NotYet, BeforeTheFund: of amount, price and day
    :raises NothingCommitted: nobody has shares
    :raises MoreThanShares: more redeemed than an investor has
    :raises MoreThanCash: the fund does not have it
    """
    fund = lock_fund(fund_id, by=by)
    if done := find_kept(models.Distribution, idempotency_key, by=by):
        return done
    amount = money.check_amount(amount)
    check_day(fund, paid_on, at=at)
    price = _price(kind, share_price)
    parts = parts_of_distribution(
        fund, amount, on=paid_on, share_class_id=share_class_id, price=price
    )
    row = models.Distribution(
        fund=fund,
        number=next_number(fund.distributions),
        share_class=get_class(fund, share_class_id),
        kind=kind,
        paid_on=paid_on,
        amount=amount,
        share_price=price,
        text=text,
        approval_id=approval_id,
    )
    keep(row, "distribution.made", key=idempotency_key, by=by, at=at)
    for holder, part in parts.items():
        if part:
            _pay(row, holder, part, key=idempotency_key, by=by, at=at)
    return row


def _price(kind: str, price: Decimal | None) -> Decimal | None:
    """:raises NotAnAmount: a redemption without a price, or a price without one"""
    if (DistributionKind(kind) is DistributionKind.REDEMPTION) != (price is not None):
        raise money.NotAnAmount(text="–" if price is None else f"{price:f}")
    if price is None:
        return None
    check_price(price)
    return price.quantize(money.PRICE)


def parts_of_distribution(
    fund: models.Fund,
    amount: Decimal,
    *,
    on: date,
    share_class_id: UUID | None,
    price: Decimal | None,
) -> dict[Holder, Decimal]:
    """Who would get how much.

    :raises NothingCommitted, MoreThanShares: see `make_distribution`
    """
    found = positions_of([fund.pk], on=on)
    weights = weights_of(found, share_class_id=share_class_id, by_shares=True)
    parts = money.shared(amount, weights)
    if price is not None and any(
        money.shares_for(part, price) > weights[holder] for holder, part in parts.items()
    ):
        raise money.MoreThanShares
    return parts


def _pay(
    made: models.Distribution, holder: Holder, part: Decimal, *, key: str, by: Actor, at: datetime
) -> None:
    redeemed = money.shares_for(part, made.share_price) if made.share_price else Decimal(0)
    line = models.DistributionLine(
        fund=made.fund,
        distribution=made,
        share_class_id=holder[0],
        investor_id=holder[1],
        amount=part,
        shares=redeemed.quantize(money.SHARE),
    )
    name = f"{key}:{holder[0]}:{holder[1]}"
    keep(line, "distribution.line", key=name, by=by, at=at)
    row = models.CashEntry(
        fund=made.fund,
        happened_on=made.paid_on,
        kind=CashKind.DISTRIBUTED,
        amount=-part,
        distribution_line=line,
        text=made.text,
        approval_id=made.approval_id,
    )
    write_cash(row, "fund_cash.told", key=name, by=by, at=at)


@operation(retry=True)
def take_back_distribution(
    *,
    distribution_id: UUID,
    reason: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Distribution:
    """A distribution is taken back whole: mirrored with its lines and its money.

    :raises NotFound: not there, or not yours
    :raises TakenBackAlready: it was, or it takes one back itself
    :raises MoreThanUndrawn: what could be called again was called since
    """
    made = models.Distribution.objects.filter(pk=distribution_id).first()
    if made is None:
        raise NotFound
    fund = lock_fund(made.fund_id, by=by)
    if done := find_kept(models.Distribution, idempotency_key, by=by):
        return done
    if made.reverses_id or models.Distribution.objects.filter(reverses=made).exists():
        raise money.TakenBackAlready
    _check_not_called_again(made)
    row = models.Distribution(
        fund=fund,
        number=next_number(fund.distributions),
        share_class=made.share_class,
        kind=made.kind,
        paid_on=made.paid_on,
        amount=-made.amount,
        share_price=made.share_price,
        text=reason,
        reverses=made,
        approval_id=approval_id,
    )
    keep(row, "distribution.taken_back", key=idempotency_key, by=by, at=at, reason=reason)
    for line in made.lines.order_by("id"):
        _take_back_line(row, line, reason, key=idempotency_key, by=by, at=at)
    return row


def _take_back_line(
    row: models.Distribution,
    line: models.DistributionLine,
    reason: str,
    *,
    key: str,
    by: Actor,
    at: datetime,
) -> None:
    back = models.DistributionLine(
        fund=row.fund,
        distribution=row,
        share_class=line.share_class,
        investor_id=line.investor_id,
        amount=-line.amount,
        shares=-line.shares,
    )
    name = f"{key}:{line.pk}"
    keep(back, "distribution.line", key=name, by=by, at=at)
    entry = line.payments.get()
    mirror(entry, reason, key=name, by=by, at=at, approval_id=row.approval_id)


def _check_not_called_again(made: models.Distribution) -> None:
    if made.kind != DistributionKind.RECALLABLE:
        return
    found = positions_of([made.fund_id], on=date.max)
    room = {(one.share_class_id, one.investor_id): one.callable for one in found}
    for line in made.lines.all():
        left = room[line.share_class_id, line.investor_id]
        if line.amount > left:
            raise money.MoreThanUndrawn(wanted=f"{line.amount:f}", left=f"{left:f}")
