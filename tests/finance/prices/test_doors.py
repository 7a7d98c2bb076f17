"""Requests for approval, and the machines' door of prices."""

from datetime import date

import pytest
from django.utils import translation

from finance.prices import approvable, models
from ledger.approvals import operations as approvals
from ledger.kernel.actors import SYSTEM
from ledger.parameters import operations as parameters
from tests.factories import people, prices
from tests.factories.machines import machine
from tests.factories.prices import LATE, ROOT, fact

MONDAY = date(2026, 11, 16)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _book() -> None:
    parameters.load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=LATE)
    prices.load()


def test_an_approval_is_stale_when_the_day_was_told_meanwhile():
    payload = approvable.payload_of([fact(MONDAY, "74.63")], reason="", key="k")
    before = approvable.fingerprint_marks(payload)
    prices.mark(MONDAY, "74.00")
    assert approvable.fingerprint_marks(payload) != before


def test_a_request_says_what_it_replaces():
    prices.mark(MONDAY, "74.00")
    payload = approvable.payload_of([fact(MONDAY, "74.63")], reason="misread", key="k")
    with translation.override("zh-hans"):
        said = " ".join(approvable.describe_marks(payload))
    assert "74.63 CNY" in said and "第 1 版（74）" in said and "misread" in said


# --- machines


def test_a_machine_proposes_marks_once_and_reads_them():
    party = people.make_party()
    client = machine(party.pk)
    rows = [{
        "scheme": "CEA", "vintage_year": 2025, "source_code": "CNEEEX",
        "marked_on": "2026-11-16", "price": "74.63",
    }]  # fmt: skip
    first = client.post("marks/", {"rows": rows}, key="m-1")
    again = client.post("marks/", {"rows": rows}, key="m-1")
    assert (first.status_code, again.json()) == (202, first.json())
    assert models.Mark.objects.count() == 0
    approver = people.make_actor("APPROVER", party=party)
    approvals.approve(approval_id=first.json()["approval_id"], by=approver, at=LATE)
    found = client.get("marks/", scheme="CEA").json()["items"]
    assert [(one["price"], one["marked_on"]) for one in found] == [("74.630000", "2026-11-16")]
    one = client.get(f"marks/{found[0]['id']}/").json()
    assert one["source_code"] == "CNEEEX"


def test_a_machine_is_told_what_is_wrong_before_anybody_is_asked():
    client = machine(people.make_party().pk)
    row = {"from_currency": "EUR", "source_code": "CNEEEX", "rated_on": "2026-11-16", "rate": "8"}
    answer = client.post("exchange-rates/", {"rows": [row]}, key="r-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_of_this_source")
    right = client.post("exchange-rates/", {"rows": [{**row, "source_code": "CFETS"}]}, key="r-1")
    assert right.status_code == 202
    assert client.get("exchange-rates/").json()["items"] == []


def test_a_machine_reads_the_value_of_its_own_holdings_only():
    prices.mark(MONDAY, "74.63")
    client = machine(people.make_party().pk)
    answer = client.get("valuations/", on="2026-11-16").json()
    assert (answer["value"], answer["lines"]) == ({"amount": "0", "currency": "CNY"}, [])
    other = people.make_party().pk
    assert client.get("valuations/", on="2026-11-16", party_id=str(other)).status_code == 404
