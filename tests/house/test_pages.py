"""Every list of the desk, as every role: it answers in words, asks little, and leaks nothing."""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.jobs.models import Job
from ledger.kernel.regions import REGIONS
from tests.house.walk import lists, page, signed_in
from tests.house.words import NAMES, codes, codes_on, seen

COUNTS = Path(__file__).with_name("query_counts.json")
ROLES = (
    "manager", "approver", "data", "auditor", "admin", "bank", "verifier", "fund", "fundapprover",
)  # fmt: skip
EXPORTERS = ("auditor", "manager")
LANGUAGE = "zh-hans"


@pytest.mark.parametrize("role", ROLES)
def test_every_list_and_object_answers(demo_db, role):
    assert page(role, LANGUAGE, "/admin/").status == 200
    for label, address in lists().items():
        answer = page(role, LANGUAGE, address)
        assert answer.status in {200, 403, 404}, label
        if answer.status == 200 and answer.rows:
            first = page(role, LANGUAGE, f"{address}{answer.rows[0]}/change/")
            assert first.status == 200, label


@pytest.mark.parametrize("role", ["manager", "auditor", "admin"])
def test_no_code_stands_on_a_chinese_page(demo_db, role):
    known, found = codes() | set(REGIONS), set()
    kinds = set(Job.objects.values_list("kind", flat=True))
    for label, address in lists().items():
        answer = page(role, LANGUAGE, address)
        if answer.status != 200 or label in NAMES:
            continue
        for path in (address, *(f"{address}{row}/change/" for row in answer.rows[:1])):
            text = seen(page(role, LANGUAGE, path).content)
            found |= {(label, path, code) for code in codes_on(label, text, known, kinds)}
    assert sorted(found) == []


def test_every_list_is_taken_along(demo_db):
    taken = set()
    for role in EXPORTERS:
        client = signed_in(role)
        for label, address in lists().items():
            if label in taken or page(role, LANGUAGE, address).status != 200:
                continue
            taken.add(label)
            for form in ("csv", "xlsx"):
                assert client.get(f"{address}export.{form}").status_code == 200, label


def test_a_bank_sees_no_other_partys_rows(demo_db):
    client = signed_in("bank")
    for label in (
        "ledger_units.Position",
        "reporting_activity.ActivityRow",
        "ledger_files.StoredFile",
    ):
        answer = client.get(lists()[label])
        assert answer.status_code != 200 or not answer.context["cl"].result_list, label


def test_a_list_asks_the_database_as_often_as_agreed(demo_db):
    """A longer list must not ask more: the counts stand in query_counts.json."""
    client = signed_in("auditor")
    client.get("/admin/")
    found = {}
    for label, address in lists().items():
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        found[label] = len(asked)
    agreed = json.loads(COUNTS.read_text()) if COUNTS.exists() else {}
    more = {label: n for label, n in found.items() if n > agreed.get(label, 0)}
    if more:
        COUNTS.with_suffix(".found.json").write_text(json.dumps(found, indent=1, sort_keys=True))
    assert more == {}
