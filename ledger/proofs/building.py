"""From the stretches of a book to leaves, and from some hundred leaves to a chunk."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from struct import Struct
from typing import NamedTuple
from uuid import UUID

from ledger.holds.queries import Held
from ledger.proofs.sumtree import (
    FIELDS,
    LARGEST,
    LEAF,
    PACKED_SIZE,
    SECRET,
    Node,
    StateProofRefused,
    levels,
)
from ledger.units.queries import Stretch
from ledger.units.states import UnitState

PlaceKey = tuple[UUID, UUID, str]  # account, lot, state
FREE_OF_ALL = ""  # the creditor of a range that is pledged to nobody
BOUNDS = Struct(">QQQ")


class Opened(NamedTuple):
    """A leaf before it is hashed: what a creditor may be shown of it."""

    first: int
    last: int
    lot: str
    account: str
    state: str
    pledgee: str
    hold_id: UUID | None

    def node(self, salt: bytes) -> Node:
        """As `sumtree.leaf` has it, with fewer steps: a book may have millions.

        :raises StateProofRefused: not a range
        """
        if not 0 <= self.first <= self.last <= LARGEST:
            raise StateProofRefused("bounds of a range")
        start, sha256 = SECRET + salt, hashlib.sha256
        told = [
            sha256(start + named + b"\x00" + value.encode()).digest()
            for named, value in zip(NAMED, self[2:6], strict=True)
        ]
        units = self.last - self.first + 1
        bounds = BOUNDS.pack(self.first, self.last, units)
        told_hash = sha256(LEAF + bounds + b"".join(told)).digest()
        return Node(self.first, self.last, units, told_hash)


NAMED = [name.encode() for name in FIELDS]


def salt_of(secret: bytes, index: int) -> bytes:
    """Each leaf of each chunk has its own."""
    return hmac.digest(secret, index.to_bytes(8, "big"), "sha256")


def leaves_of(opened: Iterable[Opened], *, secret: bytes) -> list[Node]:
    """The leaves of one chunk."""
    return [one.node(salt_of(secret, index)) for index, one in enumerate(opened)]


def rows_over(leaves: Sequence[Node]) -> tuple[bytes, Node]:
    """A chunk as it is kept, row after row from the leaves up; and its root.

    :raises StateProofRefused: the leaves overlap or are not sorted, or there is none
    """
    if not leaves:
        raise StateProofRefused("no leaf")
    rows = list(levels(leaves))
    return b"".join(node.packed() for row in rows for node in row), rows[-1][0]


def place_in_rows(level: int, at: int, *, count: int) -> int:
    """At which byte of a chunk of so many leaves a node begins."""
    before = 0
    for _level in range(level):
        before, count = before + count, (count + 1) >> 1
    return (before + at) * PACKED_SIZE


def pledgee_of(held: Held) -> str:
    """Who has a right to the units, and by which hold: two pledges of one bank are two."""
    return f"{held.in_favour_of or ''}/{held.hold_id}"


def by_place(held: Iterable[Held]) -> dict[PlaceKey, list[Held]]:
    """Holds by where they have their units."""
    found = defaultdict[PlaceKey, list[Held]](list)
    for one in held:
        found[one.account_id, one.lot_id, str(one.state)].append(one)
    return found


def opened_serials(stretches: Iterable[Stretch], holds: Mapping[UUID, Held]) -> Iterator[Opened]:
    """The leaves of serials, in their order."""
    for one in stretches:
        held = holds.get(one.hold_id) if one.hold_id else None
        yield _range(one, one.first or 0, one.last or 0, held)


def opened_counted(
    stretches: Iterable[Stretch], portions: Mapping[PlaceKey, Sequence[Held]]
) -> Iterator[Opened]:
    """The leaves of units without serials: they stand side by side, counted off from 1."""
    place = 0
    for one in stretches:
        rest = one.unit_count
        for held in portions.get((one.account_id, one.lot_id, one.state), ()):
            yield _range(one, place + 1, place + held.unit_count, held)
            place, rest = place + held.unit_count, rest - held.unit_count
        if rest:
            yield _range(one, place + 1, place + rest, None)
            place += rest


def _range(one: Stretch, first: int, last: int, held: Held | None) -> Opened:
    return Opened(
        first,
        last,
        one.lot_code,
        str(one.account_id),
        str(UnitState(one.state)),
        pledgee_of(held) if held else FREE_OF_ALL,
        held.hold_id if held else None,
    )
