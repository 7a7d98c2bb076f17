"""The prices that a day allows: a share of the previous close, by mode of trading (R2.33)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from finance.prices import models
from finance.prices.queries.days import LOOK_BACK, TradingDays
from finance.prices.queries.marks import plain, standing_marks
from finance.prices.rules.facts import Band, band
from finance.prices.states import Mode
from ledger.parameters import queries as parameters
from ledger.parameters.queries import ParameterValue

TICK = "ets.price.tick"


@dataclass(frozen=True, slots=True)
class DayLimits:
    """What one mode of trading allows on a day; `closed_on`: the day of the previous close."""

    mode: str
    share: ParameterValue
    closed_on: date
    band: Band
    mark_id: UUID  # of the close


def limit_shares(source: models.PriceSource, on: date) -> dict[str, Decimal]:
    """By mode, how far a price may lie from the previous close; as the rule book says that day."""
    return {
        mode: parameters.get_parameter(key, on=on).number for mode, key in source.limits.items()
    }


def limits_on(
    source: models.PriceSource, scheme: str, vintage: int | None, on: date
) -> list[DayLimits]:
    """The limits of a day, by mode; none where the previous trading day has no close.

    :raises NoParameter: the rule book has no limit for that day
    """
    if not source.limits:
        return []
    before = TradingDays(on - LOOK_BACK, on).before(on)
    if before is None:
        return []
    row = standing_marks().filter(
        scheme=scheme, vintage_year=vintage, source=source, mode=Mode.LISTED, marked_on=before
    ).first()  # fmt: skip
    if row is None:
        return []
    tick = parameters.get_parameter(TICK, on=on).number
    return [
        DayLimits(mode, share, before, _band(plain(row.price), share, tick), row.pk)
        for mode, share in (
            (mode, parameters.get_parameter(key, on=on)) for mode, key in source.limits.items()
        )
    ]


def _band(close: Decimal, share: ParameterValue, tick: Decimal) -> Band:
    return band(close, share=share.number, tick=tick)
