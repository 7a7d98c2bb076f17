"""Numbers, dates and names as a reader of the document's language expects them."""

import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()
HUNDRED, CENT, MILLIONTH = Decimal(100), Decimal("0.01"), Decimal("0.000001")
LOCALES = {"zh-hans": "zh_Hans_CN", "en": "en_GB"}
BEIJING = ZoneInfo("Asia/Shanghai")
# The digits of a chemical formula, and of "CO2e" inside a sentence.
FORMULA = re.compile(r"\b(t|kg)?(CO2e?|CH4|N2O|SF6|NF3)\b")


def _locale() -> str:
    return LOCALES.get((get_language() or "zh-hans").lower(), "en_GB")


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


@register.filter
def tonnes(value: Any) -> str:
    """Two decimals, half up, grouped; a dash where there is no figure."""
    number = None if value is None or value == "" else _decimal(value)
    if number is None:
        return "—"
    # grouped as both of our languages do; asking for their rules costs ten times the rounding
    return f"{number.quantize(CENT, ROUND_HALF_UP):,f}"


@register.filter
def exact(value: Any) -> str:
    """Every digit that was frozen, grouped, without idle noughts."""
    number = None if value is None or value == "" else _decimal(value)
    if number is None:
        return "—" if value in (None, "") else str(value)
    return f"{number.normalize():,f}"


@register.filter
def figure(value: Any) -> str:
    """A figure of any size: two decimals from a hundred on, six digits behind the point below."""
    number = None if value is None or value == "" else _decimal(value)
    if number is None:
        return "—" if value in (None, "") else str(value)
    if abs(number) >= HUNDRED:
        return tonnes(number)
    return exact(number.quantize(MILLIONTH, ROUND_HALF_UP))


@register.filter
def percent(value: Any) -> str:
    """A ratio as per cent with at most one decimal."""
    number = _decimal(value)
    if number is None:
        return "—"
    shown = (number * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return format_decimal(shown, format="#,##0.#", locale=_locale()) + "%"


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


@register.filter
def day(value: Any) -> str:
    return format_date(_day(value), format="long", locale=_locale()) if value else "—"


@register.filter
def last_day(value: Any) -> str:
    """The last day of a period that is stored with its end outside."""
    return format_date(_day(value) - timedelta(days=1), format="long", locale=_locale())


@register.filter
def moment(value: Any) -> str:
    """A stored moment, in Beijing time."""
    if not value:
        return "—"
    local = datetime.fromisoformat(str(value).replace("Z", "+00:00")).astimezone(BEIJING)
    return format_datetime(local, format="long", locale=_locale(), tzinfo=BEIJING)


@register.filter
def said(value: Any) -> str:
    """The text in the document's language, the other one where there is only that."""
    if not isinstance(value, dict):
        return "" if value is None else str(value)
    first, second = ("zh", "en") if _locale().startswith("zh") else ("en", "zh")
    return str(value.get(first) or value.get(second) or "")


@register.filter
def chemical(value: Any) -> SafeString:
    """Digits of formulas set low."""
    text = str(conditional_escape(said(value)))
    return mark_safe(  # noqa: S308  escaped one line above
        FORMULA.sub(lambda found: re.sub(r"(\d)", r"<sub>\1</sub>", found.group(0)), text)
    )


@register.filter
def short(value: Any) -> str:
    """The first sixteen digits of a digest."""
    return str(value or "")[:16]
