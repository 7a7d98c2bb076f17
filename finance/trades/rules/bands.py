"""The day's limits of an exchange: how far a price may lie from the previous close (TV-2.7)."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from finance.trades.rules.refusals import OutsideBand, TooLargeForListing, TooSmallForBlock
from finance.trades.states import Mode


@dataclass(frozen=True, slots=True)
class Band:
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Limits:
    """What a market says of an order on a day. `share` is of the previous close."""

    share: Decimal
    tick: Decimal
    listed_below: int


def band_of(close: Decimal, limits: Limits) -> Band:
    """Rounded inwards to the tick: no price outside the share is let in (R2.35, unverified)."""
    low = _steps(close * (1 - limits.share), limits.tick, ROUND_CEILING)
    return Band(low, _steps(close * (1 + limits.share), limits.tick, ROUND_FLOOR))


def _steps(price: Decimal, tick: Decimal, rounding: str) -> Decimal:
    return (price / tick).to_integral_value(rounding=rounding) * tick


def check_size(mode: Mode, unit_count: int, *, listed_below: int) -> None:
    """:raises TooLargeForListing, TooSmallForBlock: R2.33"""
    if mode is Mode.LISTED and unit_count >= listed_below:
        raise TooLargeForListing(limit=listed_below, wanted=unit_count)
    if mode is Mode.BLOCK and unit_count < listed_below:
        raise TooSmallForBlock(limit=listed_below, wanted=unit_count)


def check_band(price: Decimal, band: Band) -> None:
    """:raises OutsideBand: below the lowest or above the highest price of the day"""
    if not band.low <= price <= band.high:
        raise OutsideBand(price=price, low=band.low, high=band.high)
