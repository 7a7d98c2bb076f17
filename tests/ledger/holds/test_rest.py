"""Holds for machines: placed as on the pages, released only by a person's approval."""

import pytest
from django.utils import timezone

from ledger.approvals import operations as approvals
from ledger.approvals.models import Approval
from ledger.holds.models import Hold
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM
from tests.factories.machines import machine
from tests.factories.people import make_actor, make_party
from tests.factories.units import FREE, ISSUER, UNISSUED, leg, lot
from tests.ledger.units.test_rest import NOON, opened, places, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def park():
    load_schemes(by=SYSTEM, at=NOON)
    return make_party()


@pytest.fixture
def body(park):
    account_id, lot_id = opened(park, "A-1"), lot("LOT-1", space=True)
    post(leg(lot_id, (ISSUER, UNISSUED), (account_id, FREE), 100, 1), kind="ISSUE")
    return {
        "kind": "RESERVE",
        "account_id": str(account_id),
        "lot_id": str(lot_id),
        "unit_count": 60,
        "purpose": "order 7",
    }


def test_a_hold_is_placed_once_and_read_by_its_party_alone(park, body):
    mine, other = machine(park.id), machine(make_party(name_zh="别家").id)
    made = mine.post("holds/", body, key="h-1")
    again = mine.post("holds/", body, key="h-1")

    assert (made.status_code, again.status_code) == (201, 201)
    assert made.json() == again.json()
    assert Hold.objects.count() == 1
    address = made.headers["Location"]
    assert mine.get(address).json()["controlled"] == {"amount": 60, "measure": "t"}
    assert [one["id"] for one in mine.get("holds/").json()["items"]] == [made.json()["id"]]
    assert other.get(address).status_code == 404
    assert other.get("holds/").json()["items"] == []
    assert places(mine.get("positions/")) == {("FREE", 40), ("RESERVED", 60)}


def test_anothers_units_cannot_be_held(park, body):
    other = machine(make_party(name_zh="别家").id)
    assert other.post("holds/", body, key="h-1").status_code == 404
    assert Hold.objects.count() == 0


def test_more_than_is_free_is_refused_and_nothing_is_held(park, body):
    mine = machine(park.id)
    body["unit_count"] = 101
    answer = mine.post("holds/", body, key="h-1")
    assert answer.status_code == 409
    assert answer.json()["code"] in {"not_enough_units", "not_enough_free_units"}
    assert Hold.objects.count() == 0


def test_a_release_waits_for_a_person(park, body):
    mine = machine(park.id)
    address = mine.post("holds/", body, key="h-1").headers["Location"]
    path = address.removeprefix("/api/v1/") + "releases/"
    asked = mine.post(path, {"unit_count": 20, "reason": "order smaller"}, key="r-1")
    assert asked.status_code == 202
    assert places(mine.get("positions/")) == {("FREE", 40), ("RESERVED", 60)}

    approver = make_actor("APPROVER", party=park, name="王审")
    approvals.approve(approval_id=asked.json()["approval_id"], by=approver, at=timezone.now())
    assert places(mine.get("positions/")) == {("FREE", 60), ("RESERVED", 40)}


def test_an_approval_is_read_by_its_party_alone_and_never_given_by_a_machine(park, body):
    mine, other = machine(park.id), machine(make_party(name_zh="别家").id)
    address = mine.post("holds/", body, key="h-1").headers["Location"]
    path = address.removeprefix("/api/v1/") + "releases/"
    asked = mine.post(path, {"reason": "over"}, key="r-1").json()
    assert mine.get(asked["href"]).json()["state"] == "REQUESTED"
    assert [one["id"] for one in mine.get("approvals/", state="REQUESTED").json()["items"]] == [
        asked["approval_id"]
    ]
    assert other.get(asked["href"]).status_code == 404
    assert other.get("approvals/").json()["items"] == []
    assert mine.post(asked["href"].removeprefix("/api/v1/"), {}, key="a").status_code in {403, 405}
    assert Approval.objects.get().state == "REQUESTED"
