"""The parties and the logins of the demonstration."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.parties import operations as parties
from ledger.parties import queries


@dataclass(frozen=True, slots=True)
class Login:
    """What a visitor needs to sign in."""

    email: str
    role: str
    party: str
    password: str
    totp_key: str

    @property
    def line(self) -> str:
        return f"{self.role:<16} {self.email:<24} {self.password:<24} {self.totp_key}"


@dataclass(frozen=True, slots=True)
class Cast:
    """The parties by key, the actors by role (a second of a role by its key), and their logins."""

    parties: Mapping[str, UUID]
    actors: Mapping[str, Actor]
    logins: list[Login]


def both(cast: Cast) -> Actor:
    """The manager, with the authority that her approver's word gives."""
    manager = cast.actors["CARBON_MANAGER"]
    return Actor(manager.user_id, manager.party_id, manager.roles | {Role.APPROVER})


def load(facts: Mapping[str, Any], *, since: date, on: date, at: datetime) -> Cast:
    """Enter parties and people; every password and second factor is drawn anew."""
    made = {one["key"]: _party(one, at=at) for one in facts["parties"]}
    actors: dict[str, Actor] = {}
    logins: list[Login] = []
    for person in facts["people"]:
        party_id = made[person["party"]]
        login, actor = _person(person, party_id=party_id, since=since, on=on, at=at)
        logins.append(login)
        actors[person.get("key", person["role"])] = actor
    return Cast(made, actors, logins)


def _party(facts: Mapping[str, Any], *, at: datetime) -> UUID:
    party = parties.register_party(
        kind=facts["kind"], name_zh=facts["name_zh"], name_en=facts["name_en"], by=SYSTEM, at=at
    )
    return party.pk


def _person(
    facts: Mapping[str, Any], *, party_id: UUID, since: date, on: date, at: datetime
) -> tuple[Login, Actor]:
    password, key = secrets.token_urlsafe(12), secrets.token_bytes(20)
    user = parties.set_up_user(
        email=facts["email"],
        name=facts["name"],
        password=password,
        totp_key=key.hex(),
        by=SYSTEM,
        at=at,
    )
    parties.grant_role(
        user_id=user.pk,
        party_id=party_id,
        role=facts["role"],
        valid_from=since,
        by=SYSTEM,
        at=at,
    )
    login = Login(
        facts["email"], facts["role"], facts["party"], password, base64.b32encode(key).decode()
    )
    return login, queries.actor_for(user.pk, party_id, on)
