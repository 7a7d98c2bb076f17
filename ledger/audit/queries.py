"""Reading the log; what other rooms may ask."""

import inspect
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from ledger.audit import proofs, tree
from ledger.audit.cosigning import WitnessKey, seconds_of
from ledger.audit.keys import CHECKPOINT_KEY
from ledger.audit.models import Checkpoint, Cosignature, Event, Seal
from ledger.audit.notes import CheckpointText, NoteMalformed, VerifierKey, open_note, parse_note
from ledger.audit.outside import outside_store
from ledger.audit.policy import Policy
from ledger.audit.rules import (
    Fault,
    NotSealedYet,
    OutsideCheckpointAhead,
    OutsideCheckpointDiffers,
    check_outside_checkpoint,
)
from ledger.kernel.canonical import canonical_json
from ledger.kernel.errors import DomainError, NotFound

__all__ = ["Fault", "NotSealedYet", "OutsideCheckpointAhead", "OutsideCheckpointDiffers"]

KEY_SUBJECT = f"audit.Key:{CHECKPOINT_KEY}"
KEY_VERBS = ("key.made", "key.rotated")

LOOK_BACK = 20  # cosigned checkpoints that are looked through for one with enough witnesses

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


class Look(NamedTuple):
    """That somebody looked at something that is watched: when, who, on which page."""

    at: datetime
    by: UUID
    what: str


def reads_of(subject: str, *, verb: str, most: int = 50) -> list[Look]:
    """The newest first."""
    rows = events_of(subject).filter(verb=verb).order_by("-id")[:most]
    return [Look(one.happened_at, one.actor_id, str(data_of(one).get("what", ""))) for one in rows]


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


def find_checkpoint_of(tree_size: int) -> Checkpoint | None:
    """The newest of a size."""
    return Checkpoint.objects.filter(tree_size=tree_size).order_by("-id").first()


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
    """How far the sealing has come; for `/readyz`, the desk and the metrics.

    `oldest_unsealed_age`: of what could be sealed now, and so tells whether the sequencer works.
    `oldest_held_back_age`: of what waits for an older transaction to end, a large import say.
    """

    sealed_count: int
    unsealed_count: int
    held_back_count: int
    oldest_unsealed_age: timedelta
    oldest_held_back_age: timedelta
    latest_checkpoint: Checkpoint | None
    is_behind_outside: bool


UNSEALED = """
WITH last AS (
    SELECT e.xid, e.id FROM ledger_audit_seal s JOIN ledger_audit_event e ON e.id = s.event_row
    ORDER BY s.seq DESC LIMIT 1
), horizon AS (
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint
           + coalesce((SELECT max(xid_offset) FROM ledger_audit_era), 0) AS xid
), waiting AS (
    SELECT e.happened_at, e.xid >= h.xid AS is_held_back
    FROM ledger_audit_event AS e, horizon AS h
    WHERE (e.xid, e.id) > (coalesce((SELECT xid FROM last), 0), coalesce((SELECT id FROM last), 0))
)
SELECT count(*), count(*) FILTER (WHERE is_held_back),
       greatest(coalesce(now() - min(happened_at) FILTER (WHERE NOT is_held_back), '0'), '0'),
       greatest(coalesce(now() - min(happened_at) FILTER (WHERE is_held_back), '0'), '0')
FROM waiting
"""


def seal_state() -> SealState:
    """Counts, lag and whether a checkpoint outside contradicts the database."""
    with connection.cursor() as cursor:
        cursor.execute(UNSEALED)
        unsealed, held_back, age, held_back_age = cursor.fetchone()
    try:
        check_not_behind_outside_checkpoint()
        behind = False
    except (OutsideCheckpointAhead, OutsideCheckpointDiffers):
        behind = True
    return SealState(
        sealed_count=tree.sealed_size(),
        unsealed_count=unsealed,
        held_back_count=held_back,
        oldest_unsealed_age=age,
        oldest_held_back_age=held_back_age,
        latest_checkpoint=latest_checkpoint(),
        is_behind_outside=behind,
    )


# --- witnesses


class Shown(NamedTuple):
    """A checkpoint as it is shown: its note with what witnesses signed under it."""

    tree_size: int
    note: str


def witness_policy() -> Policy:
    """The witnesses that this ledger asks, and how many it wants (`WITNESS_POLICY`, a file).

    :raises PolicyWrong: a line of another form
    """
    if not settings.WITNESS_POLICY:
        return Policy()
    path = Path(settings.WITNESS_POLICY)
    return _policy_in(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _policy_in(path: Path, stamp: int) -> Policy:
    return Policy.parse(path.read_text(encoding="utf-8"))


def shown(checkpoint: Checkpoint) -> Shown:
    """With the cosignatures that are there by now, oldest first."""
    if not witness_policy().witnesses:
        return Shown(checkpoint.tree_size, checkpoint.note)
    rows = Cosignature.objects.filter(checkpoint_id=checkpoint.pk).order_by("id")
    lines = "".join(rows.values_list("line", flat=True))
    return Shown(checkpoint.tree_size, checkpoint.note + lines)


def witnessed_checkpoint() -> Shown | None:
    """The newest checkpoint that as many witnesses have signed as are wanted."""
    if not witness_policy().quorum:
        latest = latest_checkpoint()
        return shown(latest) if latest else None
    signed = Cosignature.objects.values("checkpoint_id")
    for checkpoint in Checkpoint.objects.filter(pk__in=signed).order_by("-id")[:LOOK_BACK]:
        found = shown(checkpoint)
        if witness_policy().is_met_by(found.note):
            return found
    return None


def size_seen_by(key: WitnessKey) -> int:
    """How many events the checkpoint covers that a witness signed last; 0: none yet."""
    last = Cosignature.objects.filter(witness=str(key)).order_by("-checkpoint_id").first()
    found = find_checkpoint(last.checkpoint_id) if last else None
    return found.tree_size if found else 0


def check_cosignatures() -> Iterator[Fault]:
    """Every cosignature is its witness's, under the checkpoint that it is kept for."""
    notes = dict(Checkpoint.objects.values_list("pk", "note"))
    for row in Cosignature.objects.order_by("id").iterator():
        try:
            key = WitnessKey.parse(row.witness)
            note = notes[row.checkpoint_id] + row.line
            open_note(note, [key])
            seconds = seconds_of(parse_note(note).signatures[-1])
        except (DomainError, KeyError, IndexError):
            seconds = -1
        if seconds != int(row.cosigned_at.timestamp()):
            subject = f"audit.Cosignature:{row.pk}"
            yield Fault("cosignature", subject, "not the witness's under this checkpoint")


# --- proofs


def get_inclusion_proof(event_id: UUID, *, under: Shown | None = None) -> dict[str, Any]:
    """A document that shows the event under a checkpoint, the latest unless another is given
    (`proofs` checks it).

    :raises NotFound: there is no such event
    :raises NotSealedYet: no checkpoint covers it yet (`operations.ensure_sealed` waits for one)
    """
    return get_inclusion_proofs([event_id], under=under)[event_id]


def get_inclusion_proofs(
    event_ids: Collection[UUID], *, under: Shown | None = None
) -> dict[UUID, dict[str, Any]]:
    """The same of many events, with as few questions as of one.

    :raises NotFound: one is not there
    :raises NotSealedYet: the checkpoint does not cover one of them
    """
    if under is None and (latest := latest_checkpoint()):
        under = shown(latest)
    events = {one.pk: one for one in Event.objects.filter(event_id__in=event_ids)}
    if len(events) != len(set(event_ids)):
        raise NotFound
    seals = dict(Seal.objects.filter(event_row__in=events).values_list("event_row", "seq"))
    if under is None or len(seals) != len(events) or max(seals.values()) >= under.tree_size:
        raise NotSealedYet
    paths = tree.inclusion_paths(list(seals.values()), size=under.tree_size)
    return {
        events[row].event_id: proofs.inclusion_document(
            index=seq,
            leaf=bytes(events[row].leaf_hash),
            body=bytes(events[row].body),
            path=paths[seq],
            checkpoint=under.note,
        )
        for row, seq in seals.items()
    }


def unsealed_among(event_ids: Collection[UUID]) -> list[UUID]:
    """Those of some events that no checkpoint covers yet."""
    latest = latest_checkpoint()
    seals = Seal.objects.filter(seq__lt=latest.tree_size if latest else 0)
    rows = Event.objects.filter(event_id__in=list(event_ids)).order_by("id")
    rows = rows.exclude(pk__in=seals.filter(event_row__in=rows.values("pk")).values("event_row"))
    return list(rows.values_list("event_id", flat=True))


def events_told_of(subjects: Iterable[str], *, verbs: Iterable[str]) -> dict[str, list[UUID]]:
    """The ids of the events with one of the verbs, oldest first, by subject."""
    found = defaultdict[str, list[UUID]](list)
    events = Event.objects.filter(subject__in=list(subjects), verb__in=list(verbs)).order_by("id")
    for subject, event_id in events.values_list("subject", "event_id"):
        found[subject].append(event_id)
    return found


def get_consistency_ways(sizes: Collection[int], *, size: int) -> dict[int, list[str]]:
    """From each of the sizes to `size`: the path of a consistency proof, as a document has it.

    :raises ProofRefused: backwards, or from the empty log
    """
    return {one: proofs.path_as_text(path)
            for one, path in tree.consistency_paths(list(sizes), size=size).items()}  # fmt: skip


def notes_of(sizes: Collection[int]) -> dict[int, str]:
    """The newest checkpoints of these sizes, as they are shown.

    :raises NotFound: there is none of one of them
    """
    rows = Checkpoint.objects.filter(tree_size__in=sizes).order_by("id")
    found = {row.tree_size: row for row in rows}
    if len(found) != len(set(sizes)):
        raise NotFound
    return {size: shown(row).note for size, row in found.items()}


def get_consistency_proof(size1: int, size2: int, *, under: Shown | None = None) -> dict[str, Any]:
    """A document that shows the log of `size2` to begin with the log of `size1`.

    `under`: the second checkpoint as it is shown elsewhere in the same document.

    :raises NotFound: there is no checkpoint of one of the sizes
    :raises ProofRefused: backwards, or from the empty log
    """
    first = find_checkpoint_of(size1)
    second = find_checkpoint_of(size2) if under is None else None
    if first is None or (under is None and second is None):
        raise NotFound
    under = under or shown(second)  # type: ignore[arg-type]
    return proofs.consistency_document(
        path=proofs.path_as_text(tree.consistency_path(size1=size1, size2=under.tree_size)),
        checkpoint1=shown(first).note,
        checkpoint2=under.note,
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
