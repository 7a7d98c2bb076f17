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


def get_consistency_proof(size1: int, size2: int, *, under: Shown | None = None) -> dict[str, Any]:
    """A document that shows the log of `size2` to begin with the log of `size1`.

    `under`: the second checkpoint as it is shown elsewhere in the same document.

    :raises NotFound: there is no checkpoint of one of the sizes
    :raises ProofRefused: backwards, or from the empty log
    """
    if under is None:
        second = find_checkpoint_of(size2)
        if second is None:
            raise NotFound
        under = shown(second)
    return get_consistency_proofs([size1], under=under)[size1]


def get_consistency_proofs(sizes: Collection[int], *, under: Shown) -> dict[int, dict[str, Any]]:
    """A document for each size, that the log of `under` begins with the log of that size.

    :raises NotFound: there is no checkpoint of one of the sizes
    :raises ProofRefused: backwards, or from the empty log
    """
    rows = Checkpoint.objects.filter(tree_size__in=sizes).order_by("id")
    first = {row.tree_size: row for row in rows}
    if len(first) != len(set(sizes)):
        raise NotFound
    paths = tree.consistency_paths(list(first), size=under.tree_size)
    return {
        size: proofs.consistency_document(
            path=paths[size], checkpoint1=shown(row).note, checkpoint2=under.note
        )
        for size, row in first.items()
    }
