"""The API's doors: who gets in, what is refused and how it is said, pages that stay put."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from ledger.accounts import operations as accounts
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM
from ledger.kernel.ids import new_id
from ledger.parties import operations as parties
from tests.factories.machines import Machine, machine
from tests.factories.people import NOON, make_party

pytestmark = pytest.mark.django_db


@pytest.fixture
def park():
    load_schemes(by=SYSTEM, at=NOON)
    return make_party()


def opened(party, number):
    return accounts.open_account(
        holder_id=party.id, type="HOLDING", registry="CCRC", number=number, by=SYSTEM, at=NOON
    )


def test_a_machine_reads_the_accounts_of_its_party(park):
    account = opened(park, "A-1")
    opened(make_party(name_zh="别家"), "B-1")

    answer = machine(park.id).get("accounts/")

    assert answer.status_code == 200
    assert answer.json() == {
        "items": [
            {
                "id": str(account.pk),
                "holder_id": str(park.id),
                "registry": "CCRC",
                "number": "A-1",
                "name": "",
                "type": "HOLDING",
                "state": "OPEN",
                "opened_at": "2026-03-02T12:00:00+08:00",
                "closed_at": None,
            }
        ],
        "next": None,
    }


def test_another_partys_account_is_as_if_not_there(park):
    theirs = opened(make_party(name_zh="别家"), "B-1")
    mine = machine(park.id)

    refused, absent = mine.get(f"accounts/{theirs.pk}/"), mine.get(f"accounts/{new_id()}/")

    assert refused.status_code == absent.status_code == 404
    assert refused.json() == absent.json()
    assert refused.json()["code"] == "not_found"
    assert refused.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("token", ["", "nonsense", f"{UUID(int=3)}.secret"])
def test_without_a_valid_secret_nothing_is_told(park, token):
    answer = Machine(token).get("accounts/")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["code"] == "not_authenticated"


def test_a_revoked_secret_ends_at_once_and_a_rotated_one_lasts_a_day(park):
    mine = machine(park.id)
    client_id, now = UUID(mine.token.split(".")[0]), timezone.now()
    parties.rotate_api_secret(
        client_id=client_id, expires_at=now + timedelta(days=30), by=SYSTEM, at=now
    )
    assert mine.get("me/").status_code == 200
    parties.revoke_api_client(client_id=client_id, by=SYSTEM, at=now, reason="lost")
    assert mine.get("me/").status_code == 401


def test_a_scope_is_a_limit_and_an_unknown_method_is_refused(park):
    writer = machine(park.id, scopes=("write",))
    assert writer.get("accounts/").status_code == 403
    assert machine(park.id).post("accounts/", {}, key="k").status_code in {403, 405}


def test_who_am_i(park):
    answer = machine(park.id, scopes=("read",)).get("me/").json()
    assert answer["party_id"] == str(park.id)
    assert answer["roles"] == ["CARBON_MANAGER"]
    assert answer["scopes"] == ["read"]
    assert answer["name"] == "meter gateway"


def test_a_fault_names_its_field_in_the_callers_language(park):
    mine = machine(park.id)
    fault = mine.get("accounts/", limit=501).json()
    assert fault["errors"] == [
        {
            "field": "limit",
            "code": "max_value",
            "message": "Ensure this value is less than or equal to 500.",
        }
    ]
    mine.language = "zh-hans"
    assert mine.get("accounts/", colour="red").json()["errors"] == [
        {"field": "colour", "code": "unknown_field", "message": "没有这个字段。"}
    ]


def test_pages_neither_repeat_nor_skip_while_rows_are_added(park):
    for index in range(5):
        opened(park, f"A-{index}")
    mine = machine(park.id)
    first = mine.get("accounts/", limit=2, order="number").json()
    opened(park, "A-0x")  # would shift a page counted by rows
    rest, seen = first, [one["number"] for one in first["items"]]
    while rest["next"]:
        rest = mine.get(rest["next"]).json()
        seen += [one["number"] for one in rest["items"]]
    assert seen == ["A-0", "A-1", "A-2", "A-3", "A-4"]


@pytest.mark.parametrize("cursor", ["x", "e30", "WyJpZCIsMV0", "WyJpZCIsIm5vIl0"])
def test_a_made_up_cursor_is_refused(park, cursor):
    answer = machine(park.id).get("accounts/", after=cursor)
    assert (answer.status_code, answer.json()["code"]) == (400, "odd_cursor")


def test_who_asks_too_often_waits(park, settings):
    settings.API_LIMITS = {"reads": 3, "writes": 1}
    mine, other = machine(park.id), machine(park.id)
    answers = [mine.get("me/") for _ in range(7)]  # over the edge of a minute, too
    late = [one for one in answers if one.status_code == 429]
    assert late
    assert 0 < int(late[0].headers["Retry-After"]) <= 60
    assert late[0].json()["code"] == "throttled"
    assert other.get("me/").status_code == 200


def test_without_its_counter_the_api_refuses(park, settings):
    mine = machine(park.id)
    settings.CACHES = {
        **settings.CACHES,
        "limits": {**settings.CACHES["limits"], "LOCATION": "unix:///nowhere/valkey.sock"},
    }
    answer = mine.get("me/")
    assert (answer.status_code, answer.json()["code"]) == (503, "limits_unknown")


def test_a_stranger_in_a_browser_is_refused():
    answer = Client(SERVER_NAME="localhost").get("/api/v1/accounts/")
    assert answer.status_code == 401


def test_an_unknown_address_is_refused_like_everything_else(park):
    answer = machine(park.id).get("nothing/here/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert Machine("x").get("nothing/here/").status_code == 401
