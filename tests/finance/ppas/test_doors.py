"""Contracts for machines, and acts that two people let happen."""

import pytest
from django.utils import timezone

from finance.ppas import approvable, models, operations, tasks
from finance.ppas.states import ContractState, StatementKind
from ledger.approvals import operations as approvals
from ledger.approvals.models import Approval
from ledger.approvals.rules import StateChanged
from ledger.kernel.actors import SYSTEM
from tests.factories.machines import machine
from tests.factories.people import make_actor, make_party
from tests.factories.ppas import DECEMBER, NOON, Bargain, meishan

pytestmark = pytest.mark.django_db


@pytest.fixture
def park():
    return make_party()


def body(seller, buyer, **given):
    return {
        "number": "PPA-1", "title": "wind", "kind": "GREEN_TRADE", "seller_id": str(seller),
        "buyer_id": str(buyer), "valid_from": "2020-12-01", "valid_to": "2021-01-01",
        "quantity_rule": "THREE_WAY", "is_bundled": True, "evidence": "scan", **given,
    }  # fmt: skip


def test_a_machine_enters_a_contract_with_its_terms_and_meters_once(park):
    mine, seller = machine(park.pk), make_party(name_zh="风电", kind="COMPANY")
    made = mine.post("ppa-contracts/", body(seller.pk, park.pk), key="c-1")
    again = mine.post("ppa-contracts/", body(seller.pk, park.pk), key="c-1")
    assert (made.status_code, again.json()) == (201, made.json())
    assert models.Contract.objects.count() == 1
    other = mine.post("ppa-contracts/", body(seller.pk, park.pk, title="x"), key="c-1")
    assert other.status_code == 422
    own = f"ppa-contracts/{made.json()['id']}/"
    point = mine.post(
        "metering-points/",
        {"code": "MILL", "name": "mill", "side": "CONSUMPTION", "grain": "MONTH",
         "user_id": str(park.pk)},
        key="p-1",
    )  # fmt: skip
    share = {"point_id": point.json()["id"], "share_bps": 10_000}
    assert mine.post(f"{own}meters/", share, key="m-1").status_code == 201
    price = {
        "kind": "ENVIRONMENT",
        "cny_per_kwh": "0.01",
        "valid_from": "2020-12-01",
        "basis": "§4",
    }
    told = mine.post(f"{own}terms/", {"price": price, "volumes": "2020-12 20000"}, key="t-1").json()
    assert told["volumes"] == [{"month": "2020-12-01", "mwh": "20000.000000"}]
    assert told["prices"][0]["cny_per_kwh"] == "0.01000000"
    assert [one["share_bps"] for one in told["meters"]] == [10_000]
    refused = mine.post(f"{own}signing/", {}, key="s-1")
    assert refused.status_code == 202  # what is missing is refused when it is approved
    stranger = machine(make_party(name_zh="别家").pk)
    assert stranger.get(own).status_code == 404
    assert stranger.get("ppa-contracts/").json()["items"] == []


def test_rows_are_brought_by_a_machine_and_settled():
    bargain = meishan()
    mine = machine(bargain.buyer_id)
    rows = {"rows": [{"point": "WIND", "time": "2020-12", "energy": "15000", "unit": "MWh"}]}
    brought = mine.post("meter-readings/", rows, key="r-1")
    assert (brought.status_code, brought.json()["state"]) == (202, "WAITING")
    tasks.read_upload(models.Upload.objects.get(pk=brought.json()["id"]).pk)
    told = mine.get(brought.headers["Location"]).json()
    assert (told["state"], told["corrected_count"]) == ("TAKEN", 1)
    asked = mine.post(
        f"ppa-contracts/{bargain.contract.pk}/settling/",
        {"first": "2020-12-01", "last": "2020-12-01"},
        key="j-1",
    )
    tasks.settle(job_id=asked.json()["job_id"])
    (item,) = mine.get("ppa-settlements/", standing="true").json()["items"]
    assert (item["settled_mwh"], item["buyer_pays_cny"]) == ("15000.000000", "150000.00")
    whole = mine.get(f"ppa-settlements/{item['id']}/").json()
    assert [line["amount_cny"] for line in whole["lines"]] == ["150000.00"]
    assert {one["metered_mwh"] for one in whole["meters"]} == {"15000.000000", "20000.000000"}


def proposed(operation, payload, said, *, by):
    return approvals.propose(
        operation=operation, payload=payload, summary=said, party_id=by.own_party,
        by=by, at=timezone.now(),
    ).approval  # fmt: skip


@pytest.fixture
def people(park):
    return make_actor("CARBON_MANAGER", party=park), make_actor("APPROVER", party=park, name="周正")


def test_what_the_approver_saw_becomes_final_and_nothing_else(park, people):
    manager, approver = people
    bargain = bargain_of(park, manager)
    bargain.settle()
    payload = {"contract_id": str(bargain.contract.pk), "months": ["2020-12-01"], "key": "k"}
    said = approvable.describe_finalise(payload)
    assert any("14,000" in sentence for sentence in said)
    asked = proposed(approvable.FINALISE, payload, said, by=manager)
    bargain.read([("WIND", "2020-12", "14001")])
    bargain.settle()
    with pytest.raises(StateChanged):
        approvals.approve(approval_id=asked.pk, by=approver, at=timezone.now())
    assert not models.Settlement.objects.filter(kind=StatementKind.FINAL).exists()
    again = proposed(
        approvable.FINALISE, {**payload, "key": "k2"}, approvable.describe_finalise(payload),
        by=manager,
    )  # fmt: skip
    approvals.approve(approval_id=again.pk, by=approver, at=timezone.now())
    final = models.Settlement.objects.get(kind=StatementKind.FINAL)
    assert final.approval_id == again.pk


def test_a_draft_comes_into_force_by_two_and_not_when_it_changed(park, people):
    manager, approver = people
    bargain = bargain_of(park, manager, signed=False)
    payload = {"contract_id": str(bargain.contract.pk), "key": "k"}
    said = approvable.describe_sign(payload)
    asked = proposed(approvable.SIGN, payload, said, by=manager)
    bargain.price("SERVICE", "0.001")
    with pytest.raises(StateChanged):
        approvals.approve(approval_id=asked.pk, by=approver, at=timezone.now())
    again = proposed(approvable.SIGN, {**payload, "key": "k2"}, said, by=manager)
    approvals.approve(approval_id=again.pk, by=approver, at=timezone.now())
    bargain.contract.refresh_from_db()
    assert bargain.contract.state == ContractState.SIGNED
    assert Approval.objects.get(pk=again.pk).result == {"contract": str(bargain.contract.pk)}


def test_an_adjustment_tells_what_was_and_what_is(park, people):
    manager, approver = people
    bargain = bargain_of(park, manager)
    bargain.settle()
    operations.finalise_settlements(
        contract_id=bargain.contract.pk, months=[DECEMBER], by=SYSTEM, at=NOON
    )
    bargain.read([("WIND", "2020-12", "15000")])
    payload = {
        "contract_id": str(bargain.contract.pk), "month": "2020-12-01", "reason": "更正",
        "key": "k",
    }  # fmt: skip
    said = approvable.describe_adjust(payload)
    assert any("14,000 → 15,000" in sentence for sentence in said)
    asked = proposed(approvable.ADJUST, payload, said, by=manager)
    approvals.approve(approval_id=asked.pk, by=approver, at=timezone.now())
    assert models.Settlement.objects.get(kind=StatementKind.ADJUSTED).reason == "更正"


def bargain_of(park, manager, *, signed=True):
    """The Meishan case with a park as its buyer, its manager keeping the book."""
    bargain = Bargain(buyer=park.pk, manager=manager)
    if signed:
        bargain.signed("2020-12 20000", ENVIRONMENT="0.01")
        bargain.read([("WIND", "2020-12", "14000"), ("MILL", "2020-12", "20000")])
        return bargain
    bargain.attach(bargain.wind)
    bargain.attach(bargain.user)
    bargain.volumes("2020-12 20000")
    bargain.price("ENVIRONMENT", "0.01")
    return bargain
