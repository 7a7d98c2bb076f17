"""A year of marks and rates, made up for the demonstration: a walk from each instrument's start."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Any

from finance.prices import operations, queries
from finance.prices.operations import MarkFact, RateFact
from ledger.kernel.actors import SYSTEM

A_YEAR = timedelta(days=365)


def load(facts: Mapping[str, Any], *, year: int, on: date, at: datetime) -> None:
    """Tell the marks of every trading day of the last year, and the rates of the renminbi."""
    days = queries.TradingDays(on - A_YEAR, on).days
    marks = [
        MarkFact(
            scheme=one["scheme"],
            vintage_year=year + one["year"] if "year" in one else None,
            source=one["source"],
            marked_on=day,
            price=price,
            volume=_volume(one, day),
        )
        for one in facts["marks"]
        for day, price in _walk(one, days)
    ]
    operations.tell_marks(facts=marks, by=SYSTEM, at=at, idempotency_key="demo-marks")
    rates = [
        RateFact(one["currency"], "CNY", "CFETS", day, rate)
        for one in facts["rates"]
        for day, rate in _walk(one, days)
    ]
    operations.tell_rates(facts=rates, by=SYSTEM, at=at, idempotency_key="demo-rates")


def _walk(one: Mapping[str, Any], days: list[date]) -> Iterator[tuple[date, Decimal]]:
    """From the first price to the last, each day a little off the way; the same every time."""
    start, end, swing = (Decimal(str(one[name])) for name in ("first", "last", "swing"))
    step, last = Decimal(str(one["step"])), max(1, len(days) - 1)
    every = one.get("every", 1)
    for n, day in enumerate(days):
        if n % every and n != last:
            continue
        off = Decimal(_number(one, day) % 201 - 100) / 100 * swing
        price = _way(one, n, last, start, end) + off
        yield day, (price / step).to_integral_value(ROUND_HALF_UP) * step


def _way(one: Mapping[str, Any], n: int, last: int, start: Decimal, end: Decimal) -> Decimal:
    """Straight from start to end; with a `fall`, to `before` first, and down in the last days."""
    falls = min(int(one.get("fall", 0)), last - 1)
    if falls <= 0:
        return start + (end - start) * n / last
    turn, before = last - falls, Decimal(str(one["before"]))
    if n <= turn:
        return start + (before - start) * n / turn
    return before + (end - before) * (n - turn) / falls


def _number(one: Mapping[str, Any], day: date) -> int:
    named = f"{one.get('scheme', one.get('currency'))}{one.get('year', '')}{day}"
    return int.from_bytes(sha256(named.encode()).digest()[:4], "big")


def _volume(one: Mapping[str, Any], day: date) -> int:
    return int(one["volume"] * (50 + _number(one, day) % 101) // 100)
