"""Hedges for machines: proposed once and opened by a person, settled once, own rows only."""

from datetime import date

import pytest
from django.utils import timezone

from finance.hedges.models import Contract, DailySettlement
from ledger.approvals import operations as approvals
from tests.factories import prices
from tests.factories.machines import machine
from tests.factories.people import make_actor, make_party

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
LAST = date(TODAY.year + 1, 12, 16)


@pytest.fixture
def party():
    prices.load()
    return make_party()


def body(**given):
    wanted = {
        "number": "F-2026-1", "kind": "FUTURE", "side": "LONG", "venue": "CLEARED",
        "counterparty": "期货公司", "scheme": "CEA", "vintage_year": 2025, "lots": 5,
        "units_per_lot": 1000, "price": "74.00", "margin_rate": "0.1",
        "opened_on": TODAY.isoformat(), "last_day": LAST.isoformat(),
    }  # fmt: skip
    return {**wanted, **given}


def opened(party):
    asked = machine(party.id).post("hedges/", body(), key="h-1").json()
    checker = make_actor("APPROVER", party=party, name="王审")
    approvals.approve(approval_id=asked["approval_id"], by=checker, at=timezone.now())
    return Contract.objects.get()


def test_a_hedge_is_proposed_once_and_a_person_opens_it(party):
    mine = machine(party.id)
    one, two = (mine.post("hedges/", body(), key="h-1") for _ in range(2))
    assert (one.status_code, one.json()) == (202, two.json())
    assert Contract.objects.count() == 0
    checker = make_actor("APPROVER", party=party, name="王审")
    approvals.approve(approval_id=one.json()["approval_id"], by=checker, at=timezone.now())
    assert Contract.objects.get().unit_count == 5000
    assert mine.post("hedges/", body(lots=6), key="h-1").status_code == 422


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"price": "0"}, "contract_price_out_of_reach"),
        ({"kind": "CALL"}, "option_terms_needed"),
        ({"last_day": "2020-01-01"}, "last_day_passed"),
    ],
)
def test_terms_that_make_no_hedge_are_refused_before_anybody_is_asked(party, given, code):
    answer = machine(party.id).post("hedges/", body(**given), key="h-1")
    assert (answer.status_code, answer.json()["code"]) == (409, code)


def test_a_day_is_settled_once_and_the_money_is_text(party):
    row, mine = opened(party), machine(party.id)
    path = f"hedges/{row.pk}/settlements/"
    told = {"settled_on": TODAY.isoformat(), "price": "74.60"}
    one, two = (mine.post(path, told, key="d-1") for _ in range(2))
    assert (one.status_code, one.json()) == (201, two.json())
    assert DailySettlement.objects.count() == 1
    assert one.json()["variation"] == "3000.00"
    standing = mine.get(f"hedges/{row.pk}/").json()
    assert (standing["margin_required"], standing["margin_call"]) == ("37300.00", "34300.00")


def test_strangers_see_no_hedge_and_settle_none(party):
    row, other = opened(party), machine(make_party(name_zh="别家").id)
    assert other.get("hedges/").json()["items"] == []
    assert other.get(f"hedges/{row.pk}/").status_code == 404
    told = {"settled_on": TODAY.isoformat(), "price": "74.60"}
    assert other.post(f"hedges/{row.pk}/settlements/", told, key="d").status_code == 404
    assert DailySettlement.objects.count() == 0
