"""What comes in is shared out to the last hundredth, once."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from finance.sharing import models, queries, rules
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.ids import new_id
from tests.factories.funds import party
from tests.factories.sharing import NOON, Deal, quarter

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def deal():
    made = Deal()
    made.terms()
    return made


def test_the_parts_make_the_whole_to_the_hundredth(deal):
    made = deal.settle("150.00", "50.00")
    assert made.distributable == 100
    assert deal.parts(made) == [D("42.86"), D("42.86"), D("14.28")]


def test_a_loss_is_not_shared(deal):
    made = deal.settle("10.00", "50.00")
    assert (made.distributable, deal.parts(made)) == (0, [0, 0, 0])


def test_no_day_is_settled_twice_and_a_period_told_again_is_a_new_version(deal):
    deal.settle("100.00")
    with pytest.raises(rules.SettledAlready):
        deal.settle("100.00", period_end=date(2026, 5, 1))
    again = deal.settle("200.00")
    assert again.version == 2
    assert [one.pk for one in queries.newest_settlements(deal.row)] == [again.pk]
    with pytest.raises(rules.OutsideTheAgreement):
        deal.settle(period_start=date(2026, 12, 1), period_end=date(2027, 2, 1))


def test_the_database_refuses_a_day_twice_and_parts_that_are_not_the_whole(deal):
    told = deal.settle("100.00")
    columns = {
        "agreement": deal.row, "terms": told.terms, "version": 1, "revenue": 5, "costs": 0,
        "distributable": 5, "evidence": "x", "recorded_at": NOON, "recorded_by": deal.by.user_id,
        "idempotency_key": "x",
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="settlement_no_day_twice"), transaction.atomic():
        models.Settlement.objects.create(
            **columns, period_start=date(2026, 3, 31), period_end=date(2026, 4, 2)
        )
    with pytest.raises(IntegrityError, match="parts do not make the whole"), transaction.atomic():
        models.Settlement.objects.create(**columns, **quarter(3))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what a commit does


def test_saved_energy_is_shared_at_its_price():
    deal = Deal("PERFORMANCE", (7, 3))
    deal.terms()
    with pytest.raises(rules.SavingsNeeded):
        deal.settle("100.00")
    made = deal.settle(
        "0", "1000.00", baseline_mwh=D("1200.5"), measured_mwh=D("900.25"), unit_price=D("620"),
    )  # fmt: skip
    assert made.revenue == D("186155.00")  # 300.25 MWh at 620
    assert deal.parts(made) == [D("129608.50"), D("55546.50")]
    nothing = deal.settle(
        "0", "0", **quarter(2), baseline_mwh=D(10), measured_mwh=D(11), unit_price=D(620)
    )
    assert nothing.revenue == 0


def test_terms_change_from_a_later_day_and_the_first_day_of_a_period_counts(deal):
    deal.terms(date(2026, 2, 1), (1, 1, 1))
    assert deal.parts(deal.settle("70.00")) == [30, 30, 10]
    assert deal.parts(deal.settle("90.00", **quarter(2))) == [30, 30, 30]
    with pytest.raises(rules.TermsPast):
        deal.terms(date(2026, 2, 1), (1, 1, 1))


def test_terms_name_two_different_participants_at_least(deal):
    later = date(2026, 9, 1)
    with pytest.raises(rules.NobodyShares):
        deal.terms(later, (1,), deal.people[:1])
    with pytest.raises(rules.NamedTwice):
        deal.terms(later, (1, 1), [deal.people[0]] * 2)
    with pytest.raises(rules.NoTermsYet):
        Deal().settle()


def test_a_participant_sees_her_own_part_alone(deal):
    made = deal.settle("70.00")
    roles = frozenset({Role.CARBON_MANAGER})
    hers = Actor(user_id=new_id(), party_id=deal.people[2], roles=roles)
    stranger = Actor(user_id=new_id(), party_id=party("外人"), roles=roles)
    assert [one.amount for one in queries.visible_parts(hers)] == [10]
    assert queries.visible_agreements(hers).count() == 1
    assert queries.visible_parts(deal.by).count() == 3
    assert not queries.visible_agreements(stranger).exists()
    assert not queries.visible_parts(stranger).exists()
    with pytest.raises(NotFound):
        deal.settle("1.00", by=Actor(hers.user_id, hers.party_id, frozenset({Role.APPROVER})))
    with pytest.raises(NotAllowed):
        deal.settle("1.00", by=hers)
    assert made.agreement_id == deal.row.pk


def test_the_room_verifies(deal):
    deal.settle("70.00")
    assert list(queries.check_rows_match_events()) == []


@given(
    st.integers(0, 10**14),
    st.lists(st.integers(1, 10**9), min_size=2, max_size=12),
)
def test_shared_out_parts_always_make_the_amount(fen, weights):
    amount = D(fen).scaleb(-2)
    parts = rules.parts_of(amount, weights)
    assert sum(parts) == amount
    assert min(parts) >= 0
    assert all(
        abs(part - amount * w / sum(weights)) < D("0.01")
        for part, w in zip(parts, weights, strict=True)
    )
