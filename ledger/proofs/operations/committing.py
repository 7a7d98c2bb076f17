"""Committing to the state: one hash over everything that is anywhere, told to the log."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from ledger.audit.operations import record
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.proofs import queries
from ledger.proofs.models import Commitment, Tree
from ledger.proofs.operations.planting import CountedHolds, tree_of
from ledger.proofs.sumtree import shelf_levels, state_root
from ledger.units import queries as units

LOCK = 0x57A7E  # advisory: one commits at a time
KEPT_COMMITMENTS = 3
VERB = "state.committed"

START = """
SELECT pg_try_advisory_xact_lock(%s),
       pg_current_snapshot()::text || '+' || coalesce(max(xid_offset), 0) FROM ledger_audit_era
"""


@operation
def commit_state(*, by: Actor, at: datetime) -> Commitment | None:
    """Commit to the state as one snapshot of the database sees it.

    Only what changed is hashed anew. None: somebody else is committing. The latest one again:
    nothing changed.

    :raises StateProofRefused: the books do not add up; nothing is committed
    """
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute(START, [LOCK])
        is_ours, snapshot = cursor.fetchone()
    if not is_ours:
        return None
    held, states = CountedHolds.now(), units.book_states()
    trees = [tree_of(state, held, by=by, at=at) for state in states]
    latest = queries.latest_commitment()
    trees.sort(key=lambda tree: queries.book_of(tree).key)
    if latest is not None and [tree.pk for tree in trees] == latest.tree_ids:
        return latest
    return _committed(trees, snapshot=snapshot, by=by, at=at)


def _committed(trees: Sequence[Tree], *, snapshot: str, by: Actor, at: datetime) -> Commitment:
    spines = [queries.book_of(tree).spine() for tree in trees]
    top = list(shelf_levels(spines))[-1][0] if spines else None
    made = Commitment(
        root=state_root(top, book_count=len(spines)),
        book_count=len(spines),
        range_count=sum(tree.range_count for tree in trees),
        snapshot=snapshot,
        tree_ids=[tree.pk for tree in trees],
        made_at=at,
        made_by=by.user_id,
    )
    made.event_id = record(
        verb=VERB,
        subject=queries.subject_of(made),
        by=by,
        at=at,
        data={"row": queries.content_of(made)},
    )
    made.save(force_insert=True)
    _forget_old_trees()
    return made


UNUSED = """
SELECT c.id FROM ledger_proofs_chunk c WHERE NOT EXISTS (
    SELECT FROM (SELECT unnest(t.chunk_ids) AS id FROM ledger_proofs_treetile t) kept
    WHERE kept.id = c.id)
"""


def _forget_old_trees() -> None:
    """Proofs are cut from the newest state; who has one keeps it herself."""
    newest = Commitment.objects.order_by("-pk").values_list("tree_ids", flat=True)
    kept = {tree_id for ids in newest[:KEPT_COMMITMENTS] for tree_id in ids}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_proofs_treetile WHERE tree_id <> ALL(%s)", [list(kept)])
        cursor.execute(UNUSED)
        unused = [row[0] for row in cursor.fetchall()]
        for table, key in (("heldrange", "chunk_id"), ("chunk", "id")):
            cursor.execute(f"DELETE FROM ledger_proofs_{table} WHERE {key} = ANY(%s)", [unused])  # noqa: S608
