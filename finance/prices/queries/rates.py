"""What a currency was in another on a day: told, turned round, or crossed by the renminbi."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet

from finance.prices import models
from finance.prices.queries.days import TradingDays
from finance.prices.queries.marks import plain
from finance.prices.rules.values import Rate, crossed, inverted

BASE = "CNY"


def rate_on(from_currency: str, to_currency: str, on: date) -> Rate | None:
    """The newest rate until a day; None where none is known, never a guess.

    A currency in itself is one. Without a rate of the pair itself it is crossed by CNY.
    """
    return rates_on([from_currency], to_currency, on).get(from_currency)


def rates_on(from_currencies: Iterable[str], to_currency: str, on: date) -> dict[str, Rate]:
    """Rates of many currencies into one; what has none is left out. Two queries."""
    wanted = set(from_currencies)
    known: dict[tuple[str, str], Rate] = {}
    if wanted - {to_currency}:
        known = _told({*wanted, to_currency, BASE}, on)
    found = {one: _find(known, one, to_currency, on) for one in wanted}
    return {code: rate for code, rate in found.items() if rate is not None}


def _find(known: dict[tuple[str, str], Rate], start: str, end: str, on: date) -> Rate | None:
    if start == end:
        return Rate(start, end, Decimal(1), on, is_stale=False, source="")
    if direct := _either_way(known, start, end):
        return direct
    first, second = _either_way(known, start, BASE), _either_way(known, BASE, end)
    return crossed(first, second) if first and second else None


def _either_way(known: dict[tuple[str, str], Rate], start: str, end: str) -> Rate | None:
    if found := known.get((start, end)):
        return found
    turned = known.get((end, start))
    return inverted(turned) if turned else None


def standing_rates() -> QuerySet[models.ExchangeRate]:
    """The newest version of each day, where it is not withdrawn."""
    later = models.ExchangeRate.objects.filter(
        from_currency=OuterRef("from_currency"), to_currency=OuterRef("to_currency"),
        source=OuterRef("source"), rated_on=OuterRef("rated_on"), version__gt=OuterRef("version"),
    )  # fmt: skip
    return models.ExchangeRate.objects.filter(~Exists(later), is_withdrawn=False)


def _told(currencies: set[str], on: date) -> dict[tuple[str, str], Rate]:
    rows = standing_rates().filter(
        from_currency__in=currencies, to_currency__in=currencies, rated_on__lte=on
    ).order_by("from_currency", "to_currency", "-rated_on", "source__rank")  # fmt: skip
    newest = list(rows.distinct("from_currency", "to_currency"))
    if not newest:
        return {}
    days = TradingDays(min(row.rated_on for row in newest), on)
    return {
        (row.from_currency, row.to_currency): Rate(
            row.from_currency, row.to_currency, plain(row.rate), row.rated_on,
            days.since(row.rated_on) > 0, row.source_id, (row.pk,),
        )
        for row in newest
    }  # fmt: skip
