"""The table of the notes (R7.5): how many units, and what they cost, came and went in a period."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from finance.trades.rules.book import Booking, Cause
from finance.trades.rules.lots import ZERO
from ledger.kernel.periods import Period

OPENING, CLOSING = "OPENING", "CLOSING"
ROWS = (
    OPENING,
    "FREE", "BOUGHT", "OTHER_IN",
    "SURRENDERED", "SOLD", "OTHER_OUT",
    CLOSING,
)  # fmt: skip
ROW_OF = {
    Cause.ALLOCATED: "FREE",
    Cause.BOUGHT: "BOUGHT",
    Cause.SURRENDERED: "SURRENDERED",
    Cause.SOLD: "SOLD",
}


@dataclass(frozen=True, slots=True)
class Sum:
    """Units and what they cost; an outflow is a positive sum of its row."""

    unit_count: int = 0
    cost: Decimal = ZERO

    def plus(self, unit_count: int, cost: Decimal) -> "Sum":
        return Sum(self.unit_count + unit_count, self.cost + cost)


def row_of(booking: Booking, by_key: dict[str, Booking]) -> tuple[str, int]:
    """The row, and whether it counts up or (a reversal) takes back."""
    origin = by_key.get(booking.flow.undoes)
    if origin is not None:
        row, sign = row_of(origin, by_key)
        return row, -sign
    other = "OTHER_IN" if booking.flow.is_in else "OTHER_OUT"
    return ROW_OF.get(booking.flow.cause, other), 1


def notes(bookings: Iterable[Booking], period: Period) -> dict[str, Sum]:
    """Every row of the table; opening, what came, less what went, is closing."""
    table = dict.fromkeys(ROWS, Sum())
    by_key: dict[str, Booking] = {}
    for booking in bookings:
        by_key[booking.flow.key] = booking
        if booking.flow.day >= period.end:
            continue
        count = sum(part.unit_count for part in booking.parts)
        way = 1 if booking.flow.is_in else -1
        table[CLOSING] = table[CLOSING].plus(way * count, way * booking.cost)
        if booking.flow.day < period.start:
            table[OPENING] = table[OPENING].plus(way * count, way * booking.cost)
            continue
        row, sign = row_of(booking, by_key)
        table[row] = table[row].plus(sign * count, sign * booking.cost)
    return table
