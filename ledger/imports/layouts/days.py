"""Days as registries write them. 03/04/2024 is read only where its order was declared."""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from ledger.imports.records import DateOrder

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        start=1,
    )
}
_TIME = (
    r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AP]M)?\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME, re.IGNORECASE)
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日" + _TIME)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + _TIME, re.IGNORECASE)
_NAMED = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3})[a-z]*[- ,]+(\d{4})" + _TIME, re.IGNORECASE)
_NAMED_FIRST = re.compile(r"([A-Za-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})" + _TIME, re.IGNORECASE)
_MONTH = re.compile(r"(\d{4})[-/.年]?(\d{1,2})月?")


class NotADay(ValueError):
    pass


class AmbiguousDay(ValueError):
    pass


@lru_cache(maxsize=8192)
def read_day(text: str, order: DateOrder) -> date:
    """The calendar day as it is printed; a time of day beside it is left aside.

    :raises AmbiguousDay: day and month cannot be told apart, and no order was declared
    :raises NotADay: no day, or none of the calendar
    """
    try:
        return date(*_parts(unicodedata.normalize("NFKC", text).strip(), order))
    except ValueError as refusal:
        if isinstance(refusal, AmbiguousDay):
            raise
        raise NotADay(text) from None


def _parts(text: str, order: DateOrder) -> tuple[int, int, int]:
    if found := _YEAR_FIRST.fullmatch(text):
        return int(found[1]), int(found[3]), int(found[4])
    if found := _CHINESE.fullmatch(text) or _COMPACT.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _NAMED.fullmatch(text):
        return int(found[3]), MONTHS.get(found[2].lower(), 0), int(found[1])
    if found := _NAMED_FIRST.fullmatch(text):
        return int(found[3]), MONTHS.get(found[1].lower(), 0), int(found[2])
    if found := _YEAR_LAST.fullmatch(text):
        if order is DateOrder.ISO:
            raise AmbiguousDay(text)
        one, other, year = int(found[1]), int(found[3]), int(found[4])
        return (year, other, one) if order is DateOrder.DAY_FIRST else (year, one, other)
    raise NotADay(text)


@lru_cache(maxsize=8192)
def read_month(text: str) -> tuple[date, date]:
    """First and last day of "2025-03", "202503" or "2025年3月".

    :raises NotADay:
    """
    found = _MONTH.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found:
        raise NotADay(text)
    try:
        first = date(int(found[1]), int(found[2]), 1)
    except ValueError:
        raise NotADay(text) from None
    return first, end_of_month(first)


def end_of_month(day: date) -> date:
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def days_together(text: str) -> date:
    """01012022: day, month, year without a sign between, as inside a serial number.

    :raises NotADay:
    """
    if len(text) != 8 or not text.isdigit():
        raise NotADay(text)
    try:
        return date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        raise NotADay(text) from None
