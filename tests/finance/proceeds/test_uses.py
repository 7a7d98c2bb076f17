"""Money raised, allocated, spent: never more than there is, whoever writes."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from finance.proceeds import models, operations, queries, rules
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.ids import new_id
from ledger.parameters.operations import load_seeds
from tests.factories.funds import party
from tests.factories.proceeds import DAY, NOON, Desk, officer

pytestmark = pytest.mark.django_db
D = Decimal
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def desk():
    return Desk()


def test_money_goes_from_raised_to_allocated_to_spent(desk):
    desk.allocate("60000000")
    desk.spend("45000000.50")
    use = queries.use_of(desk.bond)
    assert (use.allocated, use.spent) == (D("60000000"), D("45000000.50"))
    assert (use.unallocated, use.unspent) == (D("39500000"), D("14999999.50"))


def test_no_more_is_allocated_than_was_raised(desk):
    desk.allocate("60000000")
    with pytest.raises(rules.MoreThanRaised, match=r"39500000.01 is to be allocated, 39500000.00"):
        desk.allocate("39500000.01", desk.store)
    assert models.Allocation.objects.count() == 1


def test_the_database_holds_the_line_whoever_writes(desk):
    row = desk.allocate("60000000")
    more = {"recorded_at": NOON, "recorded_by": desk.by.user_id, "idempotency_key": "x"}
    refused = pytest.raises(IntegrityError, match="more is allocated than was raised")
    with refused, transaction.atomic():
        models.Allocation.objects.create(
            raising=desk.bond, project=desk.store, amount=D("39500000.01"), allocated_on=DAY,
            tag="GREEN", evidence="x", **more,
        )  # fmt: skip
    refused = pytest.raises(IntegrityError, match="more is spent than was allocated")
    with refused, transaction.atomic():
        models.Spending.objects.create(
            raising=desk.bond, project=desk.roof, amount=row.amount + 1, spent_on=DAY,
            payee="x", evidence="x", **more,
        )  # fmt: skip


def test_spending_stays_within_the_projects_own_allocation(desk):
    desk.allocate("1000")
    desk.allocate("5000", desk.store)
    with pytest.raises(rules.MoreThanAllocated, match=r"1000.01 is spent, 1000.00"):
        desk.spend("1000.01")
    with pytest.raises(rules.EvidenceMissing):
        desk.spend("1", evidence=" ")
    assert models.Spending.objects.count() == 0


def test_what_is_not_spent_can_be_released_and_no_more(desk):
    desk.allocate("1000")
    desk.spend("400")
    with pytest.raises(rules.LessThanSpent):
        desk.allocate("-600.01")
    desk.allocate("-600")
    assert queries.use_of(desk.bond).allocated == 400


def test_a_spending_is_taken_back_once(desk):
    desk.allocate("1000")
    told = desk.spend("1000")
    desk.do(operations.take_back_spending, spending_id=told.pk, reason="发票作废")
    assert queries.left_for(desk.bond.pk, desk.roof.pk) == 1000
    with pytest.raises(rules.TakenBackAlready):
        desk.do(operations.take_back_spending, spending_id=told.pk, reason="x")


def test_a_position_that_is_only_held_allocates_nothing():
    desk = Desk(stance="HELD", kind="REIT")
    with pytest.raises(rules.OnlyHeld):
        desk.allocate("1")


def test_an_effect_is_this_moneys_by_its_part_of_the_investment(desk):
    desk.allocate("60000000")
    desk.spend("15000000")
    told = {
        "project_id": desk.roof.pk, "period_start": DAY, "period_end": date(2026, 4, 1),
        "method": "方法学", "evidence": "核算报告", "saved_tce": D("400"),
    }  # fmt: skip
    desk.do(operations.record_impact, **told, reduced_tco2e=D("900"))
    desk.do(operations.record_impact, **told, reduced_tco2e=D("1000"))  # a correction
    (found,) = queries.projects_of_raising(desk.bond)
    assert (found.reduced_tco2e, found.saved_tce) == (250, 100)


def test_an_interest_subsidy_is_reckoned_by_days_and_paid_once():
    desk = Desk(kind="BUDGET", raised_amount=D("1000000"))
    firm = party("绿能企业")
    asked = {
        "raising_id": desk.bond.pk, "beneficiary_id": firm, "loan": "L-1",
        "principal": D("22389000"), "subsidy_bps": 200, "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 6, 30), "basis_days": 360, "evidence": "借款合同",
    }  # fmt: skip
    made = desk.do(operations.grant_subsidy, **asked)
    assert made.amount == D("223890.00")  # 22,389,000 · 2 % · 180 / 360
    with pytest.raises(rules.SubsidisedAlready):
        desk.do(operations.grant_subsidy, **{**asked, "starts_on": date(2026, 6, 1)})
    with pytest.raises(rules.MoreThanRaised):
        desk.do(operations.grant_subsidy, **{**asked, "loan": "L-2", "principal": D("99999999")})
    assert queries.use_of(desk.bond).unallocated == D("776110.00")


def test_an_investment_counts_one_and_a_half_to_two_times(desk):
    """N23: 100 M count as 150 to 200 M."""
    load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    for times, counts in (("1.5", 150_000_000), ("2", 200_000_000)):
        made = desk.project(f"M-{times}", "绿色工厂", "100000000", multiplier=D(times))
        assert queries.counted_investment(made) == counts
    with pytest.raises(rules.OddMultiplier, match=r"between 1.5 and 2"):
        desk.project("M-3", "绿色工厂", "100000000", multiplier=D("2.01"))
    assert queries.multipliers_on(DAY).is_unverified


def test_a_rating_is_kept_as_it_was_given_and_valid_for_its_time(desk):
    desk.do(
        operations.record_rating, agency="上海环境能源交易所", scale="碳信用", grade="AA",
        document="SEEE-2026-1", valid_from=DAY, valid_to=date(2027, 1, 5), evidence="证书",
    )  # fmt: skip
    assert queries.rating_on(desk.by.own_party, DAY).grade == "AA"
    assert queries.rating_on(desk.by.own_party, date(2027, 1, 5)) is None


def test_anothers_money_is_not_seen_and_not_allocated(desk):
    stranger = officer()
    with pytest.raises(NotFound):
        desk.allocate("1", by=stranger)
    assert not queries.visible_raisings(stranger).exists()
    maker = Actor(
        user_id=new_id(), party_id=desk.by.party_id, roles=frozenset({Role.CARBON_MANAGER})
    )
    with pytest.raises(NotAllowed):
        desk.allocate("1", by=maker)


def test_the_same_key_is_the_same_act(desk):
    assert desk.allocate("1", idempotency_key="k").pk == desk.allocate("1", idempotency_key="k").pk
    assert models.Allocation.objects.count() == 1


class TestMoneyNeverExceedsItself(TestCase):
    @settings(max_examples=25)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["allocate", "release", "spend", "back"]),
                st.integers(1, 6 * 10**9),
                st.booleans(),
            ),
            max_size=10,
        )
    )
    def test_spent_within_allocated_within_raised_whatever_is_tried(self, acts):
        desk = Desk()
        for act, fen, second in acts:
            amount, project = D(fen).scaleb(-2), desk.store if second else desk.roof
            try:
                if act == "spend":
                    desk.spend(amount, project)
                elif act == "back":
                    told = models.Spending.objects.order_by("id").last()
                    if told:
                        desk.do(operations.take_back_spending, spending_id=told.pk, reason="x")
                else:
                    desk.allocate(amount if act == "allocate" else -amount, project)
            except rules.DomainError:
                continue
        use = queries.use_of(desk.bond)
        assert 0 <= use.spent <= use.allocated <= use.raised
        for project in (desk.roof, desk.store):
            assert queries.left_for(desk.bond.pk, project.pk) >= 0
        assert list(queries.check_rows_match_events()) == []
