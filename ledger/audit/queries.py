"""Reading the log; what other rooms may ask."""

import inspect
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from ledger.audit import proofs, tree
from ledger.audit.keys import CHECKPOINT_KEY
from ledger.audit.models import Checkpoint, Event, Seal
from ledger.audit.notes import CheckpointText, NoteMalformed, VerifierKey, open_note, parse_note
from ledger.audit.outside import outside_store
from ledger.audit.rules import (
    Fault,
    NotSealedYet,
    OutsideCheckpointAhead,
    OutsideCheckpointDiffers,
    check_outside_checkpoint,
)
from ledger.kernel.canonical import canonical_json
from ledger.kernel.errors import NotFound

__all__ = ["Fault", "NotSealedYet", "OutsideCheckpointAhead", "OutsideCheckpointDiffers"]

KEY_SUBJECT = f"audit.Key:{CHECKPOINT_KEY}"
KEY_VERBS = ("key.made", "key.rotated")

Check = Callable[[], Iterable[Fault]]
_CHECKS: dict[str, Check] = {}


def register_check(name: str, check: Callable[..., Iterable[Fault]]) -> None:
    """Let `verify_ledger` ask another room about its own rows (called in `config/wiring.py`).

    `check` yields a Fault for whatever differs from the log, streams, and takes no argument (or
    one, a place for a cursor, which is None).
    """
    takes_one = bool(inspect.signature(check).parameters)
    _CHECKS[name] = (lambda: check(None)) if takes_one else check


def checks() -> Mapping[str, Check]:
    """The registered checks by name, in the order they were registered."""
    return dict(_CHECKS)


# --- events


def events_of(subject: str) -> QuerySet[Event]:
    """The history of one object, oldest first."""
    return Event.objects.filter(subject=subject).order_by("id")


def data_of(event: Event) -> dict[str, Any]:
    """What an event says, from its body."""
    data: dict[str, Any] = json.loads(bytes(event.body))["data"]
    return data


def _legible(events: Iterable[Event]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Subject and data; a body that was altered beyond reading says nothing (V1 names it)."""
    for event in events:
        with suppress(ValueError, KeyError, TypeError):
            yield event.subject, dict(data_of(event))


def subjects_of(verb: str) -> list[str]:
    """Every subject that an event of this verb tells of."""
    return list(Event.objects.filter(verb=verb).values_list("subject", flat=True).distinct())


def data_told_of(subject: str, *, verb: str) -> Iterator[dict[str, Any]]:
    """The data of a subject's events of one verb, oldest first."""
    events = Event.objects.filter(subject=subject, verb=verb).order_by("id")
    return (data for _, data in _legible(events.iterator()))


def find_event(event_id: UUID) -> Event | None:
    return Event.objects.filter(event_id=event_id).first()


# --- keys, checkpoints, seals


def checkpoint_keys() -> list[VerifierKey]:
    """Every key that ever signed for this log, oldest first; their history is in the log."""
    events = events_of(KEY_SUBJECT).filter(verb__in=KEY_VERBS)
    known = []
    for _, data in _legible(events):
        with suppress(NoteMalformed):
            known.append(VerifierKey.parse(str(data.get("verifier"))))
    return known


def latest_checkpoint() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-id").first()


def find_checkpoint(checkpoint_id: int) -> Checkpoint | None:
    return Checkpoint.objects.filter(pk=checkpoint_id).first()


def find_seal(event: Event) -> Seal | None:
    return Seal.objects.filter(event_row=event.pk).first()


def check_not_behind_outside_checkpoint() -> None:
    """Hold the database against the newest checkpoint kept outside.

    :raises OutsideCheckpointAhead: the database lost its tail, or is an old copy
    :raises OutsideCheckpointDiffers: the database was rewritten, or is another log
    :raises NoteNotSigned, NoteSignatureWrong, NoteMalformed: the outside note is not ours
    """
    note = outside_store().latest()
    if note is None:
        return
    said = CheckpointText.parse(parse_note(note).text)
    size = tree.sealed_size()
    check_outside_checkpoint(
        outside_size=said.tree_size,
        outside_root=said.root,
        inside_size=size,
        inside_root_then=tree.root_at(said.tree_size) if said.tree_size <= size else b"",
    )
    open_note(note, checkpoint_keys())


@dataclass(frozen=True, slots=True)
class SealState:
    """How far the sealing has come; for `/readyz`, the desk and the metrics."""

    sealed_count: int
    unsealed_count: int
    oldest_unsealed_age: timedelta
    latest_checkpoint: Checkpoint | None
    is_behind_outside: bool


UNSEALED = """
WITH last AS (
    SELECT e.xid, e.id FROM ledger_audit_seal s JOIN ledger_audit_event e ON e.id = s.event_row
    ORDER BY s.seq DESC LIMIT 1
)
SELECT count(*), coalesce(greatest(now() - min(happened_at), interval '0'), interval '0')
FROM ledger_audit_event
WHERE (xid, id) > (coalesce((SELECT xid FROM last), 0), coalesce((SELECT id FROM last), 0))
"""


def seal_state() -> SealState:
    """Counts, lag and whether a checkpoint outside contradicts the database."""
    with connection.cursor() as cursor:
        cursor.execute(UNSEALED)
        unsealed, age = cursor.fetchone()
    try:
        check_not_behind_outside_checkpoint()
        behind = False
    except (OutsideCheckpointAhead, OutsideCheckpointDiffers):
        behind = True
    return SealState(
        sealed_count=tree.sealed_size(),
        unsealed_count=unsealed,
        oldest_unsealed_age=age,
        latest_checkpoint=latest_checkpoint(),
        is_behind_outside=behind,
    )


# --- proofs


def get_inclusion_proof(event_id: UUID) -> dict[str, Any]:
    """A document that shows the event under the latest checkpoint (`proofs` checks it).

    :raises NotFound: there is no such event
    :raises NotSealedYet: no checkpoint covers it yet (`operations.ensure_sealed` waits for one)
    """
    event = find_event(event_id)
    if event is None:
        raise NotFound
    seal, checkpoint = find_seal(event), latest_checkpoint()
    if seal is None or checkpoint is None or checkpoint.tree_size <= seal.seq:
        raise NotSealedYet
    return proofs.inclusion_document(
        index=seal.seq,
        leaf=bytes(event.leaf_hash),
        body=bytes(event.body),
        path=tree.inclusion_path(index=seal.seq, size=checkpoint.tree_size),
        checkpoint=checkpoint.note,
    )


def get_consistency_proof(size1: int, size2: int) -> dict[str, Any]:
    """A document that shows the log of `size2` to begin with the log of `size1`.

    :raises NotFound: there is no checkpoint of one of the sizes
    :raises ProofRefused: backwards, or from the empty log
    """
    first, second = (
        Checkpoint.objects.filter(tree_size=size).order_by("-id").first() for size in (size1, size2)
    )
    if first is None or second is None:
        raise NotFound
    return proofs.consistency_document(
        path=tree.consistency_path(size1=size1, size2=size2),
        checkpoint1=first.note,
        checkpoint2=second.note,
    )


# --- rows of other rooms against their events


def compare_rows_with_events(
    rows: Iterable[tuple[str, Mapping[str, Any]]],
    *,
    kind: str,
    verbs: Iterable[str],
    key: str = "row",
    at_a_time: int = 2000,
) -> Iterator[Fault]:
    """Hold rows against what their events said when they were written.

    `rows` yields (subject, content); the newest event of that subject with one of `verbs` must
    say the same under `data[key]`. Afterwards each such event must still have its row.
    Streams: memory grows with the number of subjects only.
    """
    wanted, seen = sorted(verbs), set[str]()
    source = iter(rows)
    while part := dict(islice(source, at_a_time)):
        seen.update(part)
        told = _told_of(part, verbs=wanted, key=key)
        for subject, content in part.items():
            yield from _differences(kind, subject, content, told.get(subject))
    yield from _rows_that_are_gone(kind=kind, verbs=wanted, key=key, seen=seen)


def _told_of(part: Iterable[str], *, verbs: list[str], key: str) -> dict[str, Any]:
    events = Event.objects.filter(subject__in=list(part), verb__in=verbs).order_by("id")
    told = _legible(events.only("subject", "body"))
    return {subject: data[key] for subject, data in told if isinstance(data.get(key), dict)}


def _differences(
    kind: str, subject: str, content: Mapping[str, Any], told: Mapping[str, Any] | None
) -> Iterator[Fault]:
    if told is None:
        yield Fault(kind, subject, "no event tells of this row")
        return
    now = json.loads(canonical_json(dict(content)))
    columns = sorted(name for name in {*now, *told} if now.get(name) != told.get(name))
    if columns:
        yield Fault(kind, subject, f"differs from its event in {', '.join(columns)}")


def _rows_that_are_gone(
    *, kind: str, verbs: list[str], key: str, seen: set[str]
) -> Iterator[Fault]:
    missing = set[str]()
    events = Event.objects.filter(verb__in=verbs).order_by("id").only("subject", "body")
    for subject, data in _legible(events.iterator()):
        if subject not in seen and subject not in missing and key in data:
            missing.add(subject)
            yield Fault(kind, subject, "its event is there, the row is gone")
