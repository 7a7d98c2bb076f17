"""A file of activity data to a table of texts: CSV in UTF-8 or GB18030, or XLSX.

The lines come from the ledger's reader of registries' files: no number becomes a float on the way,
and no formula is run.
"""

import io
from collections.abc import Iterator, Sequence
from itertools import islice

from ledger.files.queries import FileType, sniff
from ledger.imports import reading
from reporting.activity.rules import MOST_ROWS, NoRows, NotReadable, TooManyRows

Table = tuple[list[str], list[list[str]]]


def read_table(content: bytes) -> Table:
    """Headings and rows, all as text.

    :raises NotReadable, NoRows, TooManyRows:
    """
    if sniff(content) not in {FileType.XLSX, FileType.TEXT, FileType.JSON}:
        raise NotReadable
    try:
        _, lines = reading.open_lines(io.BytesIO(content))
        table = list(islice(lines, MOST_ROWS + 2))
    except reading.NotReadable:
        raise NotReadable from None
    if len(table) > MOST_ROWS + 1:
        raise TooManyRows(limit=MOST_ROWS)
    if len(table) < 2:
        raise NoRows
    return table[0], [_as_wide(line, len(table[0])) for line in table[1:]]


def _as_wide(line: list[str], width: int) -> list[str]:
    if any(line[width:]):
        raise NotReadable
    return [*line[:width], *[""] * (width - len(line))]


def template_rows(
    *, codes: Sequence[str], units: Sequence[str], year: int
) -> Iterator[list[str | None]]:
    """What stands in a template beforehand: a row per source and month, with the source's unit."""
    for code, unit in zip(codes, units, strict=True):
        for month in range(1, 13):
            yield [code, f"{year}-{month:02d}", None, unit, None, None, None]


def write_template(
    *,
    codes: Sequence[str],
    units: Sequence[str],
    year: int,
    headings: Sequence[str],
    qualities: Sequence[str],
) -> bytes:
    """A workbook to fill in: one row per source and month, with lists to choose from."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    sheet.title = str(year)
    sheet.append(list(headings))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in template_rows(codes=codes, units=units, year=year):
        sheet.append(row)
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
    quality = DataValidation(type="list", formula1=f'"{",".join(qualities)}"')
    sheet.add_data_validation(quality)
    quality.add("G2:G5000")
    positive = DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0")
    sheet.add_data_validation(positive)
    positive.add("C2:C5000")
    for letter, width in zip("ABCDEFG", (28, 12, 16, 12, 28, 28, 12), strict=True):
        sheet.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
