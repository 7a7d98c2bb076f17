"""A tree grown leaf by leaf: tiles leave as soon as they are full, memory stays flat."""

from collections.abc import Callable
from itertools import count

from ledger.proofs.sumtree import Node, StateProofRefused, parent

TILE_WIDTH = 256
Tile = tuple[int, int, bytes]  # level, position, nodes side by side


class Grower:
    """Feed leaves in order; every row of the tree goes to `keep` in tiles."""

    def __init__(self, keep: Callable[[Tile], None]) -> None:
        self.keep = keep
        self.rows: list[_Row] = []
        self.leaf_count = 0

    def add(self, leaf: Node) -> None:
        """:raises StateProofRefused: it overlaps the one before, or stands before it"""
        self.leaf_count += 1
        self._put(0, leaf)

    def _put(self, start: int, node: Node) -> None:
        for level in count(start):
            if level == len(self.rows):
                self.rows.append(_Row(level))
            row = self.rows[level]
            row.take(node, self.keep)
            if row.waiting is None:
                row.waiting = node
                return
            node, row.waiting = parent(row.waiting, node), None

    def finish(self) -> Node:
        """The root; the odd one out of each row moves up alone.

        :raises StateProofRefused: there was no leaf
        """
        level = 0
        while level < len(self.rows):
            row = self.rows[level]
            if row.waiting is not None and row.count > 1:
                node, row.waiting = row.waiting, None
                self._put(level + 1, node)
            row.flush(self.keep)
            level += 1
        if not self.rows or self.rows[-1].waiting is None:
            raise StateProofRefused("no leaf")
        return self.rows[-1].waiting


class _Row:
    """One level: how many nodes it has, the tile being filled, and who still lacks a neighbour."""

    def __init__(self, level: int) -> None:
        self.level, self.count = level, 0
        self.waiting: Node | None = None
        self.tile = bytearray()

    def take(self, node: Node, keep: Callable[[Tile], None]) -> None:
        self.tile += node.packed()
        self.count += 1
        if self.count % TILE_WIDTH == 0:
            self.flush(keep)

    def flush(self, keep: Callable[[Tile], None]) -> None:
        if self.tile:
            keep((self.level, (self.count - 1) // TILE_WIDTH, bytes(self.tile)))
            self.tile.clear()
