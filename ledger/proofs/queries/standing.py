"""Commitments, and the trees that stand: of which chunks they are made."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from ledger.proofs.models import Chunk, Commitment, Tree, TreeTile
from ledger.proofs.sumtree import PACKED_SIZE, Book, Node

# our own key, what the event cannot tell of itself, and what it is known by
UNTOLD = frozenset({"event_id"})


class Laid(NamedTuple):
    """A chunk in its place in a tree."""

    id: UUID
    mark: str
    root: Node
    leaf_count: int


def subject_of(row: Commitment) -> str:
    return f"proofs.Commitment:{row.pk}"


def content_of(row: Commitment) -> dict[str, Any]:
    """What the event tells of a commitment."""
    told = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in UNTOLD
    }
    return {
        **told,
        "root": bytes(row.root).hex(),
        "tree_ids": [str(one) for one in row.tree_ids],
    }


def commitments() -> Any:
    return Commitment.objects.all()


def latest_commitment() -> Commitment | None:
    return Commitment.objects.order_by("-pk").first()


def book_of(tree: Tree) -> Book:
    return Book(tree.book, tree.issued_units, Node.unpacked(bytes(tree.root)))


def trees_of(commitment: Commitment) -> list[Tree]:
    """In the order of the shelf."""
    found = Tree.objects.in_bulk(commitment.tree_ids)
    return [found[one] for one in commitment.tree_ids]


def standing_tree(book: str) -> Tree | None:
    """The newest version of a book's tree, if its chunks are still there."""
    tree = Tree.objects.filter(book=book).order_by("-pk").first()
    has_chunks = tree is not None and TreeTile.objects.filter(tree_id=tree.pk, level=0).exists()
    return tree if has_chunks else None


def nodes_in(packed: bytes) -> Iterator[Node]:
    for start in range(0, len(packed), PACKED_SIZE):
        yield Node.unpacked(packed[start : start + PACKED_SIZE])


def chunks_of(tree: Tree) -> list[Laid]:
    """From the first number to the last."""
    tiles = TreeTile.objects.filter(tree_id=tree.pk, level=0).order_by("position")
    placed = [
        pair
        for tile in tiles
        for pair in zip(tile.chunk_ids, nodes_in(bytes(tile.nodes)), strict=True)
    ]
    wanted = Chunk.objects.filter(pk__in=[key for key, _ in placed])
    told = {key: (mark, count) for key, mark, count in
            wanted.values_list("pk", "mark", "leaf_count")}  # fmt: skip
    return [Laid(key, told[key][0], root, told[key][1]) for key, root in placed]
