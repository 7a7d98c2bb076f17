"""What registers showed: each time what they stood at, or both ends of a time.

What flowed is the difference, in the register's own measure: the meter's multiplier is taken later,
with that of all readings. A register that was full begins at nought again; a meter that was
replaced ends and begins on the day of its replacement, at whatever minute.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from ledger.kernel.errors import N_
from reporting.parks.queries import MeterView
from reporting.readings import rules
from reporting.readings.importer import written
from reporting.readings.importer.books import OLDEST_YEAR, Book, Books, Read, mark_of
from reporting.readings.importer.headings import Columns
from reporting.readings.importer.written import Odd
from reporting.readings.rules import MINUTES, MISSING, ONE, Key, Told
from reporting.readings.states import Mark

REPLACED = N_(
    "The meter was replaced meanwhile: give the old one's last register and the new one's first, "
    "at the same time."
)
BACKWARDS = N_(
    "The register runs backwards. If it was full, say how many digits it has; if the meter was "
    "replaced, record the replacement first."
)
OVERLAPS = N_("This time overlaps another row of the meter.")
NOT_ONWARD = N_("It does not begin where the row before ended.")
NOT_STANDING = N_("This meter did not stand all of that time.")
BETWEEN = N_("The time lies between two readings of this meter.")
NOT_THE_DIFFERENCE = N_("It is not the difference of the registers times the multiplier.")
MOST_DIGITS = 10


@dataclass(slots=True)
class Shown:
    """What a register stood at, and in which row that is said."""

    row: int
    minute: int
    register: int
    cells: Sequence[str]


@dataclass(slots=True)
class Span:
    """A time with what the register showed at its ends, and the row that says so."""

    row: int
    start: int
    end: int
    first: int
    last: int
    cells: Sequence[str]


@dataclass(slots=True)
class _Given:
    meter: MeterView
    span: Span


class Walker:
    """Gathers what each register showed; when all is read, what flowed between."""

    def __init__(self, columns: Columns, books: Books, read: Read) -> None:
        self.columns, self.places, self.books, self.read = columns, columns.places, books, read
        self.is_series = "register" in self.places
        self.shown: dict[int, list[Shown]] = {}
        self.spans: dict[int, list[Span]] = {}
        self.width = 1 + max(self.places.values())
        self._days: dict[Key, array[int]] = {}
        self._marks: dict[Key, list[str]] = {}

    # --- row by row

    def walk(self, lines: Iterable[Sequence[str]], first: int) -> int:
        """Rows from number `first` on; the number of the row after the last."""
        number = first - 1
        for number, cells in enumerate(lines, start=first):
            if not any(cell.strip() for cell in cells):
                self.read.blank_count += 1
                continue
            padded = [*cells, *[""] * (self.width - len(cells))]
            try:
                self._take(number, padded)
            except Odd as odd:
                self._note(number, odd, padded)
        return number + 1

    def _take(self, number: int, cells: Sequence[str]) -> None:
        book = self.books[self._cell(cells, "meter")]
        self._check_multiplier(book, cells)
        mark_of(self._cell(cells, "mark"))
        if self.is_series:
            minute = self._minute(cells, "time")
            register = self._register(cells, "register")
            self.shown.setdefault(book.code, []).append(Shown(number, minute, register, cells))
            return
        start, end = self._minute(cells, "from"), self._minute(cells, "to")
        first, last = self._register(cells, "start"), self._register(cells, "end")
        if end <= start:
            raise Odd("to", N_("It must end after it starts."))
        span = Span(number, start, end, first, last, cells)
        self.spans.setdefault(book.code, []).append(span)

    def _minute(self, cells: Sequence[str], column: str) -> int:
        text = self._cell(cells, column)
        try:
            minute = self._understood(text)
        except Odd as odd:
            raise Odd(column, odd.message) from None
        if minute > rules.minutes_of(self.books.today + timedelta(days=1)):
            raise Odd(column, N_("This time lies in the future."))
        if rules.day_of(minute // MINUTES).year < OLDEST_YEAR:
            raise Odd(column, N_("No reading is as old as this."))
        return minute

    def _understood(self, text: str) -> int:
        """A time; a day alone is its midnight."""
        if ":" not in text:
            try:
                return rules.minutes_of(written.day(text))
            except Odd:
                pass  # said of times below
        told = written.moment(text)
        if told.second:
            raise Odd("", BETWEEN)
        return rules.minutes_of(told.date()) + told.hour * 60 + told.minute

    def _register(self, cells: Sequence[str], column: str) -> int:
        try:
            register = written.millionths(self._cell(cells, column))
        except Odd as odd:
            raise Odd(column, odd.message) from None
        if register < 0:
            raise Odd(column, N_("A register cannot stand below nought."))
        return register

    def _check_multiplier(self, book: Book, cells: Sequence[str]) -> None:
        text = self._cell(cells, "multiplier").strip()
        if not text:
            return
        try:
            told = written.millionths(text)
        except Odd as odd:
            raise Odd("multiplier", odd.message) from None
        if told not in {int(meter.multiplier * ONE) for meter in book.meters}:
            raise Odd("multiplier", N_("This is not the multiplier recorded for the meter."))

    # --- when all is read

    def told(self) -> Iterator[Told]:
        """What flowed in each step of each day; what is odd is noted."""
        for book in self.books.known.values():
            spans = self.spans.get(book.code, [])
            spans += self._between(book, self.shown.get(book.code, []))
            self._lay_all(book, sorted(spans, key=lambda one: (one.start, one.end, one.row)))
        for (meter_id, day), values in self._days.items():
            marks = "".join(self._marks[meter_id, day])
            step = MINUTES // len(values)
            yield Told(meter_id, day, step, values, rules.plain_marks(_none(values), marks))

    def _between(self, book: Book, shown: list[Shown]) -> list[Span]:
        """From each time to the next. One time twice: a meter gives way to another just then."""
        in_order = sorted(shown, key=lambda one: one.minute)
        spans = []
        for one, other in pairwise(in_order):
            if one.minute < other.minute:
                spans.append(Span(other.row, one.minute, other.minute, one.register,
                                  other.register, other.cells))  # fmt: skip
            elif not _gives_way(book, one.minute):
                twice = Odd("time", N_("This meter and this time stand in the file twice."))
                self._note(other.row, twice, other.cells)
        if len(in_order) == 1:
            alone = Odd("register", N_("One register alone says nothing: give the next one too."))
            self._note(in_order[0].row, alone, in_order[0].cells)
        return spans

    def _lay_all(self, book: Book, spans: Sequence[Span]) -> None:
        before: _Given | None = None
        given: list[_Given] = []
        for span in spans:
            try:
                now = _Given(self._meter_of(book, span, before), span)
                self._check_onward(now, before)
                self._lay(book, now)
            except Odd as odd:
                self._note(span.row, odd, span.cells)
                before = None
                continue
            given.append(now)
            before = now
        for meter in {one.meter.id: one.meter for one in given}.values():
            own = [one.span for one in given if one.meter.id == meter.id]
            self._lay_nought(meter, own[0].start, own[-1].end)

    def _meter_of(self, book: Book, span: Span, before: _Given | None) -> MeterView:
        """The meter of this number that stood all of the time."""
        first, last = rules.day_of(span.start // MINUTES), rules.day_of((span.end - 1) // MINUTES)
        whole = [one for one in book.meters if one.stands_on(first) and one.stands_on(last)]
        if not whole:
            some = [one for one in book.meters if one.stands_on(first) or one.stands_on(last)]
            raise Odd(self._time_column, REPLACED if len(some) > 1 else NOT_STANDING)
        if len(whole) == 1:
            return whole[0]
        old, new = sorted(whole, key=lambda one: one.valid_from)[:2]
        if before is None:
            if span.start % MINUTES:
                raise Odd(self._time_column, REPLACED)
            return old
        gave_way = before.span.end == span.start and before.span.last != span.first
        return new if gave_way or before.meter.id == new.id else old

    def _check_onward(self, now: _Given, before: _Given | None) -> None:
        if before is None:
            return
        is_same = now.meter.id == before.meter.id
        if now.span.start < before.span.end:
            raise Odd(self._time_column, OVERLAPS)
        meets = now.span.start == before.span.end
        if meets and is_same and now.span.first != before.span.last:
            raise Odd("register" if self.is_series else "start", NOT_ONWARD)
        if meets and not is_same and now.span.first == before.span.last:
            raise Odd(self._time_column, REPLACED)  # no meter begins where another ends

    def _lay(self, book: Book, now: _Given) -> None:
        span, meter = now.span, now.meter
        self._check_edges(span, meter)
        amount = self._flowed(book, span)
        self._check_amount(book, meter, span, amount)
        amount = book.in_own_unit(amount, self._cell(span.cells, "unit"))
        mark = self._mark(span, meter)
        for day, at, part in rules.spread(amount, span.start, span.end, meter.step_minutes):
            self._put(meter, day, at, part, mark)

    def _check_edges(self, span: Span, meter: MeterView) -> None:
        """On the first and the last day of a meter, any minute; else at the edge of a step."""
        if span.start % meter.step_minutes and _day(span.start) != meter.valid_from:
            raise Odd("time" if self.is_series else "from", BETWEEN)
        if span.end % meter.step_minutes and _day(span.end) != _last_day(meter):
            raise Odd("time" if self.is_series else "to", BETWEEN)

    def _flowed(self, book: Book, span: Span) -> int:
        """The difference of the registers; what was full begins at nought again."""
        column = "register" if self.is_series else "end"
        digits = self._cell(span.cells, "digits").strip()
        if digits and not (digits.isdecimal() and 1 <= int(digits) <= MOST_DIGITS):
            raise Odd("digits", N_("This is not a number of digits."))
        full = 10 ** int(digits) * ONE if digits else 0
        if full and max(span.first, span.last) >= full:
            raise Odd("digits", N_("The register shows more digits than it has."))
        if span.last >= span.first:
            return span.last - span.first
        if _gives_way(book, span.start) or _gives_way(book, span.end - 1):
            raise Odd(column, REPLACED)
        found = rules.rolled_over(span.first, span.last, full)
        if found is None:
            raise Odd(column, BACKWARDS)
        return found

    def _check_amount(self, book: Book, meter: MeterView, span: Span, flowed: int) -> None:
        """Where the row says what flowed, it says the same to its last decimal."""
        text = "" if self.is_series else self._cell(span.cells, "value").strip()
        if not text:
            return
        told = written.millionths(text)
        decimals = len(text.partition(".")[2])
        wanted = (Decimal(flowed) * meter.multiplier).scaleb(-rules.SCALE)
        if abs(Decimal(told).scaleb(-rules.SCALE) - wanted) >= Decimal(1).scaleb(-decimals):
            raise Odd("value", NOT_THE_DIFFERENCE)

    def _mark(self, span: Span, meter: MeterView) -> Mark:
        """Measured step by step, or in sum; what crosses into another month is an estimate."""
        mark = mark_of(self._cell(span.cells, "mark"))
        if mark is not Mark.MEASURED:
            return mark
        first, last = _day(span.start), _day(span.end - 1)
        if (first.year, first.month) != (last.year, last.month):
            return Mark.ESTIMATED
        one_step = span.start // meter.step_minutes == (span.end - 1) // meter.step_minutes
        return Mark.MEASURED if one_step else Mark.SPREAD

    def _lay_nought(self, meter: MeterView, start: int, end: int) -> None:
        """Before a meter was put up and after it was taken down, nothing flowed through it."""
        if start % MINUTES and _day(start) == meter.valid_from:
            for at in range(start % MINUTES // meter.step_minutes):
                self._put(meter, _day(start), at, 0, Mark.MEASURED)
        if end % MINUTES and _day(end) == _last_day(meter):
            after = -(-(end % MINUTES) // meter.step_minutes)
            for at in range(after, rules.steps_of(meter.step_minutes)):
                self._put(meter, _day(end), at, 0, Mark.MEASURED)

    def _put(self, meter: MeterView, day: date, at: int, amount: int, mark: Mark) -> None:
        key = meter.id, day
        if key not in self._days:
            steps = rules.steps_of(meter.step_minutes)
            self._days[key] = array("q", [MISSING]) * steps
            self._marks[key] = [Mark.MEASURED] * steps
        self._days[key][at], self._marks[key][at] = amount, mark

    # --- cells

    @property
    def _time_column(self) -> str:
        return "time" if self.is_series else "from"

    def _cell(self, cells: Sequence[str], column: str) -> str:
        at = self.places.get(column, -1)
        return cells[at] if at >= 0 else ""

    def _note(self, number: int, odd: Odd, cells: Sequence[str]) -> None:
        self.read.note(number, odd, self._cell(cells, odd.column or "meter"))


def _none(values: "array[int]") -> tuple[int | None, ...]:
    return rules.as_told(values)


def _day(minute: int) -> date:
    return rules.day_of(minute // MINUTES)


def _last_day(meter: MeterView) -> date | None:
    return None if meter.valid_to is None else meter.valid_to - timedelta(days=1)


def _gives_way(book: Book, minute: int) -> bool:
    """Whether two meters of the number stood on that day: one was put in the other's place."""
    return sum(one.stands_on(_day(minute)) for one in book.meters) > 1
