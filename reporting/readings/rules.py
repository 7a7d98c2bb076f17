"""A meter's day as a value: what is told of it, its sums, and the leaf that proves it.

Readings are whole millionths of the meter's measure, one for each step of the day from midnight,
Beijing time. A step of which nothing is told is MISSING.
"""

import hashlib
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.periods import Period
from reporting.readings.states import Mark

MISSING = -(1 << 63)
SCALE = 6
ONE = 10**SCALE
MINUTES, HOURS = 1440, 24
MOST_ROWS = 32_000_000  # ten thousand meters, a month, each quarter of an hour
MOST_PROBLEMS = 1_000
BEYOND_SENSE = 10**10 * ONE  # so that a day of them still fits the sum of a day
BEIJING = timezone(timedelta(hours=8))
LEAF = "tanzhang.readings.v1"
ALL_MEASURED = ""
ZERO = Decimal(0)

Key = tuple[UUID, date]
Values = Sequence[int | None]


class ColumnsMissing(DomainError):
    code = "columns_missing"
    message = N_("These columns are missing: %(columns)s.")


class ColumnsDoNotFit(DomainError):
    code = "columns_do_not_fit"
    message = N_("These columns are no step of a day, or stand there twice: %(columns)s.")


class TooManyRows(DomainError):
    code = "too_many_rows"
    message = N_("The file has more than %(limit)s rows.")


class NoRows(DomainError):
    code = "no_rows"
    message = N_("The file has no rows of data.")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one cell. Row 1 is the heading."""

    row: int
    column: str
    message: str
    text: str


class Odd(Exception):
    """What is wrong with a cell while a row is being read."""

    def __init__(self, column: str, message: str) -> None:
        self.column, self.message = column, message


@dataclass(slots=True)
class Told:
    """What one file tells of one meter's day. `marks`: one letter a step, or "" if all measured."""

    meter_id: UUID
    day: date
    step: int
    values: "array[int]"
    marks: str = ALL_MEASURED

    @property
    def key(self) -> Key:
        return self.meter_id, self.day


@dataclass(frozen=True, slots=True)
class State:
    """A meter's day as it stands after `version` pieces."""

    version: int
    step: int
    values: tuple[int | None, ...]
    marks: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The sums of a day: by the hour, and in all."""

    hours: tuple[int | None, ...]
    total: int
    told_count: int
    estimated_count: int
    text: str
    body: bytes

    @property
    def leaf(self) -> bytes:
        return leaf_of(self.body)


@dataclass(frozen=True, slots=True)
class Change:
    """What a piece does to a day: steps that are new, corrected, and told as they were."""

    told: tuple[int | None, ...]
    state: State
    new_count: int
    corrected_count: int
    same_count: int

    @property
    def is_nothing(self) -> bool:
        return not self.new_count and not self.corrected_count


# --- one cell


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


def written_day(text: str) -> date:
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


def steps_of(step: int) -> int:
    return MINUTES // step


def minutes_of(day: date) -> int:
    """A day's first minute, counted since long ago."""
    return day.toordinal() * MINUTES


def day_of(number: int) -> date:
    """The day of that number since long ago."""
    return date.fromordinal(number)


# --- registers


def rolled_over(first: int, last: int, full: int) -> int | None:
    """What flowed when a register fell from `first` to `last`, if it was full on the way: with its
    digits known (`full`), less than half of a turn; else only from its last tenth into its first.
    """
    if full:
        flowed = last + full - first
        return flowed if flowed * 2 < full else None
    turn = 10 ** len(str(first // ONE)) * ONE
    was_nearly_full = first * 10 >= turn * 9 and last * 10 <= turn
    return last + turn - first if was_nearly_full else None


def spread(amount: int, start: int, end: int, step: int) -> Iterator[tuple[date, int, int]]:
    """An amount over the steps between two minutes, evenly, to the last millionth: the day, the
    step of it, and its part.
    """
    done, begun = 0, start
    while begun < end:
        until = min(end, (begun // step + 1) * step)
        reached = amount * (until - start) // (end - start)
        yield day_of(begun // MINUTES), begun % MINUTES // step, reached - done
        done, begun = reached, until


# --- a day


_MISSING_BYTES = array("q", [MISSING]).tobytes()


def as_told(values: "array[int]") -> tuple[int | None, ...]:
    if _MISSING_BYTES not in values.tobytes():  # looked for as bytes: no number is made of them
        return tuple(values)
    return tuple(None if one == MISSING else one for one in values)


def is_whole(values: "array[int]") -> bool:
    """Whether each step is told."""
    return _MISSING_BYTES not in values.tobytes()


_COMMAS = {count: ",".join(["%d"] * count) for count in (HOURS, 4 * HOURS)}


def text_of_whole(values: tuple[int, ...]) -> str:
    """As `text_of`, of readings of which none is missing."""
    return _COMMAS[len(values)] % values


def hours_of_whole(values: tuple[int, ...], each: int) -> tuple[int, ...]:
    """Sums of so many readings each."""
    return tuple([sum(values[at : at + each]) for at in range(0, len(values), each)])


def as_array(values: Values) -> "array[int]":
    return array("q", (MISSING if one is None else one for one in values))


def text_of(values: Values) -> str:
    """The readings with commas; nothing between two where one is missing."""
    text = ",".join(map(str, values))
    return text.replace("None", "") if "N" in text else text


def body_of(meter_id: UUID, day: date, step: int, values: Values, marks: str) -> bytes:
    """The canonical text of a meter's day: the leaf of its month's tree."""
    return body_with(meter_id, day, step, text_of(values), marks)


def body_with(meter_id: UUID, day: date, step: int, text: str, marks: str) -> bytes:
    """The same, of readings that are written already."""
    return f"{LEAF}\n{meter_id}\n{day}\n{step}\n{text}\n{marks}".encode()


def leaf_of(body: bytes) -> bytes:
    """RFC 9162's leaf hash."""
    return hashlib.sha256(b"\x00" + body).digest()


def figures_of(meter_id: UUID, day: date, state: State) -> Figures:
    """The sums of a day as it stands."""
    values, each = state.values, len(state.values) // HOURS
    told: Sequence[Any] = values
    if None in values:
        told = [one for one in values if one is not None]
    if each == 1:
        hours = values
    elif told is values:
        hours = tuple([sum(told[at : at + each]) for at in range(0, len(told), each)])
    else:
        hours = tuple(_sum(values[at : at + each]) for at in range(0, len(values), each))
    estimated = sum(1 for mark in state.marks if mark in {Mark.ESTIMATED, Mark.PROXY})
    text = text_of(values)
    body = body_with(meter_id, day, state.step, text, state.marks)
    return Figures(hours, sum(told), len(told), estimated, text, body)


def _sum(values: Values) -> int | None:
    told = [one for one in values if one is not None]
    return sum(told) if told else None


def overlay(before: State | None, told: Told) -> Change:
    """Put what a file tells over what was known; the rest of the day stays.

    A meter whose step has changed begins the day anew.
    """
    values = as_told(told.values)
    if before is None or before.step != told.step:
        count = len(values) - values.count(None)
        gone = 0 if before is None else sum(1 for one in before.values if one is not None)
        version = 1 if before is None else before.version + 1
        state = State(version, told.step, values, plain_marks(values, told.marks))
        return Change(values, state, count, gone, 0)
    return _merged(before, values, told.marks)


def _merged(before: State, values: tuple[int | None, ...], marks: str) -> Change:
    new = corrected = same = 0
    merged, letters = list(before.values), list(_spelled(before.values, before.marks))
    for at, (value, letter) in enumerate(zip(values, _spelled(values, marks), strict=True)):
        if value is None:
            continue
        if merged[at] is None:
            new += 1
        elif (merged[at], letters[at]) == (value, letter):
            same += 1
        else:
            corrected += 1
        merged[at], letters[at] = value, letter
    version = before.version + (1 if new or corrected else 0)
    state = State(version, before.step, tuple(merged), plain_marks(merged, "".join(letters)))
    return Change(values, state, new, corrected, same)


def _spelled(values: Values, marks: str) -> str:
    return marks or Mark.MEASURED * len(values)


def plain_marks(values: Values, marks: str) -> str:
    """ "" when every reading is measured; a step without one counts as measured."""
    if not marks:
        return ALL_MEASURED
    told = zip(values, _spelled(values, marks), strict=True)
    plain = "".join(Mark.MEASURED if one is None else mark for one, mark in told)
    return plain if plain.strip(Mark.MEASURED) else ALL_MEASURED


# --- a month


def month_of(day: date) -> date:
    return day.replace(day=1)


def expected_count(*, month: date, step: int, valid_from: date, valid_to: date | None) -> int:
    """How many readings a meter owes for a month: for the days on which it stood."""
    whole = Period.month(month.year, month.month)
    start, end = max(whole.start, valid_from), min(whole.end, valid_to or whole.end)
    return max((end - start).days, 0) * steps_of(step)


def pieces_digest(hashes: Sequence[bytes]) -> str:
    """One hash over the pieces of a file, in the order of meter and day."""
    return hashlib.sha256(b"".join(hashes)).hexdigest()


def piece_hash(version: int, body: bytes) -> bytes:
    return hashlib.sha256(b"%d\n%s" % (version, body)).digest()
