"""A line a meter's day: 96 columns of quarters of an hour, or 24 of hours."""

from array import array
from collections.abc import Iterable, Sequence
from datetime import date

from ledger.kernel.errors import N_
from reporting.readings.importer import written
from reporting.readings.importer.books import BLANK, Amounts, Book, Books, Read, check_day, mark_of
from reporting.readings.importer.headings import Columns
from reporting.readings.importer.written import Odd
from reporting.readings.rules import MISSING, Told
from reporting.readings.states import Mark

TWICE = Odd("day", N_("This meter and this day stand in the file twice."))
NOT_BY_THE_QUARTER = Odd("meter", N_("This meter is read by the hour, the file by the quarter."))
NOT_BY_THE_HOUR = Odd("meter", N_("This meter is read by the quarter, the file by the hour."))
NOT_THE_SUM = Odd("total", N_("The total is not the sum of the day's values."))


class Walker:
    """Takes days in, one after the other, and notes every cell that is no good."""

    def __init__(self, columns: Columns, books: Books, read: Read) -> None:
        self.columns, self.places, self.books, self.read = columns, columns.places, books, read
        self.amounts = Amounts()
        self.width = 1 + max(*self.places.values(), *columns.steps)

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
                text = padded[self.places.get(odd.column, 0)]
                self.read.note(number, odd, text)
        self.amounts.forget()
        return number + 1

    def told(self) -> Iterable[Told]:
        """Nothing beside the books."""
        return ()

    def _take(self, number: int, cells: Sequence[str]) -> None:
        book = self.books[cells[self.places["meter"]]]
        if book.step != self.columns.step:
            raise NOT_BY_THE_QUARTER if book.step > self.columns.step else NOT_BY_THE_HOUR
        day = written.day(cells[self.places["day"]])
        _check_day(day, today=self.books.today)
        if day in book.days:
            raise TWICE
        values = self._values(number, cells, book)
        mark = mark_of(self._cell(cells, "mark"))
        if values is None:
            return
        self._check_total(cells, values, book)
        told = [at for at, value in enumerate(values) if value != MISSING]
        if not told:
            self.read.blank_count += 1
            return
        book.days[day][:] = values
        if mark is not Mark.MEASURED:
            for at in told:
                book.set_mark(day, at, mark)

    def _values(self, number: int, cells: Sequence[str], book: Book) -> "array[int] | None":
        """The day's readings; None where one is no good, and each such is noted."""
        values, is_good, unit = book.days.blank[:], True, self._cell(cells, "unit")
        for at, place in enumerate(self.columns.steps):
            try:
                values[at] = book.in_own_unit(self.amounts[cells[place]], unit)
            except Odd as odd:
                if odd is BLANK:
                    continue
                if odd.column == "unit":
                    raise
                here = Odd(self.columns.headings[place], odd.message)
                self.read.note(number, here, cells[place])
                is_good = False
        return values if is_good else None

    def _check_total(self, cells: Sequence[str], values: "array[int]", book: Book) -> None:
        text = self._cell(cells, "total")
        if not text.strip():
            return
        try:
            amount = book.in_own_unit(written.millionths(text), self._cell(cells, "unit"))
        except Odd as odd:
            raise Odd("total", odd.message) from None
        if amount != sum(value for value in values if value != MISSING):
            raise NOT_THE_SUM

    def _cell(self, cells: Sequence[str], column: str) -> str:
        at = self.places.get(column, -1)
        return cells[at] if at >= 0 else ""


def _check_day(day: date, *, today: date) -> None:
    try:
        check_day(day, today=today)
    except Odd as odd:
        raise Odd("day", odd.message) from None
