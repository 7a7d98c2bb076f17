"""Opening a file of readings: its headings say how it is laid out; then through its rows."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import chain, islice
from typing import BinaryIO, Protocol

from ledger.imports import reading
from reporting.parks.queries import MeterView
from reporting.readings import rules
from reporting.readings.importer import day_rows, lines, registers
from reporting.readings.importer.books import ROWS_AT_ONCE, Books, Read
from reporting.readings.importer.headings import Layout, find_columns
from reporting.readings.rules import Told

Progress = Callable[[int], None]
FIRST_ROW = 2  # below the headings
BARE_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Walker(Protocol):
    """Takes rows of one layout in."""

    def walk(self, lines: Iterable[Sequence[str]], first: int) -> int: ...

    def told(self) -> Iterable[Told]: ...


def read_file(
    file: BinaryIO,
    *,
    meters: Iterable[MeterView],
    is_end: bool,
    today: date,
    progress: Progress = lambda done: None,
) -> Read:
    """Every day that the file tells of, or every problem that it has.

    :raises NotReadable, NoRows, ColumnsMissing, ColumnsDoNotFit, TooManyRows: the file as a whole
        is no good
    """
    read = Read()
    books = Books(meters, is_end=is_end, today=today)
    tell = _counting(progress)
    form = reading.text_form(file)
    try:
        if form is None or form.encoding == "utf-16":
            after, walker = _read_rows(file, books, read, tell)
        else:
            after, walker = _read_text(file, form, books, read, tell)
    except csv.Error as broken:
        raise reading.NotReadable(str(broken)) from None
    days = [*books.told(), *walker.told()]
    read.row_count = after - FIRST_ROW - read.blank_count
    if read.row_count <= 0:
        raise rules.NoRows
    read.days = sorted(days, key=lambda told: (told.meter_id.int, told.day))
    return read


def _counting(progress: Progress) -> Progress:
    def tell(number: int) -> None:
        """:raises TooManyRows: more than one file may have"""
        progress(number)
        if number > rules.MOST_ROWS + FIRST_ROW:
            raise rules.TooManyRows(limit=rules.MOST_ROWS)

    return tell


def _read_text(
    file: BinaryIO, form: reading.TextForm, books: Books, read: Read, tell: Progress
) -> tuple[int, Walker]:
    """A line a reading goes the quick way; other layouts are shorter, and go row by row."""
    # It loads pandas, which the desk does without.
    from reporting.readings.importer.stretches import Strider, decoded, stretches

    contents = stretches(file)
    head, _newline, rest = next(contents, b"").partition(b"\n")
    line = decoded(head, form)
    cells = next(csv.reader([line], delimiter=form.separator), [])
    columns = None if line.count('"') % 2 or not cells else find_columns(cells)
    if columns is None or columns.layout is not Layout.LINES:
        return _read_rows(file, books, read, tell)
    walker = lines.Walker(columns.places, books, read)
    strider = Strider(walker, form, len(cells))
    return strider.walk(chain([rest] if rest else [], contents), FIRST_ROW, tell), walker


def _read_rows(file: BinaryIO, books: Books, read: Read, tell: Progress) -> tuple[int, Walker]:
    encoding, rows = reading.open_lines(file)
    headings = next(rows, None)
    if headings is None:
        raise rules.NoRows
    columns = find_columns(headings)
    walker: Walker
    if columns.layout is Layout.LINES:
        walker = lines.Walker(columns.places, books, read)
        if encoding == "xlsx":
            rows = _with_midnights(rows, columns.places["time"])
    elif columns.layout is Layout.DAYS:
        walker = day_rows.Walker(columns, books, read)
    else:
        walker = registers.Walker(columns, books, read)
    number = FIRST_ROW
    while some := _some(rows):
        number = walker.walk(some, number)
        tell(number)
    return number, walker


def _some(rows: Iterator[list[str]]) -> list[list[str]]:
    return list(islice(rows, ROWS_AT_ONCE))


def _with_midnights(rows: Iterator[list[str]], at: int) -> Iterator[list[str]]:
    """A workbook shows midnight as the day alone."""
    for cells in rows:
        if at < len(cells) and BARE_DAY.fullmatch(cells[at]):
            cells[at] += " 00:00"
        yield cells
