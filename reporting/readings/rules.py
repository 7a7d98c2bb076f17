"""A meter's day as a value: what is told of it, its sums, and the leaf that proves it.

Readings are whole millionths of the meter's measure, one for each step of the day from midnight,
Beijing time. A step of which nothing is told is MISSING.
"""

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
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


# --- steps and days


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
