"""Figures as the reader's language writes them; what is not known is a dash."""

from decimal import Decimal

from ledger.doors.wording import number_format
from ledger.kernel.money import Money

NONE = "–"
CENTS = 2  # digits behind the point of an amount


def amount(value: Decimal | None) -> str:
    """Money whose currency stands in the heading or beside it: "1,234.50"."""
    return NONE if value is None else number_format(value, CENTS, force_grouping=True)


def money(value: Money | None) -> str:
    """ "1,234.50 CNY" """
    return NONE if value is None else f"{amount(value.amount)} {value.currency}"


def count(units: int) -> str:
    """ "1,234,567" """
    return number_format(units, force_grouping=True)


def percent(share: Decimal | None) -> str:
    """0.0325 is "3.25 %", 0.6 is "60.00 %"."""
    return NONE if share is None else f"{number_format(share * 100, 2)} %"


def exact_percent(share: Decimal) -> str:
    """0.6 is "60 %", 0.125 is "12.5 %": as it was agreed, all its digits."""
    return f"{exact(share.scaleb(2), fewest=0)} %"


def exact(value: Decimal, *, fewest: int = CENTS) -> str:
    """All digits that say something, and at least so many behind the point."""
    exponent = value.normalize().as_tuple().exponent
    places = max(fewest, -exponent) if isinstance(exponent, int) else fewest
    return number_format(value, places, force_grouping=True)
