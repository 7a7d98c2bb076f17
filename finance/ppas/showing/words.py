"""Energies, prices and shares as people read them."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from finance.ppas.rules.quantities import mwh
from finance.ppas.states import PartKind, RuleKind, Tariff
from ledger.doors.figures import exact, exact_percent
from ledger.doors.wording import number_format


def energy(energy_wh: int) -> str:
    """MWh, with as many decimals as it has."""
    return exact(mwh(energy_wh), fewest=0)


def money(amount_cny: Decimal) -> str:
    return number_format(amount_cny, 2)


def price(cny_per_kwh: Decimal | None) -> str:
    """At least four decimals: prices of power are told in tenths of a fen."""
    return "–" if cny_per_kwh is None else exact(cny_per_kwh, fewest=4)


def percent(share_bps: int | None) -> str:
    return "–" if share_bps is None else exact_percent(Decimal(share_bps).scaleb(-4))


def part_name(kind: str, tariff: str = "") -> str:
    name = str(PartKind(kind).label)
    return f"{name} · {Tariff(tariff).label}" if tariff else name


def rule_text(
    kind: RuleKind, rate_bps: int, tolerance_bps: int, cny_per_kwh: Decimal | None
) -> str:
    """A rule in one line, with its numbers."""
    told: dict[RuleKind, Any] = {
        RuleKind.NONE: lambda: _("nothing is paid"),
        RuleKind.SHARE_OF_PRICE: lambda: (
            _("%(share)s of the contract price") % {"share": percent(rate_bps)}
        ),
        RuleKind.MAKE_GOOD: lambda: _("made good in certificates"),
        RuleKind.REPLACEMENT: lambda: (
            _("difference to %(price)s CNY/kWh") % {"price": price(cny_per_kwh)}
        ),
        RuleKind.AT_PRICE: lambda: _("at %(price)s CNY/kWh") % {"price": price(cny_per_kwh)},
    }
    said = str(told[kind]())
    if tolerance_bps:
        said += _("; free band %(share)s of the contracted quantity") % {
            "share": percent(tolerance_bps)
        }
    return said


def count(number: int) -> str:
    return number_format(number)
