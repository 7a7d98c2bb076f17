"""Allocation, due days, cover, penalty, carry-over, and the second pair of eyes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from ledger.approvals import operations as approvals
from ledger.approvals.rules import MakerIsChecker, StateChanged
from ledger.audit import queries as audit
from ledger.compliance import operations as compliance
from ledger.compliance import queries, tasks
from ledger.compliance.models import CarryOver, Obligation
from ledger.compliance.queries import due_days
from ledger.compliance.queries.allocating import allocations_of, entitlements_of
from ledger.compliance.rules.allocation import MoreThanAllocated, PowerUnit
from ledger.compliance.rules.carryover import (
    CarriedOverAlready,
    CarryOverClosed,
    CarryOverTooMuch,
    ObligationsNotMet,
)
from ledger.compliance.rules.obligations import NothingShort
from ledger.compliance.rules.penalties import AlreadyCut, NoCutInLaw
from ledger.kernel.errors import IllegalTransition
from tests.factories import complying, holdings
from tests.factories.complying import ask_to_surrender
from tests.factories.units import MANAGER, issued, lot
from tests.ledger.compliance.test_years import NOON, TODAY, emissions, entity, line, surrender

D = Decimal
COMMON = {"by": MANAGER, "at": NOON}


def year_of(row, year=2025):
    return Obligation.objects.get(entity=row, year=year)


# --- allocation


def test_an_allocation_keeps_its_calculation_and_says_that_it_is_a_draft(rule_book):
    row = entity()
    unit = PowerUnit(D(3_000_000), D(1_000_000), D(80), verified=2_600_000)
    made = compliance.entitle_power(
        entity_id=row.pk, year=2025, unit_class="I", unit=unit, evidence="E", **COMMON
    )
    assert (made.unit_count, made.is_draft) == (2_473_300, True)
    keys = {one["key"] for one in made.calculation["numbers"]}
    assert {"alloc.power.benchmark", "alloc.power.gap_cap"} <= keys
    assert made.calculation["result"]["for_power"] == "2370600.0000"


def test_industry_of_2024_gets_what_was_verified(rule_book):
    row = entity(sector="STEEL", first_year=2024)
    far = compliance.Deviation(D(100), D(50), D(4))
    common = {"entity_id": row.pk, "verified": 1_000_000, "deviation": far, "evidence": "E"}
    assert compliance.entitle_industry(year=2024, **common, **COMMON).unit_count == 1_000_000
    made = compliance.entitle_industry(year=2025, **common, **COMMON)
    assert (made.unit_count, made.is_draft) == (1_030_000, False)
    special = {**common, "deviation": None}
    assert compliance.entitle_industry(year=2025, **special, **COMMON).unit_count == 1_000_000


def test_a_pre_allocation_is_trued_up(rule_book):
    row = entity()
    common = {"entity_id": row.pk, "year": 2025, "evidence": "E", **COMMON}
    pre = compliance.entitle_pre_allocation(basis=2_600_001, **common)
    assert pre.unit_count == 1_300_000
    compliance.record_allocation(step="ALLOCATED", table="PRE", unit_count=1_300_000, **common)
    assert year_of(row).allocated_t == 1_300_000
    told = queries.classification_of(row.pk, current_year=2026)
    assert (told.classification, told.remaining) == ("FULLY_ALLOCATED", 0)


def test_no_more_goes_back_than_was_given(rule_book):
    row = entity()
    common = {"entity_id": row.pk, "year": 2025, "table": "FINAL", "evidence": "E", **COMMON}
    compliance.record_allocation(step="ALLOCATED", unit_count=100, **common)
    compliance.record_allocation(step="RETURNED", unit_count=40, **common)
    with pytest.raises(MoreThanAllocated):
        compliance.record_allocation(step="REVERSED", unit_count=61, **common)
    assert year_of(row).allocated_t == 60


# --- due days


def test_the_next_due_days_of_a_power_company(rule_book):
    row = entity()
    emissions(row, 1000)
    dues = queries.due_dates(MANAGER.party_id, TODAY)
    found = [(one.event, one.due_on, one.days_left) for one in dues if one.year == 2025]
    assert found == [
        ("DATA_PLAN", date(2026, 12, 31), 40),
        ("SURRENDER", date(2026, 12, 31), 40),
    ]
    past = queries.due_dates(MANAGER.party_id, TODAY, past=True)
    assert ("VERIFICATION", date(2026, 6, 30)) in [(one.event, one.due_on) for one in past]


def test_steel_is_verified_a_month_later_than_power(rule_book):
    entity(sector="STEEL")
    past = queries.due_dates(MANAGER.party_id, TODAY, past=True)
    assert [one.due_on for one in past if one.event == "VERIFICATION"] == [date(2026, 7, 31)]


def test_a_surrender_is_reminded_of_until_it_is_done(rule_book):
    row = entity()
    emissions(row, 1000)
    week, late = date(2026, 12, 24), date(2027, 1, 2)

    def reminded(on):
        return [one.event for one in due_days.reminders_due(on) if one.year == 2025]

    assert "SURRENDER" in reminded(week)
    assert "SURRENDER" not in reminded(week + timedelta(days=1))
    assert reminded(late) == ["SURRENDER"]
    surrender(row, [line(holdings.holdings(1000), 1000)])
    assert "SURRENDER" not in reminded(week) + reminded(late)


# --- cover and penalty


def test_what_is_held_is_told_by_vintage_and_by_what_binds_it(rule_book):
    row = entity()
    emissions(row, 1000)
    account, new = holdings.holdings(700)
    old = lot(vintage_year=2023)
    issued(account.pk, 400, lot_id=old)
    ccer = lot(scheme="CCER", vintage_year=2024)
    issued(account.pk, 80, lot_id=ccer)
    holdings.pledge(account.pk, new, 200, at=NOON)
    held = queries.holdings_for(year_of(row), TODAY)
    gap = queries.gap_of(year_of(row), held)
    assert (gap.free_allowances, gap.free_offsets, gap.bound, gap.refused) == (500, 80, 200, 400)
    assert (gap.usable_offsets, gap.to_acquire) == (50, 450)
    assert {one.is_draft for one in held if one.vintage_year == 2023} == {True}


def test_the_penalty_says_that_the_law_has_changed(rule_book):
    row = entity()
    emissions(row, 1000)
    before = queries.penalty_of(year_of(row), on=date(2026, 8, 14), average_price=D(75))
    assert (before.amounts.low, before.amounts.high) == (D(375_000), D(750_000))
    assert (before.law_changed, before.valid_to) == (False, date(2026, 8, 14))
    after = queries.penalty_of(year_of(row), on=date(2026, 8, 15), average_price=D(75))
    assert after.law_changed


# --- carry-over


def apply(row, **given):
    facts = {
        "to_year": 2025,
        "sold": 120_000,
        "purchased": 20_000,
        "held": 200_000,
        "unit_count": 160_000,
        "evidence": "申请表",
        "applied_on": date(2026, 3, 1),
    }
    return compliance.apply_for_carry_over(entity_id=row.pk, **{**facts, **given}, **COMMON)


def test_a_carry_over_is_applied_for_once_and_within_its_limit(rule_book):
    row = entity()
    with pytest.raises(CarryOverTooMuch):
        apply(row, unit_count=160_001)
    made = apply(row)
    assert (made.limit_t, made.state) == (160_000, "APPLIED")
    with pytest.raises(CarriedOverAlready):
        apply(row)
    withdrawn = compliance.withdraw_carry_over(carry_over_id=made.pk, reason="error", **COMMON)
    assert withdrawn.state == "WITHDRAWN"
    with pytest.raises(IllegalTransition):
        compliance.withdraw_carry_over(carry_over_id=made.pk, reason="again", **COMMON)
    assert apply(row).state == "APPLIED"


def test_after_the_window_nobody_applies(rule_book):
    row = entity()
    with pytest.raises(CarryOverClosed, match="2026-06-10"):
        apply(row, applied_on=date(2026, 6, 11))
    assert CarryOver.objects.count() == 0


def test_who_still_owes_an_earlier_year_carries_nothing_over(rule_book):
    row = entity(first_year=2024)
    emissions(row, 10, year=2024)
    with pytest.raises(ObligationsNotMet):
        apply(row)


def test_what_was_granted_ends_the_old_vintage_and_begins_the_new(rule_book):
    row = entity()
    account, old = holdings.holdings(200, vintage_year=2023)
    issuer = holdings.open_account("I-1", kind="ISSUER")
    new = lot(vintage_year=2025)
    made = apply(row, sold=0, purchased=0, held=200, unit_count=150)
    granted = compliance.complete_carry_over(
        carry_over_id=made.pk,
        account_id=account.pk,
        issuer_account_id=issuer.pk,
        into_lot_id=new,
        parts=[(old, 150)],
        destroyed=[(old, 50)],
        happened_on=TODAY,
        idempotency_key="c-1",
        **COMMON,
    )
    assert granted.state == "DONE"
    assert holdings.quantities(account.pk, old) == {"CARRIED_OVER": 150, "CANCELLED": 50}
    assert holdings.quantities(account.pk, new) == {"FREE": 150}


# --- four eyes


@pytest.fixture
def company(rule_book):
    return complying.company()


def test_a_surrender_needs_a_second_person(company):
    account, lot_id = company.account.pk, company.lot_id
    asked = ask_to_surrender(company).approval
    both = replace(company.manager, roles=company.manager.roles | company.approver.roles)
    assert holdings.quantities(account, lot_id) == {"FREE": 300}
    with pytest.raises(MakerIsChecker):
        approvals.approve(approval_id=asked.pk, by=both, at=NOON)
    approvals.approve(approval_id=asked.pk, by=company.approver, at=NOON)
    assert holdings.quantities(account, lot_id) == {"FREE": 200, "SURRENDERED": 100}
    assert company.year.status == "MET"


def test_what_is_owed_by_now_must_be_what_the_approver_saw(company):
    asked = ask_to_surrender(company, 60).approval
    compliance.withdraw_emissions(
        entity_id=company.entity.pk, year=2025, told_on=TODAY, reason="mistyped",
        by=company.manager, at=NOON,
    )  # fmt: skip
    with pytest.raises(StateChanged):
        approvals.approve(approval_id=asked.pk, by=company.approver, at=NOON)
    assert holdings.quantities(company.account.pk, company.lot_id) == {"FREE": 300}


def test_the_moment_of_a_look_back_is_what_was_known_then(rule_book):
    row = entity(regime="UK_ETS", sector="INSTALLATION", first_year=2025, code="UK-9")
    later = NOON + timedelta(days=1)
    emissions(row, 100, at=later)
    before = queries.standing_at(row.pk, NOON, by=MANAGER).standing
    after = queries.standing_at(row.pk, later, by=MANAGER).standing
    assert (before.shown, after.shown) == ("C", "B")
    assert isinstance(later, datetime)


def test_a_task_brings_every_entity_up_to_the_day(rule_book):
    row = entity()
    emissions(row, 1000)
    with time_machine.travel(datetime(2027, 1, 2, 4, 0, tzinfo=UTC), tick=False):
        for entity_id in queries.entities_to_reckon(datetime(2027, 1, 2, tzinfo=UTC)):
            tasks.reckon_entity(entity_id=str(entity_id))
    assert year_of(row).status == "SHORT"
    events = len(audit.events_of(f"compliance.Obligation:{year_of(row).pk}"))
    with time_machine.travel(datetime(2027, 1, 3, 4, 0, tzinfo=UTC), tick=False):
        tasks.reckon_entity(entity_id=str(row.pk))
    assert len(audit.events_of(f"compliance.Obligation:{year_of(row).pk}")) == events


# --- the next year's cut (Art. 24, R2.40)


def _short_year():
    """A power company that owes 1,000 t of 2024 after the due day, and what 2025 grants it."""
    row = entity(first_year=2024)
    emissions(row, 1000, year=2024)
    compliance.entitle_industry(
        entity_id=row.pk, year=2025, verified=5000, deviation=None, evidence="方案", by=MANAGER,
        at=NOON,
    )  # fmt: skip
    return row, Obligation.objects.get(entity=row, year=2024)


def _granted(row):
    return {one.year: one.entitlement for one in entitlements_of(allocations_of(row.pk))}


def test_a_shortfall_is_cut_from_the_next_years_allocation_once(rule_book):
    row, short = _short_year()
    assert (short.open_t, short.status) == (1000, "SHORT")
    asked = {"obligation_id": short.pk, "evidence": "浙环罚〔2026〕7号", "by": MANAGER, "at": NOON}
    made = compliance.cut_for_shortfall(**asked, decided_on=date(2026, 3, 1))
    assert (made.step, made.year, made.unit_count) == ("CUT", 2025, 1000)
    assert _granted(row) == {2025: 4000}
    with pytest.raises(AlreadyCut):
        compliance.cut_for_shortfall(**asked, decided_on=date(2026, 3, 2))
    assert _granted(row) == {2025: 4000}


def test_since_the_code_is_in_force_no_new_cut_is_decided(rule_book):
    row, short = _short_year()
    asked = {"obligation_id": short.pk, "evidence": "e", "by": MANAGER, "at": NOON}
    with pytest.raises(NoCutInLaw):
        compliance.cut_for_shortfall(**asked, decided_on=date(2026, 8, 15))
    with pytest.raises(NothingShort):  # decided before the year was due
        compliance.cut_for_shortfall(**asked, decided_on=date(2025, 12, 31))
    assert _granted(row) == {2025: 5000}
