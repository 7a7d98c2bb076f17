"""Keys, checkpoints and seals; and whether the newest checkpoint kept outside fits."""

from contextlib import suppress

from ledger.audit import tree
from ledger.audit.keys import CHECKPOINT_KEY
from ledger.audit.models import Checkpoint, Event, Seal
from ledger.audit.notes import CheckpointText, NoteMalformed, VerifierKey, open_note, parse_note
from ledger.audit.outside import outside_store
from ledger.audit.queries.events import events_of, legible
from ledger.audit.rules import check_outside_checkpoint

KEY_SUBJECT = f"audit.Key:{CHECKPOINT_KEY}"
KEY_VERBS = ("key.made", "key.rotated")


def checkpoint_keys() -> list[VerifierKey]:
    """Every key that ever signed for this log, oldest first; their history is in the log."""
    events = events_of(KEY_SUBJECT).filter(verb__in=KEY_VERBS)
    known = []
    for _, data in legible(events):
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
