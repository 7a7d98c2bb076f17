"""A Merkle tree whose nodes carry bounds and a sum: what is proved of one leaf holds against all.

Pure functions on whole numbers and bytes, for an offline verifier too. The construction and why it
is enough stand in `docs/reference/state_proofs.md`.

A *node* says: below me lie ranges from `first` to `last`, of `units` units together. A parent is
made of two neighbours, the left one ending before the right one begins. Whoever follows a path
from a leaf to the root and finds every step in order knows: no other leaf that can be followed to
the same root overlaps this one; and all leaves together are the units the root says.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from ledger.kernel.errors import N_, DomainError

LEAF, NODE, BOOK, SHELF, STATE, SECRET = (bytes([n]) for n in range(6))
LARGEST = 2**63 - 1
HASH_SIZE = 32
FIELDS = ("lot", "account", "state", "pledgee")


class StateProofRefused(DomainError):
    code = "state_proof_refused"
    message = N_("The proof of the state does not hold.")


class Node(NamedTuple):
    """Serial numbers or places `first` to `last`, both included."""

    first: int
    last: int
    units: int
    hash: bytes

    def packed(self) -> bytes:
        """56 bytes; what a parent hashes, and what a tile holds."""
        return b"".join(n.to_bytes(8, "big") for n in self[:3]) + self.hash

    @classmethod
    def unpacked(cls, packed: bytes) -> "Node":
        first, last, units = (int.from_bytes(packed[at : at + 8], "big") for at in (0, 8, 16))
        return cls(first, last, units, packed[24:])


PACKED_SIZE = 24 + HASH_SIZE


def commitment(*, salt: bytes, field: str, value: str) -> bytes:
    """A value nobody can guess without the salt, and nobody can change with it."""
    return hashlib.sha256(SECRET + salt + field.encode() + b"\x00" + value.encode()).digest()


def leaf(*, first: int, last: int, commitments: Sequence[bytes]) -> Node:
    """A range in one account and state, for one creditor or none (its commitments in order).

    :raises StateProofRefused: not a range, or a commitment is missing
    """
    if len(commitments) != len(FIELDS) or any(len(one) != HASH_SIZE for one in commitments):
        raise StateProofRefused("a leaf has a commitment for each of its fields")
    plain = _checked(Node(first, last, last - first + 1, bytes(HASH_SIZE)))
    told = plain.packed()[:24] + b"".join(commitments)
    return plain._replace(hash=hashlib.sha256(LEAF + told).digest())


def parent(left: Node, right: Node) -> Node:
    """:raises StateProofRefused: the two overlap, stand in the wrong order, or are too many"""
    _checked(left)
    _checked(right)
    if left.last >= right.first:
        raise StateProofRefused("two ranges overlap or are out of order")
    told = hashlib.sha256(NODE + left.packed() + right.packed()).digest()
    return _checked(Node(left.first, right.last, left.units + right.units, told))


def _checked(node: Node) -> Node:
    """A range that has no more units than numbers, none of them below zero."""
    if not (0 <= node.first <= node.last <= LARGEST and len(node.hash) == HASH_SIZE):
        raise StateProofRefused("bounds of a range")
    if not 0 < node.units <= node.last - node.first + 1:
        raise StateProofRefused("the sum of a range")
    return node


def levels(leaves: Sequence[Node]) -> Iterator[list[Node]]:
    """The leaves, then row after row above them up to the root; the odd one out moves up alone.

    :raises StateProofRefused: the leaves overlap or are not sorted
    """
    row = list(leaves)
    yield row
    while len(row) > 1:
        above = [parent(row[n], row[n + 1]) for n in range(0, len(row) - 1, 2)]
        row = above + row[len(above) * 2 :]
        yield row


def siblings(index: int, count: int) -> Iterator[tuple[int, int, bool]]:
    """(level, position, stands on the left) of each neighbour on the way to the root."""
    level = 0
    while count > 1:
        beside = index ^ 1
        if beside < count:
            yield level, beside, bool(index & 1)
        index, count, level = index >> 1, (count + 1) >> 1, level + 1


class Step(NamedTuple):
    """A neighbour on the way up."""

    node: Node
    is_left: bool

    def as_data(self) -> list[Any]:
        return ["L" if self.is_left else "R", *self.node[:3], self.node.hash.hex()]

    @classmethod
    def of_data(cls, data: Sequence[Any]) -> "Step":
        """:raises StateProofRefused: not a step"""
        try:
            side, first, last, units, told = data
            if side not in {"L", "R"} or {type(first), type(last), type(units)} != {int}:
                raise ValueError(side)
            return cls(Node(first, last, units, bytes.fromhex(told)), side == "L")
        except (TypeError, ValueError) as wrong:
            raise StateProofRefused("a step of the path") from wrong


def climb(start: Node, path: Sequence[Step]) -> Node:
    """The root that a path leads to.

    :raises StateProofRefused: a step out of order, an overlap, a sum that cannot be
    """
    node = _checked(start)
    for step in path:
        node = parent(step.node, node) if step.is_left else parent(node, step.node)
    return node


# --- the shelf: every book once


class Book(NamedTuple):
    """One tree: the serials of a space, or what has no serials of one scheme and vintage."""

    name: str
    issued_units: int
    root: Node

    @property
    def key(self) -> bytes:
        return hashlib.sha256(BOOK + self.name.encode()).digest()

    def spine(self) -> "Spine":
        """:raises StateProofRefused: the tree holds another sum than was issued"""
        _checked(self.root)
        if self.issued_units != self.root.units:
            raise StateProofRefused("the book holds another sum than was issued")
        told = self.issued_units.to_bytes(8, "big") + self.root.packed()
        return Spine(self.key, self.key, hashlib.sha256(BOOK + self.key + told).digest())


class Spine(NamedTuple):
    """A stretch of the shelf: books in the order of their keys, so that none stands there twice."""

    first: bytes
    last: bytes
    hash: bytes

    def beside(self, right: "Spine") -> "Spine":
        """:raises StateProofRefused: not in order"""
        if any(len(part) != HASH_SIZE for part in (*self, *right)):
            raise StateProofRefused("a stretch of the shelf")
        if not self.first <= self.last < right.first <= right.last:
            raise StateProofRefused("two books of one name, or out of order")
        told = hashlib.sha256(SHELF + b"".join(self) + b"".join(right)).digest()
        return Spine(self.first, right.last, told)


def shelf_levels(spines: Sequence[Spine]) -> Iterator[list[Spine]]:
    row = list(spines)
    yield row
    while len(row) > 1:
        above = [row[n].beside(row[n + 1]) for n in range(0, len(row) - 1, 2)]
        row = above + row[len(above) * 2 :]
        yield row


def shelf_climb(start: Spine, path: Sequence[tuple[Spine, bool]]) -> Spine:
    """:raises StateProofRefused: a step out of order"""
    spine = start
    for other, is_left in path:
        spine = other.beside(spine) if is_left else spine.beside(other)
    return spine


def state_root(top: Spine | None, *, book_count: int) -> bytes:
    """What an event of the log says of the whole state."""
    told = b"" if top is None else b"".join(top)
    return hashlib.sha256(STATE + book_count.to_bytes(8, "big") + told).digest()


# --- the document


TYPE = "tanzhang/state-proof/v1"


def document(
    *,
    book: Book,
    ranges: Sequence[Mapping[str, Any]],
    shelf: Sequence[tuple[Spine, bool]],
    book_count: int,
) -> dict[str, Any]:
    """Ranges of one creditor in one book, opened. Each of `ranges`: first, last, salt, lot,
    account, state, pledgee and its path of steps.
    """
    return {
        "type": TYPE,
        "book": book.name,
        "issued_units": book.issued_units,
        "book_root": [*book.root[:3], book.root.hash.hex()],
        "book_count": book_count,
        "shelf": [
            ["L" if is_left else "R", *(part.hex() for part in spine)] for spine, is_left in shelf
        ],
        "ranges": [
            {
                **{name: one[name] for name in ("first", "last", *FIELDS)},
                "salt": one["salt"].hex(),
                "path": [step.as_data() for step in one["path"]],
            }
            for one in ranges
        ],
    }


class Proved(NamedTuple):
    """What a document shows, once it has been checked."""

    state_root: bytes
    book: str
    issued_units: int
    ranges: tuple[tuple[str, int, int], ...]  # lot, first, last
    units: int


def check_document(data: Mapping[str, Any], *, state: str, pledgee: str, account: str) -> Proved:
    """Follow every range to the root of its book, and the book to the root of the state.

    The caller says what the ranges must be: their state, their creditor and their account; and
    compares the root with the one that an event of the log tells.

    :raises StateProofRefused: anything is not as it should be
    """
    try:
        return _check(data, wanted={"state": state, "pledgee": pledgee, "account": account})
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as wrong:
        raise StateProofRefused("the form of the document") from wrong


def _check(data: Mapping[str, Any], *, wanted: Mapping[str, str]) -> Proved:
    if data["type"] != TYPE or type(data["issued_units"]) is not int:
        raise StateProofRefused("another type of document")
    first, last, units, told = data["book_root"]
    root = Node(first, last, units, bytes.fromhex(told))
    seen = []
    for one in data["ranges"]:
        if any(one[name] != value for name, value in wanted.items()):
            raise StateProofRefused("the range is in another state or for somebody else")
        if climb(_opened(one), [Step.of_data(step) for step in one["path"]]) != root:
            raise StateProofRefused("a range leads to another root")
        seen.append((one["lot"], one["first"], one["last"]))
    if not seen or any(a[2] >= b[1] for a, b in pairwise(seen)):
        raise StateProofRefused("no range, or one told twice, or out of order")
    book = Book(data["book"], data["issued_units"], root)
    top = shelf_climb(book.spine(), [_shelf_step(step) for step in data["shelf"]])
    return Proved(
        state_root(top, book_count=data["book_count"]),
        book.name,
        book.issued_units,
        tuple(seen),
        sum(last - first + 1 for _, first, last in seen),
    )


def _opened(one: Mapping[str, Any]) -> Node:
    salt = bytes.fromhex(one["salt"])
    if len(salt) != HASH_SIZE or {type(one["first"]), type(one["last"])} != {int}:
        raise StateProofRefused("the salt or bounds of a range")
    told = [commitment(salt=salt, field=name, value=one[name]) for name in FIELDS]
    return leaf(first=one["first"], last=one["last"], commitments=told)


def _shelf_step(step: Sequence[Any]) -> tuple[Spine, bool]:
    side, *parts = step
    if side not in {"L", "R"}:
        raise StateProofRefused("a step of the shelf")
    first, last, told = (bytes.fromhex(part) for part in parts)
    return Spine(first, last, told), side == "L"
