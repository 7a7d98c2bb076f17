"""The cost book: every unit that came or went, replayed in order, pool by pool.

A pool is one instrument and vintage. In it units allocated free and units paid for are kept apart
(R7.4): free ones cost nothing and never change what the others cost. Units that come back by a
reversal come back as they left; a carry-over takes the cost along to the new vintage.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import Any
from uuid import UUID

from finance.trades.rules.lots import (
    ZERO,
    Layer,
    Taken,
    Way,
    cost_of,
    count_of,
    levelled,
    take,
    take_back,
)
from finance.trades.states import Draw, Order
from ledger.kernel.shares import share_out


class Cause(StrEnum):
    """Why units came or went."""

    ALLOCATED = "ALLOCATED"
    ISSUED = "ISSUED"
    BOUGHT = "BOUGHT"
    CARRIED_IN = "CARRIED_IN"
    RECEIVED = "RECEIVED"  # came in otherwise: an opening position, a delivery without a trade
    RETURNED = "RETURNED"  # by reversal of what took them
    SOLD = "SOLD"
    SURRENDERED = "SURRENDERED"
    CANCELLED = "CANCELLED"
    RETIRED = "RETIRED"
    EXPIRED = "EXPIRED"
    CARRIED_OUT = "CARRIED_OUT"
    DELIVERED = "DELIVERED"  # went to somebody else without a trade
    TAKEN_BACK = "TAKEN_BACK"  # by reversal of what brought them


INS = frozenset(
    {
        Cause.ALLOCATED,
        Cause.ISSUED,
        Cause.BOUGHT,
        Cause.CARRIED_IN,
        Cause.RECEIVED,
        Cause.RETURNED,
    }
)
Pool = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Policy:
    """How a party finds the cost of what leaves, in one year (R7.3, R7.4)."""

    way: Way = Way.WEIGHTED_AVERAGE
    order: Order = Order.PAID_FIRST


@dataclass(frozen=True, slots=True)
class Flow:
    """Units of one lot that one entry brought or took. `unit_count` is above zero.

    `cost`: what was paid or told for what came; None: nobody has said. `income`: what a sale
    brings; `cash`: what was paid or received in all. `undoes` and `follows`: keys of the flows
    that are taken back, or carried over.
    """

    key: str
    day: date
    cause: Cause
    pool: Pool
    unit_count: int
    entry_id: UUID
    lot_id: UUID
    cost: Decimal | None = None
    income: Decimal | None = None
    cash: Decimal | None = None
    is_free: bool = False
    draw: Draw = Draw.POLICY
    picks: tuple[tuple[str, int], ...] = ()
    undoes: str = ""
    follows: tuple[str, ...] = ()
    trade_id: UUID | None = None
    settlement_id: UUID | None = None

    @property
    def is_in(self) -> bool:
        return self.cause in INS


@dataclass(frozen=True, slots=True)
class Booking:
    """A flow with the cost lots that it made or used. `missing`: units no lot was found for."""

    flow: Flow
    parts: tuple[Layer, ...]
    missing: int = 0

    @property
    def free_count(self) -> int:
        return count_of([part for part in self.parts if part.is_free])

    @property
    def paid_count(self) -> int:
        return count_of([part for part in self.parts if not part.is_free])

    @property
    def cost(self) -> Decimal:
        return cost_of(self.parts)

    @property
    def is_untold(self) -> bool:
        return any(part.is_untold for part in self.parts)

    @property
    def gain(self) -> Decimal | None:
        """Realised: income less cost; None where nothing was sold."""
        return None if self.flow.income is None else self.flow.income - self.cost


@dataclass(slots=True)
class Book:
    """What is left, pool by pool, and every booking on the way there."""

    policies: Mapping[int, Policy] = field(default_factory=dict)
    free: dict[Pool, tuple[Layer, ...]] = field(default_factory=dict)
    paid: dict[Pool, tuple[Layer, ...]] = field(default_factory=dict)
    bookings: list[Booking] = field(default_factory=list)
    year: int | None = None
    by_key: dict[str, Booking] = field(default_factory=dict)

    def policy_of(self, year: int) -> Policy:
        """The policy set for the year, or the last one before it; else the usual one."""
        known = [one for one in self.policies if one <= year]
        return self.policies[max(known)] if known else Policy()

    def layers(self, pool: Pool) -> tuple[Layer, ...]:
        """The cost lots of a pool, free ones first; with an average each at it."""
        paid = self.paid.get(pool, ())
        if self.year is not None and self.policy_of(self.year).way is Way.WEIGHTED_AVERAGE:
            paid = levelled(paid)
        return (*self.free.get(pool, ()), *paid)

    @property
    def pools(self) -> list[Pool]:
        return sorted({*self.free, *self.paid})


def replay(flows: Iterable[Flow], policies: Mapping[int, Policy]) -> Book:
    """The book after these flows, which come ordered by day.

    Within a day what finds too few units waits for what comes in later that day: an entry may
    have been recorded late.
    """
    book = Book(policies)
    for day, of_day in groupby(flows, key=lambda flow: flow.day):
        _turn_of_year(book, day.year)
        waiting: list[Flow] = []
        for flow in of_day:
            if not flow.is_in and not _has(book, flow):
                waiting.append(flow)
                continue
            _book(book, flow)
            if flow.is_in:
                waiting = _again(book, waiting)
        for flow in waiting:
            _book(book, flow)
    return book


def _again(book: Book, waiting: Sequence[Flow]) -> list[Flow]:
    left = []
    for flow in waiting:
        if _has(book, flow):
            _book(book, flow)
        else:
            left.append(flow)
    return left


def _has(book: Book, flow: Flow) -> bool:
    held = count_of(book.free.get(flow.pool, ())) + count_of(book.paid.get(flow.pool, ()))
    return held >= flow.unit_count


def _turn_of_year(book: Book, year: int) -> None:
    """Where the average ends with the old year, its lots go on at that average."""
    if book.year is not None and year != book.year:
        old, new = book.policy_of(book.year).way, book.policy_of(year).way
        if old is Way.WEIGHTED_AVERAGE and new is not old:
            book.paid = {pool: levelled(layers) for pool, layers in book.paid.items()}
    book.year = year


def _book(book: Book, flow: Flow) -> None:
    booking = _arrive(book, flow) if flow.is_in else _leave(book, flow)
    book.bookings.append(booking)
    book.by_key[flow.key] = booking


def _arrive(book: Book, flow: Flow) -> Booking:
    parts = tuple(_brought(book, flow))
    for part in parts:
        side = book.free if part.is_free else book.paid
        side[flow.pool] = (*side.get(flow.pool, ()), part)
    return Booking(flow, parts)


def _brought(book: Book, flow: Flow) -> Iterable[Layer]:
    """The lots that a flow brings: as they left, or a new one."""
    if flow.cause is Cause.RETURNED and flow.undoes in book.by_key:
        return book.by_key[flow.undoes].parts
    carried = [
        part for key in flow.follows if key in book.by_key for part in book.by_key[key].parts
    ]
    if flow.cause is Cause.CARRIED_IN and count_of(carried) == flow.unit_count:
        about: dict[str, Any] = {"key": flow.key, "entry_id": flow.entry_id, "lot_id": flow.lot_id}
        return [replace(part, **about) for part in carried]
    return [
        Layer(
            key=flow.key,
            acquired_on=flow.day,
            unit_count=flow.unit_count,
            cost=flow.cost or ZERO,
            entry_id=flow.entry_id,
            lot_id=flow.lot_id,
            is_free=flow.is_free and not flow.cost,
            is_untold=flow.cost is None and not flow.is_free,
        )
    ]


Sides = tuple[Sequence[Layer], Sequence[Layer]]  # free, paid for


def _leave(book: Book, flow: Flow) -> Booking:
    sides = book.free.get(flow.pool, ()), book.paid.get(flow.pool, ())
    policy = book.policy_of(flow.day.year)
    wanted = min(flow.unit_count, count_of(sides[0]) + count_of(sides[1]))
    origin = book.by_key.get(flow.undoes)
    if origin is not None and origin.parts:
        taken = _returned(sides, origin, wanted, policy.way)
    else:
        taken = _chosen(sides, flow, wanted, policy)
    for side, one in zip((book.free, book.paid), taken, strict=True):
        side[flow.pool] = one.rest
    parts = (*taken[0].parts, *taken[1].parts)
    return Booking(flow, parts, missing=flow.unit_count - wanted)


def _returned(sides: Sides, origin: Booking, wanted: int, way: Way) -> tuple[Taken, Taken]:
    """What came in goes back: the lots that it made, at what they had cost."""
    free, paid = sides
    from_paid = min(wanted - min(origin.free_count, count_of(free), wanted), count_of(paid))
    cost = cost_of([part for part in origin.parts if not part.is_free])
    key = origin.flow.key
    return (
        take_back(free, wanted - from_paid, Way.FIFO, key=key, cost=ZERO),
        take_back(paid, from_paid, way, key=key, cost=cost),
    )


def _chosen(sides: Sides, flow: Flow, wanted: int, policy: Policy) -> tuple[Taken, Taken]:
    free, paid = sides
    picks = picks_left([*free, *paid], flow.picks)
    if policy.way is Way.SPECIFIC and sum(count for _key, count in picks) == wanted:
        return _picked(free, picks), _picked(paid, picks)
    from_free = split(
        wanted, free=count_of(free), paid=count_of(paid), draw=flow.draw, order=policy.order
    )
    way = Way.FIFO if policy.way is Way.SPECIFIC else policy.way
    return take(free, from_free, Way.FIFO), take(paid, wanted - from_free, way)


def picks_left(layers: Sequence[Layer], picks: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """The picks as far as the lots have them."""
    held: dict[str, int] = {}
    for layer in layers:
        held[layer.key] = held.get(layer.key, 0) + layer.unit_count
    return [(key, min(count, held[key])) for key, count in picks if key in held]


def _picked(layers: Sequence[Layer], picks: Sequence[tuple[str, int]]) -> Taken:
    here = picks_left(layers, picks)
    return take(layers, sum(count for _key, count in here), Way.SPECIFIC, here)


def split(wanted: int, *, free: int, paid: int, draw: Draw, order: Order) -> int:
    """How many of the units that leave are free ones: as the sale says, else as the policy does."""
    if draw is Draw.FREE or (draw is Draw.POLICY and order is Order.FREE_FIRST):
        return min(wanted, free)
    if draw is Draw.PAID or order is Order.PAID_FIRST:
        return wanted - min(wanted, paid)
    return share_out(wanted, [free, paid])[0] if wanted else 0
