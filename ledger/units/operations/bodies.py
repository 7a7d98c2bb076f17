"""The canonical body of a posting: the audit event, and at once all that the engine is told.

Written out with its keys in their order, because a bulk import composes a million of them;
the tests hold every byte to `canonical_json` (RFC 8785).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from ledger.audit.operations import BODY_VERSION
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import canonical_json, canonical_text
from ledger.kernel.ids import new_id_text
from ledger.kernel.keys import key_of
from ledger.units.rules import Leg, check_legs, check_not_future
from ledger.units.states import HELD, verb_of


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
    # the kind of the entry where only the decision knows it, and the request does not
    posted_as: str = ""

    def request(self) -> bytes:
        """Same key and same bytes: the same request."""
        if self.asked is not None:
            return canonical_json({"kind": self.kind, "asked": dict(self.asked)})
        return _Parts.of(self).request(self)

    def digest(self) -> bytes:
        return hashlib.sha256(self.request()).digest()


# A bulk import names the same lots and accounts, actors, kinds and reasons over and over.
_again = lru_cache(maxsize=4096)(str)
_said_again = lru_cache(maxsize=1024)(canonical_text)


def _id(value: UUID | None) -> str:
    return "null" if value is None else f'"{_again(value)}"'


@lru_cache(maxsize=256)
def _verb(kind: str) -> str:
    return canonical_text(verb_of(kind))


def _leg(leg: Leg) -> str:
    """As `canonical_text(leg.as_data())`."""
    first = last = hold = to_hold = most = ""
    if leg.first_serial is not None:
        first = f'"first":{canonical_text(leg.first_serial)},'
        last = f'"last":{canonical_text(leg.last_serial)},'
    if leg.hold_id is not None and leg.from_state in HELD:
        hold = f'"hold":"{leg.hold_id}",'
    if leg.to_state in HELD and (holder := leg.to_hold_id or leg.hold_id):
        to_hold = f'"to_hold":"{holder}",'
    if leg.max_transfers is not None:
        most = f'"max_transfers":{leg.max_transfers},'
    return (
        f'{{{first}"from":["{_again(leg.from_account_id)}","{leg.from_state}"],{hold}{last}'
        f'"lot":"{_again(leg.lot_id)}",{most}'
        f'"to":["{_again(leg.to_account_id)}","{leg.to_state}"],{to_hold}'
        f'"units":{canonical_text(leg.unit_count)}}}'
    )


class _Parts(NamedTuple):
    """What body and request have in common, each part as canonical text."""

    about: str
    approval: str
    day: str
    kind: str
    legs: str
    reason: str
    reverses: str

    @classmethod
    def of(cls, draft: Draft) -> "_Parts":
        return cls(
            about=canonical_text(dict(draft.data)) if draft.data else "{}",
            approval=_id(draft.approval_id),
            day=draft.happened_on.isoformat(),
            kind=_said_again(draft.posted_as or draft.kind),
            legs=",".join([_leg(leg) for leg in draft.legs]),
            reason=_said_again(draft.reason),
            reverses=_id(draft.reverses),
        )

    def request(self, draft: Draft) -> bytes:
        return (
            f'{{"approval":{self.approval},"data":{self.about},"happened_on":"{self.day}",'
            f'"kind":{self.kind},"legs":[{self.legs}],"reason":{self.reason},'
            f'"reverses":{self.reverses},"subject":{_said_again(draft.subject)}}}'
        ).encode()


@dataclass(frozen=True, slots=True)
class Stamp:
    """By whom and when, as canonical text: the same for all entries of one call."""

    by: Actor
    at: datetime
    actor: str
    moment: str
    party: str

    @classmethod
    def of(cls, by: Actor, at: datetime) -> "Stamp":
        return cls(
            by,
            at,
            _id(by.user_id),
            canonical_text(at),
            _id(by.party_id),
        )


def compose(draft: Draft, stamp: Stamp) -> bytes:
    """The body of one entry, with a new id.

    :raises MalformedLeg, TerminalState, FutureDay: of what is asked
    :raises TypeError: data has no canonical form
    """
    check_legs(draft.legs, reversal=draft.reverses is not None)
    entry_id = new_id_text()
    parts = _Parts.of(draft)
    if parts.day > stamp.moment[1:11]:  # later than the day in UTC, which is never after Beijing's
        check_not_future(draft.happened_on, stamp.at)
    request = draft.request() if draft.asked is not None else parts.request(draft)
    key = canonical_text(key_of(stamp.by, draft.idempotency_key))
    subject = canonical_text(draft.subject) if draft.subject else f'"units.Entry:{entry_id}"'
    return (
        f'{{"actor":{stamp.actor},"at":{stamp.moment},"data":{{"about":{parts.about},'
        f'"approval":{parts.approval},"happened_on":"{parts.day}","key":{key},'
        f'"kind":{parts.kind},"legs":[{parts.legs}],'
        f'"request":"{hashlib.sha256(request).hexdigest()}","reverses":{parts.reverses}}},'
        f'"event":"{entry_id}","party":{stamp.party},"reason":{parts.reason},'
        f'"subject":{subject},"v":{BODY_VERSION},"verb":{_verb(draft.posted_as or draft.kind)}}}'
    ).encode()
