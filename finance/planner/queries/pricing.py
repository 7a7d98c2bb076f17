"""The prices of a plan: what somebody typed, and marks where nothing newer was typed."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from finance.planner.queries.plans import prices_on
from finance.planner.rules.problem import Price, fen
from finance.prices import queries as marks
from ledger.kernel.quantities import WIDE


def best_prices(party_id: UUID, on: date, *, schemes: Iterable[str]) -> tuple[Price, ...]:
    """By instrument and vintage: the typed price, unless a mark is of a later day.

    A mark counts as the price to buy and to sell, rounded to the fen; it is in CNY or left out.
    """
    wanted = set(schemes)
    typed = {(x.scheme, x.vintage): x for x in prices_on(party_id, on) if x.scheme in wanted}
    found = marks.marks_on(marks.priced_keys(wanted), on)
    names = marks.source_names()
    for key, mark in found.items():
        known = typed.get(key)
        if mark.price.currency != "CNY" or (known and known.quoted_on >= mark.marked_on):
            continue
        typed[key] = _of(mark, names.get(mark.source, mark.source))
    return tuple(one for _key, one in sorted(typed.items(), key=lambda x: (x[0][0], x[0][1] or 0)))


def _of(mark: marks.Mark, source: str) -> Price:
    amount = fen(WIDE.plus(mark.price.rounded().amount))
    return Price(
        scheme=mark.scheme,
        vintage=mark.vintage_year,
        buy_fen=amount,
        sell_fen=amount,
        quoted_on=mark.marked_on,
        source=source,
        price_id=str(mark.version_id),
    )
