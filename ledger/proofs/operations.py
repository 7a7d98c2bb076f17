"""Committing to the state: one hash over everything that is anywhere, told to the log."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from ledger.audit.operations import record
from ledger.doors.operation import operation
from ledger.holds import queries as holds
from ledger.holds.queries import Held
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest
from ledger.kernel.ids import new_id
from ledger.proofs import queries
from ledger.proofs.building import PlaceKey, opened, salt_of
from ledger.proofs.growing import Grower, Tile
from ledger.proofs.models import Commitment, HeldRange, Tree, TreeTile
from ledger.proofs.sumtree import shelf_levels, state_root
from ledger.units import queries as units
from ledger.units.queries import BookState

LOCK = 0x57A7E  # advisory: one commits at a time
KEPT_COMMITMENTS = 3
VERB = "state.committed"


class _Holds(NamedTuple):
    """Holds that control units, by their id and by the place they have them in."""

    by_id: Mapping[UUID, Held]
    by_place: Mapping[PlaceKey, Sequence[Held]]
    mark: str

    @classmethod
    def now(cls) -> "_Holds":
        found, by_place = holds.held_now(), defaultdict[PlaceKey, list[Held]](list)
        for one in found:
            by_place[one.account_id, one.lot_id, str(one.state)].append(one)
        told = [[str(part) for part in one] for one in found]
        return cls({one.hold_id: one for one in found}, by_place, digest(told).hex())


@operation
def commit_state(*, by: Actor, at: datetime) -> Commitment | None:
    """Commit to the state as one snapshot of the database sees it.

    Books that did not change keep their tree. None: somebody else is committing. The latest one
    again: nothing changed.

    :raises StateProofRefused: the books do not add up; nothing is committed
    """
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s), pg_current_snapshot()::text", [LOCK])
        is_ours, snapshot = cursor.fetchone()
    if not is_ours:
        return None
    held, states = _Holds.now(), units.book_states()
    trees = [_tree_of(state, held, by=by, at=at) for state in states]
    latest = queries.latest_commitment()
    trees.sort(key=lambda tree: queries.book_of(tree).key)
    if latest is not None and [tree.pk for tree in trees] == latest.tree_ids:
        return latest
    return _committed(trees, snapshot=snapshot, by=by, at=at)


def _tree_of(state: BookState, held: _Holds, *, by: Actor, at: datetime) -> Tree:
    """The standing tree of a book, or a new one if anything in it changed."""
    # the holds of all books are in the mark of those that have no serials: they are few
    mark = state.mark if state.space_id is not None else f"{state.mark}:{held.mark}"
    standing = Tree.objects.filter(book=state.name).order_by("-made_at").first()
    if standing is not None and standing.mark == mark:
        return standing
    return _Planting(state, held).plant(mark, by, at)


class _Planting:
    """Making one tree: its leaves out of the books, its tiles into the table."""

    def __init__(self, state: BookState, held: _Holds) -> None:
        self.state, self.held = state, held
        self.tree_id, self.secret = new_id(), os.urandom(32)
        self.tiles: list[Tile] = []
        self.ranges: list[HeldRange] = []

    def plant(self, mark: str, by: Actor, at: datetime) -> Tree:
        grower = Grower(self.tiles.append)
        leaves = opened(
            units.stretches_in(self.state), holds=self.held.by_id, portions=self.held.by_place
        )
        for index, leaf in enumerate(leaves):
            grower.add(leaf.node(salt_of(self.secret, index)))
            if leaf.hold_id is not None:
                self.ranges.append(
                    HeldRange(tree_id=self.tree_id, leaf_index=index, **leaf._asdict())
                )
        tree = Tree(
            id=self.tree_id,
            book=self.state.name,
            mark=mark,
            secret=self.secret,
            issued_units=self.state.issued_count,
            root=grower.finish().packed(),
            range_count=grower.leaf_count,
            made_at=at,
            made_by=by.user_id,
        )
        queries.book_of(tree).spine()  # refuses a sum that was not issued
        tree.save(force_insert=True)
        self._keep()
        return tree

    def _keep(self) -> None:
        with connection.cursor() as cursor, cursor.copy(TILES) as copy:
            copy.set_types(["uuid", "int2", "int4", "bytea"])
            for level, position, nodes in self.tiles:
                copy.write_row((self.tree_id, level, position, nodes))
        HeldRange.objects.bulk_create(self.ranges, batch_size=2000)


TILES = """
COPY ledger_proofs_treetile (tree_id, level, position, nodes) FROM STDIN (FORMAT BINARY)
"""


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


def _forget_old_trees() -> None:
    """Proofs are cut from the newest state; who has one keeps it herself."""
    newest = Commitment.objects.order_by("-made_at").values_list("tree_ids", flat=True)
    kept = {tree_id for ids in newest[:KEPT_COMMITMENTS] for tree_id in ids}
    for table in (TreeTile, HeldRange):
        table.objects.exclude(tree_id__in=kept).delete()
