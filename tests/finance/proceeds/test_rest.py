"""Raised money for machines: own rows only, allocations decided by a person, spendings once."""

import pytest
from django.utils import timezone

from finance.proceeds.models import Allocation, Spending
from ledger.approvals import operations as approvals
from ledger.parties.models import Party
from tests.factories.machines import machine
from tests.factories.people import make_actor
from tests.factories.proceeds import Desk, officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def mine(desk):
    return machine(desk.by.own_party)


def allocation(desk, amount="1000.00"):
    return {
        "project_id": str(desk.roof.pk), "amount": amount, "allocated_on": "2026-02-01",
        "tag": "GREEN", "evidence": "资金使用计划",
    }  # fmt: skip


def test_the_use_of_money_is_read_by_its_party_alone(desk, mine):
    desk.allocate("1000")
    desk.spend("400")
    path = f"raisings/{desk.bond.pk}/use/"
    use = mine.get(path).json()
    assert (use["allocated"], use["spent"], use["unallocated"]) == (
        "1000.00", "400.00", "99499000.00",
    )  # fmt: skip
    assert [one["code"] for one in use["projects"]] == ["P-1"]
    assert len(mine.get("financed-projects/").json()["items"]) == 2
    stranger = machine(officer().own_party)
    assert stranger.get(path).status_code == 404
    assert stranger.get("raisings/").json()["items"] == []


def test_an_allocation_is_proposed_once_and_a_person_decides(desk, mine):
    path = f"raisings/{desk.bond.pk}/allocations/"
    one, two = (mine.post(path, allocation(desk), key="a-1") for _ in range(2))
    assert (one.status_code, one.json()) == (202, two.json())
    assert Allocation.objects.count() == 0
    checker = make_actor("APPROVER", party=Party.objects.get(pk=desk.by.party_id), name="王审")
    approvals.approve(approval_id=one.json()["approval_id"], by=checker, at=timezone.now())
    assert Allocation.objects.get().amount == 1000
    refused = mine.post(path, allocation(desk, "99500000.00"), key="a-2")
    assert (refused.status_code, refused.json()["code"]) == (409, "more_than_raised")


def test_a_spending_is_told_once_within_its_allocation(desk, mine):
    desk.allocate("1000")
    path = f"raisings/{desk.bond.pk}/spendings/"
    body = {
        "project_id": str(desk.roof.pk), "amount": "600.00", "spent_on": "2026-03-01",
        "payee": "总包方", "evidence": "发票 1",
    }  # fmt: skip
    one, two = (mine.post(path, body, key="s-1") for _ in range(2))
    assert (one.status_code, one.json()) == (201, two.json())
    assert Spending.objects.count() == 1
    refused = mine.post(path, body, key="s-2")
    assert (refused.status_code, refused.json()["code"]) == (409, "more_than_allocated")
    assert mine.post(path, {**body, "evidence": ""}, key="s-3").status_code == 400
