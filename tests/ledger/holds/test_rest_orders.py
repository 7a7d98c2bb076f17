"""Orders of courts, trusted accounts and waiting transfers for machines, as on the pages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ledger.accounts.models import TrustedAccount
from ledger.approvals import operations as approvals
from ledger.holds import operations as holds
from ledger.holds.models import Hold, PendingTransfer, Renewal
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM
from ledger.parameters.operations import load_seeds
from tests.factories.holdings import quantities
from tests.factories.machines import machine
from tests.factories.people import make_actor, make_party
from tests.factories.populated import ROOT
from tests.factories.units import FREE, ISSUER, UNISSUED, leg, lot
from tests.ledger.units.test_rest import NOON, opened, post

pytestmark = pytest.mark.django_db


class Park:
    """A party with 100 free units, and a counterparty with an account."""

    def __init__(self):
        load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
        load_schemes(by=SYSTEM, at=NOON)
        self.party, self.buyer = make_party(), make_party(name_zh="买方")
        self.account, self.lot = opened(self.party, "A-1"), lot("LOT-1", space=True)
        self.target = opened(self.buyer, "B-1")
        post(leg(self.lot, (ISSUER, UNISSUED), (self.account, FREE), 100, 1), kind="ISSUE")
        self.mine, self.theirs = machine(self.party.id), machine(self.buyer.id)

    def held(self):
        return quantities(self.account, self.lot)


@pytest.fixture
def park():
    return Park()


def order(park, **more):
    today = timezone.localdate()
    return {
        "order_number": "(2026)浙02执保7号",
        "order_body": "宁波市中级人民法院",
        "begins_on": today.isoformat(),
        "expires_on": (today + timedelta(days=90)).isoformat(),
        "evidence": "协助执行通知书",
        "account_id": str(park.account),
        "lot_id": str(park.lot),
        "unit_count": 80,
        **more,
    }


# --- orders of courts


def test_what_is_free_is_frozen_and_the_rest_stands_in_line(park):
    body = {"kind": "RESERVE", "account_id": str(park.account), "lot_id": str(park.lot)}
    park.mine.post("holds/", {**body, "unit_count": 60}, key="h-1")
    made = park.mine.post("freezes/", order(park), key="f-1")
    assert made.status_code == 201
    assert park.mine.post("freezes/", order(park), key="f-1").json() == made.json()
    told = [(one["controlled"]["amount"], one["rank"]) for one in made.json()["holds"]]
    assert told == [(40, 1), (0, 2)]
    assert {one["order_body"] for one in made.json()["holds"]} == {"宁波市中级人民法院"}
    assert park.held() == {"RESERVED": 60, "FROZEN": 40}


def test_anothers_units_and_an_order_without_an_end_in_time_freeze_nothing(park):
    assert park.theirs.post("freezes/", order(park), key="f-1").status_code == 404
    over = order(park, expires_on=timezone.localdate().isoformat())
    assert park.mine.post("freezes/", over, key="f-2").status_code == 409
    more = order(park, unit_count=101)
    assert park.mine.post("freezes/", more, key="f-3").status_code == 409
    assert not Hold.objects.exists()


def test_a_freeze_is_renewed_and_keeps_its_rank(park):
    (hold,) = park.mine.post("freezes/", order(park), key="f-1").json()["holds"]
    path = f"holds/{hold['id']}/renewals/"
    later = (timezone.localdate() + timedelta(days=120)).isoformat()
    given = {k: v for k, v in order(park).items() if not k.endswith("_id") and k != "unit_count"}
    made = park.mine.post(path, {**given, "expires_on": later}, key="r-1")
    assert (made.json()["expires_on"], made.json()["rank"]) == (later, 1)
    assert park.mine.post(path, given, key="r-2").status_code == 409  # it would end earlier
    assert park.theirs.post(path, given, key="r-1").status_code == 404
    assert Renewal.objects.count() == 1


# --- waiting transfers


@pytest.fixture
def waiting(park):
    by = make_actor("CARBON_MANAGER", party=park.party)
    now = timezone.now()
    return holds.send_units(
        lot_id=park.lot, from_account_id=park.account, to_account_id=park.target, unit_count=40,
        happened_on=timezone.localdate(), by=by, at=now, idempotency_key="s-1", reason="年度合同",
    )  # fmt: skip


def test_a_waiting_transfer_is_read_and_cancelled_by_its_party_alone(park, waiting):
    (row,) = park.mine.get("pending-transfers/", state="WAITING").json()["items"]
    assert (row["unit_count"], row["to_account_id"]) == (40, str(park.target))
    assert row["executes_on"] > timezone.localdate().isoformat()
    path = f"pending-transfers/{row['id']}/"
    assert park.mine.get(path).json() == row
    assert park.theirs.get("pending-transfers/").json()["items"] == []
    assert park.theirs.get(path).status_code == 404
    assert park.theirs.post(f"{path}cancellations/", {"reason": "x"}, key="c").status_code == 404
    gone = park.mine.post(f"{path}cancellations/", {"reason": "wrong buyer"}, key="c")
    assert gone.json()["state"] == "CANCELLED"
    assert park.mine.post(f"{path}cancellations/", {"reason": "wrong buyer"}, key="c").json() == (
        gone.json()
    )
    assert park.mine.post(f"{path}cancellations/", {"reason": "x"}, key="d").status_code == 409
    assert park.held() == {"FREE": 100}
    assert PendingTransfer.objects.count() == 1


# --- trusted counterparties


def test_trust_is_asked_for_by_one_and_given_and_taken_by_another(park):
    body = {"registry": "CCRC", "number": "B-1", "reason": "yearly contract"}
    asked = park.mine.post("trusted-accounts/", body, key="t-1")
    assert asked.status_code == 202
    assert park.mine.post("trusted-accounts/", body, key="t-1").json() == asked.json()
    assert park.mine.get("trusted-accounts/").json()["items"] == []
    checker = make_actor("APPROVER", party=park.party)
    approvals.approve(approval_id=asked.json()["approval_id"], by=checker, at=timezone.now())
    (row,) = park.mine.get("trusted-accounts/").json()["items"]
    assert (row["number"], row["account_id"]) == ("B-1", str(park.target))
    assert park.theirs.get("trusted-accounts/").json()["items"] == []
    path = f"trusted-accounts/{row['id']}/removals/"
    assert park.theirs.post(path, {"reason": "x"}, key="u-1").status_code == 404
    gone = park.mine.post(path, {"reason": "contract over"}, key="u-1")
    assert gone.status_code == 202
    approvals.approve(approval_id=gone.json()["approval_id"], by=checker, at=timezone.now())
    assert park.mine.get("trusted-accounts/").json()["items"] == []


def test_an_account_that_is_not_there_is_not_trusted(park):
    body = {"registry": "CCRC", "number": "B-9", "reason": "r"}
    assert park.mine.post("trusted-accounts/", body, key="t-1").status_code == 400
    assert not TrustedAccount.objects.exists()
