"""One version of a book's tree: chunks that did not change stay, the others are hashed anew."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from ledger.holds import queries as holds
from ledger.holds.queries import Held
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest
from ledger.kernel.ids import new_id
from ledger.proofs import queries
from ledger.proofs.building import (
    Opened,
    PlaceKey,
    by_place,
    leaves_of,
    opened_counted,
    opened_serials,
    rows_over,
)
from ledger.proofs.chunking import END, WIDTH, Span, Standing, plan, size_of_pieces
from ledger.proofs.growing import TILE_WIDTH, Grower, Tile
from ledger.proofs.models import Tree
from ledger.proofs.queries import Laid
from ledger.units import queries as units
from ledger.units.queries import BookState, Stretch

AT_A_TIME = 64  # chunks hashed before they are written


class CountedHolds(NamedTuple):
    """Holds over units without serials, by the place they have them in."""

    portions: Mapping[PlaceKey, Sequence[Held]]
    mark: str

    @classmethod
    def now(cls) -> "CountedHolds":
        found = holds.held_counted()
        told = [[str(part) for part in one] for one in found]
        return cls(by_place(found), digest(told).hex())


def tree_of(state: BookState, held: CountedHolds, *, by: Actor, at: datetime) -> Tree:
    """The standing tree of a book, or a new one if anything in it changed."""
    standing = queries.standing_tree(state.name)
    if state.space_id is not None:
        return _of_serials(state, standing, by=by, at=at)
    # the holds of all books are in the mark of those that have no serials: they are few
    mark = f"{state.mark}:{held.mark}"
    if standing is not None and standing.mark == mark:
        return standing
    return _of_counted(state, held, mark=mark, by=by, at=at)


def _of_counted(
    state: BookState, held: CountedHolds, *, mark: str, by: Actor, at: datetime
) -> Tree:
    """All of it anew: places shift when one before them changes."""
    planting = _Planting(state.name)
    leaves = opened_counted(units.stretches_in(state), held.portions)
    while part := list(islice(leaves, WIDTH)):
        planting.add([_Piece(part)])
    return planting.finish(state, mark=mark, by=by, at=at)


def _of_serials(state: BookState, standing: Tree | None, *, by: Actor, at: datetime) -> Tree:
    chunks = queries.chunks_of(standing) if standing else []
    told = units.serial_marks(state, [one.root.first for one in chunks])
    now = {place: (one.run_count, one.mark) for place, one in told.items()}
    planned = plan([Standing(one.root.first, one.mark) for one in chunks], now)
    if standing is not None and planned == list(range(len(chunks))):
        return standing
    planting = _Planting(state.name)
    runs = _Runs(state, [one for one in planned if isinstance(one, Span)])
    for one in planned:
        if isinstance(one, Span):
            planting.cut(runs.until(one.last), size=size_of_pieces(one.run_count))
        else:
            planting.keep(chunks[one])
    mark = digest([one.mark for one in planting.laid]).hex()
    return planting.finish(state, mark=mark, by=by, at=at)


class _Runs:
    """The runs of all spans in one stream, handed out span by span."""

    def __init__(self, state: BookState, spans: Sequence[Span]) -> None:
        bounds = [(one.low, one.last) for one in spans]
        whole = bounds == [(0, END)]
        self.rows = units.stretches_in(state) if whole else units.stretches_between(state, bounds)
        self.next = next(self.rows, None)

    def until(self, last: int) -> Iterator[Stretch]:
        while self.next is not None and (self.next.first or 0) <= last:
            one, self.next = self.next, next(self.rows, None)
            yield one


class _Piece(NamedTuple):
    """The leaves of a chunk to be, and its mark."""

    leaves: Sequence[Opened]
    mark: str = ""


class _Planting:
    """Making one tree: chunks laid side by side, tiles of their roots above them."""

    def __init__(self, book: str) -> None:
        self.book, self.tree_id = book, new_id()
        self.laid: list[Laid] = []

    def keep(self, chunk: Laid) -> None:
        self.laid.append(chunk)

    def cut(self, runs: Iterator[Stretch], *, size: int) -> None:
        """Chunks of so many runs each."""
        while rows := list(islice(runs, size * AT_A_TIME)):
            held = holds.held_by({one.hold_id for one in rows if one.hold_id is not None})
            parts = [rows[start : start + size] for start in range(0, len(rows), size)]
            self.add([
                _Piece(list(opened_serials(part, held)), str(sum(one.mark for one in part)))
                for part in parts
            ])  # fmt: skip

    def add(self, pieces: Iterable[_Piece]) -> None:
        chunks, ranges = [], []
        for piece in pieces:
            chunk_id, secret = new_id(), os.urandom(32)
            nodes, root = rows_over(leaves_of(piece.leaves, secret=secret))
            count = len(piece.leaves)
            chunks.append((chunk_id, self.book, piece.mark, secret, count, nodes))
            self.laid.append(Laid(chunk_id, piece.mark, root, count))
            ranges += [
                (chunk_id, leaf.hold_id, index, *leaf[:6])
                for index, leaf in enumerate(piece.leaves)
                if leaf.hold_id is not None
            ]
        _copy(CHUNKS, ["uuid", "varchar", "text", "bytea", "int2", "bytea"], chunks)
        _copy(RANGES, RANGE_TYPES, ranges)

    def finish(self, state: BookState, *, mark: str, by: Actor, at: datetime) -> Tree:
        """:raises StateProofRefused: another sum than was issued"""
        tiles: list[Tile] = []
        grower = Grower(tiles.append)
        for one in self.laid:
            grower.add(one.root)
        tree = Tree(
            id=self.tree_id,
            book=state.name,
            mark=mark,
            issued_units=state.issued_count,
            root=grower.finish().packed(),
            range_count=sum(one.leaf_count for one in self.laid),
            chunk_count=len(self.laid),
            made_at=at,
            made_by=by.user_id,
        )
        queries.book_of(tree).spine()  # refuses a sum that was not issued
        tree.save(force_insert=True)
        rows = [(tree.pk, *tile, self._chunks_under(tile)) for tile in tiles]
        _copy(TILES, ["uuid", "int2", "int4", "bytea", "uuid[]"], rows)
        return tree

    def _chunks_under(self, tile: Tile) -> list[UUID]:
        level, position, _nodes = tile
        start = position * TILE_WIDTH
        return [] if level else [one.id for one in self.laid[start : start + TILE_WIDTH]]


CHUNKS = "ledger_proofs_chunk (id, book, mark, secret, leaf_count, nodes)"
RANGES = """ledger_proofs_heldrange
(chunk_id, hold_id, leaf_index, first, last, lot, account, state, pledgee)"""
RANGE_TYPES = ["uuid", "uuid", "int2", "int8", "int8", *["varchar"] * 4]
TILES = "ledger_proofs_treetile (tree_id, level, position, nodes, chunk_ids)"


def _copy(table: str, types: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    statement = f"COPY {table} FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(list(types))
        for row in rows:
            copy.write_row(row)
