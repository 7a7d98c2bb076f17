"""A request that changes something says its key: the same key is the same act, done once."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from ledger.doors.models import ApiAnswer
from ledger.kernel.actors import Actor
from ledger.kernel.errors import N_, DomainError
from ledger.kernel.keys import KeyUsedOtherwise

LONGEST_KEY = 100


class KeyMissing(DomainError):
    code = "idempotency_key_missing"
    message = N_(
        "The header Idempotency-Key is missing, or is not 1 to 100 visible ASCII characters."
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answers a writing request: status, address of what came of it, body."""

    status: int
    body: dict[str, Any]
    location: str = ""


def check_key(key: str | None) -> str:
    """:raises KeyMissing: none, too long, or with blanks and signs that headers do not carry"""
    if not key or len(key) > LONGEST_KEY or not all("!" <= sign <= "~" for sign in key):
        raise KeyMissing
    return key


def digest_of(method: str, path: str, content: Any) -> bytes:
    """The request's content: the order of names and the blanks between them do not matter."""
    told = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(f"{method} {path}\n{told}".encode()).digest()


def answer_once(
    *, key: str, digest: bytes, by: Actor, at: datetime, act: Callable[[], Answer]
) -> Answer:
    """What this request was answered before, or `act()`, done and remembered together.

    A second request of the same key waits until the first is done. A refusal is not remembered:
    nothing has happened, and the key is free for another try.

    :raises KeyUsedOtherwise: the key belongs to a request with other content
    :raises DomainError: whatever `act` refuses
    """
    party_id = by.own_party
    with transaction.atomic():
        _take_turns(party_id, key)
        known = ApiAnswer.objects.filter(party_id=party_id, key=key).first()
        if known is not None:
            if bytes(known.request_digest) != digest:
                raise KeyUsedOtherwise
            return Answer(known.status, known.body, known.location)
        answer = act()
        ApiAnswer.objects.create(
            party_id=party_id,
            key=key,
            request_digest=digest,
            status=answer.status,
            location=answer.location,
            body=answer.body,
            answered_at=at,
            answered_by=by.user_id,
        )
        return answer


def _take_turns(party_id: UUID, key: str) -> None:
    number = hashlib.sha256(f"api {party_id} {key}".encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(number, "big", signed=True)]
        )
