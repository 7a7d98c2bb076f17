"""What a shortfall costs, and whether the law that says so still stands (R2.40)."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Penalty:
    """From low to high, in the regime's currency."""

    low: Decimal
    high: Decimal


def penalty(*, shortfall: int, average_price: Decimal, times: tuple[Decimal, Decimal]) -> Penalty:
    """Art. 24: times × average price of the month before the deadline × shortfall (TV-2.6)."""
    base = average_price * shortfall
    return Penalty(low=base * times[0], high=base * times[1])
