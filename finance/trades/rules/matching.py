"""Which line of a broker's statement is which trade: by its number, else by what it says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from finance.trades.rules.refusals import MatchDiffers


@dataclass(frozen=True, slots=True)
class Deal:
    """A trade, or a line about one. None: it says nothing about that."""

    id: UUID
    side: str
    scheme: str
    vintage_year: int | None
    unit_count: int
    traded_on: date
    unit_price: Decimal
    gross_amount: Decimal | None
    fee_amount: Decimal | None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far line and trade may differ and still be one deal; beyond it a difference is shown."""

    price: Decimal
    amount: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class Pair:
    line_id: UUID
    trade_id: UUID
    differences: Mapping[str, tuple[str, str]]  # what differs: the line's, the trade's


def is_same_thing(line: Deal, trade: Deal) -> bool:
    """Same side, instrument and units; a line may say no vintage."""
    same_vintage = line.vintage_year in {None, trade.vintage_year}
    return same_vintage and (line.side, line.scheme, line.unit_count) == (
        trade.side,
        trade.scheme,
        trade.unit_count,
    )


def check_same_thing(line: Deal, trade: Deal) -> None:
    """:raises MatchDiffers: no tolerance covers another side, instrument or number of units"""
    if not is_same_thing(line, trade):
        raise MatchDiffers


def _apart(line: Decimal | None, trade: Decimal | None, most: Decimal) -> bool:
    return line is not None and trade is not None and abs(line - trade) > most


def differences(line: Deal, trade: Deal, most: Tolerance) -> dict[str, tuple[str, str]]:
    """What differs by more than is allowed."""
    found = {}
    for name, allowed in (
        ("unit_price", most.price),
        ("gross_amount", most.amount),
        ("fee_amount", most.amount),
    ):
        one, other = getattr(line, name), getattr(trade, name)
        if _apart(one, other, allowed):
            found[name] = (f"{one:f}", f"{other:f}")
    if abs((line.traded_on - trade.traded_on).days) > most.days:
        found["traded_on"] = (line.traded_on.isoformat(), trade.traded_on.isoformat())
    return found


def match(lines: Iterable[Deal], trades: Sequence[Deal], most: Tolerance) -> list[Pair]:
    """Pairs, each line and each trade once: first by number, then where nothing differs.

    A number that agrees pairs even where amounts differ: the difference is then shown.
    """
    left = {trade.id: trade for trade in trades}
    pairs, unsure = [], []
    numbers = {trade.reference: trade for trade in trades if trade.reference}
    for line in lines:
        trade = numbers.get(line.reference) if line.reference else None
        if trade is not None and trade.id in left and is_same_thing(line, trade):
            del left[trade.id]
            pairs.append(Pair(line.id, trade.id, differences(line, trade, most)))
        else:
            unsure.append(line)
    for line in unsure:
        trade = next((one for one in left.values() if _fits(line, one, most)), None)
        if trade is not None:
            del left[trade.id]
            pairs.append(Pair(line.id, trade.id, {}))
    return pairs


def _fits(line: Deal, trade: Deal, most: Tolerance) -> bool:
    both_numbered = bool(line.reference and trade.reference)
    return not both_numbered and is_same_thing(line, trade) and not differences(line, trade, most)
