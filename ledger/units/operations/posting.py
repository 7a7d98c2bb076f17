"""The one posting operation that every other stands on."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from ledger.audit.operations import BODY_VERSION
from ledger.doors.operation import operation
from ledger.jobs import operations as jobs
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import LARGEST_WHOLE, canonical_json
from ledger.kernel.ids import new_id
from ledger.units import engine
from ledger.units.rules import Leg, Receipt, check_legs, check_not_future
from ledger.units.states import verb_of

# RFC 8785 for what is plain already: text, whole numbers that fit, and keys in ASCII.
_plain_json = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True, check_circular=False
).encode


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry as asked for: one item of `post_entries`."""

    kind: str
    legs: Sequence[Leg]
    happened_on: date
    idempotency_key: str
    subject: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    approval_id: UUID | None = None
    reverses: UUID | None = None
    # what the key stands for, where the legs were chosen by us and would be others tomorrow
    asked: Mapping[str, Any] | None = None

    def request(self) -> bytes:
        """Same key and same bytes: the same request."""
        if self.asked is not None:
            return canonical_json({"kind": self.kind, "asked": dict(self.asked)})
        return canonical_json(
            {
                "kind": self.kind,
                "happened_on": self.happened_on,
                "legs": [leg.as_data() for leg in self.legs],
                "subject": self.subject,
                "data": dict(self.data),
                "reason": self.reason,
                "reverses": self.reverses,
                "approval": self.approval_id,
            }
        )

    def digest(self) -> bytes:
        return hashlib.sha256(self.request()).digest()

    @property
    def is_plain(self) -> bool:
        """Whether the quick encoder gives the same bytes as the careful one."""
        return (
            not self.data
            and self.asked is None
            and all(max(leg.unit_count, leg.last_serial or 0) <= LARGEST_WHOLE for leg in self.legs)
        )


def full_key(by: Actor, key: str) -> str:
    """A key belongs to its party: two parties may use the same words."""
    return f"{by.party_id or 'system'}:{key}"


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def compose(draft: Draft, *, by: Actor, at: datetime) -> bytes:
    """The canonical body: the audit event, and at once all that the engine is told."""
    check_legs(draft.legs, reversal=draft.reverses is not None)
    check_not_future(draft.happened_on, at)
    entry_id = str(new_id())
    asked = {
        "kind": str(draft.kind),
        "happened_on": draft.happened_on.isoformat(),
        "legs": [leg.as_data() for leg in draft.legs],
        "reverses": _text(draft.reverses),
        "approval": _text(draft.approval_id),
    }
    body: dict[str, Any] = {
        "v": BODY_VERSION,
        "event": entry_id,
        "verb": verb_of(draft.kind),
        "subject": draft.subject or f"units.Entry:{entry_id}",
        "actor": str(by.user_id),
        "party": _text(by.party_id),
        "at": at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "reason": draft.reason,
    }
    data = {**asked, "about": dict(draft.data), "key": full_key(by, draft.idempotency_key)}
    if not draft.is_plain:
        return canonical_json({**body, "data": {**data, "request": draft.digest().hex()}})
    request: dict[str, Any] = {
        **asked,
        "subject": draft.subject,
        "data": {},
        "reason": draft.reason,
    }
    body["data"] = data
    data["request"] = hashlib.sha256(_plain_json(request).encode()).hexdigest()
    return _plain_json(body).encode()


@operation(retry=True, one_statement=True)
def post_entry(
    *,
    kind: str,
    legs: Sequence[Leg],
    happened_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    subject: str = "",
    data: Mapping[str, Any] | None = None,
    reason: str = "",
    approval_id: UUID | None = None,
    reverses: UUID | None = None,
    outbox: Sequence[tuple[str, Mapping[str, Any]]] = (),
) -> Receipt:
    """Entry, movements, positions, blocks and audit event, in one statement. All or nothing.

    Says nothing about who may do this today: the operation that calls it has decided that.
    The key is per party: same key and same request give the same receipt (`replayed`).
    `outbox`: (task, arguments) to send once the entry stands, written in its transaction; a
    replay sends nothing again.

    :raises NotEnoughUnits: fewer units are in that state, today or on a later-recorded day
    :raises RangeNotHeld: a serial of the range is elsewhere, or under another hold
    :raises SerialsOverlap: a serial to be issued exists already (R3.5-1)
    :raises TerminalState: only a reversal leaves that state (R3.5-3)
    :raises IdempotencyConflict: the key was used for another request (I40)
    :raises MalformedLeg, TransferLimit, NotReversible, AlreadyReversed: see there
    :raises FutureDay, NoSuchLot, TooBusy: likewise
    """
    draft = Draft(
        kind, legs, happened_on, idempotency_key, subject, data or {}, reason, approval_id, reverses
    )
    if not outbox:
        return engine.post([compose(draft, by=by, at=at)])[0]
    with transaction.atomic():
        receipt = engine.post([compose(draft, by=by, at=at)])[0]
        for task, args in () if receipt.replayed else outbox:
            jobs.send_later(task=task, args=args, at=at)
    return receipt


@operation(retry=True, one_statement=True)
def post_entries(*, drafts: Sequence[Draft], by: Actor, at: datetime) -> list[Receipt]:
    """Many entries in one statement, in their order. All of them, or none.

    :raises DomainError: as `post_entry`
    """
    return engine.post([compose(draft, by=by, at=at) for draft in drafts])
