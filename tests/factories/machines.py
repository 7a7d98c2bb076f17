"""Machines of a party, and a client that speaks for them as a stranger's program would."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.test import Client
from django.utils import timezone

from ledger.kernel.actors import SYSTEM
from ledger.parties import operations


class Machine:
    """An API client: `get` and `post` with its secret; answers are Django's own responses."""

    def __init__(self, token: str, language: str = "en") -> None:
        self.token = token
        self.client = Client(SERVER_NAME="localhost")
        self.language = language

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language}

    def get(self, path: str, **query: Any) -> Any:
        address = path if path.startswith("/") else f"/api/v1/{path}"
        return self.client.get(address, query, headers=self.headers())

    def post(self, path: str, body: Any, *, key: str | None) -> Any:
        headers = self.headers() | ({"Idempotency-Key": key} if key else {})
        return self.client.post(
            f"/api/v1/{path}", body, content_type="application/json", headers=headers
        )


def machine(
    party_id: UUID, role: str = "CARBON_MANAGER", scopes: tuple[str, ...] = ("read", "write")
) -> Machine:
    now = timezone.now()
    client, secret = operations.make_api_client(
        party_id=party_id,
        name="meter gateway",
        role=role,
        scopes=scopes,
        expires_at=now + timedelta(days=30),
        by=SYSTEM,
        at=now,
    )
    return Machine(f"{client.pk}.{secret}")
