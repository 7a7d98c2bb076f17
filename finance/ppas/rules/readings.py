"""One line of a file of meter rows: a point, an hour or a month, and energy."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from ledger.kernel.errors import N_

WHOLE_MONTH = -1  # the hour of a row that stands for its month
# Wh of one unit, by how people write it.
UNITS = {
    "wh": Decimal(1),
    "kwh": Decimal(1_000),
    "千瓦时": Decimal(1_000),
    "度": Decimal(1_000),
    "mwh": Decimal(1_000_000),
    "兆瓦时": Decimal(1_000_000),
    "万kwh": Decimal(10_000_000),
    "万千瓦时": Decimal(10_000_000),
    "gwh": Decimal(1_000_000_000),
}
MONTH = re.compile(r"(\d{4})[-/](\d{1,2})")
HOUR = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2})(?::00(?::00)?)?")
LARGEST_WH = 10**15  # a terawatt-hour in an hour is a slip of the pen
HEADINGS = {
    "point": ("point", "metering point", "计量点", "户号", "计量点编号"),
    "time": ("time", "hour", "month", "时间", "时段", "月份", "日期"),
    "energy": ("energy", "quantity", "电量", "数量"),
    "unit": ("unit", "单位"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in which row and column."""

    row: int
    column: str
    message: str
    text: str = ""


class Wrong(ValueError):
    """A cell that cannot be read; its message is for people."""


def moment(text: str, *, grain: str) -> tuple[date, int]:
    """The Beijing day and hour (0 to 23, of its beginning), or a month's first day and -1.

    :raises Wrong:
    """
    pattern = MONTH if grain == "MONTH" else HOUR
    found = pattern.fullmatch(text.strip())
    if found is None:
        raise Wrong(
            N_("write a month as 2025-01")
            if grain == "MONTH"
            else N_("write an hour as 2025-01-31 23:00")
        )
    numbers = [int(part) for part in found.groups()]
    try:
        if grain == "MONTH":
            return date(numbers[0], numbers[1], 1), WHOLE_MONTH
        stamp = datetime(*numbers)  # type: ignore[arg-type] # noqa: DTZ001  a Beijing hour
    except ValueError:
        raise Wrong(N_("there is no such day or hour")) from None
    return stamp.date(), stamp.hour


def energy_wh(text: str, *, unit: str) -> int:
    """:raises Wrong: no number, below zero, finer than a watt-hour, an unknown unit"""
    each = UNITS.get(unit.strip().lower())
    if each is None:
        raise Wrong(N_("the unit is kWh or MWh"))
    try:
        amount = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        raise Wrong(N_("this is no number")) from None
    if not amount.is_finite() or amount < 0:
        raise Wrong(N_("energy is zero or more"))
    whole = amount * each
    if whole != whole.to_integral_value():
        raise Wrong(N_("finer than a watt-hour"))
    if whole > LARGEST_WH:
        raise Wrong(N_("this is more than any meter reads"))
    return int(whole)


def columns_of(headings: list[str]) -> dict[str, int]:
    """Where each column stands. What is not there is not in the answer."""
    plain = [heading.strip().lower() for heading in headings]
    return {
        name: next(at for at, heading in enumerate(plain) if heading in known)
        for name, known in HEADINGS.items()
        if any(heading in known for heading in plain)
    }
