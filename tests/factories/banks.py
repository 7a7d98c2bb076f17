"""Officers of banks in the browser, their machines, and worlds with two banks in them."""

import base64
import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from ledger.kernel.actors import Actor
from ledger.parties import operations, queries
from ledger.parties.middleware import SIGNED_IN_AT
from ledger.parties.models import Party, User
from tests.factories.machines import machine
from tests.factories.people import give, make_user
from tests.factories.pledges import Secured

SCOPES = ("pledges:read", "pledges:decide", "attestations", "webhooks")
DESCRIPTION = Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi-bank.json"


def officer(party_id: UUID, *, role: str = "BANK_OFFICER", totp: bool = True) -> User:
    user = make_user(name="周行", totp=totp)
    give(user, Party.objects.get(pk=party_id), role, valid_from=date(2025, 1, 1))
    return user


def actor_of(user: User, party_id: UUID) -> Actor:
    return queries.actor_for(user.pk, party_id, timezone.localdate())


def signed_in(user: User, *, language: str = "en") -> Client:
    """A browser in which she is signed in, with her second factor if she has one."""
    client = Client(SERVER_NAME="localhost", headers={"Accept-Language": language})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[SIGNED_IN_AT] = timezone.now().isoformat()
    if device := TOTPDevice.objects.filter(user=user).first():
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


class BankClient:
    """A client made from the description: one method for each `operationId`.

    It knows of the API what docs/reference/openapi-bank.json says, and nothing else. Requests and
    answers are held against the schemas there.
    """

    def __init__(self, party_id: UUID, scopes: tuple[str, ...] = SCOPES, **more: Any) -> None:
        self.told = json.loads(DESCRIPTION.read_text())
        self.id, _dot, self.secret = machine(party_id, "BANK_OFFICER", scopes).token.partition(".")
        self.client, self.token = Client(SERVER_NAME="localhost"), ""
        self.more = more
        self.calls = {
            call["operationId"]: (method, path, call)
            for path, methods in self.told["paths"].items()
            for method, call in methods.items()
        }

    def fetch_token(self, **form: str) -> Any:
        """Client credentials by HTTP Basic, as the security scheme says."""
        url = self.told["components"]["securitySchemes"]["oauth"]["flows"]["clientCredentials"]
        basic = base64.b64encode(f"{self.id}:{self.secret}".encode()).decode()
        answer = self.client.post(
            url["tokenUrl"], {"grant_type": "client_credentials", **form},
            headers={"Authorization": f"Basic {basic}"},
        )  # fmt: skip
        self.token = answer.json().get("access_token", "")
        return answer

    def __getattr__(self, name: str) -> Any:
        if name not in self.calls:
            raise AttributeError(name)
        return lambda body=None, key=None, **given: self._call(name, body, key, given)

    def _call(self, name: str, body: Any, key: str | None, given: dict[str, Any]) -> Any:
        method, path, call = self.calls[name]
        if not self.token:
            self.fetch_token()
        for part in re.findall(r"{(\w+)}", path):
            path = path.replace(f"{{{part}}}", str(given.pop(part)))
        known = {one["name"] for one in call.get("parameters", []) if one["in"] == "query"}
        assert set(given) <= known, f"{name} takes {known}"
        headers = {"Authorization": f"Bearer {self.token}"}
        if key:
            headers["Idempotency-Key"] = key
        if method == "get":
            answer = self.client.get(path, given, headers=headers, **self.more)
        else:
            if "requestBody" in call:
                self._check(body, call["requestBody"]["content"]["application/json"]["schema"])
            answer = self.client.post(
                path, body or {}, content_type="application/json", headers=headers, **self.more
            )
        self._look(answer, call)
        return answer

    def _look(self, answer: Any, call: Any) -> None:
        """Every answer, a refusal too, is one that the description knows."""
        told = call["responses"][str(answer.status_code)]["content"]
        kind = answer["Content-Type"].partition(";")[0]
        self._check(answer.json(), told[kind]["schema"])

    def _check(self, value: Any, schema: Any) -> None:
        whole = {**schema, "components": self.told["components"]}
        jsonschema.validate(value, whole, cls=jsonschema.Draft202012Validator)


def raw_token(party_id: UUID, scopes: tuple[str, ...] = SCOPES) -> str:
    """An access token, past the endpoint."""
    client, _dot, secret = machine(party_id, "BANK_OFFICER", scopes).token.partition(".")
    made, text = operations.give_token(
        client_id=UUID(client), secret=secret, scopes=(), at=timezone.now()
    )
    assert made.expires_at > timezone.now()
    return text


class TwoBanks:
    """A borrower with a pledge to each of two banks, units that are free, and a third lot."""

    def __init__(self) -> None:
        self.mine = Secured(first=1)
        self.others = self.mine.another_bank()
        self.pledge = self.mine.perfect(200_000, drawn="5000000")
        self.other = self.others.perfect(100_000, drawn="1000000")
        self.mine.value(self.pledge, date(2026, 1, 6))
        self.others.value(self.other, date(2026, 1, 6))
        self.request = self.mine.ask(
            self.pledge, "PARTIAL", part_id=self.pledge.parts.get().pk, unit_count=10
        )
        self.other_request = self.others.ask(
            self.other, "PARTIAL", part_id=self.other.parts.get().pk, unit_count=10
        )

    @property
    def bank_id(self) -> UUID:
        return self.mine.bank.own_party

    @property
    def other_bank_id(self) -> UUID:
        return self.others.bank.own_party


def now() -> datetime:
    return timezone.now()
