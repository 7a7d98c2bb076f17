"""Witnesses: which are wanted, and what they have signed."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from ledger.audit.cosigning import WitnessKey, seconds_of
from ledger.audit.models import Checkpoint, Cosignature
from ledger.audit.notes import open_note, parse_note
from ledger.audit.policy import Policy
from ledger.audit.queries.checkpoints import find_checkpoint, latest_checkpoint
from ledger.audit.rules import Fault
from ledger.kernel.errors import DomainError

LOOK_BACK = 20  # cosigned checkpoints that are looked through for one with enough witnesses


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
