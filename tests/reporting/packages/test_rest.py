"""Disclosures and reports for machines: read, tell, ask, follow, take, withdraw."""

import hashlib

import pytest

from ledger.approvals import operations as approvals
from ledger.approvals.models import Approval
from ledger.audit.models import Event
from ledger.jobs import operations as jobs
from ledger.jobs.models import Job
from ledger.kernel.actors import Role
from ledger.parties.models import Party
from reporting.disclosures.frameworks import data_points, frameworks
from reporting.disclosures.models import Entry
from reporting.packages import tasks
from reporting.packages.models import Report, Withdrawal
from tests.factories.machines import machine
from tests.reporting.inventories.conftest import NOON, person
from tests.reporting.packages.making import evidence, frozen_year
from tests.reporting.packages.test_reports import golden_facility, make, opine  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def frozen(dataset, park, manager):
    return frozen_year(park, manager)


@pytest.fixture
def ours(manager):
    return machine(manager.own_party)


@pytest.fixture
def stranger():
    other = Party.objects.create(kind=Party.Kind.PARK_OPERATOR, name_zh="别的园区")
    return machine(other.pk)


# --- reading


def test_frameworks_and_data_points_are_told_with_our_own_words(ours):
    told = {one["code"]: one for one in ours.get("disclosures/frameworks/").json()["items"]}
    assert set(told) == set(frameworks())
    assert told["ESRS-E1"]["title"]["zh"] and told["ESRS-E1"]["asked_count"] > 20
    points = {one["key"]: one for one in ours.get("disclosures/data-points/").json()["items"]}
    assert set(points) == set(data_points())
    assert not points["scope_1"]["is_told_by_people"]
    assert "GHG-PROTOCOL" in points["scope_1"]["asked_by"]
    assert points["internal_carbon_price"]["unit"] == "CNY/tCO2e"


def test_a_machine_sees_what_is_told_and_what_is_missing(ours, frozen):
    counted = ours.get(f"disclosures/{frozen.id}/").json()
    row = next(x for x in counted["frameworks"] if x["framework"] == "GRI-302-305")
    told = ours.get(f"disclosures/{frozen.id}/GRI-302-305/").json()
    states = [one["state"] for one in told["points"]]
    assert (row["present_count"], row["missing_count"]) == (
        states.count("PRESENT"), states.count("MISSING"),
    )  # fmt: skip
    assert row["missing_count"] > 0 and told["is_draft"]
    points = {one["key"]: one for one in told["points"]}
    whole = frozen.content["result"]["totals"]["scope_1_tco2e"]
    assert (points["scope_1"]["value"], points["scope_1"]["unit"]) == (whole, "tCO2e")
    assert points["scope_3"]["state"] == "MISSING" and points["scope_3"]["value"] is None


def test_a_framework_of_another_year_and_one_that_is_not_are_refused(ours, facility):
    refused = ours.get(f"disclosures/{facility.id}/GRI-102-103/")
    assert (refused.status_code, refused.json()["code"]) == (409, "framework_of_another_year")
    assert ours.get(f"disclosures/{facility.id}/NONE/").json()["code"] == "unknown_framework"


def test_a_stranger_finds_nothing(stranger, frozen, park, manager):
    assert stranger.get(f"disclosures/{frozen.id}/").status_code == 404
    assert stranger.get(f"disclosures/{frozen.id}/ESRS-E1/").status_code == 404
    told = {"frozen_inventory_id": str(frozen.id), "point": "policy", "kind": "TEXT",
            "text_zh": "甲", "text_en": "a"}  # fmt: skip
    assert stranger.post("disclosures/entries/", told, key="k").status_code == 404
    asked = {"frozen_inventory_id": str(frozen.id), "language": "en"}
    assert stranger.post("reports/", asked, key="k").status_code == 404
    assert Approval.objects.count() == Job.objects.count() == 0


# --- telling


def test_a_told_figure_waits_for_a_person_and_is_asked_for_once(frozen, operator, manager):
    ours = machine(manager.own_party)
    shown = evidence(manager)
    told = {"frozen_inventory_id": str(frozen.id), "point": "internal_carbon_price",
            "kind": "FIGURE", "amount": "90.5", "evidence_id": str(shown.pk)}  # fmt: skip
    first = ours.post("disclosures/entries/", told, key="k1")
    again = ours.post("disclosures/entries/", told, key="k1")
    assert (first.status_code, again.json()) == (202, first.json())
    assert Entry.objects.count() == 0
    approval = Approval.objects.get()
    assert "90.5 CNY/tCO2e" in approval.summary[0] and shown.sha256 in approval.summary[-1]

    approver = person(operator, Role.APPROVER)
    approvals.approve(approval_id=approval.pk, by=approver, at=NOON)

    (row,) = ours.get("disclosures/entries/", point="internal_carbon_price").json()["items"]
    assert (row["amount"], row["evidence_sha256"], row["version"]) == ("90.5", shown.sha256, 1)
    assert ours.get(f"disclosures/entries/{row['id']}/").json() == row
    points = ours.get(f"disclosures/{frozen.id}/ESRS-E1/").json()["points"]
    price = next(one for one in points if one["key"] == "internal_carbon_price")
    assert (price["value"], price["origin"], price["entry_id"]) == ("90.5", "ENTERED", row["id"])


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"evidence_id": None}, 409, "figure_needs_evidence"),
        ({"amount": None}, 409, "amount_missing"),
        ({"point": "policy"}, 409, "not_a_figure"),
        ({"point": "nothing"}, 409, "unknown_data_point"),
        ({"kind": "TEXT"}, 409, "words_missing"),
        ({"kind": "GUESS"}, 400, "invalid"),
        ({"unit": "kg"}, 400, "invalid"),
    ],
)
def test_what_cannot_be_told_is_refused_by_name_and_nothing_is_asked_for(
    frozen, manager, change, status, code
):
    shown = str(evidence(manager).pk)
    told = {"frozen_inventory_id": str(frozen.id), "point": "internal_carbon_price",
            "kind": "FIGURE", "amount": "90.5", "evidence_id": shown}  # fmt: skip
    ours = machine(manager.own_party)
    refused = ours.post("disclosures/entries/", {**told, **change}, key="k")
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert Approval.objects.count() == 0


def test_telling_needs_a_key_and_a_role_that_writes(frozen, manager):
    told = {"frozen_inventory_id": str(frozen.id), "point": "policy", "kind": "TEXT",
            "text_zh": "甲", "text_en": "a"}  # fmt: skip
    ours = machine(manager.own_party)
    assert ours.post("disclosures/entries/", told, key=None).status_code == 400
    for reader in (machine(manager.own_party, "FUND_MANAGER"),
                   machine(manager.own_party, scopes=("read",))):  # fmt: skip
        assert reader.post("disclosures/entries/", told, key="k").status_code == 403
        assert reader.post("reports/", told, key="k").status_code == 403
    assert Approval.objects.count() == 0


# --- reports


def test_a_machine_asks_follows_and_takes_a_report(ours, frozen, own_keys):
    asked = {"frozen_inventory_id": str(frozen.id), "framework": "VSME-B3", "language": "en"}
    first = ours.post("reports/", asked, key="k1")
    assert (first.status_code, first.json()["state"]) == (202, "QUEUED")
    # another key, the same inputs: the same job
    assert ours.post("reports/", asked, key="k2").json()["id"] == first.json()["id"]
    assert Job.objects.count() == 1

    tasks.make_report(job_id=first.json()["id"])
    done = ours.get(first.headers["Location"]).json()
    assert (done["state"], done["done_count"]) == ("DONE", tasks.STEPS)
    told = ours.get(f"reports/{done['report_id']}/").json()
    assert (told["framework"], told["language"], told["state"]) == ("VSME-B3", "en", "DRAFT")
    assert [one["form"] for one in told["files"]] == ["pdf", "json", "xhtml", "xlsx"]
    for one in told["files"]:
        taken = ours.get(one["href"])
        assert hashlib.sha256(taken.content).hexdigest() == one["sha256"], one["form"]
    assert Event.objects.filter(verb="report.downloaded").count() == 4
    (listed,) = ours.get("reports/", framework="VSME-B3").json()["items"]
    assert listed["id"] == done["report_id"]
    assert ours.get("reports/", framework="ESRS-E1").json()["items"] == []


def test_a_job_is_stopped_and_taken_up_again_by_a_machine(ours, frozen, own_keys):
    asked = {"frozen_inventory_id": str(frozen.id), "language": "en"}
    made = ours.post("reports/", asked, key="k1").json()
    stopped = ours.post(f"report-jobs/{made['id']}/cancellations/", {}, key="k2")
    assert stopped.json()["state"] == "CANCELLED"
    tasks.make_report(job_id=made["id"])
    assert Report.objects.count() == 0
    again = ours.post(f"report-jobs/{made['id']}/retries/", {}, key="k3")
    assert again.json()["state"] == "QUEUED"
    tasks.make_report(job_id=made["id"])
    assert ours.get(f"report-jobs/{made['id']}/").json()["state"] == "DONE"
    assert Report.objects.count() == 1


def test_a_job_of_another_kind_or_party_is_not_there(ours, stranger, frozen, manager):
    asked = {"frozen_inventory_id": str(frozen.id), "language": "en"}
    made = ours.post("reports/", asked, key="k1").json()
    assert stranger.get(f"report-jobs/{made['id']}/").status_code == 404
    other = jobs.enqueue(kind="other", task="other.task", args={}, by=manager, at=NOON)
    assert ours.get(f"report-jobs/{other.pk}/").status_code == 404
    assert ours.post(f"report-jobs/{other.pk}/cancellations/", {}, key="k2").status_code == 404


@pytest.mark.usefixtures("own_keys")
def test_a_machine_withdraws_only_with_a_person_and_packs_no_draft(
    golden_facility, park, manager, operator, stranger  # noqa: F811
):  # fmt: skip
    ours = machine(manager.own_party)
    draft = make(golden_facility, manager)
    refused = ours.post(f"reports/{draft.pk}/packages/", {}, key="k0")
    assert (refused.status_code, refused.json()["code"]) == (409, "draft_has_no_package")
    opine(golden_facility, park, manager)
    report = make(golden_facility, manager)
    assert stranger.get(f"reports/{report.pk}/").status_code == 404
    assert stranger.get(f"reports/{report.pk}/files/pdf/").status_code == 404
    assert stranger.get("reports/").json()["items"] == []
    packed = ours.post(f"reports/{report.pk}/packages/", {}, key="k1")
    assert (packed.status_code, packed.json()["kind"]) == (202, "package")

    asked = ours.post(f"reports/{report.pk}/withdrawals/", {"reason": "Twice."}, key="k2")
    assert asked.status_code == 202 and Withdrawal.objects.count() == 0
    approver = person(operator, Role.APPROVER)
    approvals.approve(approval_id=asked.json()["approval_id"], by=approver, at=NOON)
    assert Withdrawal.objects.get().reason == "Twice."
    assert ours.get(f"reports/{report.pk}/").json()["state"] == "WITHDRAWN"
