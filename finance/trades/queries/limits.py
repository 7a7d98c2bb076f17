"""What a market says of a price and a size on a day: rule numbers that are data (rule book 2.7)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from finance.trades.rules.bands import Band, Limits, band_of
from finance.trades.states import BandVerdict, Mode
from ledger.parameters import queries as parameters

# the rules of a market are found under its own word
MARKETS = {"CEA": "ets", "CCER": "ccer"}
ON_EXCHANGE = frozenset({Mode.LISTED, Mode.BLOCK, Mode.AUCTION})
WORDS = {Mode.LISTED: "listed", Mode.BLOCK: "block"}
TICK = Decimal("0.0001")  # the finest price kept, where no market says


@dataclass(frozen=True, slots=True)
class MarketRules:
    """The limits and where they come from."""

    limits: Limits
    parameter_id: str
    basis: str
    is_unverified: bool


def _find(key: str, on: date) -> parameters.ParameterValue | None:
    try:
        return parameters.get_parameter(key, on=on)
    except parameters.NoParameter:
        return None


def market_rules(scheme: str, mode: Mode, on: date) -> MarketRules | None:
    """The limits of a listed or block trade of a day; None where no market sets any."""
    market, word = MARKETS.get(scheme), WORDS.get(mode)
    if market is None or word is None:
        return None
    share = _find(f"{market}.limit.{word}", on)
    tick = _find(f"{market}.price.tick", on)
    most = _find(f"{market}.listed.max_order", on)
    if share is None or tick is None or most is None:
        return None
    return MarketRules(
        limits=Limits(share.number, tick.number, int(most.number)),
        parameter_id=str(share.id),
        basis=share.legal_basis,
        is_unverified=share.is_unverified,
    )


def tick_of(scheme: str, on: date) -> Decimal:
    """The step of prices of a market; where none is known the finest that is kept."""
    found = _find(f"{MARKETS[scheme]}.price.tick", on) if scheme in MARKETS else None
    return found.number if found is not None else TICK


def is_trading_day(on: date) -> bool:
    """Where the calendar of the year is not loaded, nothing speaks against the day."""
    try:
        return parameters.is_trading_day(on)
    except parameters.NoCalendar:
        return True


def vat_rate_on(on: date) -> Decimal:
    """The rate for allowances and credits (R7.6).

    :raises NoParameter: none is known for that day
    """
    return parameters.get_parameter("tax.vat.carbon", on=on).number


@dataclass(frozen=True, slots=True)
class BandFound:
    """The day's limits of a price, as they are kept with the trade."""

    verdict: BandVerdict
    band: Band | None
    kept: dict[str, Any]


def band_by(
    market: MarketRules, *, close: Decimal | None, is_stale: bool, source: str
) -> BandFound:
    """The limits by the previous close. A close that is not of the day before decides nothing."""
    if close is None:
        return BandFound(BandVerdict.NO_CLOSE, None, {})
    band = band_of(close, market.limits)
    kept = {
        "low": f"{band.low:f}",
        "high": f"{band.high:f}",
        "share": f"{market.limits.share:f}",
        "parameter": market.parameter_id,
        "basis": market.basis,
        "source": source,
    }
    verdict = BandVerdict.STALE_CLOSE if is_stale else BandVerdict.WITHIN
    return BandFound(verdict, band, kept)
