"""Statements and breaks for machines: read, worked, and corrections only asked for."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ledger.approvals import operations as approvals
from ledger.audit.models import Event
from ledger.jobs.models import Job
from ledger.kernel.actors import SYSTEM
from ledger.parameters.operations import load_seeds
from ledger.reconciliation.models import Break, BreakNote, Override, Withdrawal
from tests.factories.holdings import open_account
from tests.factories.machines import machine
from tests.factories.people import make_party
from tests.factories.populated import ROOT
from tests.factories.statements import compare, line, shop, statement
from tests.factories.units import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    return shop()


@pytest.fixture
def found(place):
    """Ten serials that the registry does not have."""
    statement(place.account_id, line(90, 1, space=place.space), by=place.maker)
    (one,) = compare(place.account_id)
    return one


@pytest.fixture
def mine(place):
    return machine(place.maker.party_id)


def test_statements_comparisons_and_breaks_are_read_by_their_party_alone(place, found, mine):
    other = machine(make_party(name_zh="别家").id)
    (told,) = mine.get("statements/", account_id=str(place.account_id)).json()["items"]
    assert (told["unit_count"], told["line_count"], told["is_withdrawn"]) == (90, 1, False)
    (compared,) = mine.get("comparisons/", statement_id=told["id"]).json()["items"]
    assert (compared["our_count"], compared["their_count"]) == (100, 90)
    (row,) = mine.get("breaks/", state="OPEN", kind="MISSING_THERE").json()["items"]
    assert (row["first_serial"], row["last_serial"], row["unit_count"]) == (91, 100, 10)
    assert mine.get(f"breaks/{found.pk}/").json()["notes"] == []
    assert mine.get("breaks/", state="CLOSED").json()["items"] == []
    for path in ("statements/", "comparisons/", "breaks/", "overrides/"):
        assert other.get(path).json()["items"] == []
    assert other.get(f"breaks/{found.pk}/").status_code == 404
    assert other.get(f"statements/{told['id']}/").status_code == 404


def test_an_account_is_compared_once_for_one_key(place, found, mine):
    body = {"account_id": str(place.account_id)}
    first, again = (mine.post("comparisons/", body, key="c-1") for _ in range(2))
    assert (first.status_code, again.json()) == (202, first.json())
    assert Job.objects.filter(pk=first.json()["job_id"]).count() == 1
    other = machine(make_party(name_zh="别家").id)
    assert other.post("comparisons/", body, key="c-1").status_code == 404


def test_a_break_is_assigned_noted_and_explained(place, found, mine):
    address = f"breaks/{found.pk}"
    owner = {"owner_id": str(place.maker.user_id)}
    assert mine.post(f"{address}/assignments/", owner, key="a").json()["state"] == "ASSIGNED"
    stranger = {"owner_id": str(place.lot_id)}
    assert mine.post(f"{address}/assignments/", stranger, key="b").status_code == 404
    for _ in range(2):  # sent twice, written once
        assert mine.post(f"{address}/notes/", {"text": "asked them"}, key="n").status_code == 201
    assert BreakNote.objects.count() == 1
    told = mine.post(f"{address}/explanations/", {"text": "on its way"}, key="e").json()
    assert told["state"] == "EXPLAINED"
    texts = [one["text"] for one in mine.get(f"{address}/").json()["notes"]]
    assert texts == ["asked them", "on its way"]
    refused = mine.post(f"{address}/closings/", {"reason": "tired"}, key="z")
    assert refused.status_code == 409
    found.refresh_from_db()
    assert found.state == "EXPLAINED"


def send(client, path, text, key, *, content=b"%PDF-1.7 letter", name="letter.pdf"):
    body = {"text": text, "file": SimpleUploadedFile(name, content, "application/pdf")}
    headers = client.headers() | {"Idempotency-Key": key}
    return client.client.post(f"/api/v1/{path}", body, headers=headers)


def test_evidence_comes_with_a_note_and_is_read_back_by_its_party_alone(place, found, mine):
    path = f"breaks/{found.pk}"
    for _ in range(2):  # sent twice, kept once
        assert send(mine, f"{path}/notes/", "their answer", "n-1").status_code == 201
    (note,) = mine.get(f"{path}/").json()["notes"]
    assert note["text"] == "their answer"
    told = mine.get(f"files/{note['file_id']}/").json()
    assert (told["name"], told["purpose"], told["kind"]) == (
        "letter.pdf", "break", "application/pdf",
    )  # fmt: skip
    assert mine.get("files/", purpose="break").json()["items"] == [told]
    content = mine.get(f"files/{note['file_id']}/content/")
    assert content.content == b"%PDF-1.7 letter"
    assert "attachment" in content.headers["Content-Disposition"]
    assert Event.objects.filter(verb="file.downloaded").count() == 1
    other = machine(make_party(name_zh="别家").id)
    for address in (f"files/{note['file_id']}/", f"files/{note['file_id']}/content/"):
        assert other.get(address).status_code == 404
    assert send(other, f"{path}/notes/", "mine?", "n-1").status_code == 404


def test_the_same_key_with_another_file_and_a_file_of_no_known_kind_are_refused(found, mine):
    path = f"breaks/{found.pk}/notes/"
    assert send(mine, path, "", "n-1").status_code == 201
    assert send(mine, path, "", "n-1", content=b"%PDF-1.7 other").status_code == 422
    assert send(mine, path, "", "n-2", content=b"MZ\x00\x01", name="a.exe").status_code == 409
    assert mine.post(path, {"text": ""}, key="n-3").status_code == 409
    assert BreakNote.objects.count() == 1


def test_an_explanation_may_bring_its_proof(place, found, mine):
    owner = {"owner_id": str(place.maker.user_id)}
    mine.post(f"breaks/{found.pk}/assignments/", owner, key="a")
    told = send(mine, f"breaks/{found.pk}/explanations/", "on its way", "e-1").json()
    assert told["state"] == "EXPLAINED"
    (note,) = BreakNote.objects.all()
    assert note.file_id is not None


def test_a_correction_waits_for_an_approver(place, found, mine):
    owner = {"owner_id": str(place.maker.user_id)}
    mine.post(f"breaks/{found.pk}/assignments/", owner, key="a")
    body = {"reason": "sold before", "lot_id": str(place.lot_id)}
    lost = mine.post(f"breaks/{found.pk}/corrections/", body, key="k")
    assert lost.status_code == 409  # where to?
    body["counter_account_id"] = str(open_account("T-1", by=place.maker).pk)
    asked = mine.post(f"breaks/{found.pk}/corrections/", body, key="k")
    assert asked.status_code == 202
    assert mine.post(f"breaks/{found.pk}/corrections/", body, key="k").json() == asked.json()
    assert Break.objects.get(pk=found.pk).entry_id is None
    approvals.approve(approval_id=asked.json()["approval_id"], by=place.checker, at=timezone.now())
    row = mine.get(f"breaks/{found.pk}/").json()
    assert row["state"] == "CLOSED"
    assert row["entry_id"] is not None


def test_a_block_is_lifted_by_two_persons(place, found, mine):
    body = {
        "account_id": str(place.account_id),
        "scheme": "CCER",
        "vintage_year": 2025,
        "expires_on": (timezone.localdate() + timedelta(days=2)).isoformat(),
        "deadline_on": (timezone.localdate() + timedelta(days=1)).isoformat(),
        "reason": "deadline",
    }
    asked = mine.post("overrides/", body, key="o")
    assert asked.status_code == 202
    assert Override.objects.count() == 0
    approvals.approve(approval_id=asked.json()["approval_id"], by=place.checker, at=timezone.now())
    (row,) = mine.get("overrides/").json()["items"]
    assert (row["break_ids"], row["deadline_on"]) == ([str(found.pk)], body["deadline_on"])
    assert mine.post("overrides/", {**body, "scheme": "CEA"}, key="p").status_code == 409


def test_a_wrong_statement_is_withdrawn_once(place, found, mine):
    path = f"statements/{found.statement_id}/withdrawals/"
    answer = mine.post(path, {"reason": "wrong file"}, key="w")
    assert (answer.status_code, answer.json()["is_withdrawn"]) == (201, True)
    assert mine.post(path, {"reason": "wrong file"}, key="w-2").status_code == 409
    assert Withdrawal.objects.count() == 1


def test_a_reader_may_not_work_a_break(place, found):
    reader = machine(place.maker.party_id, role="AUDITOR")
    for act in ("notes", "explanations", "assignments", "corrections", "closings"):
        assert reader.post(f"breaks/{found.pk}/{act}/", {}, key="x").status_code == 403
