"""What a shortfall costs, and whether the law that says so still stands (R2.40)."""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from ledger.kernel.errors import N_, DomainError


class NoCutInLaw(DomainError):
    """R2.40: no new decisions since the Code is in force."""

    code = "no_cut_in_law"
    message = N_("The law of %(day)s knows no cut of the next year's allocation for a shortfall.")


class AlreadyCut(DomainError):
    code = "already_cut"
    message = N_("For the shortfall of %(year)s the next year's allocation was cut already.")


@dataclass(frozen=True, slots=True)
class Penalty:
    """From low to high, in the regime's currency."""

    low: Decimal
    high: Decimal


def penalty(*, shortfall: int, average_price: Decimal, times: tuple[Decimal, Decimal]) -> Penalty:
    """Art. 24: times × average price of the month before the deadline × shortfall (TV-2.6)."""
    base = average_price * shortfall
    return Penalty(low=base * times[0], high=base * times[1])


def next_year_cut(*, shortfall: int, times: Decimal) -> int:
    """Art. 24: what was not surrendered is cut from the next year's allocation, to the tonne."""
    return int((shortfall * times).to_integral_value(rounding=ROUND_FLOOR))
