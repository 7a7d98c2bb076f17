"""Writing events. Every change of the product records one, in the transaction of the change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.kernel.actors import Actor
from ledger.kernel.canonical import canonical_json
from ledger.kernel.ids import new_id

BODY_VERSION = 1
SEAL_AT_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Happening:
    """What `record_many` needs to know of one event."""

    verb: str
    subject: str
    data: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


def event_body(
    *,
    event_id: UUID,
    verb: str,
    subject: str,
    by: Actor,
    at: datetime,
    data: Mapping[str, Any] | None = None,
    reason: str = "",
) -> bytes:
    """The canonical bytes of one event, for SQL functions that append it themselves.

    :raises TypeError: data has no canonical form
    """
    return canonical_json(
        {
            "v": BODY_VERSION,
            "event": event_id,
            "verb": verb,
            "subject": subject,
            "actor": by.user_id,
            "party": by.party_id,
            "at": at,
            "reason": reason,
            "data": dict(data or {}),
        }
    )


def record(
    *,
    verb: str,
    subject: str,
    by: Actor,
    at: datetime,
    data: Mapping[str, Any] | None = None,
    reason: str = "",
) -> UUID:
    """Append one event to the log, in the caller's transaction.

    `verb` is noun.past ("hold.placed"); `subject` is "room.Model:id"; `data` holds canonical
    values only (no floats) and no personal data.

    :raises TypeError: data has no canonical form
    """
    happening = Happening(verb=verb, subject=subject, data=data or {}, reason=reason)
    return record_many([happening], by=by, at=at)[0]


def record_many(happenings: Sequence[Happening], *, by: Actor, at: datetime) -> list[UUID]:
    """Append many events in one round trip, in the caller's transaction and in this order.

    :raises TypeError: some data has no canonical form; nothing is recorded
    """
    ids = [new_id() for _ in happenings]
    bodies = [
        event_body(
            event_id=event_id,
            verb=h.verb,
            subject=h.subject,
            by=by,
            at=at,
            data=h.data,
            reason=h.reason,
        )
        for event_id, h in zip(ids, happenings, strict=True)
    ]
    if bodies:
        with connection.cursor() as cursor:
            cursor.execute("SELECT ledger_audit_append(%s)", [bodies])
    return ids


def record_read(*, subject: str, by: Actor, at: datetime, what: str) -> UUID:
    """Note that somebody looked at, exported or downloaded something that is watched.

    `what` is "read", "exported" or "downloaded"; the verb becomes, say, `statement.downloaded`.
    """
    noun = subject.partition(":")[0].rpartition(".")[2].lower()
    return record(verb=f"{noun}.{what}", subject=subject, by=by, at=at)
