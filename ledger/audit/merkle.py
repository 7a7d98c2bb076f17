"""The Merkle tree of RFC 6962 / RFC 9162: what proofs are made of, and where that stands in tiles.

How a proof is checked stands in `paths`, which a stranger reads without this.

Pure functions on bytes. A *node* (level, position) covers the leaves from `position << level` up to
`(position + 1) << level`, all present. A tile holds 256 neighbouring nodes of level 0, 8, 16 …
"""

import hashlib
from collections.abc import Callable, Sequence

from ledger.audit.paths import EMPTY_ROOT, HASH_SIZE, ProofRefused, node_hash

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
CHAIN_START = bytes(HASH_SIZE)

Node = tuple[int, int]
Stretch = tuple[int, int]  # leaves from, up to and not including


def chain_value(previous: bytes, leaf: bytes) -> bytes:
    """The linear chain; before the first event stands CHAIN_START."""
    return hashlib.sha256(previous + leaf).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes (RFC 9162 2.1.1)."""
    if not leaves:
        return EMPTY_ROOT
    return hash_of_stretch((0, len(leaves)), lambda node: full_root(_leaves_under(leaves, node)))


def _leaves_under(leaves: Sequence[bytes], node: Node) -> list[bytes]:
    level, position = node
    return list(leaves[position << level : (position + 1) << level])


def full_root(hashes: Sequence[bytes]) -> bytes:
    """The root over 1, 2, 4, 8 … neighbouring hashes."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


# --- which stretches of leaves a proof is made of (RFC 9162 2.1.3.1 and 2.1.4.1)


def _largest_power_below(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1


def inclusion_stretches(index: int, size: int) -> list[Stretch]:
    """:raises ProofRefused: there is no such leaf in a tree of that size"""
    if not 0 <= index < size:
        raise ProofRefused(f"leaf {index} of {size}")
    low, high, path = 0, size, list[Stretch]()
    while high - low > 1:
        middle = low + _largest_power_below(high - low)
        if index < middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    return path[::-1]


def consistency_stretches(size1: int, size2: int) -> list[Stretch]:
    """:raises ProofRefused: nothing is proved from an empty tree, or backwards"""
    if not 0 < size1 <= size2:
        raise ProofRefused(f"from {size1} to {size2}")
    if size1 == size2:
        return []
    low, high, path = 0, size2, list[Stretch]()
    while high != size1:
        middle = low + _largest_power_below(high - low)
        if size1 <= middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    if low:
        path.append((low, high))
    return path[::-1]


def nodes_of_stretch(stretch: Stretch) -> list[Node]:
    """The full nodes that make up a stretch, largest first."""
    low, high = stretch
    nodes = []
    while low < high:
        level = (high - low).bit_length() - 1
        if low:
            level = min(level, (low & -low).bit_length() - 1)
        nodes.append((level, low >> level))
        low += 1 << level
    return nodes


def hash_of_stretch(stretch: Stretch, node: Callable[[Node], bytes]) -> bytes:
    if stretch[0] == stretch[1]:
        return EMPTY_ROOT
    *left, result = [node(part) for part in nodes_of_stretch(stretch)]
    for sibling in reversed(left):
        result = node_hash(sibling, result)
    return result


# --- tiles


def tile_of(node: Node) -> tuple[int, int]:
    """(tile level, tile position) of the tile that knows a node."""
    level, position = node
    tile_level, height = divmod(level, TILE_HEIGHT)
    return tile_level, (position << height) // TILE_WIDTH


def node_in_tile(node: Node, hashes: bytes) -> bytes:
    """:raises ProofRefused: the tile is too short to know the node"""
    level, position = node
    height = level % TILE_HEIGHT
    first = (position << height) % TILE_WIDTH * HASH_SIZE
    row = split_hashes(hashes[first : first + (HASH_SIZE << height)])
    if len(row) != 1 << height:
        raise ProofRefused(f"tile without node {node}")
    return full_root(row)


def split_hashes(hashes: bytes) -> list[bytes]:
    return [hashes[i : i + HASH_SIZE] for i in range(0, len(hashes), HASH_SIZE)]


# --- growing while reading


class Grower:
    """Takes leaves in order, hands out full tiles, and knows the root after each of them.

    Holds one unfinished tile per level: constant memory.
    """

    def __init__(self, size: int = 0, unfinished: Sequence[Sequence[bytes]] = ()) -> None:
        self.size = size
        self.rows: list[list[bytes]] = [list(row) for row in unfinished] or [[]]

    def add(self, leaves: Sequence[bytes]) -> list[tuple[int, int, bytes]]:
        """Append leaves; return the tiles that became full: (level, position, hashes)."""
        full: list[tuple[int, int, bytes]] = []
        start = 0
        while start < len(leaves):
            part = leaves[start : start + TILE_WIDTH - len(self.rows[0])]
            self.rows[0].extend(part)
            start += len(part)
            self.size += len(part)
            self._carry(full)
        return full

    def _carry(self, full: list[tuple[int, int, bytes]]) -> None:
        level = 0
        while len(self.rows[level]) == TILE_WIDTH:
            position = (self.size >> TILE_HEIGHT * (level + 1)) - 1
            full.append((level, position, b"".join(self.rows[level])))
            root = full_root(self.rows[level])
            self.rows[level] = []
            if len(self.rows) == level + 1:
                self.rows.append([])
            level += 1
            self.rows[level].append(root)

    def unfinished(self) -> list[tuple[int, int, bytes]]:
        return [
            (level, self.size >> TILE_HEIGHT * (level + 1), b"".join(row))
            for level, row in enumerate(self.rows)
            if row
        ]

    def root(self) -> bytes:
        """The root of all leaves so far."""
        return hash_of_stretch((0, self.size), self._node)

    def _node(self, node: Node) -> bytes:
        level, position = node
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = (position << height) % TILE_WIDTH
        return full_root(self.rows[tile_level][first : first + (1 << height)])
