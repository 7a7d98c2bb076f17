"""Cost lots, the book, amounts, limits and entries: what follows from values alone."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.trades.rules.amounts import Amounts, Terms, amounts_of, check_price, part_of
from finance.trades.rules.bands import Band, Limits, band_of, check_band, check_size
from finance.trades.rules.book import Cause, Flow, Policy, replay
from finance.trades.rules.entries import suggestions
from finance.trades.rules.lots import Layer, Way, cost_of, count_of, take
from finance.trades.rules.notes import CLOSING, OPENING, Sum, notes
from finance.trades.rules.refusals import (
    NotAPrice,
    NotEnoughOfThese,
    OutsideBand,
    TooLargeForListing,
    TooSmallForBlock,
)
from finance.trades.states import Draw, Mode, Order, Side, VatKind
from ledger.kernel.money import Money
from ledger.kernel.periods import Period

DAY = date(2025, 3, 3)
CEA = ("CEA", 2025)
FAMILIES = {"CEA": "ALLOWANCE"}
LOT = UUID(int=7)


def d(text: str) -> Decimal:
    return Decimal(text)


def flow(cause: Cause, units: int, *, day: date = DAY, **told: object) -> Flow:
    entry = uuid4()
    made = {"key": str(entry), "entry_id": entry, "pool": CEA, "lot_id": LOT, **told}
    return Flow(cause=cause, day=day, unit_count=units, **made)  # type: ignore[arg-type]


def bought(units: int, cost: str, **told: object) -> Flow:
    return flow(Cause.BOUGHT, units, cost=d(cost), cash=d(cost), **told)


def sold(units: int, income: str, **told: object) -> Flow:
    return flow(Cause.SOLD, units, income=d(income), cash=d(income), **told)


def lines(suggestion):
    return {(one.side, one.account): one.amount for one in suggestion.lines}


# --- amounts


def test_tv_7_2_vat_is_in_the_price_or_on_top_of_it():
    price, six = Money(d("75")), d("0.06")
    inside = amounts_of(Terms(Side.SELL, 1000, price, vat_kind=VatKind.INCLUSIVE, vat_rate=six))
    on_top = amounts_of(Terms(Side.SELL, 1000, price, vat_kind=VatKind.EXCLUSIVE, vat_rate=six))
    assert (inside.gross, inside.vat, inside.cash) == (75000, d("4245.28"), 75000)
    assert (on_top.gross, on_top.vat, on_top.cash) == (75000, d("4500.00"), 79500)
    assert inside.booked == d("70754.72")
    assert on_top.booked == 75000


def test_what_a_buyer_pays_is_cost_but_for_the_vat_that_comes_back():
    given_ = {"fee": d("100"), "tax": d("20"), "vat_kind": VatKind.EXCLUSIVE, "vat_rate": d("0.06")}
    kept = amounts_of(Terms(Side.BUY, 1000, Money(d("60")), **given_))
    back = amounts_of(Terms(Side.BUY, 1000, Money(d("60")), **given_, is_vat_deductible=True))
    assert kept == Amounts(60000, 3600, 100, 20, 63720, 63720)
    assert back.cash == 63720 and back.booked == 60120


def test_a_price_is_above_zero_and_on_the_tick():
    check_price(Money(d("74.63")), tick=d("0.01"))
    for wrong in ("0", "-1", "74.635"):
        with pytest.raises(NotAPrice):
            check_price(Money(d(wrong)), tick=d("0.01"))


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=8), st.integers(0, 10**12))
def test_settlement_parts_sum_to_the_total(counts, fen):
    whole = left = Decimal(fen) / 100
    open_count = sum(counts)
    parts = []
    for count in counts:
        (part,) = part_of([left], count=count, open_count=open_count, currency="CNY")
        parts.append(part)
        left, open_count = left - part, open_count - count
    assert sum(parts) == whole
    assert left == 0


# --- limits of the day


def test_tv_2_7_limits_are_rounded_inwards():
    tick = d("0.01")
    assert band_of(d("74.63"), Limits(d("0.10"), tick, 100_000)) == Band(d("67.17"), d("82.09"))
    assert band_of(d("74.63"), Limits(d("0.30"), tick, 100_000)) == Band(d("52.25"), d("97.01"))


def test_tv_2_7_a_price_outside_its_limits_is_refused():
    band = Band(d("67.17"), d("82.09"))
    check_band(d("67.17"), band)
    check_band(d("82.09"), band)
    for outside in ("67.16", "82.10"):
        with pytest.raises(OutsideBand, match=r"67\.17 to 82\.09"):
            check_band(d(outside), band)


def test_tv_2_7_a_listed_order_stays_below_100000():
    check_size(Mode.LISTED, 99_999, listed_below=100_000)
    check_size(Mode.BLOCK, 100_000, listed_below=100_000)
    with pytest.raises(TooLargeForListing):
        check_size(Mode.LISTED, 100_000, listed_below=100_000)
    with pytest.raises(TooSmallForBlock):
        check_size(Mode.BLOCK, 99_999, listed_below=100_000)
    check_size(Mode.OTC, 5, listed_below=100_000)


# --- lots


def layers(*told: tuple[int, str]) -> tuple[Layer, ...]:
    return tuple(
        Layer(f"L{n}", DAY + timedelta(days=n), units, d(cost))
        for n, (units, cost) in enumerate(told)
    )


def test_specific_identification_takes_the_lots_that_are_named():
    held = layers((10, "600.00"), (10, "700.00"))
    taken = take(held, 12, Way.SPECIFIC, [("L1", 10), ("L0", 2)])
    assert taken.cost == d("820.00")
    assert [(part.key, part.unit_count) for part in taken.parts] == [("L1", 10), ("L0", 2)]
    assert [(one.key, one.unit_count, one.cost) for one in taken.rest] == [("L0", 8, d("480.00"))]
    for picks in ([("L1", 11), ("L0", 1)], [("L0", 10)], [("gone", 12)]):
        with pytest.raises(NotEnoughOfThese):
            take(held, 12, Way.SPECIFIC, picks)


def test_a_cut_lot_keeps_the_rest_of_its_cost():
    thirds = layers((3, "100.00"))
    one = take(thirds, 1, Way.FIFO)
    two = take(one.rest, 1, Way.FIFO)
    three = take(two.rest, 1, Way.FIFO)
    assert [one.cost, two.cost, three.cost] == [d("33.33"), d("33.34"), d("33.33")]
    assert three.rest == ()


lots_drawn = st.lists(
    st.tuples(st.integers(1, 10_000), st.integers(0, 10**9)), min_size=1, max_size=8
)


@given(lots_drawn, st.data())
def test_however_lots_are_cut_no_unit_and_no_fen_is_lost(told, data):
    held = layers(*((units, str(Decimal(fen) / 100)) for units, fen in told))
    way = data.draw(st.sampled_from(list(Way)))
    count = data.draw(st.integers(0, count_of(held)))
    taken = take(held, count, way)
    assert count_of(taken.parts) == count
    assert count_of(taken.parts) + count_of(taken.rest) == count_of(held)
    assert cost_of(taken.parts) + cost_of(taken.rest) == cost_of(held)
    assert all(part.unit_count > 0 for part in (*taken.parts, *taken.rest))


# --- the book


def tv_7_1() -> list[Flow]:
    """Bought 10,000 at 60.00 with fees of 1,000; given 2,000 free; used and sold."""
    return [
        flow(Cause.ALLOCATED, 2_000, is_free=True),
        bought(10_000, "601000.00"),
        flow(Cause.SURRENDERED, 4_000, day=DAY + timedelta(days=1)),
        sold(1_000, "74950.00", day=DAY + timedelta(days=2), draw=Draw.PAID),
        sold(2_000, "149900.00", day=DAY + timedelta(days=3), draw=Draw.FREE),
    ]


def test_tv_7_1_the_book_and_its_entries():
    book = replay(tv_7_1(), {})
    (rest,) = book.layers(CEA)
    assert (rest.unit_count, rest.cost, rest.unit_cost) == (5_000, d("300500.00"), d("60.10"))
    given_free, buying, surrender, sale, free_sale = suggestions(book.bookings, families=FAMILIES)
    assert given_free.is_memo
    assert lines(buying) == {("DEBIT", "1489"): 601_000, ("CREDIT", "1002"): 601_000}
    assert lines(surrender) == {("DEBIT", "6711"): 240_400, ("CREDIT", "1489"): 240_400}
    assert lines(sale) == {
        ("DEBIT", "1002"): 74_950,
        ("CREDIT", "1489"): 60_100,
        ("CREDIT", "6301"): 14_850,
    }
    assert lines(free_sale) == {("DEBIT", "1002"): 149_900, ("CREDIT", "6301"): 149_900}
    assert [one.gain for one in book.bookings if one.gain is not None] == [14_850, 149_900]


def test_a_sale_at_a_loss_is_an_expense_and_vat_is_somebody_elses():
    loss = flow(Cause.SOLD, 10, income=d("500.00"), cash=d("530.00"), draw=Draw.PAID)
    book = replay([bought(10, "600.00"), loss], {})
    sale = suggestions(book.bookings, families=FAMILIES)[1]
    assert lines(sale) == {
        ("DEBIT", "1002"): 530,
        ("DEBIT", "6711"): 100,
        ("CREDIT", "1489"): 600,
        ("CREDIT", "222102"): 30,
    }
    assert sale.total("DEBIT") == sale.total("CREDIT")


def test_free_units_and_bought_ones_leave_as_the_policy_says():
    came = [flow(Cause.ALLOCATED, 60, is_free=True), bought(40, "400.00")]
    out = flow(Cause.SURRENDERED, 50)
    for order, (free, paid) in {
        Order.FREE_FIRST: (50, 0),
        Order.PAID_FIRST: (10, 40),
        Order.PROPORTIONAL: (30, 20),
    }.items():
        book = replay([*came, out], {2025: Policy(Way.FIFO, order)})
        assert (book.bookings[2].free_count, book.bookings[2].paid_count) == (free, paid)


def test_what_is_taken_back_comes_back_as_it_left():
    sale = sold(6, "500.00", draw=Draw.PAID)
    back = flow(Cause.RETURNED, 6, day=DAY + timedelta(days=9), undoes=sale.key)
    book = replay([bought(4, "40.00"), bought(4, "80.00"), sale, back], {2025: Policy(Way.FIFO)})
    assert count_of(book.layers(CEA)) == 8
    assert cost_of(book.layers(CEA)) == 120
    _first, _second, made, undone = suggestions(book.bookings, families=FAMILIES)
    assert {key: -amount for key, amount in lines(made).items()} == lines(undone)


def test_a_purchase_taken_back_leaves_the_average_as_it_was():
    wrong = bought(100, "9000.00")
    back = flow(Cause.TAKEN_BACK, 100, day=DAY + timedelta(days=1), undoes=wrong.key)
    for way in (Way.WEIGHTED_AVERAGE, Way.FIFO):
        book = replay([bought(100, "5000.00"), wrong, back], {2025: Policy(way)})
        assert count_of(book.layers(CEA)) == 100
        assert cost_of(book.layers(CEA)) == 5000


def test_a_carry_over_takes_the_cost_along():
    old = ("CEA", 2024)
    out = flow(Cause.CARRIED_OUT, 80, pool=old)
    into = flow(Cause.CARRIED_IN, 80, day=DAY + timedelta(days=5), follows=(out.key,))
    book = replay([bought(100, "1000.00", pool=old), out, into], {})
    assert cost_of(book.layers(old)) == 200
    assert [(one.unit_count, one.cost, one.acquired_on) for one in book.layers(CEA)] == [
        (80, d("800.00"), DAY)
    ]


def test_another_method_begins_with_the_year_from_the_average_of_the_old_one():
    policies = {2025: Policy(Way.WEIGHTED_AVERAGE), 2026: Policy(Way.FIFO)}
    came = [bought(10, "100.00"), bought(10, "300.00"), sold(5, "200.00", draw=Draw.PAID)]
    next_year = sold(5, "200.00", day=date(2026, 2, 2), draw=Draw.PAID)
    dear = bought(5, "500.00", day=date(2026, 1, 5))
    book = replay([*came, dear, next_year], policies)
    assert [one.gain for one in book.bookings if one.gain is not None] == [100, 100]
    assert cost_of(book.layers(CEA)) == 400 - 100 - 100 + 500


def test_what_was_recorded_late_still_finds_what_came_in_that_day():
    book = replay([sold(5, "100.00"), bought(5, "50.00")], {})
    assert [booking.missing for booking in book.bookings] == [0, 0]
    assert book.layers(CEA) == ()


def test_units_nobody_has_told_the_cost_of_are_told_apart():
    book = replay([flow(Cause.RECEIVED, 5), sold(5, "100.00")], {})
    assert book.bookings[1].is_untold
    assert book.bookings[1].gain == 100


moves = st.lists(
    st.tuples(
        st.sampled_from(["buy", "give", "receive", "sell", "surrender", "undo"]),
        st.integers(1, 500),
        st.integers(0, 10**6),
        st.sampled_from(list(Draw)),
        st.integers(0, 700),
    ),
    max_size=25,
)


@given(moves, st.sampled_from([Way.WEIGHTED_AVERAGE, Way.FIFO]), st.sampled_from(list(Order)))
def test_cost_lots_always_sum_to_what_is_held_and_no_fen_is_lost(drawn, way, order):
    flows: list[Flow] = []
    held = 0
    for kind, units, fen, draw, days in sorted(drawn, key=lambda one: one[4]):
        day, money = DAY + timedelta(days=days), str(Decimal(fen) / 100)
        if kind == "buy":
            made = bought(units, money, day=day)
        elif kind == "give":
            made = flow(Cause.ALLOCATED, units, is_free=True, day=day)
        elif kind == "receive":
            made = flow(Cause.RECEIVED, units, day=day)
        elif kind == "undo":
            if not flows or flows[-1].is_in or flows[-1].undoes:
                continue
            made = flow(Cause.RETURNED, flows[-1].unit_count, day=day, undoes=flows[-1].key)
        elif not held:
            continue
        elif kind == "sell":
            made = sold(min(units, held), money, day=day, draw=draw)
        else:
            made = flow(Cause.SURRENDERED, min(units, held), day=day)
        held += made.unit_count if made.is_in else -made.unit_count
        flows.append(made)
    book = replay(flows, {year: Policy(way, order) for year in (2025, 2026, 2027)})
    assert count_of(book.layers(CEA)) == held
    assert not any(booking.missing for booking in book.bookings)
    came = sum((one.cost for one in book.bookings if one.flow.is_in), Decimal(0))
    went = sum((one.cost for one in book.bookings if not one.flow.is_in), Decimal(0))
    assert cost_of(book.layers(CEA)) == came - went
    for one in suggestions(book.bookings, families=FAMILIES):
        assert one.total("DEBIT") == one.total("CREDIT")
    table = notes(book.bookings, Period.year(2026))
    ins = sum(table[row].unit_count for row in (OPENING, "FREE", "BOUGHT", "OTHER_IN"))
    outs = sum(table[row].unit_count for row in ("SURRENDERED", "SOLD", "OTHER_OUT"))
    assert ins - outs == table[CLOSING].unit_count


def test_the_table_of_the_notes_has_units_and_cost_by_reason():
    table = notes(replay(tv_7_1(), {}).bookings, Period.year(2025))
    assert table == {
        OPENING: Sum(0, d("0")),
        "FREE": Sum(2_000, d("0")),
        "BOUGHT": Sum(10_000, d("601000.00")),
        "OTHER_IN": Sum(0, d("0")),
        "SURRENDERED": Sum(4_000, d("240400.00")),
        "SOLD": Sum(3_000, d("60100.00")),
        "OTHER_OUT": Sum(0, d("0")),
        CLOSING: Sum(5_000, d("300500.00")),
    }
