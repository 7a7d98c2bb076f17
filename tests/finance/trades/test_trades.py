"""Trades against the real ledger: set aside, delivered, failed, given up, taken back."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from finance.trades import operations
from finance.trades.approvable import describe_record, payload_of
from finance.trades.models import CostPolicy, Settlement, Trade
from finance.trades.operations import recording
from finance.trades.queries.entries import suggested
from finance.trades.queries.flows import book_of
from finance.trades.queries.resale import Fresh
from finance.trades.rules import refusals
from finance.trades.rules.lots import count_of
from finance.trades.states import Draw, Mode, TradeState, VatKind
from ledger.accounts import operations as accounts
from ledger.holds import queries as holds
from ledger.holds.rules import KeptByAnother
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import IllegalTransition, NotAllowed, NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.keys import KeyUsedOtherwise
from ledger.kernel.periods import Period
from ledger.parameters.operations import load_seeds
from ledger.units import operations as units
from ledger.units import queries as unit_queries
from ledger.units.queries import NotEnoughUnits
from ledger.units.rules import SerialsOverlap
from ledger.units.states import UnitState
from tests.factories.holdings import STRANGER, holdings, open_account, quantities, release
from tests.factories.trades import NOON, TODAY, bought, deal, lots_of, record, settle, sold
from tests.factories.units import MANAGER

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]
PARTY = MANAGER.party_id


@pytest.fixture
def rules():
    list(load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON))


@pytest.fixture
def park():
    """An account with 1,000 free allowances, given without a price."""
    account, lot_id = holdings(1_000)
    return account, lot_id


def surrender(account, lot_id, count):
    return units.surrender_units(
        lot_id=lot_id,
        account_id=account.pk,
        unit_count=count,
        obligation="O",
        happened_on=TODAY,
        by=MANAGER,
        at=NOON,
        idempotency_key=str(new_id()),
    )


def lot_of(trade):
    return trade.settlements.get().lot_id


# --- recording


def test_a_sale_sets_its_units_aside_and_delivers_them(park):
    account, lot_id = park
    trade = record(deal("SELL", 400, "75", account_id=account.pk, lot_id=lot_id, fee="50"))
    assert trade.cash_amount == 29_950
    assert quantities(account.pk, lot_id) == {"FREE": 600, "RESERVED": 400}
    done = settle(trade)
    trade.refresh_from_db()
    assert (trade.state, trade.settled_count) == (TradeState.SETTLED, 400)
    assert quantities(account.pk, lot_id) == {"FREE": 600}
    entry = unit_queries.get_entry(done.entry_id)
    assert entry.kind == "TRANSFER"
    (leg,) = unit_queries.get_entry_legs(entry.pk)
    assert leg.unit_count == 400
    assert done.cash_amount == 29_950


def test_what_a_sale_has_set_aside_nobody_else_gives_back(park):
    account, lot_id = park
    trade = record(deal("SELL", 400, "75", account_id=account.pk, lot_id=lot_id))
    with pytest.raises(KeptByAnother):
        release(holds.get_hold(trade.hold_id), by=MANAGER)
    assert quantities(account.pk, lot_id) == {"FREE": 600, "RESERVED": 400}


def test_nobody_sells_what_is_not_free(park):
    account, lot_id = park
    record(deal("SELL", 700, "75", account_id=account.pk, lot_id=lot_id))
    with pytest.raises(NotEnoughUnits):
        record(deal("SELL", 400, "75", account_id=account.pk, lot_id=lot_id))
    assert Trade.objects.count() == 1
    assert quantities(account.pk, lot_id) == {"FREE": 300, "RESERVED": 700}


def test_a_purchase_brings_units_and_their_cost(park):
    account, _lot = park
    trade = bought(account.pk, 250, "60", fee="100")
    assert trade.state == TradeState.SETTLED
    assert quantities(account.pk, lot_of(trade)) == {"FREE": 250}
    assert lots_of(PARTY) == [(1_000, Decimal(0)), (250, Decimal("15100.00"))]


def test_the_same_key_is_the_same_trade(park):
    account, lot_id = park
    agreed = deal("SELL", 400, "75", account_id=account.pk, lot_id=lot_id)
    assert record(agreed, key="k").pk == record(agreed, key="k").pk
    with pytest.raises(KeyUsedOtherwise):
        record(deal("SELL", 401, "75", account_id=account.pk, lot_id=lot_id), key="k")
    trade = Trade.objects.get()
    assert settle(trade, key="s", unit_count=100).pk == settle(trade, key="s", unit_count=100).pk
    assert Settlement.objects.count() == 1
    assert quantities(account.pk, lot_id) == {"FREE": 600, "RESERVED": 300}


def test_what_cannot_be_is_refused_by_name_and_nothing_is_kept(park):
    account, lot_id = park
    place = {"account_id": account.pk, "lot_id": lot_id}
    outside = open_account("OUT", kind="OUTSIDE")
    for refusal, agreed in (
        (refusals.TradeInTheFuture, deal("SELL", 1, "75", **place, traded_on=date(2026, 3, 3),
                                         settles_on=date(2026, 3, 3))),
        (refusals.SettlesBeforeTrade, deal("SELL", 1, "75", **place, settles_on=date(2026, 3, 1))),
        (refusals.NotAPrice, deal("SELL", 1, "0", **place)),
        (refusals.NegativeAmount, deal("SELL", 1, "75", **place, fee="-1")),
        (refusals.RateNeeded, deal("SELL", 1, "75", **place, currency="EUR")),
        (refusals.LotNeeded, deal("SELL", 1, "75", account_id=account.pk)),
        (refusals.WrongLot, deal("SELL", 1, "75", **place, vintage_year=2024)),
        (refusals.NotAHoldingAccount, deal("BUY", 1, "75", account_id=outside.pk)),
        (refusals.NotEnoughOfThese, deal("SELL", 1, "75", **place, draw=Draw.PAID)),
    ):  # fmt: skip
        with pytest.raises(refusal):
            record(agreed)
    with pytest.raises(NotFound):
        record(deal("SELL", 1, "75", **place), by=STRANGER)
    assert Trade.objects.count() == 0
    assert quantities(account.pk, lot_id) == {"FREE": 1_000}


def test_tv_2_7_the_market_takes_no_such_order(park, rules):
    account, _lot = park
    place = {"account_id": account.pk, "mode": Mode.LISTED, "previous_close": Decimal("74.63")}
    for units_, price, refusal in (
        (100_000, "74.63", refusals.TooLargeForListing),
        (10, "67.16", refusals.OutsideBand),
        (10, "82.10", refusals.OutsideBand),
        (10, "74.635", refusals.NotAPrice),
    ):
        with pytest.raises(refusal):
            record(deal("BUY", units_, price, **place))
    with pytest.raises(refusals.TooSmallForBlock):
        record(deal("BUY", 99_999, "97.01", **{**place, "mode": Mode.BLOCK}))
    with pytest.raises(refusals.NotATradingDay):
        record(deal("BUY", 10, "74", **place, traded_on=date(2026, 3, 1)))
    assert Trade.objects.count() == 0
    taken = record(deal("BUY", 99_999, "82.09", **place))
    assert (taken.band["low"], taken.band["high"]) == ("67.17", "82.09")
    block = record(deal("BUY", 100_000, "52.25", **{**place, "mode": Mode.BLOCK}))
    assert (block.band_verdict, block.band["high"]) == ("WITHIN", "97.01")
    unknown = record(deal("BUY", 10, "900", **{**place, "previous_close": None}))
    assert unknown.band_verdict == "NO_CLOSE"
    assert record(deal("BUY", 10, "900", account_id=account.pk)).band_verdict == "NO_LIMIT"


def test_a_foreign_trade_is_booked_in_cny_by_its_rate(park):
    account, _lot = park
    trade = record(deal("BUY", 3, "70.01", account_id=account.pk, mode=Mode.FOREIGN,
                        currency="EUR", rate_cny="7.85"))  # fmt: skip
    assert (trade.gross_amount, trade.booked_cny) == (Decimal("210.03"), Decimal("1648.74"))
    for count in (1, 2):
        settle(trade, unit_count=count)
    parts = list(trade.settlements.values_list("booked_cny", flat=True).order_by("unit_count"))
    assert parts == [Decimal("549.58"), Decimal("1099.16")]
    assert sum(parts) == trade.booked_cny


# --- settling


def test_a_part_settles_with_its_share_of_the_money(park):
    account, lot_id = park
    trade = record(deal("SELL", 3, "33.33", account_id=account.pk, lot_id=lot_id, fee="0.10",
                        vat_kind=VatKind.INCLUSIVE, vat_rate=Decimal("0.06")))  # fmt: skip
    first = settle(trade, unit_count=1)
    trade.refresh_from_db()
    assert trade.state == TradeState.PART_SETTLED
    assert quantities(account.pk, lot_id) == {"FREE": 997, "RESERVED": 2}
    second = settle(trade)
    for name in ("gross_amount", "vat_amount", "fee_amount", "cash_amount", "booked_cny"):
        assert getattr(first, name) + getattr(second, name) == getattr(trade, name)
    assert (first.gross_amount, first.fee_amount) == (Decimal("33.33"), Decimal("0.03"))
    trade.refresh_from_db()
    assert trade.state == TradeState.SETTLED


def test_no_more_settles_than_is_open(park):
    account, lot_id = park
    trade = record(deal("SELL", 10, "75", account_id=account.pk, lot_id=lot_id))
    with pytest.raises(refusals.MoreThanOpen):
        settle(trade, unit_count=11)
    settle(trade)
    with pytest.raises(refusals.NothingOpen):
        settle(trade)
    assert Settlement.objects.count() == 1


def test_a_failed_settlement_keeps_the_units_and_can_be_tried_again(park):
    account, lot_id = park
    trade = record(deal("SELL", 10, "75", account_id=account.pk, lot_id=lot_id))
    operations.fail_settlement(
        trade_id=trade.pk, failed_on=TODAY, reason="no money", settles_on=date(2026, 3, 4),
        by=MANAGER, at=NOON, idempotency_key="f",
    )  # fmt: skip
    trade.refresh_from_db()
    assert (trade.state, trade.settles_on) == (TradeState.FAILED, date(2026, 3, 4))
    assert quantities(account.pk, lot_id) == {"FREE": 990, "RESERVED": 10}
    settle(trade, settled_on=TODAY)
    trade.refresh_from_db()
    assert trade.state == TradeState.SETTLED


def test_a_trade_that_is_given_up_frees_its_units_and_keeps_what_was_settled(park):
    account, lot_id = park
    trade = record(deal("SELL", 10, "75", account_id=account.pk, lot_id=lot_id))
    settle(trade, unit_count=4)
    given_up = operations.give_up_trade(trade_id=trade.pk, by=MANAGER, at=NOON, reason="default")
    assert (given_up.state, given_up.settled_count) == (TradeState.CLOSED, 4)
    assert quantities(account.pk, lot_id) == {"FREE": 996}
    with pytest.raises(refusals.NothingOpen):
        operations.give_up_trade(trade_id=trade.pk, by=MANAGER, at=NOON, reason="again")


def test_a_trade_is_taken_back_by_reversal_once(park):
    account, lot_id = park
    trade = record(deal("SELL", 10, "75", account_id=account.pk, lot_id=lot_id))
    settle(trade, unit_count=4)
    settle(trade, unit_count=3)
    back = operations.reverse_trade(
        trade_id=trade.pk, undone_on=TODAY, reason="typed twice", by=MANAGER, at=NOON
    )
    assert (back.state, back.settled_count) == (TradeState.CANCELLED, 0)
    assert quantities(account.pk, lot_id) == {"FREE": 1_000}
    assert count_of(book_of(PARTY).layers(("CEA", 2025))) == 1_000
    with pytest.raises(IllegalTransition):
        operations.reverse_trade(
            trade_id=trade.pk, undone_on=TODAY, reason="again", by=MANAGER, at=NOON
        )
    reversal = trade.settlements.first().undoing
    assert unit_queries.get_entry(reversal.entry_id).reverses_id is not None


def test_an_unsettled_trade_is_given_up_and_not_reversed(park):
    account, _lot = park
    trade = record(deal("BUY", 10, "75", account_id=account.pk))
    with pytest.raises(refusals.NothingSettled):
        operations.reverse_trade(
            trade_id=trade.pk, undone_on=TODAY, reason="r", by=MANAGER, at=NOON
        )
    done = operations.give_up_trade(trade_id=trade.pk, by=MANAGER, at=NOON, reason="r")
    assert done.state == TradeState.CANCELLED


def test_a_trade_told_later_moves_its_units_on_its_own_days(park):
    account, lot_id = park
    early = date(2026, 2, 26)
    trade = record(
        deal("SELL", 1_000, "75", account_id=account.pk, lot_id=lot_id, traded_on=early,
             settles_on=early)
    )  # fmt: skip
    settle(trade)
    assert unit_queries.get_entry(trade.settlements.get().entry_id).happened_on == early
    (booking,) = [one for one in book_of(PARTY).bookings if one.flow.trade_id]
    assert booking.flow.day == early


def test_serial_numbers_that_were_set_aside_are_those_delivered():
    account, lot_id = holdings(100, first=1, scheme="CCER")
    place = {"account_id": account.pk, "lot_id": lot_id, "scheme": "CCER"}
    trade = record(deal("SELL", 60, "80", **place))
    settle(trade, unit_count=20)
    settle(trade)
    left = unit_queries.find_ranges(
        account_id=account.pk, lot_id=lot_id, state=UnitState.FREE, unit_count=40
    )
    assert [(run.first, run.last) for run in left] == [(61, 100)]


def test_bought_credits_come_with_their_serial_numbers(park):
    account, _lot = park
    trade = record(deal("BUY", 50, "80", account_id=account.pk, scheme="CCER"))
    done = settle(trade, ranges=((101, 150),), prefix="CCER-33-")
    assert quantities(account.pk, done.lot_id) == {"FREE": 50}
    again = record(deal("BUY", 50, "80", account_id=account.pk, scheme="CCER"))
    with pytest.raises(SerialsOverlap):
        settle(again, ranges=((141, 190),), prefix="CCER-33-")


def test_between_two_parties_here_the_seller_delivers_and_the_buyer_points_to_it():
    account, lot_id = holdings(100)
    theirs = open_account("THEIRS", by=STRANGER)
    january = datetime(2026, 1, 5, tzinfo=UTC)
    accounts.trust_account(account_id=theirs.pk, by=MANAGER, at=january, reason="r")
    sale = record(deal("SELL", 30, "75", account_id=account.pk, lot_id=lot_id,
                       counter_account_number="THEIRS"))  # fmt: skip
    delivered = settle(sale)
    purchase = record(
        deal("BUY", 30, "75", account_id=theirs.pk, counter_account_number=account.number),
        by=STRANGER,
    )
    with pytest.raises(refusals.NotAnOutsideAccount):
        settle(purchase, by=STRANGER)
    with pytest.raises(refusals.EntryDoesNotFit):
        settle(purchase, by=STRANGER, entry_id=delivered.entry_id, unit_count=29)
    settle(purchase, by=STRANGER, entry_id=delivered.entry_id)
    assert lots_of(STRANGER.party_id) == [(30, Decimal("2250.00"))]
    second = record(deal("BUY", 30, "75", account_id=theirs.pk), by=STRANGER)
    with pytest.raises(refusals.EntryUsed):
        settle(second, by=STRANGER, entry_id=delivered.entry_id)


def test_a_stranger_sees_and_does_nothing(park):
    account, _lot = park
    trade = record(deal("BUY", 10, "75", account_id=account.pk))
    for act in (
        lambda: settle(trade, by=STRANGER),
        lambda: operations.give_up_trade(trade_id=trade.pk, by=STRANGER, at=NOON, reason="r"),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(NotAllowed):
        operations.reverse_trade(
            trade_id=trade.pk, undone_on=TODAY, reason="r", by=STRANGER, at=NOON
        )


# --- what was bought today


def test_what_was_bought_today_is_sold_with_a_warning_while_the_rule_is_unverified(park, rules):
    account, _lot = park
    lot_id = lot_of(bought(account.pk, 250, "60", mode=Mode.LISTED))
    sale = deal("SELL", 100, "60", account_id=account.pk, lot_id=lot_id, mode=Mode.LISTED)
    said = describe_record(payload_of(sale, "k"))
    assert "R2.34" in said[-1] and "250" in said[-1]
    assert record(sale).band["fresh"] == "250"
    otc = deal("SELL", 100, "60", account_id=account.pk, lot_id=lot_id)
    assert "fresh" not in record(otc).band


def test_a_verified_rule_refuses_what_was_bought_too_lately(park, rules, monkeypatch):
    account, _lot = park
    lot_id = lot_of(bought(account.pk, 250, "60", mode=Mode.LISTED))
    verified = Fresh(fresh_count=250, free_count=250, basis="R2.34", is_unverified=False)
    monkeypatch.setattr(recording, "fresh_units", lambda **_asked: verified)
    with pytest.raises(refusals.SoldTooEarly, match="250"):
        record(deal("SELL", 1, "60", account_id=account.pk, lot_id=lot_id, mode=Mode.LISTED))
    assert Trade.objects.count() == 1
    assert quantities(account.pk, lot_id) == {"FREE": 250}


# --- cost


def test_tv_7_1_through_the_ledger(rules):
    account, free_lot = holdings(2_000)
    purchase = bought(account.pk, 10_000, "60.00", fee="1000")
    bought_lot = lot_of(purchase)
    surrender(account, bought_lot, 4_000)
    sold(account.pk, bought_lot, 1_000, "75", fee="50", draw=Draw.PAID)
    sold(account.pk, free_lot, 2_000, "75", fee="100", draw=Draw.FREE)
    assert lots_of(PARTY) == [(5_000, Decimal("300500.00"))]
    found = suggested(PARTY, Period.month(2026, 3))
    told = [{(line.side, line.account): line.amount for line in one.lines} for one in found]
    assert told == [
        {("DEBIT", "1489"): 601_000, ("CREDIT", "1002"): 601_000},
        {("DEBIT", "6711"): 240_400, ("CREDIT", "1489"): 240_400},
        {("DEBIT", "1002"): 74_950, ("CREDIT", "1489"): 60_100, ("CREDIT", "6301"): 14_850},
        {("DEBIT", "1002"): 149_900, ("CREDIT", "6301"): 149_900},
    ]
    assert all(one.booking.flow.entry_id for one in found)


def test_cost_lots_sum_to_the_positions_through_everything_that_can_happen(park):
    account, lot_id = park
    purchase = bought(account.pk, 100, "60")
    held = lot_of(purchase)
    surrender(account, lot_id, 150)
    units.cancel_units(
        lot_id=held, account_id=account.pk, unit_count=10, reason="r", happened_on=TODAY,
        by=MANAGER, at=NOON, idempotency_key="c",
    )  # fmt: skip
    trading = open_account("A-T", kind="TRADING")
    units.transfer_units(
        lot_id=lot_id, from_account_id=account.pk, to_account_id=trading.pk, unit_count=300,
        happened_on=TODAY, by=MANAGER, at=NOON, idempotency_key="t",
    )  # fmt: skip
    sale = sold(trading.pk, lot_id, 50, "75")
    operations.reverse_trade(trade_id=sale.pk, undone_on=TODAY, reason="r", by=MANAGER, at=NOON)
    record(deal("SELL", 70, "75", account_id=account.pk, lot_id=lot_id))
    live = sum(
        view.unit_count
        for view in unit_queries.positions_in([account.pk, trading.pk])
        if view.state.value in {"FREE", "RESERVED"}
    )
    book = book_of(PARTY)
    assert count_of(book.layers(("CEA", 2025))) == live == 1_000 + 100 - 150 - 10


def test_an_opening_position_has_the_cost_that_somebody_tells():
    account, _lot = holdings(10)
    outside = open_account("O-1", kind="OUTSIDE")
    lot_id = unit_queries.positions_in([account.pk])[0].lot_id
    units.transfer_units(
        lot_id=lot_id, from_account_id=account.pk, to_account_id=outside.pk, unit_count=10,
        happened_on=TODAY, by=MANAGER, at=NOON, idempotency_key="out",
    )  # fmt: skip
    receipt = units.transfer_units(
        lot_id=lot_id, from_account_id=outside.pk, to_account_id=account.pk, unit_count=10,
        happened_on=TODAY, by=MANAGER, at=NOON, idempotency_key="in",
    )  # fmt: skip
    (layer,) = book_of(PARTY).layers(("CEA", 2025))
    assert layer.is_untold
    told = {"entry_id": receipt.entry_id, "lot_id": lot_id, "by": MANAGER, "at": NOON}
    tell = operations.tell_cost
    tell(**told, is_free=False, cost_cny=Decimal(500), evidence="e", idempotency_key="1")
    assert lots_of(PARTY) == [(10, 500)]
    tell(**told, is_free=True, cost_cny=Decimal(0), evidence="e", idempotency_key="2")
    (layer,) = book_of(PARTY).layers(("CEA", 2025))
    assert layer.is_free and not layer.is_untold
    with pytest.raises(refusals.NegativeAmount):
        tell(**told, is_free=True, cost_cny=Decimal(1), evidence="e", idempotency_key="3")
    with pytest.raises(refusals.CostNotHere):
        tell(**{**told, "lot_id": new_id()}, is_free=True, cost_cny=Decimal(0), evidence="e",
             idempotency_key="4")  # fmt: skip


def test_the_cost_of_what_was_bought_follows_from_its_trade(park):
    account, _lot = park
    done = bought(account.pk, 10, "60").settlements.get()
    with pytest.raises(refusals.CostFollowsTrade):
        operations.tell_cost(
            entry_id=done.entry_id, lot_id=done.lot_id, is_free=False, cost_cny=Decimal(1),
            evidence="e", by=MANAGER, at=NOON, idempotency_key="1",
        )  # fmt: skip


# --- policy


def set_policy(year, method="FIFO", order="FREE_FIRST", at=NOON):
    return operations.set_policy(
        year=year, method=method, order=order, reason="board", by=MANAGER, at=at
    )


def test_a_policy_begins_with_a_year_and_is_fixed_in_it(park):
    account, lot_id = park
    set_policy(2026)
    with pytest.raises(refusals.PolicyThere):
        set_policy(2026, method="WEIGHTED_AVERAGE")
    surrender(account, lot_id, 1)
    set_policy(2027, method="WEIGHTED_AVERAGE")
    book = book_of(PARTY)
    assert book.policy_of(2026).way == "FIFO"
    assert book.policy_of(2028).way == "WEIGHTED_AVERAGE"


def test_no_policy_for_a_year_in_which_units_have_left(park):
    account, lot_id = park
    surrender(account, lot_id, 1)
    with pytest.raises(refusals.PolicyFixed):
        set_policy(2026)
    with pytest.raises(refusals.PolicyFixed):
        set_policy(2025)
    assert CostPolicy.objects.count() == 0


def test_under_specific_identification_a_sale_names_its_lots(park):
    account, _free = park
    set_policy(2026, method="SPECIFIC")
    cheap, dear = bought(account.pk, 10, "50"), bought(account.pk, 10, "90")
    place = {"account_id": account.pk, "lot_id": lot_of(dear)}
    with pytest.raises(refusals.PicksNeeded):
        record(deal("SELL", 5, "75", **place))
    keys = [one.key for one in book_of(PARTY).layers(("CEA", 2025)) if not one.is_free]
    with pytest.raises(refusals.NotEnoughOfThese):
        record(deal("SELL", 11, "75", **place, picks=((keys[1], 11),)))
    sold(account.pk, place["lot_id"], 5, "75", picks=((keys[1], 5),))
    assert lots_of(PARTY)[1:] == [(10, 500), (5, 450)]
    assert cheap.pk != dear.pk


# --- entries are handed over once


def test_entries_are_handed_over_once_and_a_correction_comes_in_red(park, rules):
    account, _lot = park
    trade = bought(account.pk, 10, "60")
    march = Period.month(2026, 3)
    later = NOON + timedelta(days=40)
    with pytest.raises(refusals.PeriodNotOver):
        operations.make_batch(period=march, by=MANAGER, at=NOON, idempotency_key="b")
    batch = operations.make_batch(period=march, by=MANAGER, at=later, idempotency_key="b")
    again = operations.make_batch(period=march, by=MANAGER, at=later, idempotency_key="b")
    assert again.pk == batch.pk
    assert (batch.number, batch.entry_count, batch.debit_cny) == (1, 1, 600)
    assert batch.entries[0]["entry_id"] == str(trade.settlements.get().entry_id)
    with pytest.raises(refusals.NothingToSuggest):
        operations.make_batch(period=march, by=MANAGER, at=later, idempotency_key="c")
    operations.reverse_trade(trade_id=trade.pk, undone_on=TODAY, reason="r", by=MANAGER, at=NOON)
    second = operations.make_batch(period=march, by=MANAGER, at=later, idempotency_key="d")
    assert (second.number, second.debit_cny) == (2, -600)
