"""Proofs of the state, cut from the trees of the newest commitment."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from ledger.audit import queries as audit
from ledger.kernel.errors import N_, DomainError
from ledger.proofs.building import place_in_rows, salt_of
from ledger.proofs.growing import TILE_WIDTH
from ledger.proofs.models import Commitment, Tree
from ledger.proofs.queries.standing import book_of, latest_commitment, trees_of
from ledger.proofs.sumtree import (
    FIELDS,
    PACKED_SIZE,
    Node,
    Spine,
    Step,
    document,
    shelf_levels,
    siblings,
)


class NoStateProof(DomainError):
    code = "no_state_proof"
    message = N_("The ledger has not yet committed to a state that has this hold in it.")


@lru_cache(maxsize=4)
def _shelf(commitment_id: UUID) -> tuple[list[Tree], list[list[Spine]]]:
    """Append-only rows: what was read once stays true."""
    trees = trees_of(Commitment.objects.get(pk=commitment_id))
    return trees, list(shelf_levels([book_of(tree).spine() for tree in trees]))


def get_state_proof(hold_id: UUID, *, under: audit.Shown | None = None) -> dict[str, Any]:
    """The ranges of one hold in the newest committed state, and the event that tells its root.

    `{"state": a document for sumtree.check_document, "commitment": an inclusion proof}`, under the
    given checkpoint or the latest.

    :raises NoStateProof: the hold is in no committed state yet, or no more
    :raises NotSealedYet: no checkpoint covers the commitment yet
    """
    found = get_states([hold_id])
    commitment = audit.get_inclusion_proof(found.event_id, under=under)
    return {"state": found.documents[hold_id], "commitment": commitment}


class States(NamedTuple):
    """The ranges of holds in the newest committed state, and the event that tells its root."""

    event_id: UUID
    documents: Mapping[UUID, dict[str, Any]]


def get_states(hold_ids: Collection[UUID]) -> States:
    """Of many holds with as few questions as of one; the event's proof is the caller's to ask for.

    :raises NoStateProof: one is in no committed state yet, or no more
    """
    newest = latest_commitment()
    if newest is None:
        raise NoStateProof
    ranges = defaultdict[UUID, list[_Range]](list)
    for one in _ranges(hold_ids, newest):
        ranges[one.hold_id].append(one)
    if len(ranges) != len(set(hold_ids)):
        raise NoStateProof
    return States(newest.event_id, _documents(newest, ranges))


class _Range(NamedTuple):
    """A leaf of a hold, and where it stands: in its chunk, and with its chunk in the tree."""

    hold_id: UUID
    first: int
    last: int
    lot: str
    account: str
    state: str
    pledgee: str
    leaf_index: int
    chunk_id: UUID
    leaf_count: int
    secret: bytes
    tree_id: UUID
    place: int


RANGES = """
SELECT h.hold_id, h.first, h.last, h.lot, h.account, h.state, h.pledgee, h.leaf_index, c.id,
       c.leaf_count, c.secret, n.id, t.position * %(width)s + array_position(t.chunk_ids, c.id) - 1
FROM ledger_proofs_heldrange h JOIN ledger_proofs_chunk c ON c.id = h.chunk_id
JOIN ledger_proofs_tree n ON n.book = c.book AND n.id = ANY(%(trees)s)
JOIN ledger_proofs_treetile t ON t.tree_id = n.id AND t.level = 0 AND c.id = ANY(t.chunk_ids)
WHERE h.hold_id = ANY(%(holds)s) ORDER BY h.first
"""


def _ranges(hold_ids: Collection[UUID], newest: Commitment) -> list[_Range]:
    asked: dict[str, Any] = {"width": TILE_WIDTH, "trees": newest.tree_ids, "holds": list(hold_ids)}
    with connection.cursor() as cursor:
        cursor.execute(RANGES, asked)
        return [_Range(*row) for row in cursor.fetchall()]


def _documents(
    newest: Commitment, ranges: Mapping[UUID, Sequence[_Range]]
) -> dict[UUID, dict[str, Any]]:
    trees, shelf = _shelf(newest.pk)
    places = {tree.pk: place for place, tree in enumerate(trees)}
    ways = _Ways({tree.pk: tree.chunk_count for tree in trees}, ranges.values())
    made = {}
    for hold_id, told in ranges.items():
        place = places[told[0].tree_id]
        made[hold_id] = document(
            book=book_of(trees[place]),
            ranges=[_opened(one, ways.of(one)) for one in told],
            shelf=[
                (shelf[level][position], is_left)
                for level, position, is_left in siblings(place, len(shelf[0]))
            ],
            book_count=newest.book_count,
        )
    return made


def _opened(one: _Range, path: Sequence[Step]) -> dict[str, Any]:
    return {
        "first": one.first,
        "last": one.last,
        "salt": salt_of(bytes(one.secret), one.leaf_index),
        "path": path,
        **{name: getattr(one, name) for name in FIELDS},
    }


NODES = """
SELECT w.number, substr(c.nodes, w.start + 1, %(size)s)
FROM unnest(%(chunk_numbers)s::int[], %(chunks)s::uuid[], %(chunk_starts)s::int[])
     AS w(number, chunk, start) JOIN ledger_proofs_chunk c ON c.id = w.chunk
UNION ALL
SELECT w.number, substr(t.nodes, w.start + 1, %(size)s)
FROM unnest(%(tile_numbers)s::int[], %(trees)s::uuid[], %(levels)s::int[], %(places)s::int[],
            %(tile_starts)s::int[]) AS w(number, tree, level, place, start)
JOIN ledger_proofs_treetile t
  ON t.tree_id = w.tree AND t.level = w.level AND t.position = w.place
"""
InChunk = tuple[UUID, int]  # and at which byte
InTile = tuple[UUID, int, int, int]  # tree, level, tile, at which byte


class _Ways:
    """The neighbours on the ways of all ranges, fetched by one question."""

    def __init__(self, counts: Mapping[UUID, int], ranges: Iterable[Sequence[_Range]]) -> None:
        self.counts = counts
        steps = {step for told in ranges for one in told for step, _left in self._steps(one)}
        chunks = [one for one in steps if len(one) == 2]
        tiles = [one for one in steps if len(one) == 4]
        asked: dict[str, Any] = {
            "size": PACKED_SIZE,
            "chunk_numbers": list(range(len(chunks))),
            "chunks": [one[0] for one in chunks],
            "chunk_starts": [one[1] for one in chunks],
            "tile_numbers": list(range(len(chunks), len(steps))),
            "trees": [one[0] for one in tiles],
            "levels": [one[1] for one in tiles],
            "places": [one[2] for one in tiles],
            "tile_starts": [one[3] for one in tiles],
        }
        with connection.cursor() as cursor:
            cursor.execute(NODES, asked)
            told_nodes = dict(cursor.fetchall())
        wanted: list[InChunk | InTile] = [*chunks, *tiles]
        self.nodes = {
            step: Node.unpacked(bytes(told_nodes[number])) for number, step in enumerate(wanted)
        }

    def of(self, one: _Range) -> list[Step]:
        """From the leaf to the root of its book."""
        return [Step(self.nodes[step], is_left) for step, is_left in self._steps(one)]

    def _steps(self, one: _Range) -> list[tuple[InChunk | InTile, bool]]:
        below: list[tuple[InChunk | InTile, bool]] = [
            ((one.chunk_id, place_in_rows(level, at, count=one.leaf_count)), is_left)
            for level, at, is_left in siblings(one.leaf_index, one.leaf_count)
        ]
        return below + [
            ((one.tree_id, level, at // TILE_WIDTH, at % TILE_WIDTH * PACKED_SIZE), is_left)
            for level, at, is_left in siblings(one.place, self.counts[one.tree_id])
        ]


def told_root(commitment_event: str) -> bytes:
    """The root that the body of a commitment's event tells."""
    return bytes.fromhex(json.loads(commitment_event)["data"]["row"]["root"])
