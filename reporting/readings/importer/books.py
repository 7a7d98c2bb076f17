"""What a file tells so far, by meter and day; each distinct number, time and meter is understood
once, and looked up afterwards.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ledger.kernel.errors import N_
from ledger.kernel.measures import Measure, MeasureMismatch, UnknownMeasure
from ledger.kernel.quantities import Quantity
from reporting.parks.queries import MeterView
from reporting.readings import rules
from reporting.readings.importer import written
from reporting.readings.importer.written import Odd
from reporting.readings.rules import MISSING, Problem, Told
from reporting.readings.states import Mark

MOST_REMEMBERED = 100_000
OLDEST_YEAR = 1990
ROWS_AT_ONCE = 50_000
MARKS: Mapping[str, Mark] = {
    "": Mark.MEASURED, "measured": Mark.MEASURED, "m": Mark.MEASURED, "实测": Mark.MEASURED,
    "estimated": Mark.ESTIMATED, "e": Mark.ESTIMATED, "估算": Mark.ESTIMATED,
    "proxy": Mark.PROXY, "p": Mark.PROXY, "替代": Mark.PROXY,
}  # fmt: skip
TWICE = Odd("time", N_("This meter and this time stand in the file twice."))
BLANK = Odd("value", "")
FUTURE = Odd("time", N_("This time lies in the future."))
TOO_OLD = Odd("time", N_("No reading is as old as this."))


@dataclass(slots=True)
class Read:
    """What a file tells, or what is wrong with it."""

    days: list[Told] = field(default_factory=list)
    row_count: int = 0
    blank_count: int = 0
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)

    def note(self, row: int, odd: Odd, text: str) -> None:
        self.problem_count += 1
        if len(self.problems) < rules.MOST_PROBLEMS:
            self.problems.append(Problem(row, odd.column, odd.message, text[:80]))

    def note_short(self, number: int, cells: Sequence[str]) -> None:
        """A row that ends before its last column; one of blanks is passed over."""
        if any(cell.strip() for cell in cells):
            odd = Odd("", N_("The row is shorter than its heading."))
            self.note(number, odd, ",".join(cells))
        else:
            self.blank_count += 1


class Amounts(dict[str, int]):
    """Written numbers, each understood once."""

    def __missing__(self, text: str) -> int:
        if not text.strip():
            raise BLANK
        self[text] = amount = written.millionths(text)
        return amount

    def forget(self) -> None:
        if len(self) > MOST_REMEMBERED:
            self.clear()


class Places(dict[str, tuple[date, int]]):
    """Written times, each understood once, for meters of one step."""

    def __init__(self, step: int, *, is_end: bool, today: date) -> None:
        super().__init__()
        self.step, self.is_end, self.today = step, is_end, today
        self.days: dict[date, date] = {}  # one object for each day, so that `is` tells days apart

    def __missing__(self, text: str) -> tuple[date, int]:
        found = written.place(written.moment(text), step=self.step, is_end=self.is_end)
        check_day(found[0], today=self.today)
        self[text] = found = self.days.setdefault(found[0], found[0]), found[1]
        return found


def check_day(day: date, *, today: date) -> None:
    """:raises Odd: a day to come, or from before any data"""
    if day > today:
        raise FUTURE
    if day.year < OLDEST_YEAR:
        raise TOO_OLD


class Days(dict[date, "array[int]"]):
    """The days of one meter, made as they are told of."""

    def __init__(self, book: "Book") -> None:
        super().__init__()
        self.book = book
        self.blank = array("q", [MISSING]) * rules.steps_of(book.meter.step_minutes)

    def __missing__(self, day: date) -> "array[int]":
        standing = sum(one.stands_on(day) for one in self.book.meters)
        if not standing:
            raise Odd("meter", N_("This meter did not stand on that day."))
        if standing > 1:
            raise Odd("meter", N_("Two meters of this number stood on that day."))
        self[day] = values = self.blank[:]
        return values


class Book:
    """What a file tells of the meters of one number."""

    def __init__(self, meters: Sequence[MeterView], places: Places, code: int) -> None:
        self.meters, self.meter, self.places, self.code = meters, meters[0], places, code
        self.days = Days(self)
        self.marks: dict[date, list[str]] = {}
        self._units: dict[str, Measure] = {}

    @property
    def step(self) -> int:
        return self.meter.step_minutes

    def in_own_unit(self, amount: int, unit: str) -> int:
        """:raises Odd: an unknown unit, one that does not fit, or a sum finer than we keep"""
        measure = self._units.get(unit)
        if measure is None:
            measure = self._units[unit] = self._measure(unit)
        if measure is self.meter.unit:
            return amount
        base = amount * measure.factor / self.meter.unit.factor
        if base != int(base):
            raise Odd("value", N_("More than six decimals cannot be kept."))
        return int(base)

    def _measure(self, unit: str) -> Measure:
        try:
            measure = Measure.parse(unit) if unit.strip() else self.meter.unit
            Quantity(rules.ZERO, measure).to(self.meter.unit)
        except UnknownMeasure:
            raise Odd("unit", N_("This is no unit that we know.")) from None
        except MeasureMismatch:
            raise Odd("unit", N_("This unit cannot be turned into the meter's.")) from None
        return measure

    def mark(self, day: date, at: int, text: str) -> None:
        """:raises Odd: no quality that we know"""
        mark = mark_of(text)
        if mark is not Mark.MEASURED:
            self.set_mark(day, at, mark)

    def set_mark(self, day: date, at: int, mark: Mark) -> None:
        letters = self.marks.setdefault(day, [Mark.MEASURED] * len(self.days.blank))
        letters[at] = mark

    def told(self) -> Iterator[Told]:
        for day, values in self.days.items():
            if values[0] == MISSING and values.count(MISSING) == len(values):
                continue
            meter = next(one for one in self.meters if one.stands_on(day))
            marks = "".join(self.marks.get(day, ()))
            yield Told(meter.id, day, meter.step_minutes, values, marks)


def mark_of(text: str) -> Mark:
    """:raises Odd: no quality that we know"""
    mark = MARKS.get(text.strip().lower())
    if mark is None:
        raise Odd("mark", N_("Say measured, estimated or proxy."))
    return mark


class Books(dict[str, Book]):
    """What a file tells, by the meter's number as it is written."""

    def __init__(self, meters: Iterable[MeterView], *, is_end: bool, today: date) -> None:
        super().__init__()
        self.by_number: dict[str, list[MeterView]] = {}
        for meter in meters:
            self.by_number.setdefault(meter.number, []).append(meter)
        self.is_end, self.today = is_end, today
        self.known: dict[str, Book] = {}
        self.places: dict[int, Places] = {}
        self.about: dict[str, Any] = {"is_end": is_end, "today": today}

    def __missing__(self, text: str) -> Book:
        number = text.strip()
        if number not in self.by_number:
            raise Odd("meter", N_("There is no meter of this number in the park."))
        if number not in self.known:
            found = self.by_number[number]
            step = found[0].step_minutes
            if step not in self.places:
                self.places[step] = Places(step, **self.about)
            self.known[number] = Book(found, self.places[step], len(self.known))
        self[text] = self.known[number]
        return self[text]

    def told(self) -> Iterator[Told]:
        for book in self.known.values():
            yield from book.told()
