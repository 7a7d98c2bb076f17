"""Texts of cells as values, one at a time; each raises ValueError for what it cannot read."""

import re
from datetime import date, timedelta
from fractions import Fraction

from ledger.imports.mapping.words import MEASURES, STATES
from ledger.imports.records import DateOrder

RANGE = re.compile(r"\s*(?:\bto\b|~|～|至|—|–|\.\.\.|…)\s*")
AMOUNT = re.compile(r"^[0-9]{1,18}(\.[0-9]{1,9})?$")
NUMBERED = re.compile(r"(?P<prefix>.*?)(?P<number>[0-9]{1,18})$")
MONTH = re.compile(r"^(\d{4})[-/.年]?(\d{1,2})月?$")
YEAR = re.compile(r"^(\d{4})(?:年度?)?$")
# CEA25, CEA2025, CEA 19-20: a label of two years is known by its last
LABEL = re.compile(r"^[A-Z_]{2,20}[- ]?(?:\d{2}(?:\d{2})?[-–—])?(\d{2}|20\d{2})$", re.IGNORECASE)
DAY = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?$")
OTHER_DAY = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[T ].*)?$")


def whole(text: str) -> int:
    """Whole and positive; thousands commas and a trailing .0 are no matter.

    :raises ValueError:
    """
    plain = re.sub(r"\.0+$", "", text.replace(",", "").replace(" ", ""))
    if not plain.isdigit() or len(plain) > 18:
        raise ValueError(text)
    return int(plain)


def exact(text: str) -> Fraction:
    """Of a quantity that is not told in units: decimals are allowed.

    :raises ValueError:
    """
    plain = text.replace(",", "").replace(" ", "")
    if not AMOUNT.match(plain):
        raise ValueError(text)
    return Fraction(plain)


def measure(text: str) -> str:
    """What a quantity is told in, of 千瓦时, kWh, tCO2e; "" for units.

    :raises ValueError:
    """
    plain = text.strip().strip("()").lower()
    for known, words in MEASURES.items():
        if plain in words:
            return known
    raise ValueError(text)


def year(text: str) -> int:
    """Of 2025, 2025年度, 2025-03-31, CEA25.

    :raises ValueError:
    """
    found = YEAR.match(text) or MONTH.match(text) or DAY.match(text) or LABEL.match(text)
    said = int(found[1]) if found else 0
    said += 2000 if found and len(found[1]) == 2 else 0
    if not 1990 <= said <= 2200:
        raise ValueError(text)
    return said


def month_or_year(text: str) -> tuple[date, date]:
    """First and last day of 2025-03, 202503, 2025年3月 or 2025.

    :raises ValueError:
    """
    if found := YEAR.match(text):
        return date(int(found[1]), 1, 1), date(int(found[1]), 12, 31)
    found = MONTH.match(text) or DAY.match(text)
    if not found:
        raise ValueError(text)
    start = date(int(found[1]), int(found[2]), 1)
    following = (start + timedelta(days=32)).replace(day=1)
    return start, following - timedelta(days=1)


def day(text: str, order: DateOrder) -> date:
    """A day in ISO or Chinese form, or in the order the file was declared to have.

    :raises ValueError: none, or one that could be two
    """
    if found := DAY.match(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    found = OTHER_DAY.match(text)
    if not found or order is DateOrder.ISO:
        raise ValueError(text)
    one, two, of_year = int(found[1]), int(found[2]), int(found[3])
    return date(of_year, two, one) if order is DateOrder.DAY_FIRST else date(of_year, one, two)


def state(text: str) -> str:
    """:raises ValueError: no state that we know"""
    plain = text.strip().lower().removeprefix("已")
    for known, words in STATES.items():
        if plain == known.lower() or plain in words:
            return known
    raise ValueError(text)


def serial_range(text: str, quantity: int) -> tuple[str, int, int]:
    """Prefix, first and last of `A-1 to 100`, `A1～A100`, or of one number and its quantity.

    :raises ValueError:
    """
    parts = RANGE.split(text.strip())
    found = NUMBERED.match(parts[0])
    if not found or len(parts) > 2:
        raise ValueError(text)
    prefix, first = found["prefix"], int(found["number"])
    if len(parts) == 1:
        return prefix, first, first + quantity - 1
    rest = parts[1].removeprefix(prefix)
    if not rest.isdigit() or int(rest) < first:
        raise ValueError(text)
    return prefix, first, int(rest)
