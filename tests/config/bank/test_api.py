"""The bank's API, by a client that is made from its description."""

import json
import os
from datetime import date
from itertools import product
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import get_resolver
from rest_framework.test import APIRequestFactory

from config import api_docs
from config.bank.rest import BANKS
from finance.pledges.models import Pledge, Request
from ledger.audit.models import Event
from ledger.doors.callers import BOTH, Caller, Permitted
from ledger.kernel.actors import Actor, Role
from ledger.kernel.ids import new_id
from ledger.parties.callers import BearerOfToken
from tests.factories import prices
from tests.factories.banks import DESCRIPTION, SCOPES, BankClient, TwoBanks

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WRITES = {
    "requests/<uuid:request_id>/decision/": "pledges:decide",
    "webhooks/<uuid:endpoint_id>/end/": "webhooks",
    "webhooks/<uuid:endpoint_id>/rotation/": "webhooks",
    "deliveries/<uuid:delivery_id>/again/": "webhooks",
}
BOTH_WAYS = {
    "pledges/<uuid:pledge_id>/attestations/": "attestations",
    "webhooks/": "webhooks",
    "<path:elsewhere>": "pledges:read",
}
READS = {
    "pledges/": "pledges:read",
    "pledges/<uuid:pledge_id>/": "pledges:read",
    "pledges/<uuid:pledge_id>/ltv/": "pledges:read",
    "attestations/<uuid:attestation_id>/": "attestations",
    "attestations/<uuid:attestation_id>/way/": "attestations",
    "requests/": "pledges:read",
    "deliveries/": "webhooks",
    "openapi.json": "pledges:read",
}


def views():
    api = next(one for one in get_resolver().url_patterns if str(one.pattern) == "api/bank/v1/")
    return {
        str(one.pattern): one.callback.cls for one in api.url_patterns
        if hasattr(one.callback, "cls")
    }  # fmt: skip


def scope_of(address, method):
    if method == "GET":
        return {**READS, **BOTH_WAYS}.get(address)
    return {**WRITES, **BOTH_WAYS}.get(address) if method == "POST" else None


def test_every_address_has_its_line():
    assert set(views()) == set(READS) | set(WRITES) | set(BOTH_WAYS)


@pytest.mark.parametrize("address", sorted(READS | WRITES | BOTH_WAYS))
def test_every_address_answers_bank_machines_with_its_scope_and_nobody_else(address):
    view = views()[address]()
    assert tuple(view.authentication_classes) == (BearerOfToken,)
    for method, role in product(METHODS, Role):
        for scope in (*SCOPES, "read", "write"):
            request = APIRequestFactory().generic(method, "/")
            actor = Actor(user_id=UUID(int=7), party_id=UUID(int=8), roles=frozenset({role}))
            request.user = Caller(actor=actor, scopes=frozenset({scope}))
            wanted = role in BANKS and scope == scope_of(address, method)
            may = Permitted().has_permission(request, view)
            assert may is wanted, (method, role, scope)
        request.user = AnonymousUser()
        assert not Permitted().has_permission(request, view)
        request.user = Caller(actor=Actor(UUID(int=7), UUID(int=8), frozenset({role})), scopes=BOTH)
        assert not Permitted().has_permission(request, view)


def test_the_file_equals_the_code():
    """`TANZHANG_WRITE=1 pytest tests/config/bank/test_api.py` writes it anew."""
    found = api_docs.bank_description()
    told = json.dumps(found, indent=1, ensure_ascii=False, default=str) + "\n"
    if os.environ.get("TANZHANG_WRITE"):
        DESCRIPTION.write_text(told)
    assert DESCRIPTION.read_text() == told


def test_the_description_names_tokens_scopes_and_messages():
    told = api_docs.bank_description()
    flow = told["components"]["securitySchemes"]["oauth"]["flows"]["clientCredentials"]
    assert set(flow["scopes"]) == set(SCOPES)
    assert {"pledge.price_alert", "pledge.margin_call", "pledge.moved"} <= set(told["webhooks"])
    for path, methods in told["paths"].items():
        for call in methods.values():
            assert call["security"][0]["oauth"][0] in SCOPES, path
            assert call["description"], path


@pytest.fixture
def world(db):
    return TwoBanks()


@pytest.fixture
def client(world):
    return BankClient(world.bank_id)


def test_a_machine_lists_its_pledges_and_no_others(client, world):
    rows = client.get_bank_pledges().json()["items"]
    assert [one["number"] for one in rows] == [world.pledge.number]
    assert rows[0]["ltv"] == f"{world.pledge.valuations.first().ltv:f}"


def test_a_pledge_is_told_with_its_ranges_and_its_value_of_today(client, world):
    told = client.get_bank_pledges_pledge_id(pledge_id=world.pledge.pk).json()
    assert told["parts"][0]["ranges"] == [[1, 200_000]]
    assert {one["register"] for one in told["registrations"]} == {"ZDW", "REGISTRY"}
    assert told["cover"]["owed"] == "5000000.00"


def test_the_series_is_told_day_by_day(client, world):
    rows = client.get_bank_pledges_pledge_id_ltv(pledge_id=world.pledge.pk).json()["items"]
    assert [one["valued_on"] for one in rows] == ["2026-01-06"]
    none = client.get_bank_pledges_pledge_id_ltv(pledge_id=world.pledge.pk, since="2026-01-07")
    assert none.json()["items"] == []


def test_what_is_anothers_and_what_is_not_there_are_the_same_answer(client, world):
    hold = world.other.parts.get().hold_id
    pairs = [
        (client.get_bank_pledges_pledge_id, {"pledge_id": world.other.pk}, None),
        (client.get_bank_pledges_pledge_id_ltv, {"pledge_id": world.other.pk}, None),
        (client.get_bank_pledges_pledge_id_attestations, {"pledge_id": world.other.pk}, None),
        (client.post_bank_pledges_pledge_id_attestations, {"pledge_id": world.other.pk},
         {"hold_id": str(hold)}),
        (client.post_bank_requests_request_id_decision, {"request_id": world.other_request.pk},
         {"consents": True}),
    ]  # fmt: skip
    for call, theirs, body in pairs:
        nowhere = {name: new_id() for name in theirs}
        answers = [
            call(**one, **({"body": body, "key": str(new_id())} if body else {}))
            for one in (theirs, nowhere)
        ]
        assert [one.status_code for one in answers] == [404, 404]
        assert answers[0].content == answers[1].content
        assert dict(answers[0].headers) == dict(answers[1].headers)
    assert Request.objects.get(pk=world.other_request.pk).state == "WAITING"


def test_the_hold_of_another_pledge_is_not_attested_through_ones_own(client, world):
    answers = [
        client.post_bank_pledges_pledge_id_attestations(
            pledge_id=world.pledge.pk, body={"hold_id": str(one)}, key=str(new_id())
        )
        for one in (world.other.parts.get().hold_id, new_id())
    ]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].content == answers[1].content


def test_a_consent_is_carried_out_once_however_often_it_is_sent(client, world):
    body = {"consents": True, "answer": "agreed"}
    answers = [
        client.post_bank_requests_request_id_decision(
            request_id=world.request.pk, body=body, key="consent-1"
        )
        for _once in range(2)
    ]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["state"] == "CONSENTED"
    assert world.pledge.parts.get().unit_count == 199_990
    other = client.post_bank_requests_request_id_decision(
        request_id=world.request.pk, body={"consents": False}, key="consent-1"
    )
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_refusal_moves_nothing(client, world):
    answer = client.post_bank_requests_request_id_decision(
        request_id=world.request.pk, body={"consents": False, "answer": "no"}, key="no-1"
    )
    assert answer.json()["state"] == "REFUSED"
    assert world.pledge.parts.get().unit_count == 200_000


def test_every_read_by_a_machine_is_an_event_of_the_pledge(client, world):
    client.get_bank_pledges()
    client.get_bank_pledges_pledge_id(pledge_id=world.pledge.pk)
    looks = Event.objects.filter(verb="pledge.read", actor_id=UUID(client.id))
    assert {one.subject for one in looks} == {f"pledges.Pledge:{world.pledge.pk}"}
    assert looks.count() == 2


def test_what_the_debtor_owes_elsewhere_is_not_told(client, world):
    """R7.21 speaks of units that are not pledged."""
    valued = world.pledge.valuations.get()
    shown = [{"code": "SHORT", "free": 7, "open": 9, "year": 2026, "day": "2026-12-31"}]
    copy = {one.attname: getattr(valued, one.attname) for one in valued._meta.concrete_fields}
    copy |= {"id": new_id(), "valued_on": "2026-01-07", "alerts": shown, "idempotency_key": "x"}
    type(valued).objects.create(**copy)
    rows = client.get_bank_pledges_pledge_id_ltv(pledge_id=world.pledge.pk).json()["items"]
    assert [one["alerts"] for one in rows if one["valued_on"] == "2026-01-07"] == [[]]


def test_too_many_reads_must_wait(client, settings):
    settings.API_LIMITS = {**settings.API_LIMITS, "reads": 2}
    answers = [client.get_bank_pledges() for _each in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_a_draft_is_not_the_banks_to_see(client, world):
    draft = world.mine.submit(100)
    assert Pledge.objects.get(pk=draft.pk).state == "DRAFT"
    assert client.get_bank_pledges_pledge_id(pledge_id=draft.pk).status_code == 404


# --- webhooks: what happens to a pledge is told to the bank that holds it, and to no other


def told_of(client):
    return [(one["kind"], one["content"]) for one in client.get_bank_deliveries().json()["items"]]


def hook(client, **body):
    wanted = {"url": "https://bank.example.com/hook", **body}
    return client.post_bank_webhooks(body=wanted, key=str(new_id()))


def test_a_price_that_reaches_a_line_is_told_to_this_bank_alone(client, world):
    assert hook(client).json()["secret"].startswith("whsec_")
    stranger = BankClient(world.other_bank_id)
    hook(stranger)
    prices.mark(date(2026, 1, 7), "31.00", reason="测试")
    world.mine.value(world.pledge, date(2026, 1, 7))
    told = dict(told_of(client))
    assert told["pledge.price_alert"]["level"] == "TOP_UP"
    assert told["pledge.price_alert"]["ltv"] == "0.806452"
    assert told["pledge.margin_call"]["unit_count"] == 68818
    assert told["pledge.moved"]["state"] == "TOPPING_UP"
    assert {data["pledge_id"] for data in told.values()} == {str(world.pledge.pk)}
    assert told_of(stranger) == []


def test_what_is_asked_and_decided_is_told(client, world):
    hook(client, kinds=["pledge.decided"])
    client.post_bank_requests_request_id_decision(
        request_id=world.request.pk, body={"consents": False}, key="no"
    )
    assert [(kind, data["request_state"]) for kind, data in told_of(client)] == [
        ("pledge.decided", "REFUSED")
    ]


def test_a_draft_is_told_to_nobody(client, world):
    hook(client)
    draft = world.mine.submit(100)
    assert told_of(client) == []
    world.mine.approve(draft)
    assert [kind for kind, _data in told_of(client)] == ["pledge.moved"]


def test_an_address_is_rotated_ended_and_its_log_kept(client, world):
    made = hook(client).json()
    turned = client.post_bank_webhooks_endpoint_id_rotation(
        endpoint_id=made["id"], body={}, key="r"
    )
    assert turned.json()["secret"] != made["secret"]
    world.mine.approve(world.mine.submit(100))
    ended = client.post_bank_webhooks_endpoint_id_end(endpoint_id=made["id"], body={}, key="e")
    assert ended.json()["ended_at"] is not None
    again = client.post_bank_webhooks_endpoint_id_end(endpoint_id=made["id"], body={}, key="f")
    assert (again.status_code, again.json()["code"]) == (409, "webhook_ended")
    assert [one["state"] for one in client.get_bank_deliveries().json()["items"]] == ["FAILED"]
    assert [one["id"] for one in client.get_bank_webhooks().json()["items"]] == [made["id"]]
