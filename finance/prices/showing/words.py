"""Figures and codes in the reader's language."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from finance.prices.queries import DayLimits, ValuedLine
from finance.prices.states import Mode, Use
from ledger.doors.figures import exact_percent
from ledger.doors.wording import number_format
from ledger.units.queries import STATES


def figure(number: Decimal) -> str:
    """At least two decimals, and as many more as it has."""
    plain = number.normalize()
    exponent = plain.as_tuple().exponent
    places = max(2, -exponent) if isinstance(exponent, int) else 2
    return number_format(plain, places, force_grouping=True)


def moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


def mode(code: str) -> Any:
    return dict(Mode.choices).get(code, code)


def use(code: str) -> Any:
    return dict(Use.choices).get(code, code)


def state(code: str) -> Any:
    return dict(STATES).get(code, code)


def close(limits: DayLimits) -> str:
    """The previous close, leading to its mark."""
    return format_html(
        '<a class="text-primary-600 underline" href="{}">{} ({})</a>',
        reverse("admin:finance_prices_mark_change", args=[limits.mark_id]),
        figure(limits.band.close),
        date_format(limits.closed_on),
    )


def rule(key: str) -> str:
    """A rule number of the valuation, in words; one that has none keeps its key."""
    named = {
        "valuation.haircut.vintage": _("haircut by vintage"),
        "valuation.stale_after": _("days until a mark is old"),
        "valuation.use": _("share that counts, by use"),
    }
    return named.get(key, key)


def what_came_of(is_done: bool) -> str:
    if is_done:
        return _("It is recorded; your party's thresholds ask for no approval.")
    return _("The request waits for an approver. Nothing is recorded yet.")


def notes(line: ValuedLine, sources: Mapping[str, str]) -> list[str]:
    """What a reader must know of a line: what is old, converted, taken off or unknown."""
    said: list[str] = []
    mark, rate = line.mark, line.rate
    if mark is None:
        return [_("No mark is known until this day: it has no value here.")]
    if mark.is_stale:
        about = {"day": date_format(mark.marked_on), "days": mark.days_old}
        said.append(_("Stale: the mark is of %(day)s, %(days)s trading days old.") % about)
    if rate is None:
        told = {"currency": mark.price.currency}
        said.append(_("No exchange rate of %(currency)s is known until this day.") % told)
    elif rate.from_currency != rate.to_currency:
        told = {
            "pair": f"{rate.from_currency}/{rate.to_currency}",
            "rate": figure(rate.rate.quantize(Decimal("0.00000001"))),
            "day": date_format(rate.rated_on),
            "source": ", ".join(sources.get(one, one) for one in rate.source.split(", ")),
        }
        said.append(_("Converted at %(pair)s %(rate)s of %(day)s, %(source)s.") % told)
    return said + _taken_off(line)


def _taken_off(line: ValuedLine) -> list[str]:
    said: list[str] = []
    if line.use_share != 1:
        about = {"use": use(line.use), "share": exact_percent(line.use_share)}
        said.append(_("%(use)s: %(share)s of the mark counts.") % about)
    if line.haircut:
        share = {"share": exact_percent(line.haircut)}
        said.append(_("Haircut of %(share)s by the age of the vintage.") % share)
    if line.is_draft:
        said.append(_("Which vintage serves which year rests on a draft: unverified."))
    return said
