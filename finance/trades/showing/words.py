"""Amounts, instruments and causes in the reader's language."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from finance.trades.rules.book import Cause, Pool
from finance.trades.states import BandVerdict
from ledger.doors.figures import count
from ledger.doors.wording import number_format
from ledger.instruments import queries as instruments

CAUSES: Mapping[str, Any] = {
    Cause.ALLOCATED: gettext_lazy("Allocated without charge"),
    Cause.ISSUED: gettext_lazy("Issued"),
    Cause.BOUGHT: gettext_lazy("Bought"),
    Cause.CARRIED_IN: gettext_lazy("Carried over from an older vintage"),
    Cause.RECEIVED: gettext_lazy("Received without a trade"),
    Cause.RETURNED: gettext_lazy("Returned by reversal"),
    Cause.SOLD: gettext_lazy("Sold"),
    Cause.SURRENDERED: gettext_lazy("Surrendered"),
    Cause.CANCELLED: gettext_lazy("Cancelled voluntarily"),
    Cause.RETIRED: gettext_lazy("Retired"),
    Cause.EXPIRED: gettext_lazy("Expired"),
    Cause.CARRIED_OUT: gettext_lazy("Carried over to a newer vintage"),
    Cause.DELIVERED: gettext_lazy("Delivered without a trade"),
    Cause.TAKEN_BACK: gettext_lazy("Taken back by reversal"),
    Cause.BORROWED: gettext_lazy("Borrowed under an agreement"),
    Cause.CAME_BACK: gettext_lazy("Came back under an agreement"),
    Cause.HANDED_OVER: gettext_lazy("Handed over under an agreement"),
    Cause.GIVEN_BACK: gettext_lazy("Given back under an agreement"),
}
NOTE_ROWS: Mapping[str, Any] = {
    "OPENING": gettext_lazy("Opening balance"),
    "FREE": gettext_lazy("Increase: allocated free"),
    "BOUGHT": gettext_lazy("Increase: purchased"),
    "OTHER_IN": gettext_lazy("Increase: other"),
    "SURRENDERED": gettext_lazy("Decrease: surrendered"),
    "SOLD": gettext_lazy("Decrease: sold"),
    "OTHER_OUT": gettext_lazy("Decrease: other"),
    "CLOSING": gettext_lazy("Closing balance"),
}
SIDES: Mapping[str, Any] = {
    "DEBIT": gettext_lazy("Debit"),
    "CREDIT": gettext_lazy("Credit side"),
}
DIFFERENCES: Mapping[str, Any] = {
    "unit_price": gettext_lazy("price of a unit"),
    "gross_amount": gettext_lazy("amount of the deal"),
    "fee_amount": pgettext_lazy("of a trade", "fees"),
    "traded_on": gettext_lazy("traded on"),
}


def money(amount: Decimal | None, currency: str = "") -> str:
    """To the fen, with groups; without a currency it is CNY by its heading."""
    if amount is None:
        return "–"
    return f"{number_format(amount, 2, force_grouping=True)} {currency}".strip()


def price(amount: Decimal | None) -> str:
    """Two decimals, or as many as it has."""
    if amount is None:
        return "–"
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return number_format(amount, min(places, 4), force_grouping=True)


def day(on: date) -> str:
    return date_format(on)


def names() -> dict[str, str]:
    """Instruments by code: one query for a page."""
    return {row.code: str(row) for row in instruments.schemes()}


def pool(what: Pool, named: Mapping[str, str] | None = None) -> str:
    """An instrument and its vintage."""
    code, vintage = what
    name = instruments.scheme_name(code) if named is None else named.get(code, code)
    return f"{name} {vintage}"


def differences(found: Mapping[str, Any]) -> str:
    """What a line says otherwise than its trade."""
    return "; ".join(
        _("%(what)s: the line says %(line)s, the trade %(trade)s")
        % {"what": DIFFERENCES.get(name, name), "line": both[0], "trade": both[1]}
        for name, both in found.items()
    )


def limits(verdict: str, band: Mapping[str, str], close: Decimal | None) -> str:
    """The limits of the day and whether the price was held against them."""
    said = _limits(verdict, band, close)
    return f"{said} {too_fresh(int(band['fresh']))}" if "fresh" in band else said


def too_fresh(fresh_count: int) -> str:
    """R2.34, which nobody has verified."""
    return _(
        "%(count)s units of this lot were bought so lately that the exchange may not let them be "
        "sold yet (R2.34, unverified)."
    ) % {"count": count(fresh_count)}


def _limits(verdict: str, band: Mapping[str, str], close: Decimal | None) -> str:
    said = str(dict(BandVerdict.choices).get(verdict, verdict))
    if "low" not in band:
        return said
    return _("%(low)s to %(high)s by the close of %(close)s: %(verdict)s") % {
        "low": price(Decimal(band["low"])),
        "high": price(Decimal(band["high"])),
        "close": price(close),
        "verdict": said,
    }


def account(code: str, known: Mapping[str, tuple[str, str]]) -> str:
    """An account of the books by its name."""
    zh, en = known.get(code, (code, code))
    return en if (get_language() or "").startswith("en") else zh
