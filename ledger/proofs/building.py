"""From the stretches of a book to the tree over them, row by row."""

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from ledger.holds.queries import Held
from ledger.proofs.sumtree import FIELDS, Node, commitment, leaf
from ledger.units.queries import Stretch
from ledger.units.states import UnitState

PlaceKey = tuple[UUID, UUID, str]  # account, lot, state
FREE_OF_ALL = ""  # the creditor of a range that is pledged to nobody


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
        told = [commitment(salt=salt, field=name, value=getattr(self, name)) for name in FIELDS]
        return leaf(first=self.first, last=self.last, commitments=told)


def salt_of(secret: bytes, index: int) -> bytes:
    """Each leaf of each version has its own."""
    return hmac.digest(secret, index.to_bytes(8, "big"), "sha256")


def pledgee_of(held: Held) -> str:
    """Who has a right to the units, and by which hold: two pledges of one bank are two."""
    return f"{held.in_favour_of or ''}/{held.hold_id}"


def opened(
    stretches: Iterable[Stretch],
    *,
    holds: Mapping[UUID, Held],
    portions: Mapping[PlaceKey, Sequence[Held]],
) -> Iterator[Opened]:
    """The leaves of a book in their order. Units without serials stand side by side, counted."""
    place = 0
    for one in stretches:
        if one.first is not None and one.last is not None:
            yield _range(one, one.first, one.last, holds.get(one.hold_id) if one.hold_id else None)
            continue
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
