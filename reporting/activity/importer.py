"""A file of activity data to a table of texts: CSV in UTF-8 or GB18030, or XLSX.

No number becomes a float on the way, and no formula is run. The libraries that read are loaded by
the first file: every other command starts half a second sooner.
"""

import io
from decimal import Decimal
from typing import Any

from ledger.files.queries import FileType, sniff
from reporting.activity.rules import MOST_ROWS, NoRows, NotReadable, TooManyRows

Table = tuple[list[str], list[list[str]]]


def read_table(content: bytes) -> Table:
    """Headings and rows, all as text.

    :raises NotReadable, NoRows, TooManyRows:
    """
    kind = sniff(content)
    if kind is FileType.XLSX:
        headings, rows = _workbook(content)
    elif kind in {FileType.TEXT, FileType.JSON}:
        headings, rows = _text(_decoded(content))
    else:
        raise NotReadable
    if not rows:
        raise NoRows
    return headings, rows


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotReadable


def _text(text: str) -> Table:
    import pandas as pd

    separator = "\t" if text.split("\n", 1)[0].count("\t") else ","
    try:
        frame = pd.read_csv(
            io.StringIO(text), dtype=str, keep_default_na=False, header=None, sep=separator,
            nrows=MOST_ROWS + 2, engine="python", skip_blank_lines=False, on_bad_lines="error",
        )  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        raise NotReadable from None
    table = [["" if cell is None else str(cell) for cell in row] for row in frame.to_numpy()]
    return _split(table)


def _workbook(content: bytes) -> Table:
    from openpyxl import load_workbook

    # openpyxl parses with defusedxml when that is installed: no entity bombs
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
    try:
        table: list[list[str]] = []
        for row in book.worksheets[0].iter_rows(values_only=True):
            table.append([_cell(value) for value in row])
            if len(table) > MOST_ROWS + 1:
                raise TooManyRows(limit=MOST_ROWS)
        return _split(table)
    finally:
        book.close()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return str(value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if not isinstance(value, str):
        # a workbook stores doubles: the shortest text that means the same double is what was typed
        return format(Decimal(repr(value)), "f")
    return value


def _split(table: list[list[str]]) -> Table:
    if not table:
        raise NoRows
    if len(table) > MOST_ROWS + 1:
        raise TooManyRows(limit=MOST_ROWS)
    return table[0], table[1:]


def write_template(*, codes: list[str], units: list[str], year: int, headings: list[str]) -> bytes:
    """A workbook to fill in: one row per source and month, with lists to choose from."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    sheet.title = str(year)
    sheet.append(headings)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for code, unit in zip(codes, units, strict=True):
        for month in range(1, 13):
            sheet.append([code, f"{year}-{month:02d}", None, unit, None, None])
    lists = book.create_sheet("lists")
    for at, (code, unit) in enumerate(zip(codes, units, strict=True), start=1):
        lists.cell(row=at, column=1, value=code)
        lists.cell(row=at, column=2, value=unit)
    lists.sheet_state = "hidden"
    sheet.freeze_panes = "A2"
    for column, letter in (("A", "A"), ("D", "B")):
        choice = DataValidation(
            type="list", formula1=f"lists!${letter}$1:${letter}${max(len(codes), 1)}"
        )
        sheet.add_data_validation(choice)
        choice.add(f"{column}2:{column}5000")
    positive = DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0")
    sheet.add_data_validation(positive)
    positive.add("C2:C5000")
    for letter, width in zip("ABCDEF", (28, 12, 16, 12, 28, 28), strict=True):
        sheet.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
