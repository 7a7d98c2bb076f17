"""Client credentials: what RFC 6749 says, word for word; scopes, expiry, rotation, revocation."""

import base64
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from ledger.audit.models import Event
from ledger.kernel.actors import SYSTEM
from ledger.parties import operations, queries
from ledger.parties.models import AccessToken
from ledger.parties.rules import TOKEN_LASTS, OddScope
from tests.factories.banks import SCOPES, BankClient
from tests.factories.machines import machine
from tests.factories.people import make_party

pytestmark = pytest.mark.django_db
TOKEN, LIST = "/api/bank/v1/oauth/token", "/api/bank/v1/pledges/"


@pytest.fixture
def bank():
    return make_party(kind="BANK", name_zh="甬江银行")


@pytest.fixture
def client(bank):
    return BankClient(bank.pk)


def ask(client_id, secret, *, basic=True, address="127.0.0.1", **form):
    web, headers = Client(SERVER_NAME="localhost", REMOTE_ADDR=address), {}
    if basic:
        told = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {told}"}
    else:
        form |= {"client_id": client_id, "client_secret": secret}
    return web.post(TOKEN, {"grant_type": "client_credentials", **form}, headers=headers)


def reads(token):
    return Client(SERVER_NAME="localhost").get(LIST, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("basic", [True, False])
def test_a_secret_buys_a_token_of_ten_minutes(client, basic):
    answer = ask(client.id, client.secret, basic=basic)
    assert answer.status_code == 200
    told = answer.json()
    assert told["token_type"] == "Bearer"
    assert told["expires_in"] == 600
    assert told["scope"].split() == sorted(SCOPES)
    assert answer["Cache-Control"] == "no-store"
    assert reads(told["access_token"]).status_code == 200
    assert Event.objects.filter(verb="access_token.issued").count() == 1


def test_only_the_hash_of_a_token_is_kept(client):
    text = ask(client.id, client.secret).json()["access_token"]
    row = AccessToken.objects.get()
    assert text.encode() not in bytes(row.token_hash)
    assert text not in str(row.__dict__)


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": ["client_credentials", "client_credentials"]}, "invalid_request"),
        ({"scope": "pledges:read everything"}, "invalid_scope"),
        ({"client_secret": "twice"}, "invalid_request"),
    ],
)
def test_a_wrong_request_is_refused_in_the_words_of_the_standard(client, form, error):
    answer = ask(client.id, client.secret, **form)
    assert (answer.status_code, answer.json()) == (400, {"error": error})
    assert not AccessToken.objects.exists()


def test_a_wrong_secret_an_unknown_and_an_odd_client_look_the_same(client):
    answers = [
        ask(client.id, "wrong"),
        ask("01900000-0000-7000-8000-000000000000", client.secret),
        ask("nonsense", client.secret),
        ask("", ""),
    ]
    assert {one.status_code for one in answers} == {401}
    assert {one.content for one in answers} == {b'{"error": "invalid_client"}'}
    assert all(one["WWW-Authenticate"].startswith("Basic") for one in answers)


def test_secrets_cannot_be_tried_by_the_thousand(client, settings):
    settings.API_LIMITS = {**settings.API_LIMITS, "strangers": 3}
    answers = [ask(client.id, f"guess {n}", address="192.0.2.44") for n in range(5)]
    assert [one.status_code for one in answers] == [401, 401, 401, 429, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_a_token_may_no_more_than_was_asked_for(client):
    token = ask(client.id, client.secret, scope="webhooks").json()["access_token"]
    answer = reads(token)
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_allowed"


def test_a_client_gets_no_scope_that_it_does_not_have(bank):
    narrow = BankClient(bank.pk, scopes=("pledges:read",))
    assert narrow.fetch_token(scope="pledges:decide").json() == {"error": "invalid_scope"}


def test_scopes_of_the_banks_door_are_for_banks_alone():
    with pytest.raises(OddScope):
        machine(make_party().pk, "CARBON_MANAGER", ("pledges:read",))


def test_a_token_ends_after_its_minutes(client):
    token = ask(client.id, client.secret).json()["access_token"]
    row = AccessToken.objects.get()
    assert row.expires_at - row.created_at == TOKEN_LASTS
    late = row.expires_at
    assert queries.find_token_login(token=token, at=late - timedelta(seconds=1)) is not None
    assert queries.find_token_login(token=token, at=late) is None


def test_a_revoked_client_is_out_at_once_with_all_its_tokens(client):
    token = ask(client.id, client.secret).json()["access_token"]
    now = timezone.now()
    operations.revoke_api_client(client_id=UUID(client.id), by=SYSTEM, at=now, reason="lost")
    answer = reads(token)
    assert answer.status_code == 401
    assert "invalid_token" in answer["WWW-Authenticate"]
    assert ask(client.id, client.secret).status_code == 401


def test_after_a_rotation_both_secrets_buy_tokens_for_a_day(client):
    now = timezone.now()
    _row, new = operations.rotate_api_secret(
        client_id=UUID(client.id), expires_at=now + timedelta(days=30), by=SYSTEM, at=now
    )
    assert ask(client.id, client.secret).status_code == 200
    assert ask(client.id, new).status_code == 200
    operations.rotate_api_secret(
        client_id=UUID(client.id), expires_at=now + timedelta(days=30), by=SYSTEM, at=now
    )
    assert ask(client.id, client.secret).status_code == 401


def test_a_token_is_taken_back_and_an_unknown_one_answered_alike(client):
    token = ask(client.id, client.secret).json()["access_token"]
    web = Client(SERVER_NAME="localhost")
    form = {"client_id": client.id, "client_secret": client.secret}
    answers = [
        web.post("/api/bank/v1/oauth/revoke", {**form, "token": one}) for one in (token, "unknown")
    ]
    assert [(one.status_code, one.content) for one in answers] == [(200, b"{}")] * 2
    assert reads(token).status_code == 401
    assert AccessToken.objects.get().revoked_by == UUID(client.id)


def test_nobody_takes_back_the_token_of_another(client, bank):
    token = ask(client.id, client.secret).json()["access_token"]
    other = BankClient(bank.pk)
    form = {"client_id": other.id, "client_secret": other.secret, "token": token}
    Client(SERVER_NAME="localhost").post("/api/bank/v1/oauth/revoke", form)
    assert reads(token).status_code == 200


def test_the_secret_itself_opens_nothing_here(client):
    assert reads(f"{client.id}.{client.secret}").status_code == 401


def test_a_token_opens_nothing_elsewhere(client):
    token = ask(client.id, client.secret).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = Client(SERVER_NAME="localhost").get("/api/v1/pledges/", headers=headers)
    assert answer.status_code == 401
