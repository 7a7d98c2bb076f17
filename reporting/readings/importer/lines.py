"""A line a reading: meter, time and value, and if they like its unit and how it came about.

Line by line: exact in what it refuses, and the measure of the quicker way in `stretches`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from reporting.readings.importer.books import BLANK, TWICE, Amounts, Books, Read
from reporting.readings.importer.headings import LINES as NEEDED
from reporting.readings.importer.written import Odd
from reporting.readings.rules import MISSING, Told

NO_DAY = date.min


class Walker:
    """Takes rows in, one after the other, and notes every one that is no good."""

    def __init__(self, columns: Mapping[str, int], books: Books, read: Read) -> None:
        self.columns, self.books, self.read = columns, books, read
        self.amounts = Amounts()

    @property
    def is_plain(self) -> bool:
        """All measured, in the meter's own unit."""
        return "unit" not in self.columns and "mark" not in self.columns

    def walk(self, lines: Iterable[Sequence[str]], first: int) -> int:
        """Rows from number `first` on; the number of the row after the last."""
        walk = self._walk_plain if self.is_plain else self._walk_more
        last = walk(lines, first)
        self.amounts.forget()
        return last + 1

    def told(self) -> Iterable[Told]:
        """Nothing beside the books."""
        return ()

    def _walk_plain(self, lines: Iterable[Sequence[str]], first: int) -> int:
        """Rows of a meter and a day mostly stand together: what they share is looked up once."""
        meter, time, value = (self.columns[name] for name in NEEDED)
        amounts, books = self.amounts, self.books
        number, last_name, last_day = first - 1, "", NO_DAY
        for number, cells in enumerate(lines, start=first):
            try:
                name = cells[meter]
                if name != last_name or last_day is NO_DAY:
                    book, last_day = books[name], NO_DAY
                    places, days, last_name = book.places, book.days, name
                day, at = places[cells[time]]
                amount = amounts[cells[value]]
                if day is not last_day:
                    values = days[day]
                    last_day = day
                if values[at] != MISSING:
                    raise TWICE
                values[at] = amount
            except Odd as odd:
                last_day = NO_DAY
                self._note(number, odd, cells)
            except IndexError:
                last_day = NO_DAY
                self.read.note_short(number, cells)
        return number

    def _walk_more(self, lines: Iterable[Sequence[str]], first: int) -> int:
        """With a column of units, or of how each reading came about."""
        meter, time, value = (self.columns[name] for name in NEEDED)
        unit, mark = self.columns.get("unit", -1), self.columns.get("mark", -1)
        number = first - 1
        for number, cells in enumerate(lines, start=first):
            try:
                book = self.books[cells[meter]]
                day, at = book.places[cells[time]]
                amount = self.amounts[cells[value]]
                if unit >= 0:
                    amount = book.in_own_unit(amount, cells[unit])
                values = book.days[day]
                if values[at] != MISSING:
                    raise TWICE
                values[at] = amount
                if mark >= 0:
                    book.mark(day, at, cells[mark])
            except Odd as odd:
                self._note(number, odd, cells)
            except IndexError:
                self.read.note_short(number, cells)
        return number

    def _note(self, number: int, odd: Odd, cells: Sequence[str]) -> None:
        if odd is BLANK or not any(cell.strip() for cell in cells):
            self.read.blank_count += 1  # nothing was read: a gap, not a nought
            return
        self.read.note(number, odd, cells[self.columns.get(odd.column, 0)])
