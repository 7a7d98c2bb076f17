"""The quick way through a long file: a stretch of lines at a time, column by column.

A stretch in which anything is odd is left untouched and walked line by line; so what is refused,
and in which words, is `lines`' alone. No number becomes a float: what is written is understood
once for each way it is written, as everywhere.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from io import BytesIO, StringIO
from itertools import chain, islice
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.errors import ParserError

from ledger.imports.reading import NotReadable, TextForm
from reporting.readings import rules
from reporting.readings.importer import written
from reporting.readings.importer.books import OLDEST_YEAR, ROWS_AT_ONCE, Amounts, Book, Books
from reporting.readings.importer.headings import LINES as NEEDED
from reporting.readings.importer.lines import Walker
from reporting.readings.importer.written import Odd
from reporting.readings.rules import MINUTES, MISSING

Whole = NDArray[np.int64]
STRETCH = 1 << 23  # bytes
SIMPLE_SEPARATORS = ",;\t"  # no byte of them is a part of another letter
FIRST_MINUTE = rules.minutes_of(date(OLDEST_YEAR, 1, 1))
DAYS_APART = 1 << 20  # more than a calendar has days
SCATTERED = 8  # fewer rows than that stand together


def stretches(file: BinaryIO) -> Iterator[bytes]:
    """Whole lines, some hundred thousand at a time."""
    file.seek(0)
    left = b""
    while chunk := file.read(STRETCH):
        whole, newline, left = (left + chunk).rpartition(b"\n")
        if newline:
            yield whole + newline
    if left:
        yield left + b"\n"


def decoded(content: bytes, form: TextForm) -> str:
    """:raises NotReadable: a byte that means nothing"""
    try:
        return content.decode(form.encoding)
    except UnicodeDecodeError as broken:
        raise NotReadable(str(broken)) from None


def _is_simple(content: bytes) -> bool:
    """Whether each line is a row, and each separator parts two cells."""
    return b'"' not in content and content.count(b"\r") == content.count(b"\r\n")


class Strider:
    """Takes stretches in as long as each line is a row."""

    def __init__(self, walker: Walker, form: TextForm, width: int) -> None:
        self.walker, self.form, self.width = walker, form, width
        self.books = walker.books
        self.codes = _Codes(walker.books)
        self.minutes = _Minutes()
        self.amounts = _BlankAmounts()
        self.is_quick = walker.is_plain and form.separator in SIMPLE_SEPARATORS

    def walk(self, contents: Iterator[bytes], first: int, progress: Callable[[int], None]) -> int:
        """Every row of a file from number `first` on; the number after the last."""
        number = first
        for content in contents:
            if not _is_simple(content):
                return self._walk_rest(chain([content], contents), number, progress)
            taken = self._take(content) if self.is_quick else 0
            number += taken
            if not taken:
                number = self.walker.walk(self._rows([content]), number)
            progress(number)
        return number

    def _walk_rest(
        self, contents: Iterator[bytes], number: int, progress: Callable[[int], None]
    ) -> int:
        """From a quotation mark on nobody knows where a row ends but the reader of CSV."""
        rows = self._rows(contents)
        while some := list(islice(rows, ROWS_AT_ONCE)):
            number = self.walker.walk(some, number)
            progress(number)
        return number

    def _rows(self, contents: Iterable[bytes]) -> Iterator[list[str]]:
        texts = (StringIO(decoded(one, self.form), newline="") for one in contents)
        return csv.reader(chain.from_iterable(texts), delimiter=self.form.separator)

    def _take(self, content: bytes) -> int:
        """How many rows were taken; 0 when something is odd, and nothing was."""
        table = self._table(content)
        if table is None:
            return 0
        meter, time, value = (self.walker.columns[name] for name in NEEDED)
        try:
            codes = _understood(table[meter], self.codes)
            minutes = _understood(table[time], self.minutes)
            amounts = _understood(table[value], self.amounts)
            return len(codes) if self._lay(codes, minutes, amounts) else 0
        except Odd:
            return 0
        finally:
            self.amounts.forget()

    def _table(self, content: bytes) -> Any:
        """The cells as they are written; None unless each line has as many as the heading."""
        separator, parts = self.form.separator.encode(), self.width - 1
        first = content[: content.index(b"\n")]
        is_even = content.count(separator) == content.count(b"\n") * parts
        if not is_even or first.count(separator) != parts:
            return None
        try:
            return pd.read_csv(
                BytesIO(content), sep=self.form.separator, header=None, names=range(self.width),
                index_col=False, dtype=object, na_filter=False, quoting=csv.QUOTE_NONE,
                skip_blank_lines=False, low_memory=False, encoding=self.form.encoding,
            )  # fmt: skip
        except (ParserError, UnicodeDecodeError):
            return None

    def _lay(self, codes: Whole, minutes: Whole, amounts: Whole) -> bool:
        """Into the books, if each step is told once and nothing lies where none can."""
        told = amounts != MISSING
        blanks = len(told) - int(np.count_nonzero(told))
        if blanks:
            codes, minutes, amounts = codes[told], minutes[told], amounts[told]
        if len(codes) and not self._lay_told(codes, minutes, amounts):
            return False
        self.walker.read.blank_count += blanks
        return True

    def _lay_told(self, codes: Whole, minutes: Whole, amounts: Whole) -> bool:
        steps = self.codes.steps()[codes]
        if self.books.is_end:
            minutes = minutes - steps
        days, within = np.divmod(minutes, MINUTES)
        places, between = np.divmod(within, steps)
        last = rules.minutes_of(self.books.today) // MINUTES
        if between.any() or minutes.min() < FIRST_MINUTE or days.max() > last:
            return False
        return self._lay_runs(codes * DAYS_APART + days, places, amounts)

    def _lay_runs(self, keys: Whole, places: Whole, amounts: Whole) -> bool:
        """Rows of one meter's day mostly stand together; where not, they are put so first."""
        bounds = _bounds(keys)
        if len(bounds) * SCATTERED > len(keys):
            order = np.argsort(keys, kind="stable")
            keys, places, amounts = keys[order], places[order], amounts[order]
            bounds = _bounds(keys)
        if not _each_once(keys, places, bounds):
            return False
        runs = []
        for start, end in zip(bounds, [*bounds[1:], len(keys)], strict=True):
            code, day = divmod(int(keys[start]), DAYS_APART)
            days, on = self.codes.books[code].days, rules.day_of(day)
            is_new, at = on not in days, _stretch(places, start, end)
            values = np.frombuffer(days[on], dtype=np.int64)
            if not is_new and (values[at] != MISSING).any():
                return False
            runs.append((values, at, start, end))
        for values, at, start, end in runs:
            values[at] = amounts[start:end]
        return True


def _bounds(keys: Whole) -> list[int]:
    """Where each run of the same begins."""
    return [0, *(np.flatnonzero(keys[1:] != keys[:-1]) + 1).tolist()]


def _stretch(places: Whole, start: int, end: int) -> Any:
    """Places that follow one another as a slice, others one by one."""
    first, last = int(places[start]), int(places[end - 1])
    is_whole = last - first == end - start - 1 and first <= last
    return slice(first, last + 1) if is_whole else places[start:end]


def _each_once(keys: Whole, places: Whole, bounds: Sequence[int]) -> bool:
    """Whether no step of a meter's day stands twice among them, and each run rises."""
    rises = places[1:] > places[:-1]
    rises[np.array(bounds[1:], dtype=np.int64) - 1] = True
    if rises.all():
        runs = keys[bounds]
        return len(np.unique(runs)) == len(runs) or _no_twins(keys, places)
    return False


def _no_twins(keys: Whole, places: Whole) -> bool:
    return len(np.unique(keys * MINUTES + places)) == len(keys)


def _understood(cells: Any, words: dict[str, int]) -> Whole:
    return np.fromiter(
        map(words.__getitem__, cells.to_numpy().tolist()), dtype=np.int64, count=len(cells)
    )


class _Codes(dict[str, int]):
    """Written meters as whole numbers: where their books stand."""

    def __init__(self, books: Books) -> None:
        super().__init__()
        self._known = books
        self.books: list[Book] = []
        self._steps = np.zeros(0, dtype=np.int64)

    def __missing__(self, text: str) -> int:
        book = self._known[text]
        if book.code >= len(self.books):
            self.books = list(self._known.known.values())
        self[text] = book.code
        return book.code

    def steps(self) -> Whole:
        if len(self._steps) < len(self.books):
            self._steps = np.array([book.step for book in self.books], dtype=np.int64)
        return self._steps


class _Minutes(dict[str, int]):
    """Written times as minutes since long ago."""

    def __missing__(self, text: str) -> int:
        told = written.moment(text)
        if told.second:
            raise Odd("time", "")  # said in words by the slower way
        self[text] = minutes = rules.minutes_of(told.date()) + told.hour * 60 + told.minute
        return minutes


class _BlankAmounts(Amounts):
    """As `Amounts`, with a gap for no number."""

    def __missing__(self, text: str) -> int:
        if not text.strip():
            self[text] = MISSING
            return MISSING
        return super().__missing__(text)
