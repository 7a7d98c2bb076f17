"""Documents that prove: an event is in the log, and a log continues an earlier one."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from ledger.audit import proofs, tree
from ledger.audit.models import Checkpoint, Event, Seal
from ledger.audit.queries.checkpoints import find_checkpoint_of, latest_checkpoint
from ledger.audit.queries.witnesses import Shown, shown
from ledger.audit.rules import NotSealedYet
from ledger.kernel.errors import NotFound


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
