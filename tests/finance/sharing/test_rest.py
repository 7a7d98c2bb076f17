"""Agreements for machines: a participant reads her own parts, a settlement waits for a person."""

import pytest
from django.utils import timezone

from finance.sharing.models import Settlement
from ledger.approvals import operations as approvals
from ledger.parties.models import Party
from tests.factories.machines import machine
from tests.factories.people import make_actor
from tests.factories.sharing import Deal

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal():
    made = Deal()
    made.terms()
    return made


def test_a_participant_reads_her_own_parts_alone(deal):
    deal.settle("70.00")
    hers, keeper = machine(deal.people[2]), machine(deal.by.own_party)
    assert [one["amount"] for one in hers.get("agreement-parts/").json()["items"]] == ["10.00"]
    assert len(keeper.get("agreement-parts/").json()["items"]) == 3
    assert len(hers.get("sharing-agreements/").json()["items"]) == 1


def test_a_settlement_is_proposed_once_and_a_person_decides(deal):
    keeper = machine(deal.by.own_party)
    path = f"sharing-agreements/{deal.row.pk}/settlements/"
    body = {
        "period_start": "2026-01-01", "period_end": "2026-04-01", "revenue_amount": "150.00",
        "costs_amount": "50.00", "evidence": "结算单",
    }  # fmt: skip
    one, two = (keeper.post(path, body, key="s-1") for _ in range(2))
    assert (one.status_code, one.json()) == (202, two.json())
    assert Settlement.objects.count() == 0
    checker = make_actor("APPROVER", party=Party.objects.get(pk=deal.by.party_id), name="王审")
    approvals.approve(approval_id=one.json()["approval_id"], by=checker, at=timezone.now())
    assert Settlement.objects.get().distributable == 100
    assert machine(deal.people[0]).post(path, body, key="s-2").status_code == 404
