"""Claims for machines: proposed, never made by a machine alone."""

import pytest
from django.utils import timezone

from ledger.approvals import operations as approvals
from ledger.claims.models import Claim
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
    account_id = opened(park, "A-1")
    lot_id = lot("LOT-1", space=True, scheme="CCER", vintage_year=2024)
    post(leg(lot_id, (ISSUER, UNISSUED), (account_id, FREE), 100, 1), kind="ISSUE")
    return {
        "account_id": str(account_id),
        "lot_id": str(lot_id),
        "unit_count": 40,
        "use": "OFFSET",
        "purpose": "annual meeting",
        "first_day": "2025-01-01",
        "last_day": "2025-12-31",
    }


def decided(park, asked):
    approver = make_actor("APPROVER", party=park, name="王审")
    approvals.approve(approval_id=asked.json()["approval_id"], by=approver, at=timezone.now())


def test_a_claim_waits_for_a_person_is_read_and_is_taken_back(park, body):
    mine = machine(park.id)
    asked = mine.post("claims/", body, key="c-1")
    assert asked.status_code == 202
    assert mine.post("claims/", body, key="c-1").json() == asked.json()
    assert Claim.objects.count() == 0
    decided(park, asked)
    assert places(mine.get("positions/")) == {("FREE", 60), ("RETIRED", 40)}
    (claim,) = mine.get("claims/", state="STANDING").json()["items"]
    assert (claim["unit_count"], claim["purpose"]) == (40, "annual meeting")

    path = f"claims/{claim['id']}/reversals/"
    back = mine.post(path, {"reason": "wrong year"}, key="r-1")
    assert back.status_code == 202
    decided(park, back)
    assert places(mine.get("positions/")) == {("FREE", 100)}
    assert mine.post(path, {"reason": "again"}, key="r-2").status_code == 409


def test_a_redemption_names_its_country(park, body):
    account_id = opened(park, "A-2")
    lot_id = lot("LOT-2", space=True, scheme="IREC", vintage_year=2024)
    post(leg(lot_id, (ISSUER, UNISSUED), (account_id, FREE), 10, 1), kind="ISSUE")
    redeemed = {**body, "account_id": str(account_id), "lot_id": str(lot_id), "unit_count": 5}
    answer = machine(park.id).post("claims/", redeemed, key="c-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "country_needed")


def test_anothers_units_or_an_odd_period_claim_nothing(park, body):
    other = machine(make_party(name_zh="别家").id)
    assert other.post("claims/", body, key="c-1").status_code == 404
    odd = {**body, "first_day": "2026-01-01"}
    assert machine(park.id).post("claims/", odd, key="c-1").status_code == 400
    auditor = machine(park.id, role="AUDITOR")
    assert auditor.post("claims/", body, key="c-1").status_code == 403
    assert Claim.objects.count() == 0
