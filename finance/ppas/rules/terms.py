"""What the parties may agree on."""

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from finance.ppas.rules import refusals
from finance.ppas.rules.quantities import volume_of_day_curve
from ledger.kernel.errors import N_
from ledger.kernel.periods import Period
from ledger.kernel.shares import share_out

LETTERS = "SPFVD"
HOURS, MONTHS = 24, 12
WHOLE_BPS = 10_000
FITS = {
    "SELLER": {"NONE", "SHARE_OF_PRICE", "MAKE_GOOD", "REPLACEMENT"},
    "BUYER": {"NONE", "SHARE_OF_PRICE", "REPLACEMENT"},
    "SURPLUS": {"NONE", "SHARE_OF_PRICE", "AT_PRICE"},
}
WITH_RATE, WITH_PRICE = {"SHARE_OF_PRICE"}, {"REPLACEMENT", "AT_PRICE"}
MONTH = re.compile(r"\d{4}-\d{2}")
YEAR = re.compile(r"\d{4}")
STEP = Decimal(1).scaleb(-6)


@dataclass(frozen=True, slots=True)
class MonthVolume:
    """What is contracted for a month: as a whole, or by the hours of each of its days, in Wh."""

    month: date
    energy_wh: int
    hours_wh: tuple[int, ...] = ()


def check_months(start: date, end: date) -> None:
    """:raises NotWholeMonths: it begins or ends within a month, or not at all"""
    if start.day != 1 or end.day != 1 or end <= start:
        raise refusals.NotWholeMonths


def tariff_of(text: str) -> str:
    """288 letters: 24 for each month. 24 letters hold for every month; empty: no hours of use.

    :raises OddTariff:
    """
    letters = "".join(text.upper().split())
    if len(letters) == HOURS:
        letters *= MONTHS
    if letters and (len(letters) != HOURS * MONTHS or set(letters) - set(LETTERS)):
        raise refusals.OddTariff
    return letters


def check_price(kind: str, tariff: str, price: Decimal, *, has_tariff: bool) -> None:
    """:raises NotAPrice, PremiumHasNoTariff, TariffPriceWithoutTariff:"""
    if not price.is_finite() or price < 0 or price != price.quantize(Decimal(1).scaleb(-8)):
        raise refusals.NotAPrice
    if tariff and kind == "ENVIRONMENT":
        raise refusals.PremiumHasNoTariff
    if tariff and not has_tariff:
        raise refusals.TariffPriceWithoutTariff


def check_rule(
    of: str, kind: str, *, rate_bps: int, tolerance_bps: int, price: Decimal | None
) -> None:
    """:raises NotADeviationRule: it does not fit its side, or lacks its number"""
    fits = kind in FITS.get(of, set())
    within = 0 <= tolerance_bps <= WHOLE_BPS and 0 <= rate_bps <= 10 * WHOLE_BPS
    rated = (rate_bps > 0) == (kind in WITH_RATE)
    priced = (price is not None and price >= 0) == (kind in WITH_PRICE)
    if not (fits and within and rated and priced):
        raise refusals.NotADeviationRule


def check_share(share_bps: int) -> None:
    """:raises NotAShare:"""
    if not 0 < share_bps <= WHOLE_BPS:
        raise refusals.NotAShare


def free_bands(wanted_bps: int, taken: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Bands of a meter that nobody has, lowest first, that make up a share.

    :raises ShareTaken: less is left
    """
    found, at, missing = list[tuple[int, int]](), 0, wanted_bps
    for low, high in [*sorted(taken), (WHOLE_BPS, WHOLE_BPS)]:
        free = min(low - at, missing)
        if free > 0:
            found.append((at, at + free))
            missing -= free
        at = max(at, high)
    if missing:
        left = Decimal(wanted_bps - missing).scaleb(-2)
        raise refusals.ShareTaken(share=f"{left:f} %")
    return found


def wh_of(text: str) -> int:
    """MWh as a person writes them, on the grid of the meters.

    :raises ValueError: no number, below zero, or finer than a watt-hour
    """
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise ValueError(text) from None
    if not amount.is_finite() or amount < 0 or amount != amount.quantize(STEP):
        raise ValueError(text)
    return int(amount.scaleb(6))


def read_volumes(text: str) -> list[MonthVolume]:
    """Lines of a month or year and MWh; 24 numbers after a month are the hours of its days.

    A year is shared out over its months by their days, to the watt-hour.

    :raises OddVolume: names the line
    """
    found: dict[date, MonthVolume] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.replace("\t", " ").split()
        if not words:
            continue
        try:
            for one in _volumes_of(words[0].rstrip(":："), words[1:]):
                if one.month in found:
                    raise ValueError(words[0])
                found[one.month] = one
        except ValueError as error:
            raise refusals.OddVolume(number=number, text=line.strip()[:60]) from error
    return [found[month] for month in sorted(found)]


def _volumes_of(when: str, amounts: Sequence[str]) -> list[MonthVolume]:
    energies = [wh_of(amount) for amount in amounts]
    if YEAR.fullmatch(when) and len(energies) == 1:
        return year_volume(int(when), energies[0])
    if not MONTH.fullmatch(when) or len(energies) not in {1, HOURS}:
        raise ValueError(when)
    month = date.fromisoformat(f"{when}-01")
    if len(energies) == 1:
        return [MonthVolume(month, energies[0])]
    return [curve_volume(month, energies)]


def year_volume(year: int, energy_wh: int) -> list[MonthVolume]:
    months = [date(year, month, 1) for month in range(1, MONTHS + 1)]
    shares = share_out(energy_wh, [days_of(month) for month in months])
    return [MonthVolume(*one) for one in zip(months, shares, strict=True)]


def curve_volume(month: date, hours_wh: Sequence[int]) -> MonthVolume:
    energy = volume_of_day_curve(hours_wh, days_of(month))
    return MonthVolume(month, energy, tuple(hours_wh))


def days_of(month: date) -> int:
    return monthrange(month.year, month.month)[1]


def whats_missing(facts: Mapping[str, object], *, term: Period) -> list[str]:
    """Why a contract cannot be signed yet, in plain words (R1.31 for direct connection)."""
    found = []
    if not facts["generation_points"]:
        found.append(N_("it has no point of generation"))
    if facts["quantity_rule"] != "CONTRACTED" and not facts["consumption_points"]:
        found.append(N_("it has no point of consumption"))
    if not facts["prices"]:
        found.append(N_("it has no price"))
    months = {one.start for one in term.months()}
    if facts["quantity_rule"] != "METERED" and months - set(facts["months"]):  # type: ignore[call-overload]
        found.append(N_("months of its term have no contracted quantity"))
    if facts["is_direct"] and not (facts["agreement"] and facts["line"]):
        found.append(N_("a direct connection needs its agreement and its line or node"))
    return found
