"""A pledge from reserved to released or enforced; who may do what; what it was worth."""

from datetime import UTC, date, datetime
from decimal import Decimal as D  # noqa: N817

import pytest
from django.db import ProgrammingError, transaction
from hypothesis import given
from hypothesis import strategies as st

from finance.facilities import operations as facilities
from finance.pledges import models, operations, queries
from finance.pledges.rules import cover, refusals
from ledger.holds import operations as holds
from ledger.holds import rules as hold_rules
from ledger.holds.models import Hold
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import DomainError, IllegalTransition, NotAllowed, NotFound
from ledger.kernel.ids import new_id
from tests.factories import prices
from tests.factories.holdings import quantities
from tests.factories.pledges import DAY, Secured

pytestmark = pytest.mark.django_db
COURT = {
    "kind": "REORGANISATION",
    "number": "(2026)浙02破1号",
    "opened_on": DAY,
    "document": "裁定书",
}


@pytest.fixture
def deal():
    return Secured()


def test_units_are_reserved_from_submission_and_pledged_from_approval(deal):
    pledge = deal.submit(500_000)
    assert deal.held() == {"FREE": 100_000, "RESERVED": 500_000}
    deal.approve(pledge)
    assert deal.held() == {"FREE": 100_000, "PLEDGED": 500_000}
    hold = Hold.objects.get(pk=queries.hold_ids_of(pledge)[0])
    assert (hold.kind, hold.in_favour_of) == ("PLEDGE", deal.bank.party_id)


def test_the_same_serials_that_were_reserved_are_pledged():
    deal = Secured(first=1)
    pledge = deal.submit(100, ranges=((501, 600),))
    deal.approve(pledge)
    assert queries.serials_of(pledge.parts.get()) == [(501, 600)]


def test_only_free_units_can_be_pledged(deal):
    deal.submit(500_000)
    with pytest.raises(DomainError) as refused:
        deal.submit(100_001)
    assert refused.value.code == "not_enough_units"
    assert models.Pledge.objects.count() == 1


def test_a_draft_that_is_withdrawn_frees_its_units_and_was_never_the_banks_to_see(deal):
    pledge = deal.submit(500_000)
    with pytest.raises(NotFound):
        queries.get_pledge_seen_by(pledge.pk, deal.bank)
    deal.do(operations.withdraw_pledge, pledge, reason="改用其他增信")
    assert deal.held() == {"FREE": 600_000}
    assert list(queries.pledges_of_creditor(deal.bank.party_id)) == []


def test_nothing_is_drawn_before_both_registrations_are_recorded(deal):
    pledge = deal.approve(deal.submit(500_000))
    with pytest.raises(refusals.NotPerfect):
        deal.draw("22389000")
    deal.register(pledge, "REGISTRY")
    assert models.Pledge.objects.get().state == "APPROVED"
    deal.register(pledge, "ZDW", expires_on=date(2028, 1, 1))
    assert models.Pledge.objects.get().state == "PERFECTED"
    deal.draw("22389000")


def test_tv_7_3(deal):
    """500,000 t × 74.63 × 60 % = 22,389,000; at 55.00 the LTV is 81.41 %, 178,455 t are missing."""
    pledge = deal.perfect(500_000)
    with pytest.raises(refusals.BeyondTheCollateral, match=r"carries 22389000.00; 22389000.01"):
        deal.draw("22389000.01")
    deal.draw("22389000")
    first = deal.value(pledge, DAY)
    assert (first.ltv, first.level, first.top_up_count) == (D("0.600000"), "FINE", 0)
    prices.mark(date(2026, 1, 6), "55.00", reason="市场急跌")
    second = deal.value(pledge, date(2026, 1, 6))
    assert second.value_amount == D("27500000.00")
    assert (second.ltv, second.level) == (D("0.814145"), "TOP_UP")
    assert second.top_up_count == 178_455
    call = queries.open_call(pledge)
    assert (call.unit_count, call.due_on) == (178_455, date(2026, 1, 9))
    assert models.Pledge.objects.get().state == "TOPPING_UP"


def test_topping_up_by_what_is_called_for_meets_the_call(deal):
    pledge = deal.perfect(300_000, drawn="13000000")
    prices.mark(date(2026, 1, 6), "50.00", reason="市场急跌")
    deal.at = datetime(2026, 1, 6, 4, 0, tzinfo=UTC)
    deal.value(pledge, date(2026, 1, 6))
    call = queries.open_call(pledge)
    assert call.unit_count == 133_334
    deal.do(
        operations.add_collateral, pledge, account_id=deal.account.pk, lot_id=deal.lot,
        unit_count=133_334,
    )  # fmt: skip
    assert queries.open_call(pledge) is None
    assert models.Pledge.objects.get().state == "PERFECTED"
    assert models.MarginCall.objects.get().state == "MET"


def test_a_day_is_valued_once_and_a_stale_price_is_said(deal):
    pledge = deal.perfect(500_000, drawn="1000000")
    first = deal.value(pledge, date(2026, 1, 7))
    assert first.is_stale
    assert {"code": "STALE", "what": "CEA 2025", "day": "2026-01-05"} in first.alerts
    assert deal.value(pledge, date(2026, 1, 7)).pk == first.pk
    seen = queries.seen_as(pledge)
    assert [one.pk for one in seen.ltv_series()] == [first.pk]
    assert seen.valuation(DAY).marks[0].plain()["price"] == "74.63"


def test_without_a_price_there_is_no_ratio_and_nothing_is_drawn():
    deal = Secured(price=None)
    pledge = deal.perfect(500_000)
    made = deal.value(pledge, DAY)
    assert (made.ltv, made.level) == (None, "UNKNOWN")
    with pytest.raises(refusals.NoPriceYet):
        deal.draw("1")


def test_headroom_is_what_may_go_and_leave_the_target(deal):
    pledge = deal.perfect(500_000, drawn="13433400")  # 36 %
    found = queries.cover_of(pledge, DAY)
    assert found.headroom == 200_000
    half = found.if_prices_change(D("0.5"))
    assert (half.ltv, half.level) == (D("0.720000"), "WARNING")


def test_two_pledges_of_a_facility_share_its_debt_by_their_value(deal):
    """500,000 t carry 22,389,000 at 60 %: 300,000 t three fifths of it, 200,000 t two."""
    large, small = deal.perfect(300_000), deal.perfect(200_000, drawn="22389000")
    covers = [queries.cover_of(one, DAY) for one in (large, small)]
    assert [one.owed for one in covers] == [D("13433400.00"), D("8955600.00")]
    assert [one.ltv for one in covers] == [D("0.600000"), D("0.600000")]
    assert {one.debt for one in covers} == {D("22389000.00")}
    prices.mark(date(2026, 1, 6), "55.00", reason="市场急跌")
    then = [queries.cover_of(one, date(2026, 1, 6)) for one in (large, small)]
    assert [one.ltv for one in then] == [D("0.814145"), D("0.814145")]
    assert [one.top_up for one in then] == [107_073, 71_382]
    assert sum(one.top_up for one in then) == 178_455  # as of one pledge: TV-7.3


def test_a_released_pledge_answers_for_nothing_and_the_other_for_all(deal):
    large, small = deal.perfect(300_000), deal.perfect(200_000, drawn="8955600")
    request = deal.ask(small, "RELEASE")
    deal.decide(request, repayment="还款", cancellation="注销", unfreezing="解冻")
    found = queries.cover_of(large, DAY)
    assert (found.owed, found.debt, found.ltv) == (found.debt, D("8955600.00"), D("0.400000"))
    gone = queries.cover_of(models.Pledge.objects.get(pk=small.pk), DAY)
    assert (gone.value, gone.ltv) == (D(0), None)


def test_a_draft_shows_what_it_would_do_and_the_pledge_in_force_does_not_count_on_it(deal):
    standing = deal.perfect(300_000, drawn="13433400")
    draft = deal.submit(200_000)
    assert queries.cover_of(standing, DAY).ltv == D("0.600000")
    assert queries.cover_of(draft, DAY).ltv == D("0.360000")


def test_the_whole_debt_is_held_against_all_pledges_before_money_is_drawn(deal):
    deal.perfect(300_000)
    deal.perfect(200_000)
    with pytest.raises(refusals.BeyondTheCollateral, match=r"carries 22389000.00; 22389000.01"):
        deal.draw("22389000.01")
    deal.draw("22389000")


@given(
    st.integers(0, 10**12),
    st.lists(st.integers(0, 10**12), min_size=1, max_size=6),
)
def test_the_shares_of_a_debt_add_up_to_it(cents, values):
    debt = D(cents).scaleb(-2)
    by = {new_id(): D(one).scaleb(-2) for one in values}
    found = cover.shares(debt, by)
    if debt and any(values):
        assert sum(found.values()) == debt
        assert all(found[key] == 0 for key, value in by.items() if not value)
    else:
        assert set(found.values()) == {debt}


def test_nobody_but_the_creditor_lets_units_go(deal):
    pledge = deal.perfect(500_000)
    hold_id = queries.hold_ids_of(pledge)[0]
    for actor in (deal.borrower, deal.bank, SYSTEM):
        with pytest.raises(hold_rules.KeptByAnother):
            holds.release_hold(hold_id=hold_id, by=actor, at=deal.at, idempotency_key="x")
    request = deal.ask(pledge, "PARTIAL", part_id=pledge.parts.get().pk, unit_count=100)
    with pytest.raises(NotAllowed):
        deal.decide(request, by=deal.borrower)
    other = Actor(new_id(), deal.borrower.party_id, frozenset({Role.BANK_OFFICER}))
    with pytest.raises(refusals.OnlyTheCreditor):
        deal.decide(request, by=other)
    same = Actor(deal.borrower.user_id, deal.bank.party_id, frozenset({Role.BANK_OFFICER}))
    with pytest.raises(refusals.DecidedByTheAsker):
        deal.decide(request, by=same)
    assert deal.held() == {"FREE": 100_000, "PLEDGED": 500_000}


def test_a_consented_partial_release_frees_so_many(deal):
    pledge = deal.perfect(500_000)
    request = deal.ask(pledge, "PARTIAL", part_id=pledge.parts.get().pk, unit_count=100)
    deal.decide(request)
    assert deal.held() == {"FREE": 100_100, "PLEDGED": 499_900}
    with pytest.raises(IllegalTransition):
        deal.decide(request, consents=False)


def test_a_refused_request_changes_nothing_and_frees_what_was_reserved_for_it(deal):
    pledge = deal.perfect(500_000)
    request = deal.substitute(pledge, 100)
    assert deal.held() == {"FREE": 99_900, "PLEDGED": 500_000, "RESERVED": 100}
    deal.decide(request, consents=False, answer="价格下行")
    assert deal.held() == {"FREE": 100_000, "PLEDGED": 500_000}


def test_a_substitution_pledges_what_comes_before_it_frees_what_goes(deal):
    pledge = deal.perfect(500_000)
    deal.decide(deal.substitute(pledge, 100))
    assert deal.held() == {"FREE": 100_000, "PLEDGED": 500_000}
    counts = queries.parts_of(pledge).order_by("unit_count").values_list("unit_count", flat=True)
    assert list(counts) == [100, 499_900]


def test_a_release_names_three_documents(deal):
    pledge = deal.perfect(500_000)
    request = deal.ask(pledge, "RELEASE")
    with pytest.raises(refusals.ThreeEvidences):
        deal.decide(request, repayment="结清证明", cancellation="注销登记")
    assert deal.held() == {"FREE": 100_000, "PLEDGED": 500_000}
    deal.decide(request, repayment="结清证明", cancellation="注销登记", unfreezing="解冻函")
    assert deal.held() == {"FREE": 600_000}
    row = models.Pledge.objects.get()
    assert (row.state, row.ended_on) == ("RELEASED", DAY)


def test_a_second_pledge_needs_the_first_creditors_consent_and_waits_in_its_rank(deal):
    first = deal.perfect(500_000)
    other = deal.another_bank()
    with pytest.raises(refusals.ConsentMissing):
        other.submit(500_000, behind_id=first.pk, consent_number="nothing")
    request = deal.ask(first, "SECOND_RANK")
    deal.decide(request)
    second = other.submit(500_000, behind_id=first.pk, consent_number=request.number)
    other.approve(second)
    assert deal.held() == {"FREE": 100_000, "PLEDGED": 500_000}
    waiting = Hold.objects.get(pk=queries.hold_ids_of(second)[0])
    assert (waiting.state, waiting.rank, second.rank) == ("WAITING", 2, 2)
    deal.decide(deal.ask(first, "RELEASE"), repayment="a", cancellation="b", unfreezing="c")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.controlled_count) == ("ACTIVE", 500_000)
    assert deal.held() == {"FREE": 100_000, "PLEDGED": 500_000}


def test_the_database_moves_a_pledge_by_the_table_alone(deal):
    pledge = deal.perfect(500_000)
    with pytest.raises(ProgrammingError, match="Invalid transition"), transaction.atomic():
        models.Pledge.objects.filter(pk=pledge.pk).update(state="DRAFT")


def test_enforcement_follows_default_and_pays_down_the_waterfall(deal):
    pledge = deal.perfect(500_000, drawn="22389000")
    buyer = deal.buyer()
    given = {
        "to_account_id": buyer.pk, "sold_on": date(2026, 7, 4), "proceeds_amount": D("23000000"),
        "costs_amount": D("50000"), "evidence": "拍卖成交确认书",
    }  # fmt: skip
    with pytest.raises(refusals.NotInDefault):
        deal.do(operations.enforce, pledge, by=deal.bank, **given)
    deal.loan.do(facilities.declare_default, reason="逾期通知", by=deal.bank)
    with pytest.raises(NotAllowed):
        deal.do(operations.enforce, pledge, **given)
    made = deal.do(operations.enforce, pledge, by=deal.bank, **given)
    assert [(one["to"], one["amount"]) for one in made.paid] == [
        ("COSTS", "50000"), ("FEES", "0"), ("INTEREST", "386210.25"),
        ("PRINCIPAL", "22389000.00"), ("SURPLUS", "174789.75"),
    ]  # fmt: skip
    assert deal.held() == {"FREE": 100_000}
    assert quantities(buyer.pk, deal.lot) == {"FREE": 500_000}
    assert models.Pledge.objects.get().state == "ENFORCED"


def test_in_a_reorganisation_nothing_is_drawn_and_enforcement_needs_the_courts_leave(deal):
    pledge = deal.perfect(500_000, drawn="1000000")
    deal.do(operations.record_proceeding, pledge, **COURT)
    with pytest.raises(refusals.Insolvent):
        deal.draw("1")
    deal.loan.do(facilities.declare_default, reason="逾期通知", by=deal.bank)
    given = {
        "to_account_id": deal.buyer().pk, "sold_on": DAY, "proceeds_amount": D("1"),
        "costs_amount": D("0"), "evidence": "成交确认书",
    }  # fmt: skip
    with pytest.raises(refusals.Stayed):
        deal.do(operations.enforce, pledge, by=deal.bank, **given)
    assert deal.held() == {"FREE": 100_000, "PLEDGED": 500_000}
    deal.do(operations.enforce, pledge, by=deal.bank, order_number="(2026)浙02民许1号", **given)


def test_a_later_freeze_stands_behind_the_pledge_and_is_told(deal):
    pledge = deal.perfect(500_000)
    deal.court_freeze(pledge)
    found = queries.alerts_of(pledge, queries.cover_of(pledge, DAY), DAY)
    assert ("FROZEN", 2) in [(one.code, one.facts.get("rank")) for one in found]
    assert deal.held() == {"FREE": 100_000, "PLEDGED": 500_000}


def test_units_under_an_earlier_freeze_are_not_free_to_be_pledged(deal):
    """Whoever was there first stands first: a pledge cannot slip under a court's order."""
    holds.place_hold(
        kind="FREEZE", account_id=deal.account.pk, lot_id=deal.lot, unit_count=200_000,
        order_number="(2026)浙02执9号", order_body="宁波中院", by=deal.borrower, at=deal.at,
        idempotency_key=str(new_id()),
    )  # fmt: skip
    with pytest.raises(DomainError) as refused:
        deal.submit(500_000)
    assert refused.value.code == "not_enough_units"
    assert not models.Pledge.objects.exists()
    deal.approve(deal.submit(400_000))
    assert deal.held() == {"FROZEN": 200_000, "PLEDGED": 400_000}


def test_what_is_free_of_the_debtor_is_not_told_to_the_creditor():
    """R7.21 speaks of units that are not pledged."""
    alerts = [
        {"code": "SHORT", "year": 2026, "open": 9, "free": 7, "day": "2026-12-31"},
        {"code": "MATURES_LATE", "end": "2027-01-05", "day": "2026-12-31"},
        {"code": "STALE", "what": "CEA 2025", "day": "2026-01-05"},
    ]
    assert queries.shown_to(alerts, creditor=False) == alerts
    assert queries.shown_to(alerts, creditor=True) == alerts[2:]


def test_a_registration_that_ends_before_the_loan_is_told(deal):
    pledge = deal.approve(deal.submit(500_000))
    deal.register(pledge, "ZDW", expires_on=date(2027, 1, 5))
    found = queries.alerts_of(pledge, queries.cover_of(pledge, DAY), DAY)
    assert {"code": "REGISTRATION_ENDS", "day": "2027-01-05", "end": "2027-02-04"} in [
        one.plain() for one in found
    ]
    late = queries.alerts_of(pledge, queries.cover_of(pledge, DAY), date(2027, 1, 5))
    assert "REGISTRATION_OVER" in [one.code for one in late]


def test_a_pledge_ends_with_its_contract_and_not_before(deal):
    pledge = deal.perfect(500_000, ends_on=date(2026, 12, 31))
    with pytest.raises(refusals.NotOver):
        operations.lapse_when_due(pledge_id=pledge.pk, by=SYSTEM, at=deal.at)
    operations.lapse_when_due(
        pledge_id=pledge.pk, by=SYSTEM, at=datetime(2026, 12, 31, 4, tzinfo=UTC)
    )
    assert deal.held() == {"FREE": 600_000}


def test_lines_must_rise(deal):
    with pytest.raises(refusals.OddLines):
        deal.submit(1, warning_ltv=D("0.60"))
    assert deal.held() == {"FREE": 600_000}


def test_another_bank_sees_nothing(deal):
    pledge = deal.perfect(500_000)
    stranger = deal.another_bank().bank
    with pytest.raises(NotFound):
        queries.get_pledge_seen_by(pledge.pk, stranger)
    assert list(queries.pledges_seen_by(stranger)) == []
    assert [one.pk for one in queries.pledges_of_creditor(deal.bank.party_id)] == [pledge.pk]


def test_a_waterfall_loses_no_cent():
    claims = [cover.Claim("INTEREST", D("10.01")), cover.Claim("PRINCIPAL", D("100"))]
    paid = cover.waterfall(D("50"), costs=D("0.99"), claims=claims)
    assert [one.amount for one in paid] == [D("0.99"), D("10.01"), D("39.00"), D("0.00")]
    with pytest.raises(refusals.ProceedsOdd):
        cover.waterfall(D("1"), costs=D("2"), claims=claims)
