"""Frozen from the application; what a court froze goes over with its orders, in their rank."""

from datetime import date

import pytest

from ledger.compliance import operations as compliance
from ledger.compliance.models import CarryOver
from ledger.compliance.rules.carryover import CarryOverTooMuch
from ledger.holds import operations as holds
from ledger.holds.models import Hold
from ledger.holds.queries import check_against_positions, check_rows_match_events
from ledger.holds.rules import KeptByAnother, NotOnlyOrders
from ledger.kernel.ids import new_id
from ledger.units.queries import NotEnoughUnits
from tests.factories.holdings import holdings, open_account, pledge, quantities
from tests.factories.units import lot
from tests.ledger.compliance.test_acts import COMMON, apply
from tests.ledger.compliance.test_years import NOON, TODAY, entity

pytestmark = pytest.mark.usefixtures("rule_book")


class Books:
    def __init__(self) -> None:
        account, self.old = holdings(200, vintage_year=2023)
        self.account = account.pk
        self.issuer = open_account("I-1", kind="ISSUER").pk
        self.new = lot(vintage_year=2025)
        self.entity = entity()

    def apply(self, count, **more):
        return apply(self.entity, sold=0, purchased=0, held=200, unit_count=count, **more)

    def order(self, number, count):
        return holds.freeze_by_order(
            account_id=self.account,
            lot_id=self.old,
            unit_count=count,
            order=holds.Order(
                number=number,
                body="杭州市中级人民法院",
                begins_on=TODAY,
                expires_on=date(TODAY.year + 1, TODAY.month, 1),
                evidence="裁定书",
            ),
            idempotency_key=str(new_id()),
            **COMMON,
        )

    def complete(self, made, **more):
        given = {"parts": [], "happened_on": TODAY, "idempotency_key": "c-1", **more}
        return compliance.complete_carry_over(
            carry_over_id=made.pk,
            account_id=self.account,
            issuer_account_id=self.issuer,
            into_lot_id=self.new,
            **given,
            **COMMON,
        )

    def held(self):
        return quantities(self.account, self.old), quantities(self.account, self.new)


@pytest.fixture
def books():
    return Books()


def test_units_are_frozen_from_the_application_and_go_over_when_it_is_granted(books):
    """R2.29: freeze → carried over → new vintage."""
    made = books.apply(150, account_id=books.account, parts=[(books.old, 150)])
    assert books.held() == ({"FREE": 50, "FROZEN": 150}, {})
    books.complete(made, parts=[(books.old, 150)])
    assert books.held() == ({"FREE": 50, "CARRIED_OVER": 150}, {"FREE": 150})
    assert list(check_against_positions()) == []


def test_a_withdrawn_application_frees_what_it_froze(books):
    made = books.apply(150, account_id=books.account, parts=[(books.old, 150)])
    with pytest.raises(KeptByAnother):
        holds.release_hold(
            hold_id=Hold.objects.get().pk, idempotency_key="x", order_number="自行解除", **COMMON
        )
    compliance.withdraw_carry_over(carry_over_id=made.pk, reason="error", **COMMON)
    assert books.held() == ({"FREE": 200}, {})


def test_no_more_is_frozen_than_is_applied_for_and_free(books):
    for count, parts, refusal in ((100, 101, CarryOverTooMuch), (200, 201, CarryOverTooMuch)):
        with pytest.raises(refusal):
            books.apply(count, account_id=books.account, parts=[(books.old, parts)])
    pledge(books.account, books.old, 60, at=NOON, expires_on=None)
    with pytest.raises(NotEnoughUnits):
        books.apply(150, account_id=books.account, parts=[(books.old, 150)])
    assert (CarryOver.objects.count(), books.held()) == (0, ({"FREE": 140, "PLEDGED": 60}, {}))


def test_an_order_and_those_in_line_behind_it_stand_over_the_new_vintage(books):
    (first,) = books.order("(2026)浙01执7号", 200)
    (second,) = books.order("(2026)浙02执9号", 80)
    assert (first.state, second.state) == ("ACTIVE", "WAITING")
    made = books.apply(200)
    books.complete(made, frozen=[first.pk])

    assert books.held() == ({"CARRIED_OVER": 200}, {"FROZEN": 200})
    over = list(Hold.objects.filter(lot_id=books.new).order_by("rank"))
    told = [
        (one.order_number, one.order_body, one.rank, one.state, one.remaining_count, one.expires_on)
        for one in over
    ]
    assert told == [
        (first.order_number, first.order_body, 1, "ACTIVE", 200, first.expires_on),
        (second.order_number, second.order_body, 2, "WAITING", 80, second.expires_on),
    ]
    assert over[0].stack_id == over[1].stack_id
    assert list(check_against_positions()) == []
    assert list(check_rows_match_events()) == []

    holds.release_hold(
        hold_id=over[0].pk, idempotency_key="lifted", order_number="解除冻结 1 号", **COMMON
    )
    assert books.held() == ({"CARRIED_OVER": 200}, {"FREE": 120, "FROZEN": 80})


def test_free_and_frozen_units_of_a_lot_go_over_together(books):
    (order,) = books.order("(2026)浙01执7号", 60)
    books.complete(books.apply(200), parts=[(books.old, 140)], frozen=[order.pk])
    assert books.held() == ({"CARRIED_OVER": 200}, {"FREE": 140, "FROZEN": 60})


def test_units_under_an_order_and_another_hold_stay(books):
    pledged = pledge(books.account, books.old, 200, at=NOON, expires_on=None)
    (order,) = books.order("(2026)浙01执7号", 200)
    made = books.apply(200)
    for hold in (order, pledged):
        with pytest.raises((NotOnlyOrders, CarryOverTooMuch)):
            books.complete(made, frozen=[hold.pk])
    assert books.held() == ({"PLEDGED": 200}, {})
    made.refresh_from_db()
    assert made.state == "APPLIED"


def test_a_refused_carry_over_leaves_the_order_where_it_was(books):
    (order,) = books.order("(2026)浙01执7号", 60)
    made = books.apply(200)
    with pytest.raises(NotEnoughUnits):
        books.complete(made, parts=[(lot(vintage_year=2022), 140)], frozen=[order.pk])
    order.refresh_from_db()
    assert (order.state, books.held()) == ("ACTIVE", ({"FREE": 140, "FROZEN": 60}, {}))
