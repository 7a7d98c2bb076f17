"""A fund's books: called, paid in, invested, given back; nothing beyond what is there."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from finance.funds import models, operations, queries
from finance.funds.rules import money
from finance.funds.rules.money import FeeTerms, Past, Step, fee_accrued, waterfall
from ledger.kernel.errors import NotAllowed, NotFound
from tests.factories.funds import NOON, START, Books, manager

pytestmark = pytest.mark.django_db
D = Decimal
LATER, YEAR_END = date(2025, 1, 1), date(2025, 12, 31)


@pytest.fixture
def books():
    made = Books()
    made.commit()
    return made


def position(books, investor, on=YEAR_END):
    return queries.positions_of([books.fund.pk], on=on, investor_id=investor)[0]


def test_a_call_is_shared_out_by_commitment_to_the_hundredth(books):
    call = books.call("1000000.01")
    parts = dict(call.lines.values_list("investor_id", "amount"))
    assert parts == {books.public: D("200000.00"), books.social: D("800000.01")}
    assert position(books, books.social).called == D("800000.01")
    assert position(books, books.social).paid_in == 0


def test_paid_in_capital_gets_shares_and_stands_in_the_cash_book(books):
    books.draw("1000000")
    mine = position(books, books.public)
    assert (mine.paid_in, mine.undrawn, mine.shares) == (200_000, 1_800_000, 200_000)
    assert queries.cash_on(books.fund.pk, YEAR_END) == 1_000_000
    assert queries.shares_on(books.fund.pk, YEAR_END) == 1_000_000


def test_more_than_is_committed_is_not_called_and_nothing_happens(books):
    books.draw("9000000")
    with pytest.raises(money.MoreThanUndrawn, match=r"1600000.00 is called, 800000.00 can"):
        books.call("2000000")
    assert models.Call.objects.count() == 1


def test_the_database_refuses_a_line_beyond_the_commitment(books):
    call = books.call("10000000")
    line = call.lines.first()
    refused = pytest.raises(IntegrityError, match="more is called than was committed")
    with refused, transaction.atomic():
        models.CallLine.objects.create(
            fund=books.fund, call=call, share_class=line.share_class,
            investor_id=books.public, amount=D("0.01"), recorded_at=NOON,
            recorded_by=books.by.user_id, idempotency_key="x",
        )  # fmt: skip


def test_recallable_capital_can_be_called_again(books):
    books.draw("10000000")
    books.distribute("500000", LATER, kind="RECALLABLE")
    mine = position(books, books.public)
    assert (mine.recallable, mine.undrawn) == (100_000, 100_000)
    books.draw("500000", LATER)
    assert position(books, books.public).undrawn == 0
    with pytest.raises(money.MoreThanUndrawn):
        books.call("0.05", LATER)


def test_a_recallable_distribution_called_again_is_not_taken_back(books):
    books.draw("10000000")
    made = books.distribute("500000", LATER, kind="RECALLABLE")
    books.draw("500000", LATER)
    with pytest.raises(money.MoreThanUndrawn):
        books.do(operations.take_back_distribution, distribution_id=made.pk, reason="误付")


def test_a_commitment_does_not_fall_below_what_was_called(books):
    books.call("5000000")
    with pytest.raises(money.CommitmentTooSmall):
        books.commit(public="-1500000")
    books.commit(public="-1000000", social="1000000")
    assert position(books, books.public).committed == 1_000_000


def test_a_line_is_not_paid_twice(books):
    call = books.call("1000000")
    books.pay(call)
    line = call.lines.first()
    with pytest.raises(money.MoreThanCalled):
        books.do(
            operations.record_payment, line_id=line.pk, amount=D("0.01"),
            paid_on=START, evidence="回单",
        )  # fmt: skip


def test_money_that_is_not_there_is_not_paid(books):
    books.draw("1000")
    with pytest.raises(money.MoreThanCash, match=r"1000.01 is to be paid, the fund has 1000.00"):
        books.cash("EXPENSE", "1000.01")
    assert queries.cash_on(books.fund.pk, YEAR_END) == 1000


def test_the_database_refuses_a_book_that_does_not_run_on(books):
    books.draw("1000")
    with pytest.raises(IntegrityError, match="does not run on"), transaction.atomic():
        models.CashEntry.objects.create(
            fund=books.fund, number=3, happened_on=START, kind="INTEREST", amount=D(5),
            balance=D(2000), recorded_at=NOON, recorded_by=books.by.user_id, idempotency_key="x",
        )  # fmt: skip


def test_no_more_goes_into_an_investment_than_was_approved(books):
    books.draw("1000000")
    stake = books.invest("300000", approved="500000")
    with pytest.raises(money.MoreThanApproved, match=r"200000.01 is to be invested, 200000.00"):
        books.cash("INVESTED", "200000.01", investment_id=stake.pk)
    with pytest.raises(money.NotAboutThat):
        books.cash("GRANT", "1", investment_id=stake.pk)
    with pytest.raises(money.NotAboutThat):
        books.cash("INVESTED", "1")


def test_a_distribution_is_shared_out_by_shares_and_leaves_the_cash_book(books):
    books.draw("1000000")
    books.distribute("100.01", LATER)
    assert position(books, books.public).distributed == D("20.00")
    assert position(books, books.social).distributed == D("80.01")
    assert queries.cash_on(books.fund.pk, YEAR_END) == D("999899.99")


def test_a_redemption_cancels_shares_at_its_price(books):
    books.draw("1000000")
    public = books.classes["PUBLIC"].pk
    with pytest.raises(money.NotAnAmount):
        books.distribute("1000", LATER, kind="REDEMPTION")
    books.distribute(
        "125000", LATER, kind="REDEMPTION", share_price=D("1.25"), share_class_id=public
    )
    assert position(books, books.public).shares == 100_000
    with pytest.raises(money.MoreThanShares):
        books.distribute(
            "200000", LATER, kind="REDEMPTION", share_price=D("1.25"), share_class_id=public
        )


def test_a_distribution_is_taken_back_with_its_lines_money_and_shares(books):
    books.draw("1000000")
    made = books.distribute("1250", LATER, kind="REDEMPTION", share_price=D("1.25"))
    books.do(operations.take_back_distribution, distribution_id=made.pk, reason="误付")
    assert queries.cash_on(books.fund.pk, YEAR_END) == 1_000_000
    assert queries.shares_on(books.fund.pk, YEAR_END) == 1_000_000
    assert position(books, books.public).distributed == 0
    with pytest.raises(money.TakenBackAlready):
        books.do(operations.take_back_distribution, distribution_id=made.pk, reason="再次")


def test_a_call_is_taken_back_before_it_is_paid_only(books):
    call = books.call("1000000")
    books.do(operations.take_back_call, call_id=call.pk, reason="推迟")
    assert position(books, books.public).called == 0
    paid = books.draw("1000000")
    with pytest.raises(money.PaidAlready):
        books.do(operations.take_back_call, call_id=paid.pk, reason="推迟")
    with pytest.raises(money.MoreThanCalled):
        books.pay(call)


def test_a_wrong_payment_is_mirrored_and_can_be_told_again(books):
    call = books.draw("1000000")
    entry = models.CashEntry.objects.get(call_line__investor_id=books.public)
    books.do(operations.take_back_entry, entry_id=entry.pk, reason="金额有误")
    assert position(books, books.public).paid_in == 0
    line = call.lines.get(investor_id=books.public)
    books.do(
        operations.record_payment, line_id=line.pk, amount=D(150_000), paid_on=START,
        evidence="回单",
    )  # fmt: skip
    assert position(books, books.public).shares == 150_000
    paid_out = books.distribute("10", LATER)
    first = paid_out.lines.first().payments.get()
    with pytest.raises(money.FromTheBook):
        books.do(operations.take_back_entry, entry_id=first.pk, reason="x")


def test_a_grant_is_paid_and_has_no_value(books):
    books.draw("1000000")
    grant = books.invest("300000", kind="GRANT")
    books.cash("GRANT_RETURNED", "50000", investment_id=grant.pk)
    nav = books.publish(LATER)
    assert (nav.stakes_value, nav.net_assets) == (0, 750_000)


def test_the_same_key_is_the_same_act(books):
    one = books.call("1000", idempotency_key="k")
    two = books.call("1000", idempotency_key="k")
    assert one.pk == two.pk
    assert models.Call.objects.count() == 1


def test_days_in_the_future_or_before_the_fund_are_refused(books):
    with pytest.raises(money.NotYet):
        books.call("1000", date(2026, 7, 1))
    with pytest.raises(money.BeforeTheFund):
        books.call("1000", date(2023, 12, 31))


def test_another_manager_does_not_write_in_these_books(books):
    stranger = manager()
    with pytest.raises(NotFound):
        books.call("1000", by=stranger)
    only_maker = manager(books.by.party_id).__class__(
        user_id=books.by.user_id, party_id=books.by.party_id,
        roles=frozenset({"FUND_MANAGER"}),
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        books.call("1000", by=only_maker)


# --- values


def test_a_net_asset_value_is_the_sum_of_its_parts_over_the_shares(books):
    """TV-7.7, by its own figures."""
    assert money.per_share(D(61_050_000), D(50_000_000)) == D("1.221000")
    books.draw("5000000")
    stake = books.invest("4000000")
    nav = books.publish(LATER)
    assert (nav.cash, nav.stakes_value, nav.per_share) == (1_000_000, 4_000_000, 1)
    books.value(stake, "5105000", LATER)
    again = books.publish(LATER)
    assert (again.version, again.net_assets, again.per_share) == (2, 6_105_000, D("1.221"))
    assert [part["kind"] for part in again.parts] == ["CASH", "STAKE", "FEE_OWED", "CARRY_OWED"]
    nav.refresh_from_db()
    assert nav.per_share == 1  # what was published stays


def test_fee_and_carry_are_owed_before_the_investors_own_anything(books):
    books.do(
        operations.set_terms, fund_id=books.fund.pk, valid_from=START, fee_bps=200,
        fee_basis="COMMITTED", hurdle_bps=800, carry_bps=2000, evidence="合伙协议",
    )  # fmt: skip
    books.draw("10000000")
    stake = books.invest("9000000")
    books.value(stake, "14000000", LATER)
    nav = books.publish(LATER)
    assert nav.fee_owed == D("200547.95")  # 10 M · 2 % · 366 / 365
    made = queries.waterfall_of(books.fund, LATER, D(15_000_000) - nav.fee_owed)
    assert made.carry == nav.carry_owed
    # past the catch-up the manager has a fifth of the whole gain
    assert nav.carry_owed == D("959890.41")
    books.cash("FEE", "200547.95", LATER)
    assert books.publish(LATER).fee_owed == 0


def test_the_fee_follows_the_sum_it_is_on_day_by_day():
    terms = [FeeTerms(START, 200, True), FeeTerms(LATER, 100, False)]
    committed = [Step(START, D(1_000_000)), Step(date(2024, 7, 1), D(1_000_000))]
    paid = [Step(START, D(500_000))]
    found = fee_accrued(terms, committed=committed, paid=paid, on=date(2025, 1, 11))
    # 182 days on 1 M, 184 on 2 M, at 2 %; 10 days on 0.5 M at 1 %
    assert found == D("30273.97")
    assert fee_accrued([], committed=committed, paid=paid, on=LATER) == 0


@given(
    st.integers(0, 10**10),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.integers(0, 2000),
    st.integers(0, 3000),
)
def test_a_waterfall_shares_out_all_and_no_more(available, paid, given_back, hurdle, carry):
    past = Past([Step(START, D(paid))], [Step(LATER, D(given_back))], D(0))
    made = waterfall(D(available), past, on=YEAR_END, hurdle_bps=hurdle, carry_bps=carry)
    assert made.to_investors + made.carry == available
    assert made.carry >= 0
    gain = max(D(given_back) + available - paid, D(0))
    assert made.carry <= gain * carry / (10_000 - carry) + D("0.02") if carry < 5000 else True


def test_performance_follows_flows_and_the_published_value(books):
    books.draw("1000000", date(2024, 1, 1))
    books.draw("500000", date(2024, 12, 31))
    books.distribute("300000", date(2025, 12, 31))
    books.publish(date(2025, 12, 31))
    found = queries.performance(books.fund, on=YEAR_END)
    assert found.multiples.dpi == D("0.2")
    assert found.multiples.tvpi == 1
    assert round(found.internal.rate, 10) == 0
    mine = queries.performance(books.fund, on=YEAR_END, investor_id=books.public)
    assert mine.value == 240_000
    assert mine.multiples.dpi == D("0.2")


def test_a_fund_is_compared_with_an_index_where_every_level_is_known(books):
    for day, level in ((START, 100), (YEAR_END, 110)):
        books.do(operations.tell_index_level, code="CEA", on=day, level=D(level), source="交易所")
    books.draw("1000000")
    books.distribute("300000", YEAR_END)
    books.publish(YEAR_END)
    found = queries.performance(books.fund, on=YEAR_END, index="CEA")
    assert found.ks_pme == D("0.909090909090909")
    assert queries.performance(books.fund, on=YEAR_END, index="x").ks_pme is None


class TestMoneyReconciles(TestCase):
    @settings(max_examples=25)
    @given(
        st.lists(
            st.tuples(st.sampled_from(["draw", "pay", "spend", "back"]), st.integers(1, 10**8)),
            max_size=8,
        )
    )
    def test_cash_and_parts_always_make_what_came_in_and_went_out(self, acts):
        books = Books()
        books.commit()
        for act, fen in acts:
            amount = str(D(fen).scaleb(-2))
            try:
                if act == "draw":
                    books.draw(amount)
                elif act == "pay":
                    books.distribute(amount, LATER)
                elif act == "spend":
                    books.cash("EXPENSE", amount)
                else:
                    last = models.CashEntry.objects.exclude(kind="DISTRIBUTED").last()
                    if last:
                        books.do(operations.take_back_entry, entry_id=last.pk, reason="x")
            except money.DomainError:
                continue
        found = queries.positions_of([books.fund.pk], on=YEAR_END)
        spent = -sum(
            models.CashEntry.objects.filter(kind="EXPENSE").values_list("amount", flat=True), D(0)
        )
        paid, given_back = (
            sum((getattr(one, name) for one in found), D(0)) for name in ("paid_in", "distributed")
        )
        nav = books.publish(YEAR_END)
        assert nav.cash == paid - given_back - spent
        assert nav.net_assets == nav.cash
        assert nav.shares == sum((one.shares for one in found), D(0))
        assert list(queries.check_rows_match_events()) == []
