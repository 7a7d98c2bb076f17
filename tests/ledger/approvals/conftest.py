from dataclasses import dataclass
from datetime import datetime

import pytest

from ledger.approvals import operations, queries
from ledger.approvals.models import Approval
from ledger.kernel.actors import Actor
from ledger.parties import operations as parties
from ledger.parties import queries as people
from ledger.parties.models import Party
from tests.factories.people import NOON, TODAY, give, make_party, make_user

NAME = "parties.register_party"


def describe(payload):
    return [f"The party {payload['name_zh']} will be registered."]


def execute(payload, *, by, at, approval_id):
    party = parties.register_party(**payload, by=by, at=at)
    return {"party": party.id}


@pytest.fixture
def approvable():
    """Registering a party stands for any operation: it writes, it refuses, it leaves an event."""
    operations.register(
        NAME,
        execute=execute,
        describe=describe,
        fingerprint=lambda payload: {"banks": Party.objects.filter(kind="BANK").count()},
    )
    yield NAME
    queries._approvables.pop(NAME)


@dataclass
class Office:
    party: Party
    maker: Actor
    checker: Actor
    other_checker: Actor


@pytest.fixture
def office(db) -> Office:
    return make_office()


def make_office() -> Office:
    party = make_party()
    actors = []
    for role in ("CARBON_MANAGER", "APPROVER", "APPROVER"):
        user = make_user()
        give(user, party, role)
        actors.append(people.actor_for(user.id, party.id, TODAY))
    return Office(party, *actors)


def ask(
    office: Office, *, by: Actor | None = None, at: datetime = NOON, **payload: str
) -> Approval:
    payload = {"kind": "COMPANY", "name_zh": "甲公司", **payload}
    return operations.request_approval(
        operation=NAME,
        payload=payload,
        summary=describe(payload),
        party_id=office.party.id,
        by=by or office.maker,
        at=at,
    )
