import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from ledger.audit import operations, proofs, queries
from ledger.audit.models import Checkpoint, Event
from ledger.kernel.actors import Actor, Role
from ledger.kernel.ids import new_id
from tests.ledger.audit.conftest import NOON, happen

AUDITOR = Actor(user_id=new_id(), party_id=new_id(), roles=frozenset({Role.AUDITOR}))
MANAGER = Actor(user_id=new_id(), party_id=new_id(), roles=frozenset({Role.CARBON_MANAGER}))


def ask(url: str, actor: Actor) -> Any:
    from ledger.parties.models import User

    request: Any = RequestFactory().get(url)
    request.session, request.actor, request.at = SessionStore(), actor, NOON
    request.user = User(id=actor.user_id, email="a@example.cn", is_active=True)
    match = resolve(request.path)
    request.resolver_match = match
    answer = match.func(request, *match.args, **match.kwargs)
    return answer.render() if hasattr(answer, "render") else answer


@pytest.fixture
def sealed(log: str, seal: Callable[[], Any]) -> list[str]:
    ids = happen(5)
    own = operations.record(
        verb="plan.made", subject="plans.Plan:1", by=MANAGER, at=NOON, data={"n": "甲"}
    )
    seal()
    return [*ids, str(own)]


def test_the_latest_checkpoint_is_for_everybody(sealed: list[str]) -> None:
    answer = Client().get("/checkpoint")
    assert answer.status_code == 200
    assert answer.content.decode() == Checkpoint.objects.get().note


def test_without_a_checkpoint_there_is_none_to_fetch(log: str) -> None:
    assert Client().get("/checkpoint").status_code == 404


def test_an_auditor_takes_a_proof_away_and_that_is_on_record(sealed: list[str]) -> None:
    answer = ask(reverse("audit_proof", args=[sealed[2]]), AUDITOR)
    document = json.loads(answer.content)
    proofs.check_inclusion_document(document, keys=queries.checkpoint_keys())
    last = Event.objects.order_by("-id")[0]
    assert (last.verb, last.subject) == ("proof.downloaded", f"audit.Proof:{sealed[2]}")


def test_a_manager_sees_her_own_party_alone(sealed: list[str]) -> None:
    assert ask(reverse("audit_proof", args=[sealed[5]]), MANAGER).status_code == 200
    assert ask(reverse("audit_proof", args=[sealed[2]]), MANAGER).status_code == 404
    history = ask(reverse("audit_history") + "?subject=things.Thing:2", MANAGER)
    assert "thing.made" not in history.content.decode()


def test_a_waiting_event_has_no_proof_yet(sealed: list[str]) -> None:
    waiting = happen(1)[0]
    assert ask(reverse("audit_proof", args=[waiting]), AUDITOR).status_code == 409
    assert ask(reverse("audit_proof", args=[UUID(int=3)]), AUDITOR).status_code == 404


def test_the_history_of_an_object_shows_what_was_said(sealed: list[str]) -> None:
    answer = ask(reverse("audit_history") + "?subject=plans.Plan:1", AUDITOR)
    text = answer.content.decode()
    assert "plan.made" in text
    assert "甲" in text


@pytest.mark.parametrize("name", ["event", "seal", "checkpoint"])
def test_lists_and_objects_open(sealed: list[str], name: str) -> None:
    listed = ask(reverse(f"admin:ledger_audit_{name}_changelist"), AUDITOR)
    assert listed.status_code == 200
    key = {"event": Event, "checkpoint": Checkpoint}.get(name)
    pk = key.objects.order_by("-pk")[0].pk if key else 3
    assert ask(reverse(f"admin:ledger_audit_{name}_change", args=[pk]), AUDITOR).status_code == 200


def test_an_export_is_on_record_without_the_values_of_its_filter(sealed: list[str]) -> None:
    what = {"form": "csv", "filter": "name=%E9%99%88&state=FREE"}
    operations.record_export(subject="units.Position:*", by=MANAGER, at=NOON, what=what)
    event = Event.objects.order_by("-id")[0]
    assert event.verb == "list.exported"
    assert queries.data_of(event) == {"form": "csv", "filtered_by": ["name", "state"]}
