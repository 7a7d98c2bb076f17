"""Delivery versus payment: settled in full or in part, failed, given up, or taken back."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from finance.trades import models
from finance.trades.operations import delivering
from finance.trades.operations.delivering import Delivery, Ranges
from finance.trades.operations.writing import digest_of, find_done, record
from finance.trades.queries import trades
from finance.trades.rules import refusals
from finance.trades.rules.amounts import part_of
from finance.trades.rules.days import beijing_day, check_settled_on
from finance.trades.states import OPEN, TRANSITIONS, Outcome, Side, TradeState, VatKind
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.ids import new_id
from ledger.kernel.keys import key_of
from ledger.kernel.money import Money
from ledger.kernel.transitions import check_transition
from ledger.units import operations as units


def _open_count(trade: models.Trade, wanted: int | None) -> int:
    """:raises NothingOpen, MoreThanOpen: there is not so much to settle"""
    left = trade.unit_count - trade.settled_count
    if trade.state not in OPEN or not left:
        raise refusals.NothingOpen
    if wanted is not None and not 0 < wanted <= left:
        raise refusals.MoreThanOpen(wanted=wanted, left=left)
    return left if wanted is None else wanted


def _money_of(trade: models.Trade, count: int) -> dict[str, Decimal]:
    """This settlement's share of every amount; what is left stays with the units left (I2)."""
    done = trades.standing(trades.settlements_of(trade))
    left = trades.left_of(trade, done)
    open_count = trade.unit_count - trade.settled_count
    gross, vat, fee, tax = part_of(
        [left.gross, left.vat, left.fee, left.tax],
        count=count,
        open_count=open_count,
        currency=trade.currency,
    )
    on_top = vat if trade.vat_kind == VatKind.EXCLUSIVE else Decimal(0)
    sign = 1 if trade.side == Side.BUY else -1
    cash = gross + on_top + sign * (fee + tax)
    aside = vat if trade.is_vat_deductible or trade.side == Side.SELL else Decimal(0)
    if trade.currency == "CNY":
        booked = cash - aside
    else:
        (booked,) = part_of([left.booked], count=count, open_count=open_count, currency="CNY")
    return {
        "gross_amount": gross,
        "vat_amount": vat,
        "fee_amount": fee,
        "tax_amount": tax,
        "cash_amount": cash,
        "cash_cny": booked + Money(aside * trade.rate_cny).rounded().amount,
        "booked_cny": booked,
    }


def move(
    trade: models.Trade, state: TradeState, *, by: Actor, at: datetime, verb: str, reason: str = ""
) -> None:
    """To another state, by the table; the row and its event together."""
    check_transition(TRANSITIONS, trade.state, state)
    trade.state, trade.moved_at, trade.moved_by = state, at, by.user_id
    trade.save(update_fields=["state", "settled_count", "settles_on", "moved_at", "moved_by"])
    trade.refresh_from_db()
    record(verb, trade, by=by, at=at, reason=reason)


@operation(retry=True)
def settle_trade(
    *,
    trade_id: UUID,
    settled_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    unit_count: int | None = None,
    lot_id: UUID | None = None,
    ranges: Ranges = (),
    prefix: str = "",
    entry_id: UUID | None = None,
    reason: str = "",
    approval_id: UUID | None = None,
) -> models.Settlement:
    """Units against money: all that is open, or a part with its share of price, fees and tax.

    The delivery is an entry of the ledger of units, posted here; or `entry_id`: a purchase that
    has been delivered already, by the seller's own trade or by an import.

    :raises NotFound: not there, or not yours
    :raises NothingOpen, MoreThanOpen: not so much is open
    :raises TradeInTheFuture, SettlesBeforeTrade: of the day
    :raises EntryDoesNotFit, EntryUsed, WrongLot, NotAnOutsideAccount: of the delivery
    :raises NotEnoughUnits, SerialsOverlap, CounterpartyNotTrusted: refused by the ledger
    """
    asked = {
        "trade": trade_id,
        "on": settled_on,
        "units": unit_count,
        "lot": lot_id,
        "ranges": [list(run) for run in ranges],
        "prefix": prefix,
        "entry": entry_id,
    }
    key, request = key_of(by, idempotency_key), digest_of(asked)
    trade = trades.lock_trade(trade_id, by=by)
    if done := find_done(models.Settlement, key=key, request=request):
        return done
    count = _open_count(trade, unit_count)
    check_settled_on(settled_on=settled_on, traded_on=trade.traded_on, today=beijing_day(at))
    row = models.Settlement(
        pk=new_id(),
        trade=trade,
        outcome=Outcome.SETTLED,
        unit_count=count,
        settled_on=settled_on,
        **_money_of(trade, count),
        reason=reason,
        approval_id=approval_id,
        recorded_at=at,
        recorded_by=by.user_id,
        idempotency_key=key,
        request_digest=request,
    )
    wanted = Delivery(
        trade, count, settled_on, by, at, f"settlement:{row.pk}", lot_id, ranges, prefix,
        reason, approval_id,
    )  # fmt: skip
    delivered = _deliver(wanted, entry_id)
    row.entry_id, row.lot_id = delivered.entry_id, delivered.lot_id
    _keep(row, verb="settlement.made", by=by, at=at)
    trade.settled_count += count
    full = trade.settled_count == trade.unit_count
    state = TradeState.SETTLED if full else TradeState.PART_SETTLED
    move(trade, state, by=by, at=at, verb="trade.settled", reason=reason)
    return row


def _deliver(wanted: Delivery, entry_id: UUID | None) -> delivering.Delivered:
    if wanted.trade.side == Side.SELL:
        return delivering.deliver_sold(wanted)
    if entry_id is not None:
        return delivering.find_brought(wanted.trade, entry_id, wanted.unit_count)
    return delivering.deliver_bought(wanted)


def _keep(row: models.Settlement, *, verb: str, by: Actor, at: datetime) -> None:
    row.save(force_insert=True)
    row.refresh_from_db()
    record(verb, row, by=by, at=at, reason=row.reason)


@operation(retry=True)
def fail_settlement(
    *,
    trade_id: UUID,
    failed_on: date,
    reason: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    settles_on: date | None = None,
) -> models.Settlement:
    """Note that units or money did not come. What was sold stays set aside; it can be tried again.

    `settles_on`: the day agreed for the next attempt.

    :raises NotFound: not there, or not yours
    :raises NothingOpen: everything is settled, or given up
    :raises TradeInTheFuture, SettlesBeforeTrade: of the days
    """
    asked = {"trade": trade_id, "on": failed_on, "next": settles_on}
    key, request = key_of(by, idempotency_key), digest_of(asked)
    trade = trades.lock_trade(trade_id, by=by)
    if done := find_done(models.Settlement, key=key, request=request):
        return done
    count = _open_count(trade, None)
    check_settled_on(settled_on=failed_on, traded_on=trade.traded_on, today=beijing_day(at))
    if settles_on is not None and settles_on < failed_on:
        raise refusals.SettlesBeforeTrade
    row = models.Settlement(
        pk=new_id(),
        trade=trade,
        outcome=Outcome.FAILED,
        unit_count=count,
        settled_on=failed_on,
        reason=reason,
        recorded_at=at,
        recorded_by=by.user_id,
        idempotency_key=key,
        request_digest=request,
    )
    _keep(row, verb="settlement.failed", by=by, at=at)
    trade.settles_on = settles_on or trade.settles_on
    move(trade, TradeState.FAILED, by=by, at=at, verb="trade.failed", reason=reason)
    return row


@operation(retry=True)
def give_up_trade(*, trade_id: UUID, by: Actor, at: datetime, reason: str) -> models.Trade:
    """Nothing more of it will be settled: what is set aside is free, what was settled stands.

    :raises NotFound: not there, or not yours
    :raises NothingOpen: everything is settled, or given up
    """
    trade = trades.lock_trade(trade_id, by=by)
    _open_count(trade, None)
    delivering.let_go(trade, by=by, at=at, key=f"give-up:{trade.pk}", reason=reason)
    state = TradeState.CLOSED if trade.settled_count else TradeState.CANCELLED
    move(trade, state, by=by, at=at, verb="trade.given_up", reason=reason)
    return trade


@operation(retry=True)
def reverse_trade(
    *,
    trade_id: UUID,
    undone_on: date,
    reason: str,
    by: Actor,
    at: datetime,
    approval_id: UUID | None = None,
) -> models.Trade:
    """Take a trade back: every delivery is reversed by a linked entry, the rest is given up.

    :raises NotFound: not there, or not yours
    :raises NothingSettled: nothing was; it is given up instead
    :raises NotReversible: the delivery was another's entry
    :raises ReversalWindowClosed, NotEnoughUnits: too late, or the units have moved on
    """
    trade = trades.lock_trade(trade_id, by=by)
    check_transition(TRANSITIONS, trade.state, TradeState.CANCELLED)
    done = trades.standing(trades.settlements_of(trade))
    if not done:
        raise refusals.NothingSettled
    check_settled_on(settled_on=undone_on, traded_on=trade.traded_on, today=beijing_day(at))
    _undo(done, on=undone_on, reason=reason, by=by, at=at, approval_id=approval_id)
    delivering.let_go(trade, by=by, at=at, key=f"reverse:{trade.pk}", reason=reason)
    trade.settled_count = 0
    move(trade, TradeState.CANCELLED, by=by, at=at, verb="trade.reversed", reason=reason)
    return trade


def _undo(
    done: Sequence[models.Settlement],
    *,
    on: date,
    reason: str,
    by: Actor,
    at: datetime,
    approval_id: UUID | None,
) -> None:
    """The newest first, as each stands on those before it."""
    for row in reversed(done):
        assert row.entry_id is not None  # noqa: S101  the database says so
        receipt = units.reverse_entry(
            entry_id=row.entry_id,
            happened_on=on,
            by=by,
            at=at,
            idempotency_key=f"undo:{row.pk}",
            reason=reason,
            approval_id=approval_id,
        )
        undoing = models.Undoing.objects.create(
            settlement=row,
            entry_id=receipt.entry_id,
            undone_on=on,
            reason=reason,
            approval_id=approval_id,
            recorded_at=at,
            recorded_by=by.user_id,
        )
        record("settlement.undone", undoing, by=by, at=at, reason=reason)
