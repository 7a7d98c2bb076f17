"""Trades for machines: proposed as on the pages, done once, read by their party alone."""

import pytest
from django.utils import timezone

from finance.trades.models import Settlement, Trade
from ledger.approvals import operations as approvals
from ledger.approvals.models import Approval
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM
from tests.factories.machines import machine
from tests.factories.people import make_actor, make_party
from tests.factories.units import FREE, ISSUER, UNISSUED, leg, lot
from tests.ledger.units.test_rest import NOON, opened, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def park():
    load_schemes(by=SYSTEM, at=NOON)
    return make_party()


@pytest.fixture
def sale(park):
    account_id, lot_id = opened(park, "A-1"), lot("LOT-1")
    post(leg(lot_id, (ISSUER, UNISSUED), (account_id, FREE), 100), kind="ISSUE")
    day = timezone.localdate().isoformat()
    return {
        "side": "SELL",
        "mode": "OTC",
        "scheme": "CEA",
        "vintage_year": 2025,
        "unit_count": 60,
        "unit_price": "75.00",
        "fee": "5.00",
        "traded_on": day,
        "settles_on": day,
        "account_id": str(account_id),
        "lot_id": str(lot_id),
        "reference": "API-1",
    }


def approve(park):
    (waiting,) = Approval.objects.filter(state="REQUESTED")
    approver = make_actor("APPROVER", party=park)
    approvals.approve(approval_id=waiting.pk, by=approver, at=timezone.now())


def test_a_sale_is_asked_for_once_decided_by_a_person_and_read_by_its_party(park, sale):
    mine, other = machine(park.id), machine(make_party(name_zh="别家").id)
    first, again = mine.post("trades/", sale, key="t-1"), mine.post("trades/", sale, key="t-1")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert Trade.objects.count() == 0
    approve(park)
    trade = Trade.objects.get()
    (row,) = mine.get("trades/").json()["items"]
    assert (row["units"], row["cash_amount"]) == ({"amount": 60, "measure": "t"}, "4495.00")
    assert other.get(f"trades/{trade.pk}/").status_code == 404
    assert other.get("trades/").json()["items"] == []

    asked = {"settled_on": sale["traded_on"], "unit_count": 20}
    assert mine.post(f"trades/{trade.pk}/settlements/", asked, key="s-1").status_code == 202
    approve(park)
    told = mine.get(f"trades/{trade.pk}/").json()
    assert (told["state"], told["settled"]["amount"]) == ("PART_SETTLED", 20)
    assert told["settlements"][0]["entry_id"] == str(Settlement.objects.get().entry_id)
    lots = mine.get("cost-lots/").json()["items"]
    assert [(one["units"]["amount"], one["is_free"]) for one in lots] == [(80, True)]


def test_a_failure_is_noted_at_once_and_once(park, sale):
    mine = machine(park.id)
    mine.post("trades/", sale, key="t-1")
    approve(park)
    trade = Trade.objects.get()
    body = {"failed_on": sale["traded_on"], "reason": "no money"}
    made = [mine.post(f"trades/{trade.pk}/failures/", body, key="f-1") for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    assert Settlement.objects.get().outcome == "FAILED"


def test_what_cannot_be_is_refused_and_nothing_is_asked_for(park, sale):
    mine = machine(park.id)
    more = mine.post("trades/", {**sale, "unit_count": 101}, key="t-1")
    assert (more.status_code, more.json()["code"]) == (409, "not_enough_units")
    free = mine.post("trades/", {**sale, "unit_price": "0"}, key="t-2")
    assert (free.status_code, free.json()["code"]) == (409, "trade_not_a_price")
    assert mine.post("trades/", sale, key=None).status_code == 400
    assert Approval.objects.count() == 0
    reader = machine(park.id, "DATA_OFFICER")
    assert reader.get("trades/").status_code == 403


def test_suggested_entries_name_the_entry_of_the_ledger(park, sale):
    mine = machine(park.id)
    mine.post("trades/", sale, key="t-1")
    approve(park)
    trade = Trade.objects.get()
    asked = {"settled_on": sale["traded_on"]}
    mine.post(f"trades/{trade.pk}/settlements/", asked, key="s-1")
    approve(park)
    day = sale["traded_on"]
    (entry,) = mine.get("suggested-entries/", since=day, until=day).json()["items"]
    assert entry["entry_id"] == str(Settlement.objects.get().entry_id)
    assert [(one["side"], one["account"], one["amount"]) for one in entry["lines"]] == [
        ("DEBIT", "1002", "4495.00"),
        ("CREDIT", "6301", "4495.00"),
    ]
    batch = mine.post("entry-batches/", {"since": day, "until": day}, key="b-1")
    assert batch.status_code == 201
    kept = mine.get(batch.headers["Location"]).json()
    assert kept["entries"][0]["entry_id"] == entry["entry_id"]
