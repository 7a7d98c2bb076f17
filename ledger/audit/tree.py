"""The Merkle tree as it lies in tiles: roots and proofs in a handful of rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

from django.db import connection

from ledger.audit.merkle import (
    Node,
    Stretch,
    consistency_stretches,
    hash_of_stretch,
    inclusion_stretches,
    node_in_tile,
    nodes_of_stretch,
    tile_of,
)

TILES = """
SELECT t.level, t.position, t.hashes FROM ledger_audit_tile AS t
JOIN unnest(%s::int[], %s::bigint[]) AS w(level, position)
  ON t.level = w.level AND t.position = w.position
"""


def sealed_size() -> int:
    """How many events are sealed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(seq) + 1, 0) FROM ledger_audit_seal")
        size: int = cursor.fetchone()[0]
    return size


def root_at(size: int) -> bytes:
    """The root over the first `size` events.

    :raises ProofRefused: the tiles do not reach so far
    """
    return hashes_of([(0, size)])[0]


def inclusion_path(*, index: int, size: int) -> list[bytes]:
    """:raises ProofRefused: there is no such leaf"""
    return inclusion_paths([index], size=size)[index]


def inclusion_paths(indexes: Sequence[int], *, size: int) -> dict[int, list[bytes]]:
    """:raises ProofRefused: there is no such leaf"""
    return _paths({index: inclusion_stretches(index, size) for index in indexes})


def consistency_path(*, size1: int, size2: int) -> list[bytes]:
    """:raises ProofRefused: nothing is proved from an empty tree, or backwards"""
    return consistency_paths([size1], size=size2)[size1]


def consistency_paths(sizes: Sequence[int], *, size: int) -> dict[int, list[bytes]]:
    """:raises ProofRefused: nothing is proved from an empty tree, or backwards"""
    return _paths({one: consistency_stretches(one, size) for one in sizes})


def _paths(wanted: Mapping[int, Sequence[Stretch]]) -> dict[int, list[bytes]]:
    found = iter(hashes_of([stretch for stretches in wanted.values() for stretch in stretches]))
    return {key: list(islice(found, len(stretches))) for key, stretches in wanted.items()}


def hashes_of(stretches: Sequence[Stretch]) -> list[bytes]:
    """The hash of each stretch of leaves, with one query."""
    node = reader(part for stretch in stretches for part in nodes_of_stretch(stretch))
    return [hash_of_stretch(stretch, node) for stretch in stretches]


def reader(nodes: Iterable[Node]) -> Callable[[Node], bytes]:
    """Fetch the tiles that know the nodes, once."""
    wanted = sorted({tile_of(node) for node in nodes})
    with connection.cursor() as cursor:
        cursor.execute(TILES, [[level for level, _ in wanted], [place for _, place in wanted]])
        tiles = {(level, place): bytes(hashes) for level, place, hashes in cursor.fetchall()}
    return lambda node: node_in_tile(node, tiles.get(tile_of(node), b""))
