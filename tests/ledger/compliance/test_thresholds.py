"""Compliance acts that move units ask for as many approvers as the party's thresholds say."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from django.utils import translation

from ledger.approvals import operations as approvals
from ledger.approvals import queries as asked
from ledger.approvals.approvable import SET
from ledger.compliance import approvable
from ledger.compliance import operations as compliance
from ledger.compliance.models import Allocation, CarryOver, Surrender
from ledger.kernel.actors import Role
from tests.factories import complying, holdings, people
from tests.factories.complying import NOON, ask_to_surrender
from tests.factories.units import issued, lot

MARCH = date(2026, 3, 1)  # a day inside the window of applications


@pytest.fixture
def company(rule_book):
    return complying.company()


def limit(company, tiers, operation=""):
    approvals.set_thresholds(
        operation=operation, tiers=tiers, valid_from=NOON.date(), by=company.approver, at=NOON,
        reason="内控制度 3.2",
    )  # fmt: skip


def approve(proposal, by):
    assert proposal.approval is not None
    return approvals.approve(approval_id=proposal.approval.pk, by=by, at=NOON)


def free_of(company, lot_id=None):
    return holdings.quantities(company.account.pk, lot_id or company.lot_id)


# --- surrender: never one person alone


@pytest.mark.parametrize("operation", ["", approvable.SURRENDER])
def test_no_threshold_leaves_a_surrender_to_its_maker(company, operation):
    limit(company, [[0, 0]], operation)
    asked_for = ask_to_surrender(company, 1)
    assert asked_for.approval is not None
    assert asked_for.approval.needed_count == 1
    assert (Surrender.objects.count(), free_of(company)) == (0, {"FREE": 300})
    approve(asked_for, company.approver)
    assert free_of(company) == {"FREE": 299, "SURRENDERED": 1}


@pytest.mark.parametrize(("count", "needed"), [(79, 1), (80, 2)])
def test_a_large_surrender_asks_for_two(company, count, needed):
    limit(company, [[0, 0], [80, 2]])
    asked_for = ask_to_surrender(company, count)
    assert asked_for.approval is not None
    assert asked_for.approval.needed_count == needed
    done = {"FREE": 300 - count, "SURRENDERED": count}
    approve(asked_for, company.approver)
    assert free_of(company) == (done if needed == 1 else {"FREE": 300})
    if needed == 2:
        approve(asked_for, people.make_actor("APPROVER", party=company.party, name="第二人"))
        assert free_of(company) == done


def test_who_sets_none_for_all_is_told_what_stays_for_two(company):
    payload = {"operation": "", "tiers": [[0, 0]], "valid_from": "2026-12-01", "reason": "r"}
    with translation.override("en"):
        said = asked.describe(SET, payload)
    kept = [one for one in said if one.startswith("Whatever is set")]
    assert kept == [
        "Whatever is set, another person always decides on: Surrender, Surrender against an"
        " obligation."
    ]
    with translation.override("en"):
        with_one = asked.describe(SET, {**payload, "tiers": [[0, 1]]})
        of_a_transfer = asked.describe(SET, {**payload, "operation": "units.transfer_units"})
    assert not [one for one in [*with_one, *of_a_transfer] if one.startswith("Whatever is set")]


# --- carry-over: as the thresholds say


@pytest.fixture
def granted(company):
    """An application for 150 of an old vintage, granted; and how its units would go over."""
    old, new = lot(vintage_year=2023), lot(vintage_year=2025)
    issued(company.account.pk, 200, lot_id=old)
    issuer = holdings.open_account("I-1", kind="ISSUER")
    row = compliance.apply_for_carry_over(
        entity_id=company.entity.pk, to_year=2025, sold=0, purchased=0, held=200, unit_count=150,
        evidence="申请表", applied_on=MARCH, by=company.manager, at=NOON,
    )  # fmt: skip
    return {
        "carry_over_id": str(row.pk),
        "account_id": str(company.account.pk),
        "issuer_account_id": str(issuer.pk),
        "into_lot_id": str(new),
        "parts": [[str(old), 150]],
        "destroyed": [[str(old), 50]],
        "frozen": [],
        "happened_on": NOON.date().isoformat(),
        "key": "c-1",
    }


def carry_over(company, payload, by=None):
    return approvals.propose(
        operation=approvable.CARRY_OVER,
        payload=payload,
        summary=approvable.describe_carry_over(payload),
        party_id=company.party.pk,
        by=by or company.manager,
        at=NOON,
    )


def test_below_the_threshold_a_manager_carries_over_at_once(company, granted):
    limit(company, [[0, 0], [201, 1]])
    manager = replace(company.manager, roles=frozenset({Role.CARBON_MANAGER}))
    done = carry_over(company, granted, by=manager)
    assert done.approval is None
    assert CarryOver.objects.get().state == "DONE"
    assert free_of(company, UUID(granted["into_lot_id"])) == {"FREE": 150}


@pytest.mark.parametrize(("tiers", "needed"), [([[0, 0], [200, 1]], 1), ([[0, 1], [200, 2]], 2)])
def test_what_ends_for_nothing_counts_too(company, granted, tiers, needed):
    limit(company, tiers)
    waits = carry_over(company, granted)
    assert waits.approval is not None
    assert waits.approval.needed_count == needed
    assert CarryOver.objects.get().state == "APPLIED"
    approve(waits, company.approver)
    assert CarryOver.objects.get().state == ("DONE" if needed == 1 else "APPLIED")


def test_where_nothing_is_set_another_person_decides_on_a_carry_over(company, granted):
    assert carry_over(company, granted).approval is not None
    assert CarryOver.objects.get().state == "APPLIED"


# --- allocation: nothing to ask for


def test_a_recorded_allocation_moves_no_units_so_nobody_is_asked(company):
    before = free_of(company)
    compliance.record_allocation(
        entity_id=company.entity.pk, year=2025, step="ALLOCATED", table="FINAL", unit_count=90,
        evidence="配额发放通知", by=company.manager, at=NOON,
    )  # fmt: skip
    assert (Allocation.objects.get().unit_count, free_of(company)) == (90, before)


def test_thresholds_can_be_set_by_name_for_what_moves_units_of_a_year():
    known = {name for name, _title in asked.movable()}
    moving = {approvable.SURRENDER, approvable.CARRY_OVER, "units.surrender_units"}
    assert known >= moving | {"imports.commit_import"}  # an allocation's units come by a file
