"""What is written in one cell of a file of readings, as a value: a number, a moment, a day."""

import re
from datetime import date, datetime, timedelta, timezone

from ledger.kernel.errors import N_
from reporting.readings.rules import ONE, SCALE

BEYOND_SENSE = 10**10 * ONE  # so that a day of them still fits the sum of a day
BEIJING = timezone(timedelta(hours=8))


class Odd(Exception):
    """What is wrong with a cell while a row is being read."""

    def __init__(self, column: str, message: str) -> None:
        self.column, self.message = column, message


_DIGITS = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,12}))?", re.ASCII)
_CLOCK = r"(?::?([0-9]{2})(?:\.0+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
_MOMENTS = tuple(
    re.compile(form + _CLOCK, re.ASCII)
    for form in (
        r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?[ T]+([0-9]{1,2}):([0-9]{2})",
        r"([0-9]{4})([0-9]{2})([0-9]{2})[ T]?([0-9]{2}):?([0-9]{2})",
    )
)

_MIDNIGHT = r"(?:[ T]+0?0:00(?::00)?)?"
_WRITTEN_DAYS = tuple(
    re.compile(form + _MIDNIGHT, re.ASCII)
    for form in (
        r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?",
        r"([0-9]{4})([0-9]{2})([0-9]{2})",
    )
)


def millionths(text: str) -> int:
    """A written number in millionths.

    :raises Odd: no number, or one that a meter cannot mean
    """
    plain = text.strip().replace(",", "")
    found = _DIGITS.fullmatch(plain)
    if found is None:
        raise Odd("value", N_("This is not a number."))
    sign, whole, part = found.groups()
    part = (part or "").rstrip("0")
    if len(part) > SCALE:
        raise Odd("value", N_("More than six decimals cannot be kept."))
    amount = int(whole + part.ljust(SCALE, "0"))
    if amount >= BEYOND_SENSE:
        raise Odd("value", N_("No meter reads so much."))
    return -amount if sign else amount


def moment(text: str) -> datetime:
    """A written moment, as Beijing's clocks show it; 24:00 is the next midnight.

    :raises Odd: no moment
    """
    found = next((one for form in _MOMENTS if (one := form.fullmatch(text.strip()))), None)
    if found is None:
        raise Odd("time", N_("This is not a time as 2025-01-31 23:45."))
    year, month, day, hour, minute, second, zone = found.groups()
    try:
        start = datetime(int(year), int(month), int(day), tzinfo=BEIJING)
    except ValueError:
        raise Odd("time", N_("There is no such day.")) from None
    passed = timedelta(hours=int(hour), minutes=int(minute), seconds=int(second or 0))
    if passed > timedelta(days=1) or int(minute) > 59 or int(second or 0) > 59:
        raise Odd("time", N_("There is no such time of day."))
    if zone:
        start += timedelta(hours=8) - _offset(zone)
    return start + passed


def day(text: str) -> date:
    """A written day, or the day of a written midnight.

    :raises Odd: no day
    """
    found = next((one for form in _WRITTEN_DAYS if (one := form.fullmatch(text.strip()))), None)
    if found is None:
        raise Odd("day", N_("This is not a day as 2025-01-31."))
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        raise Odd("day", N_("There is no such day.")) from None


def _offset(zone: str) -> timedelta:
    if zone == "Z":
        return timedelta(0)
    size = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return -size if zone[0] == "-" else size


def place(told: datetime, *, step: int, is_end: bool) -> tuple[date, int]:
    """The day and the step that a moment names.

    :raises Odd: between two steps
    """
    if is_end:
        told -= timedelta(minutes=step)
    minutes = told.hour * 60 + told.minute
    if minutes % step or told.second:
        raise Odd("time", N_("The time lies between two readings of this meter."))
    return told.date(), minutes // step
