"""A registry's file as a stream of rows: CSV in UTF-8 or GB18030, or XLSX. Constant memory.

No number becomes a float on the way, and no formula is run: its text stands for it.
"""

import codecs
import csv
import io
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from itertools import chain, islice
from typing import Any, BinaryIO
from zipfile import BadZipFile

from ledger.imports.records import DateOrder, Row
from ledger.kernel.errors import N_, DomainError

CHUNK = 1 << 20
LOOK_AHEAD = 30  # titles and notes above the headings
SEPARATORS = (",", ";", "\t", "|")
WORKBOOK = b"PK\x03\x04"
# Marks of byte order and of width, which no eye sees in a heading.
UNSEEN = str.maketrans("", "", "\ufeff\u200b\u200e\u200f\u00ad")

IsHeader = Callable[[tuple[str, ...]], bool]


class NotReadable(DomainError):
    code = "not_readable"
    message = N_("The file is neither a workbook nor a text table in UTF-8 or GB18030.")


class NoRows(DomainError):
    code = "no_rows"
    message = N_("The file has no rows below its headings.")


@dataclass(frozen=True, slots=True)
class Table:
    """`headers` are normalised (see `normalise`), in order; `rows` can be walked once."""

    headers: tuple[str, ...]
    rows: Iterator[Row]
    encoding: str = ""


def read(
    file: BinaryIO,
    *,
    dates: DateOrder = DateOrder.ISO,
    is_header: IsHeader | None = None,
    sheet: str = "",
) -> Table:
    """Headings and rows. With `is_header`, titles above the headings are passed over.

    The file must stay open while the rows are walked. Wholly blank lines are passed over, and
    counted: a row's number is the one that a spreadsheet shows.

    :raises NotReadable: at once, or while walking, when a later line is broken
    :raises NoRows: not even a heading
    """
    encoding, lines = open_lines(file, is_header=is_header, sheet=sheet)
    number, heading, rest = _find_heading(lines, is_header)
    headers = headings(heading)
    return Table(headers, _rows(rest, headers, number, dates), encoding)


def open_lines(
    file: BinaryIO, *, is_header: IsHeader | None = None, sheet: str = ""
) -> tuple[str, Iterator[list[str]]]:
    """The encoding ("xlsx" for a workbook), and every line as its cells' texts.

    :raises NotReadable:
    """
    form = text_form(file, is_header=is_header)
    if form is None:
        return "xlsx", _workbook(file, sheet)
    return form.encoding, _guarded(_text_lines(file, form.encoding, form.separator))


@dataclass(frozen=True, slots=True)
class TextForm:
    """How a text table is written."""

    encoding: str
    separator: str


def text_form(file: BinaryIO, *, is_header: IsHeader | None = None) -> TextForm | None:
    """How a text table is written; None for a workbook.

    :raises NotReadable:
    """
    file.seek(0)
    if file.read(4) == WORKBOOK:
        return None
    encoding = _encoding(file)
    return TextForm(encoding, _separator(file, encoding, is_header))


def normalise(heading: str) -> str:
    """One spelling: full-width as half-width, single blanks, lower case, no byte-order mark."""
    plain = unicodedata.normalize("NFKC", heading).translate(UNSEEN)
    return " ".join(plain.split()).lower()


def headings(cells: list[str]) -> tuple[str, ...]:
    """Normalised; a column without a name is "column 7", a second of a name "name (2)"."""
    seen: dict[str, int] = {}
    names = []
    for place, cell in enumerate(cells, start=1):
        name = normalise(cell) or f"column {place}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def _find_heading(
    lines: Iterator[list[str]], is_header: IsHeader | None
) -> tuple[int, list[str], Iterator[list[str]]]:
    """The number of the heading line, its cells, and the lines below."""
    first = list(islice(lines, LOOK_AHEAD))
    filled = [place for place, cells in enumerate(first) if any(map(str.strip, cells))]
    if not filled:
        raise NoRows
    known = (place for place in filled if is_header and is_header(headings(first[place])))
    place = next(known, filled[0])
    return place + 1, first[place], chain(first[place + 1 :], lines)


def _rows(
    lines: Iterator[list[str]], headers: tuple[str, ...], number: int, dates: DateOrder
) -> Iterator[Row]:
    width = len(headers)
    for at, line in enumerate(lines, start=number + 1):
        cells = [cell.strip() for cell in line]
        if not any(cells):
            continue
        if len(cells) < width:
            cells += [""] * (width - len(cells))
        surplus = tuple(cells[width:]) if any(cells[width:]) else ()
        yield Row(at, dict(zip(headers, cells, strict=False)), dates, surplus)


def _encoding(file: BinaryIO) -> str:
    """The first encoding under which every byte of the file means something."""
    file.seek(0)
    start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        if _decodes(file, encoding):
            return encoding
    raise NotReadable


def _decodes(file: BinaryIO, encoding: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := file.read(CHUNK):
            if b"\0" in chunk:
                return False
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _separator(file: BinaryIO, encoding: str, is_header: IsHeader | None) -> str:
    """The separator under which a known heading appears; else the one that cuts most."""

    def worth(separator: str) -> tuple[bool, int]:
        sample = list(islice(_text_lines(file, encoding, separator), LOOK_AHEAD))
        known = is_header is not None and any(is_header(headings(cells)) for cells in sample)
        filled = [len(cells) for cells in sample if any(cells)]
        return known, max(filled[:3], default=0)

    try:
        return max(SEPARATORS, key=worth)
    except (csv.Error, UnicodeError):
        raise NotReadable from None


def _text_lines(file: BinaryIO, encoding: str, separator: str) -> Iterator[list[str]]:
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        yield from csv.reader(text, delimiter=separator)
    finally:
        if not file.closed:
            text.detach()  # or the wrapper would close a file that is not its own


def _guarded(lines: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from lines
    except (csv.Error, UnicodeError) as broken:
        raise NotReadable(str(broken)) from None


def _workbook(file: BinaryIO, sheet: str) -> Iterator[list[str]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    file.seek(0)
    try:
        # openpyxl parses with defusedxml when that is installed: no entity bombs
        book = load_workbook(file, read_only=True, data_only=False)
        page = book[sheet] if sheet else book.worksheets[0]
    except (BadZipFile, InvalidFileException, KeyError, IndexError, ValueError):
        raise NotReadable from None
    page.reset_dimensions()  # some writers state a wrong size, and rows would be cut
    return ([_cell(value) for value in cells] for cells in page.iter_rows(values_only=True))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, bool | int):
        return str(value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    # a workbook stores doubles: the shortest text that means the same double is what was typed
    return format(Decimal(repr(value)), "f")
