"""What a unit is worth on a day, and what its market closed at before, as the prices room says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from finance.prices import queries as prices
from finance.trades.rules.book import Pool


@dataclass(frozen=True, slots=True)
class Marked:
    """A price of a day in CNY; stale: older than the book of rules allows."""

    price_cny: Decimal
    day: date
    is_stale: bool
    source: str


def marks_on(pools: Iterable[Pool], on: date) -> dict[Pool, Marked]:
    """The newest mark of each until a day; what nobody has priced is left out, never guessed."""
    found = prices.marks_on(pools, on)
    rates = prices.rates_on({mark.price.currency for mark in found.values()}, "CNY", on)
    return {
        (scheme, vintage): Marked(
            price_cny=mark.price.amount * rates[mark.price.currency].rate,
            day=mark.marked_on,
            is_stale=mark.is_stale or rates[mark.price.currency].is_stale,
            source=mark.source,
        )
        for (scheme, vintage), mark in found.items()
        if vintage is not None and mark.price.currency in rates
    }


def close_before(scheme: str, vintage: int, on: date) -> Marked | None:
    """What the market closed at on the trading day before; stale where that day has no price."""
    before = prices.last_trading_day(on - timedelta(days=1))
    found = marks_on([(scheme, vintage)], before).get((scheme, vintage))
    if found is None:
        return None
    return Marked(found.price_cny, found.day, found.day != before, found.source)


def rate_on(currency: str, on: date) -> Decimal | None:
    """CNY for one of a currency, by a rate of that very day or the trading day before it."""
    found = prices.rate_on(currency, "CNY", on)
    return None if found is None or found.is_stale else found.rate
