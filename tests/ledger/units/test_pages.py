"""Holdings, history and serial search as pages: exact figures, own things only, few questions."""

import csv

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.house.walk import signed_in


def rows_of(answer):
    return list(csv.reader(answer.content.decode("utf-8-sig").splitlines()))


@pytest.mark.parametrize("page", ["holdings", "history", "serials"])
@pytest.mark.parametrize("role", ["manager", "approver", "data", "auditor", "bank", "verifier"])
def test_every_role_may_look_at_what_is_its_own(demo_db, page, role):
    assert signed_in(role).get(f"/admin/units/{page}/").status_code == 200


def test_holdings_as_a_file_say_what_the_page_says(demo_db):
    answer = signed_in("manager").get("/admin/units/holdings/?scheme=CEA&export=csv")
    heading, *rows = rows_of(answer)
    assert heading[1:6] == ["批次号", "品种", "年份", "状态", "单位数"] or len(heading) == 8
    assert (
        sorted(int(row[5]) for row in rows) == [2000, 60000, 185000]
        or sum(int(row[5]) for row in rows) == 247000
    )
    assert signed_in("manager").get("/admin/units/holdings/?export=xlsx").status_code == 200


def test_before_the_first_day_there_was_nothing(demo_db):
    answer = signed_in("manager").get("/admin/units/holdings/?day=2001-12-31&export=csv")
    assert len(rows_of(answer)) == 1


def test_another_partys_account_is_no_choice_of_the_filter(demo_db):
    from ledger.accounts.models import Account

    bank = signed_in("bank")
    theirs = Account.objects.filter(type="HOLDING").first()
    answer = bank.get(f"/admin/units/holdings/?account={theirs.pk}")
    assert answer.status_code == 400
    assert str(theirs.number) not in answer.content.decode()
    assert bank.get("/admin/units/serials/?serial=500001").context["units"] == []


def test_an_auditor_chooses_among_parties(demo_db):
    answer = signed_in("auditor").get("/admin/units/holdings/")
    assert "party" in answer.context["form"].fields
    assert "party" not in signed_in("manager").get("/admin/units/holdings/").context["form"].fields


@pytest.mark.parametrize(
    ("text", "found"),
    [("500,001", 1), ("500 001", 1), ("IREC-CN-500001", 1), ("IREC-CN-500801", 0), ("1", 2)],
)
def test_a_number_is_found_however_it_is_written(demo_db, text, found):
    answer = signed_in("manager").get("/admin/units/serials/", {"serial": text})
    assert len(answer.context["units"]) == found


@pytest.mark.parametrize("text", ["none", "12-", "9" * 19])
def test_what_is_no_number_is_said_to_be_none(demo_db, text):
    answer = signed_in("manager").get("/admin/units/serials/", {"serial": text})
    assert "末尾不是序列号。" in answer.content.decode()


@pytest.mark.parametrize(
    ("page", "most"), [("holdings/", 45), ("history/", 40), ("serials/?serial=500001", 40)]
)
def test_a_page_asks_little(demo_db, page, most):
    client = signed_in("manager")
    client.get("/admin/")
    with CaptureQueriesContext(connection) as asked:
        client.get(f"/admin/units/{page}")
    assert len(asked) <= most


def test_taking_a_file_is_recorded(demo_db):
    from ledger.audit.models import Event

    signed_in("manager").get("/admin/units/history/?export=csv")
    event = Event.objects.order_by("-pk").first()
    assert event.subject == "units.Movement:*"


def test_the_browsers_session_reads_the_api_and_writes_only_with_its_token(demo_db):
    client = signed_in("manager")
    rows = client.get("/api/v1/positions/?scheme=CEA").json()["items"]
    assert sum(row["quantity"]["amount"] for row in rows) == 247_000
    client.handler.enforce_csrf_checks = True
    refused = client.post(
        "/api/v1/cancellations/",
        {},
        content_type="application/json",
        headers={"Accept-Language": "en"},
    )
    assert refused.status_code == 403
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_an_administrator_reads_no_holdings_through_the_api(demo_db):
    assert signed_in("admin").get("/api/v1/positions/").status_code == 403
