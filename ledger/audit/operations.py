"""Writing events. Every change of the product records one, in the transaction of the change."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.kernel.actors import Actor
from ledger.kernel.canonical import canonical_json
from ledger.kernel.ids import new_id

BODY_VERSION = 1


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
    event_id = new_id()
    body = canonical_json(
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
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_audit_append(%s)", [[body]])
    return event_id
