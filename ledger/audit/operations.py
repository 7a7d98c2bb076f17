"""Writing events. Every change of the product records one, in the transaction of the change."""

import base64
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from ledger.audit import keys, queries, tree
from ledger.audit.cosigning import WitnessKey, seconds_of
from ledger.audit.models import Checkpoint, Cosignature, Seal
from ledger.audit.notes import CheckpointText, Signature, Signer, sign_note
from ledger.audit.outside import outside_store
from ledger.audit.rules import KeyNotInLog, NotSealedYet
from ledger.audit.witnessing.asking import WitnessNotReached, WitnessRefused, ask
from ledger.doors.operation import operation
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


def record_export(*, subject: str, by: Actor, at: datetime, what: Mapping[str, Any]) -> UUID:
    """Note that a list left the house as a file. The filter's values may be personal: not kept."""
    filters = [part.partition("=")[0] for part in str(what.get("filter", "")).split("&")]
    data = {"form": what.get("form", ""), "filtered_by": sorted(set(filters) - {""})}
    return record(verb="list.exported", subject=subject, by=by, at=at, data=data)


def record_read(*, subject: str, by: Actor, at: datetime, what: str) -> UUID:
    """Note that somebody looked at, exported or downloaded something that is watched.

    `what` is "read", "exported" or "downloaded"; the verb becomes, say, `statement.downloaded`.
    """
    noun = subject.partition(":")[0].rpartition(".")[2].lower()
    return record(verb=f"{noun}.{what}", subject=subject, by=by, at=at)


# --- sealing


@dataclass(frozen=True, slots=True)
class Sealed:
    sealed_count: int
    tree_size: int
    checkpoint_id: int | None = None


@operation
def seal_events(
    *, by: Actor, at: datetime, key: Signer | None = None, limit: int = SEAL_AT_MOST
) -> Sealed:
    """Seal the next events that can have no predecessor any more; with a key, sign a checkpoint.

    First the database commits, then the file outside is written, so that what is outside is never
    ahead by our own doing. Whoever else seals at the moment is waited for.

    :raises OutsideCheckpointAhead, OutsideCheckpointDiffers: nothing is sealed or signed
    :raises KeyNotInLog: the key is not the newest that the log names
    """
    queries.check_not_behind_outside_checkpoint()
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed_count, tree_size FROM ledger_audit_seal(%s)", [limit])
        count, size = cursor.fetchone()
    made = _sign_checkpoint(size=size, at=at, key=key) if key else None
    if key:
        transaction.on_commit(publish_checkpoints)
    return Sealed(sealed_count=count, tree_size=size, checkpoint_id=made)


def _sign_checkpoint(*, size: int, at: datetime, key: Signer) -> int | None:
    key_id = key.verifier.key_id.hex()
    latest = queries.latest_checkpoint()
    if size == 0 or (latest and (latest.tree_size, latest.key_id) == (size, key_id)):
        return None
    if queries.checkpoint_keys()[-1:] != [key.verifier]:
        raise KeyNotInLog
    root = tree.root_at(size)
    chain = bytes(Seal.objects.values_list("chain_hash", flat=True).get(seq=size - 1))
    text = CheckpointText(
        origin=settings.AUDIT_ORIGIN,
        tree_size=size,
        root=root,
        extensions={"chain": base64.b64encode(chain).decode(), "time": at.isoformat()},
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_audit_add_checkpoint(%s, %s, %s, %s, %s)",
            [size, root, key_id, at, sign_note(str(text), [key])],
        )
        made: int = cursor.fetchone()[0]
    return made


def publish_checkpoints() -> int:
    """Write outside what is not there yet: after a crash between commit and file, too."""
    store, count = outside_store(), 0
    newest_first = Checkpoint.objects.order_by("-id").iterator()
    missing = list[Checkpoint]()
    for checkpoint in newest_first:
        if store.find(tree_size=checkpoint.tree_size, key_id=checkpoint.key_id):
            break
        missing.append(checkpoint)
    for checkpoint in reversed(missing):
        store.add(tree_size=checkpoint.tree_size, key_id=checkpoint.key_id, note=checkpoint.note)
        count += 1
    return count


def ensure_sealed(
    *, event_id: UUID, by: Actor, at: datetime, wait_seconds: int = 5
) -> dict[str, Any]:
    """The event's inclusion proof now, sealing and signing on demand if need be.

    Call it after the event's transaction has committed. An older transaction that is still open
    holds the seal back.

    :raises NotFound: there is no such event
    :raises NotSealedYet: an older transaction stayed open all the while
    """
    until = time.monotonic() + wait_seconds
    while True:
        try:
            return queries.get_inclusion_proof(event_id)
        except NotSealedYet:
            if time.monotonic() > until:
                raise
        signer = keys.key_store().signer(keys.CHECKPOINT_KEY)
        if not seal_events(by=by, at=at, key=signer).checkpoint_id:
            time.sleep(1 / 20)


# --- witnesses


def ask_witnesses(*, by: Actor, at: datetime) -> list[str]:
    """Have those witnesses cosign the latest checkpoint that have not; what went wrong, in words.

    Outside of a transaction: it waits for other people's servers.
    """
    latest, troubles = queries.latest_checkpoint(), list[str]()
    if latest is None:
        return []
    policy = queries.witness_policy()
    seen = policy.seen_by(queries.shown(latest).note)
    for name in sorted(set(policy.addresses) - seen):
        try:
            signature = _ask(policy.addresses[name], policy.witnesses[name], latest)
        except (WitnessRefused, WitnessNotReached) as trouble:
            troubles.append(f"{name}: {trouble.sentence()}")
        else:
            key = policy.witnesses[name]
            keep_cosignature(
                checkpoint_id=latest.pk, witness=key, signature=signature, by=by, at=at
            )
    return troubles


def _ask(address: str, key: WitnessKey, latest: Checkpoint) -> Signature:
    size = latest.tree_size
    return ask(
        address,
        key,
        note=latest.note,
        size=size,
        old_size=queries.size_seen_by(key),
        path_from=lambda old: tree.consistency_path(size1=old, size2=size),
    )


@operation
def keep_cosignature(
    *, checkpoint_id: int, witness: WitnessKey, signature: Signature, by: Actor, at: datetime
) -> Cosignature:
    """Keep what a witness signed. No event says so: it would want a cosignature of its own."""
    made, _is_new = Cosignature.objects.get_or_create(
        checkpoint_id=checkpoint_id,
        witness=str(witness),
        defaults={
            "line": signature.line(),
            "cosigned_at": datetime.fromtimestamp(seconds_of(signature), UTC),
            "kept_at": at,
            "kept_by": by.user_id,
        },
    )
    return made


# --- keys


@operation
def make_keys(*, by: Actor, at: datetime, is_demonstration: bool) -> list[str]:
    """Make whatever key is missing, and have the log know all of them. Safe to repeat.

    Returns the names of what was made.
    """
    store, made = keys.key_store(), list[str]()
    if not store.has(keys.CHECKPOINT_KEY):
        _new_checkpoint_key(store, is_demonstration=is_demonstration)
        made.append(keys.CHECKPOINT_KEY)
    if store.signer(keys.CHECKPOINT_KEY).verifier not in queries.checkpoint_keys():
        _record_key(store, verb="key.made", by=by, at=at)
    for name, maker in keys.key_makers().items():
        public = maker(Path(settings.KEY_DIR), is_demonstration, at)
        if public is not None:
            record(verb="key.made", subject=f"audit.Key:{name}", by=by, at=at, data=public)
            made.append(name)
    return made


@operation
def rotate_key(
    *,
    by: Actor,
    at: datetime,
    is_demonstration: bool,
    reason: str,
    name: str = keys.CHECKPOINT_KEY,
) -> str:
    """Put a new key in place. A former checkpoint key signs no more, but stays verifiable.

    :raises KeyMissing: there is none to rotate
    """
    if name != keys.CHECKPOINT_KEY:
        return _rotate_another(name, is_demonstration, by=by, at=at, reason=reason)
    store = keys.key_store()
    store.signer(keys.CHECKPOINT_KEY)
    _new_checkpoint_key(store, is_demonstration=is_demonstration)
    return _record_key(store, verb="key.rotated", by=by, at=at, reason=reason)


def _rotate_another(
    name: str, is_demonstration: bool, *, by: Actor, at: datetime, reason: str
) -> str:
    rotator = keys.key_rotators().get(name)
    if rotator is None:
        raise keys.KeyMissing(name)
    public = rotator(Path(settings.KEY_DIR), is_demonstration, at)
    record(
        verb="key.rotated", subject=f"audit.Key:{name}", by=by, at=at, data=public, reason=reason
    )
    return ", ".join(f"{what}: {said}" for what, said in public.items())


def _new_checkpoint_key(store: keys.KeyStore, *, is_demonstration: bool) -> None:
    store.create(
        keys.CHECKPOINT_KEY, origin=settings.AUDIT_ORIGIN, is_demonstration=is_demonstration
    )


def _record_key(
    store: keys.KeyStore, *, verb: str, by: Actor, at: datetime, reason: str = ""
) -> str:
    verifier = str(store.signer(keys.CHECKPOINT_KEY).verifier)
    data = {
        "verifier": verifier,
        "is_demonstration": store.is_demonstration(keys.CHECKPOINT_KEY),
    }
    record(verb=verb, subject=queries.KEY_SUBJECT, by=by, at=at, data=data, reason=reason)
    return verifier
