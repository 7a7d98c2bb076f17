"""A file of readings to meters' days: CSV in UTF-8 or GB18030, or XLSX; ten million lines a piece.

The loop over the lines does as little as can be: every distinct time, number and meter is
understood once, and looked up afterwards.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any, BinaryIO

from ledger.imports import reading
from ledger.kernel.errors import N_
from ledger.kernel.measures import Measure, MeasureMismatch, UnknownMeasure
from ledger.kernel.quantities import Quantity
from reporting.parks.queries import MeterView
from reporting.readings import rules
from reporting.readings.rules import MISSING, Odd, Problem, Told
from reporting.readings.states import Mark

Progress = Callable[[int], None]
TELL_EVERY = 200_000
TEMPLATE_ROWS = 3_000
NO_DAY = date.min
MOST_REMEMBERED = 100_000
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "meter": ("meter", "meter number", "表计编号", "表计", "表号", "计量点"),
    "time": ("time", "timestamp", "date time", "时间", "日期时间"),
    "value": ("value", "reading", "consumption", "读数", "用量", "数值"),
    "unit": ("unit", "单位"),
    "mark": ("quality", "mark", "数据质量", "质量"),
}
NEEDED = ("meter", "time", "value")
MARKS: Mapping[str, Mark] = {
    "": Mark.MEASURED, "measured": Mark.MEASURED, "m": Mark.MEASURED, "实测": Mark.MEASURED,
    "estimated": Mark.ESTIMATED, "e": Mark.ESTIMATED, "估算": Mark.ESTIMATED,
    "proxy": Mark.PROXY, "p": Mark.PROXY, "替代": Mark.PROXY,
}  # fmt: skip


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


def read_file(
    file: BinaryIO,
    *,
    meters: Iterable[MeterView],
    is_end: bool,
    today: date,
    progress: Progress = lambda done: None,
) -> Read:
    """Every day that the file tells of, or every problem that it has.

    :raises NotReadable, NoRows, ColumnsMissing, TooManyRows: the file as a whole is no good
    """
    _encoding, lines = reading.open_lines(file)
    headings = next(lines, None)
    if headings is None:
        raise rules.NoRows
    columns = _columns(headings)
    read = Read()
    books = _Books(meters, is_end=is_end, today=today)
    if "unit" in columns or "mark" in columns:
        _walk_wide(lines, columns, books, read, progress)
    else:
        _walk(lines, columns, books, read, progress)
    if not read.row_count:
        raise rules.NoRows
    read.days = sorted(books.days(), key=lambda told: (told.meter_id.int, told.day))
    return read


def _columns(headings: Sequence[str]) -> dict[str, int]:
    plain = [reading.normalise(heading) for heading in headings]
    found = {
        name: next((at for at, one in enumerate(plain) if one in spellings), -1)
        for name, spellings in HEADINGS.items()
    }
    missing = [name for name in NEEDED if found[name] < 0]
    if missing:
        raise rules.ColumnsMissing(columns=", ".join(missing))
    return {name: at for name, at in found.items() if at >= 0}


def _walk(
    lines: Iterator[list[str]],
    columns: Mapping[str, int],
    books: "_Books",
    read: Read,
    progress: Progress,
) -> None:
    """The quick way: meter, time and value, all measured, in the meter's own unit.

    Rows of one meter and one day mostly stand together: what they share is looked up once.
    """
    meter, time, value = (columns[name] for name in NEEDED)
    amounts = _Amounts()
    number, last_name, last_day = 1, "", NO_DAY
    for number, cells in enumerate(lines, start=2):
        try:
            name = cells[meter]
            if name != last_name or last_day is NO_DAY:
                book, last_day = books[name], NO_DAY
                places, days, last_name = book.places, book.days, name
            day, at = places[cells[time]]
            if day is not last_day:
                values = days[day]
                last_day = day
            if values[at] != MISSING:
                raise _TWICE
            values[at] = amounts[cells[value]]
        except Odd as odd:
            last_day = NO_DAY
            _note(read, number, odd, cells, columns)
        except IndexError:
            last_day = NO_DAY
            _short(read, number, cells)
        if not number % TELL_EVERY:
            _tell(number, amounts, progress)
    read.row_count += number - 1 - read.blank_count


def _walk_wide(
    lines: Iterator[list[str]],
    columns: Mapping[str, int],
    books: "_Books",
    read: Read,
    progress: Progress,
) -> None:
    """With a column of units, or of how each reading came about."""
    meter, time, value = (columns[name] for name in NEEDED)
    unit, mark = columns.get("unit", -1), columns.get("mark", -1)
    amounts = _Amounts()
    number = 1
    for number, cells in enumerate(lines, start=2):
        try:
            book = books[cells[meter]]
            day, at = book.places[cells[time]]
            amount = amounts[cells[value]]
            if unit >= 0:
                amount = book.in_own_unit(amount, cells[unit])
            values = book.days[day]
            if values[at] != MISSING:
                raise _TWICE
            values[at] = amount
            if mark >= 0:
                book.mark(day, at, cells[mark])
        except Odd as odd:
            _note(read, number, odd, cells, columns)
        except IndexError:
            _short(read, number, cells)
        if not number % TELL_EVERY:
            _tell(number, amounts, progress)
    read.row_count += number - 1 - read.blank_count


def _tell(number: int, amounts: "_Amounts", progress: Progress) -> None:
    """:raises TooManyRows: more than one file may have"""
    progress(number)
    amounts.forget()
    if number > rules.MOST_ROWS + 1:
        raise rules.TooManyRows(limit=rules.MOST_ROWS)


_TWICE = Odd("time", N_("This meter and this time stand in the file twice."))
_BLANK = Odd("value", "")


def _note(
    read: Read, number: int, odd: Odd, cells: Sequence[str], columns: Mapping[str, int]
) -> None:
    if odd is _BLANK:
        read.blank_count += 1  # nothing was read: a gap, not a nought
        return
    read.note(number, odd, cells[columns.get(odd.column, 0)])


def _short(read: Read, number: int, cells: Sequence[str]) -> None:
    if any(cell.strip() for cell in cells):
        read.note(number, Odd("", N_("The row is shorter than its heading.")), ",".join(cells))
    else:
        read.blank_count += 1


class _Amounts(dict[str, int]):
    """Written numbers, each understood once."""

    def __missing__(self, text: str) -> int:
        if not text.strip():
            raise _BLANK
        self[text] = amount = rules.millionths(text)
        return amount

    def forget(self) -> None:
        if len(self) > MOST_REMEMBERED:
            self.clear()


class _Places(dict[str, tuple[date, int]]):
    """Written times, each understood once, for meters of one step."""

    def __init__(self, step: int, *, is_end: bool, today: date) -> None:
        super().__init__()
        self.step, self.is_end, self.today = step, is_end, today
        self.days: dict[date, date] = {}  # one object for each day, so that `is` tells days apart

    def __missing__(self, text: str) -> tuple[date, int]:
        found = rules.place(rules.moment(text), step=self.step, is_end=self.is_end)
        if found[0] > self.today:
            raise Odd("time", N_("This time lies in the future."))
        if found[0].year < 1990:
            raise Odd("time", N_("No reading is as old as this."))
        self[text] = found = self.days.setdefault(found[0], found[0]), found[1]
        return found


class _Days(dict[date, "array[int]"]):
    """The days of one meter, made as they are told of."""

    def __init__(self, book: "_Book") -> None:
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


class _Book:
    """What a file tells of the meters of one number."""

    def __init__(self, meters: Sequence[MeterView], places: _Places) -> None:
        self.meters, self.meter, self.places = meters, meters[0], places
        self.days = _Days(self)
        self.marks: dict[date, list[str]] = {}
        self._units: dict[str, Measure] = {}

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
        mark = MARKS.get(text.strip().lower())
        if mark is None:
            raise Odd("mark", N_("Say measured, estimated or proxy."))
        if mark is not Mark.MEASURED:
            letters = self.marks.setdefault(day, [Mark.MEASURED] * len(self.days.blank))
            letters[at] = mark

    def told(self) -> Iterator[Told]:
        for day, values in self.days.items():
            if values.count(MISSING) == len(values):
                continue
            meter = next(one for one in self.meters if one.stands_on(day))
            marks = "".join(self.marks.get(day, ()))
            yield Told(meter.id, day, meter.step_minutes, values, marks)


class _Books(dict[str, _Book]):
    """What a file tells, by the meter's number as it is written."""

    def __init__(self, meters: Iterable[MeterView], *, is_end: bool, today: date) -> None:
        super().__init__()
        self.by_number: dict[str, list[MeterView]] = {}
        for meter in meters:
            self.by_number.setdefault(meter.number, []).append(meter)
        self.known: dict[str, _Book] = {}
        self.places: dict[int, _Places] = {}
        self.about: dict[str, Any] = {"is_end": is_end, "today": today}

    def __missing__(self, text: str) -> _Book:
        number = text.strip()
        if number not in self.by_number:
            raise Odd("meter", N_("There is no meter of this number in the park."))
        if number not in self.known:
            found = self.by_number[number]
            step = found[0].step_minutes
            if step not in self.places:
                self.places[step] = _Places(step, **self.about)
            self.known[number] = _Book(found, self.places[step])
        self[text] = self.known[number]
        return self[text]

    def days(self) -> Iterator[Told]:
        for book in self.known.values():
            yield from book.told()


def write_template(
    *, numbers: Sequence[str], units: Sequence[str], headings: Sequence[str], marks: Sequence[str]
) -> bytes:
    """A workbook to fill in, with lists of the park's meters, its units and the qualities."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    sheet.title = "readings"
    sheet.append(list(headings))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    lists = book.create_sheet("lists")
    lists.sheet_state = "hidden"
    for column, (letter, choices) in enumerate(
        (("A", numbers), ("D", units), ("E", marks)), start=1
    ):
        for row, one in enumerate(choices, start=1):
            lists.cell(row=row, column=column, value=one)
        place = "ABC"[column - 1]
        last = max(len(choices), 1)
        choice = DataValidation(type="list", formula1=f"lists!${place}$1:${place}${last}")
        sheet.add_data_validation(choice)
        choice.add(f"{letter}2:{letter}{TEMPLATE_ROWS}")
    number = DataValidation(type="decimal", operator="between", formula1="-1e12", formula2="1e12")
    sheet.add_data_validation(number)
    number.add(f"C2:C{TEMPLATE_ROWS}")
    for row in range(2, TEMPLATE_ROWS + 1):
        sheet.cell(row=row, column=2).number_format = "yyyy-mm-dd hh:mm"
    for letter, width in zip("ABCDE", (22, 18, 16, 12, 14), strict=True):
        sheet.column_dimensions[letter].width = width
    out = BytesIO()
    book.save(out)
    return out.getvalue()
