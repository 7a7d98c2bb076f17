"""Registries' files from machines: uploaded, mapped, read, taken in and undone as on the pages."""

import json
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ledger.imports.models import Import
from ledger.imports.states import ImportState as S
from ledger.units.models import Entry
from tests.factories import imports as files
from tests.factories.machines import machine
from tests.factories.people import make_party
from tests.ledger.imports.test_strangers import HEADINGS as HEADINGS_UK
from tests.ledger.imports.test_strangers import OURS, STRANGER, line

pytestmark = pytest.mark.django_db
LINES = "P1,2022,100,A-1 to 100,2023-01-05\nP2,2023,7,B-1 to 7,2024-02-05\n"
BAD = "P1,2022,many,A-1 to 100,2023-01-05\n"


@pytest.fixture
def by():
    return files.manager()


@pytest.fixture
def account_id(by):
    return files.account(by)


@pytest.fixture
def mine(by):
    return machine(by.party_id)


def upload(mine, account_id, lines=LINES, *, key="u-1", **more):
    file = SimpleUploadedFile("file.csv", (files.HEADINGS + lines).encode(), "text/csv")
    body = {"file": file, "target": "units", "as_of": "2026-01-05", "account_id": str(account_id)}
    headers = mine.headers() | {"Idempotency-Key": key}
    return mine.client.post("/api/v1/imports/", {**body, **more}, headers=headers)


def mapping(mine, **changes):
    told = {**files.SPEC, "name": "usual", **changes}
    return mine.post("import-mappings/", json.loads(json.dumps(told)), key=f"m-{len(changes)}")


def test_a_file_is_uploaded_once_mapped_read_and_taken_in(mine, by, account_id):
    made = upload(mine, account_id)
    assert (made.status_code, made.json()["state"]) == (201, "UPLOADED")
    assert upload(mine, account_id).json() == made.json()
    assert upload(mine, account_id, key="u-2").json()["id"] == made.json()["id"]
    assert Import.objects.count() == 1
    address = made.headers["Location"].removeprefix("/api/v1/")

    kept = mapping(mine)
    assert kept.status_code == 201
    chosen = mine.post(f"{address}layouts/", {"mapping_id": kept.json()["id"]}, key="l-1")
    assert (chosen.status_code, chosen.json()["state"]) == (201, "STAGING")
    row = files.check(Import.objects.get().pk)
    assert row.state == S.READY
    lines = mine.get(f"{address}lines/").json()["items"]
    assert lines[1]["raw"] == ["P2", "2023", "7", "B-1 to 7", "2024-02-05"]
    told = mine.get(address).json()
    assert [one["units"] for one in told["will_write"]["written"]] == [100, 7]
    assert Entry.objects.count() == 0  # a preview writes nothing

    begun = mine.post(f"{address}commits/", {}, key="c-1")
    assert begun.status_code in {201, 202}
    assert mine.post(f"{address}commits/", {}, key="c-1").json() == begun.json()


def test_every_problem_is_told_and_a_faulty_file_is_not_taken_in(mine, by, account_id):
    row = files.read(LINES + BAD, by=by, account_id=account_id)
    assert row.state == S.FAULTY
    address = f"imports/{row.pk}/"
    english = mine.get(f"{address}problems/", is_blocking="true").json()["items"]
    assert {(one["row_number"], one["column"]) for one in english} == {(4, "units")}
    assert mine.get(f"{address}problems/", code="nothing_of_the_kind").json()["items"] == []
    refused = mine.post(f"{address}commits/", {}, key="c-1")
    assert (refused.status_code, refused.json()["code"]) == (409, "import_has_problems")
    left = mine.post(f"{address}set-asides/", {"reason": "typo"}, key="s-1")
    assert (left.status_code, left.json()["state"]) == (201, "STAGING")
    assert files.check(row.pk).state == S.READY
    gone = mine.post(f"{address}discards/", {"reason": "another file came"}, key="d-1")
    assert gone.json()["state"] == "DISCARDED"
    assert Entry.objects.count() == 0


def test_undoing_is_asked_for_and_only_of_what_is_in_the_books(mine, by, account_id):
    row = files.read(LINES, by=by, account_id=account_id)
    early = mine.post(f"imports/{row.pk}/undoings/", {"reason": "no"}, key="u-0")
    assert early.status_code == 409
    files.take_in(row, by=by)
    answer = mine.post(f"imports/{row.pk}/undoings/", {"reason": "wrong"}, key="u-1")
    assert answer.status_code in {201, 202}


def test_a_strangers_account_or_import_is_as_if_not_there(mine, by, account_id):
    other = machine(make_party(name_zh="别家").id)
    refused = upload(other, account_id)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "account_id")
    row = files.read(LINES, by=by, account_id=account_id)
    for path in ("", "lines/", "problems/"):
        assert other.get(f"imports/{row.pk}/{path}").status_code == 404
    assert other.post(f"imports/{row.pk}/commits/", {}, key="c").status_code == 404
    assert other.get("imports/").json()["items"] == []


def test_the_same_key_with_another_file_is_refused(mine, account_id):
    upload(mine, account_id)
    again = upload(mine, account_id, BAD)
    assert (again.status_code, again.json()["code"]) == (422, "idempotency_key_reused")
    assert Import.objects.count() == 1


def test_a_mapping_without_a_quantity_or_of_no_such_field_is_refused(mine):
    columns = {"scheme": "scheme"}
    assert mapping(mine, columns=columns).status_code == 409
    odd = mapping(mine, columns={"colour": "units"}, key=[])
    assert (odd.status_code, odd.json()["errors"][0]["field"]) == (400, "columns")
    assert mine.get("import-mappings/").json()["items"] == []


def test_known_layouts_are_named_with_their_headings(mine):
    found = {one["code"]: one for one in mine.get("import-layouts/").json()["items"]}
    assert all(one["name"] and one["required_headings"] for one in found.values())


def test_what_a_file_leaves_open_is_said_by_machines_too(mine, by):
    home = files.account(by, registry="UK_ETS", number=OURS)
    file = SimpleUploadedFile("s.csv", (HEADINGS_UK + line(1, 100)).encode(), "text/csv")
    body = {
        "file": file, "target": "units", "as_of": "2026-01-05", "layout": "uk_account_statement",
    }  # fmt: skip
    headers = mine.headers() | {"Idempotency-Key": "uk-1"}
    made = mine.client.post("/api/v1/imports/", body, headers=headers).json()
    row = files.check(UUID(made["id"]))
    assert row.state == "FAULTY"
    path = f"imports/{row.pk}/tellings/"
    assert mine.post(path, {}, key="t-0").status_code == 409
    stranger = {"givers": {f"UK_ETS {STRANGER}": str(home)}}
    assert mine.post(path, stranger, key="t-1").status_code == 409  # one's own is no stranger
    told = {"givers": {f"UK_ETS {STRANGER}": "OPEN"}, "vintage_year": 2024}
    assert mine.post(path, told, key="t-2").json()["state"] == "STAGING"
    assert files.check(row.pk).state == "READY"
