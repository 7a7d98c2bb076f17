"""What a period brought: realised by what left, unrealised by the marks of its last day."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from finance.trades.queries.flows import book_of
from finance.trades.queries.marks import Marked, marks_on
from finance.trades.rules.book import Book, Booking, Cause, Pool
from finance.trades.rules.entries import results_of
from finance.trades.rules.lots import ZERO, Layer, cost_of, count_of
from finance.trades.rules.notes import Sum, notes
from ledger.kernel.periods import Period

USED = frozenset({Cause.SURRENDERED, Cause.CANCELLED, Cause.RETIRED, Cause.EXPIRED})


@dataclass(frozen=True, slots=True)
class Held:
    """What is left of one instrument and vintage, and what it would fetch by the day's mark."""

    pool: Pool
    free: tuple[Layer, ...]
    paid: tuple[Layer, ...]
    mark: Marked | None

    @property
    def layers(self) -> tuple[Layer, ...]:
        return (*self.free, *self.paid)

    @property
    def unit_count(self) -> int:
        return count_of(self.layers)

    @property
    def cost(self) -> Decimal:
        return cost_of(self.layers)

    @property
    def value(self) -> Decimal | None:
        """By the mark; a figure for management, never posted (R7.2)."""
        return None if self.mark is None else self.mark.price_cny * self.unit_count

    @property
    def unrealised(self) -> Decimal | None:
        return None if self.value is None else self.value - self.cost

    @property
    def has_untold(self) -> bool:
        return any(layer.is_untold for layer in self.layers)


@dataclass(slots=True)
class Result:
    """Of one instrument and vintage in a period."""

    pool: Pool
    sold_count: int = 0
    income: Decimal = ZERO
    cost: Decimal = ZERO
    free_gain: Decimal = ZERO
    paid_gain: Decimal = ZERO
    used_count: int = 0
    used_cost: Decimal = ZERO
    bookings: list[Booking] = field(default_factory=list)

    @property
    def gain(self) -> Decimal:
        return self.free_gain + self.paid_gain


def held_on(party_id: UUID, day: date) -> list[Held]:
    """The cost lots that are left at the end of a day, by instrument and vintage."""
    return held_in(book_of(party_id, until=day), day)


def held_in(book: Book, day: date) -> list[Held]:
    found = []
    marks = marks_on([pool for pool in book.pools if book.layers(pool)], day)
    for pool in book.pools:
        layers = book.layers(pool)
        if layers:
            free = tuple(one for one in layers if one.is_free)
            paid = tuple(one for one in layers if not one.is_free)
            found.append(Held(pool, free, paid, marks.get(pool)))
    return found


def results_in(book: Book, period: Period) -> list[Result]:
    """Sales with their gain, of free and of bought units apart; and what was used up."""
    found: dict[Pool, Result] = {}
    for booking in book.bookings:
        if booking.flow.day not in period:
            continue
        row = found.setdefault(booking.flow.pool, Result(booking.flow.pool))
        _add(row, booking, book)
    return [found[pool] for pool in sorted(found) if found[pool].bookings]


def _add(row: Result, booking: Booking, book: Book) -> None:
    origin = book.by_key.get(booking.flow.undoes)
    told, sign = (booking, 1) if origin is None else (origin, -1)
    if told.flow.income is not None:
        free, paid = results_of(told)
        row.sold_count += sign * told.flow.unit_count
        row.income += sign * told.flow.income
        row.cost += sign * told.cost
        row.free_gain += sign * free
        row.paid_gain += sign * paid
    elif told.flow.cause in USED:
        row.used_count += sign * told.flow.unit_count
        row.used_cost += sign * told.cost
    else:
        return
    row.bookings.append(booking)


def notes_of(bookings: Sequence[Booking], period: Period) -> dict[Pool, dict[str, Sum]]:
    """The table of the notes (R7.5) of each instrument and vintage."""
    by_pool: dict[Pool, list[Booking]] = {}
    for booking in bookings:
        by_pool.setdefault(booking.flow.pool, []).append(booking)
    return {pool: notes(by_pool[pool], period) for pool in sorted(by_pool)}
