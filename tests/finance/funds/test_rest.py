"""Funds for machines: own rows only, acts once, a person decides."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from finance.funds.models import Call, CashEntry
from ledger.approvals import operations as approvals
from ledger.approvals.models import Approval
from ledger.parties.models import Party
from tests.factories.funds import Books
from tests.factories.machines import machine
from tests.factories.people import make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def books():
    made = Books()
    made.commit()
    made.draw("1000000")
    return made


@pytest.fixture
def keeper(books):
    return machine(books.by.own_party, role="FUND_MANAGER")


def call_body():
    return {
        "amount": "500000.00", "purpose": "INVESTMENT", "called_on": "2026-03-02",
        "due_on": "2026-03-20",
    }  # fmt: skip


def test_an_investors_machine_reads_her_own_rows_alone(books, keeper):
    hers = machine(books.social)
    path = f"funds/{books.fund.pk}/performance/"
    mine, whole = hers.get(path).json(), keeper.get(path).json()
    assert [one["investor_id"] for one in mine["positions"]] == [str(books.social)]
    assert len(whole["positions"]) == 2
    assert mine["positions"][0]["paid_in"] == "800000.00"
    lines = hers.get("fund-call-lines/").json()["items"]
    assert {one["investor_id"] for one in lines} == {str(books.social)}
    assert len(keeper.get("fund-call-lines/", fund_id=str(books.fund.pk)).json()["items"]) == 2
    stranger = machine(Books().by.own_party, role="FUND_MANAGER")
    assert stranger.get(path).status_code == 404
    assert stranger.get("fund-call-lines/").json()["items"] == []


def test_a_call_is_proposed_once_and_a_person_makes_it(books, keeper):
    path = f"funds/{books.fund.pk}/calls/"
    one = keeper.post(path, call_body(), key="c-1")
    two = keeper.post(path, call_body(), key="c-1")
    assert (one.status_code, two.status_code) == (202, 202)
    assert one.json() == two.json()
    assert Approval.objects.filter(operation="funds.make_call").count() == 1
    assert Call.objects.count() == 1

    checker = make_actor("APPROVER", party=Party.objects.get(pk=books.by.party_id), name="王审")
    approvals.approve(approval_id=one.json()["approval_id"], by=checker, at=timezone.now())
    assert Call.objects.count() == 2
    assert machine(books.social).post(path, call_body(), key="c-2").status_code == 403


def test_a_payment_is_recorded_once(books, keeper):
    call = books.call("100000.00")
    line = call.lines.get(investor_id=books.public)
    path, before = f"fund-call-lines/{line.pk}/payments/", CashEntry.objects.count()
    body = {"amount": "20000.00", "paid_on": "2026-03-02", "evidence": "回单"}
    one, two = (keeper.post(path, body, key="p-1") for _ in range(2))
    assert (one.status_code, one.json()) == (201, two.json())
    assert (one.json()["shares"], one.json()["balance"]) == ("20000.0000", "1020000.00")
    assert CashEntry.objects.count() == before + 1
    refused = keeper.post(path, body, key="p-2")
    assert (refused.status_code, refused.json()["code"]) == (409, "more_than_called")
    other = machine(Books().by.own_party, role="FUND_MANAGER")
    assert other.post(path, body, key="p-3").status_code == 404


def test_an_amount_finer_than_hundredths_or_a_stranger_field_is_refused(books, keeper):
    path = f"funds/{books.fund.pk}/distributions/"
    body = {"amount": "1.001", "kind": "GAIN", "paid_on": "2026-03-02"}
    assert keeper.post(path, body, key="d-1").status_code == 400
    assert keeper.post(path, {**body, "amount": "1.00", "x": 1}, key="d-2").status_code == 400
    assert keeper.post(path, {**body, "amount": "1.00"}, key=None).status_code in {400, 409, 428}
    assert not Approval.objects.exists()


def test_published_values_are_read_with_their_parts(books, keeper):
    nav = books.publish(date(2025, 1, 1))
    (row,) = machine(books.public).get("net-asset-values/").json()["items"]
    assert row["id"] == str(nav.pk)
    assert Decimal(row["net_assets"]) == 1_000_000
    assert row["parts"][0] == {"kind": "CASH", "amount": "1000000.00", "number": 2}
    assert machine(Books().social).get("net-asset-values/").json()["items"] == []
