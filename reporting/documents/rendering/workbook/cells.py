"""Cells: numbers with all their digits, words that never run as a formula, our own formulas."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill

HEAD = PatternFill("solid", fgColor="EEF5F2")
NUMBER = "#,##0.00####"
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say


class Formula(str):
    """A formula that we wrote ourselves."""

    __slots__ = ()


def amount(text: Any) -> Decimal | None:
    """A frozen number; None for what is none."""
    try:
        return Decimal(str(text))
    except InvalidOperation:
        return None


class Sheet:
    """One sheet, written from the top down."""

    def __init__(self, book: Workbook, title: str, *, widths: Sequence[int]) -> None:
        self.sheet = book.create_sheet(title)
        self.row_count = 0
        for place, width in enumerate(widths):
            self.sheet.column_dimensions[chr(ord("A") + place)].width = width

    def head(self, *names: str) -> None:
        cells = [self._cell(name) for name in names]
        for cell in cells:
            cell.font, cell.fill = Font(bold=True), HEAD
        self._append(cells)
        self.sheet.freeze_panes = self.sheet.freeze_panes or f"A{self.row_count + 1}"

    def row(self, *values: Any, bold: bool = False) -> int:
        """Add a row; gives its number."""
        cells = [self._cell(value) for value in values]
        for cell in cells:
            if bold:
                cell.font = Font(bold=True)
        return self._append(cells)

    def _append(self, cells: list[Any]) -> int:
        self.sheet.append(cells)
        self.row_count += 1
        return self.row_count

    def _cell(self, value: Any) -> Any:
        cell = WriteOnlyCell(self.sheet, value=value)
        if isinstance(value, Formula):
            cell.value, cell.number_format = str(value), NUMBER
        elif isinstance(value, str):
            cell.data_type = "s"  # whatever it begins with, it is words
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        elif isinstance(value, Decimal):
            cell.number_format = NUMBER
        return cell


def saved(book: Workbook, *, made_at: datetime) -> bytes:
    """The file; the same statement gives the same bytes, whenever it is written."""
    moment = made_at.replace(tzinfo=None, microsecond=0)
    book.properties.creator, book.properties.created = "Tanzhang", moment
    out = io.BytesIO()
    book.save(out)
    return _undated(out.getvalue(), moment)


def _undated(content: bytes, moment: datetime) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as made,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as same,
    ):
        for name in made.namelist():
            part = made.read(name)
            if name == "docProps/core.xml":
                part = MODIFIED.sub(rb"\g<1>" + moment.isoformat().encode() + b"Z", part)
            same.writestr(zipfile.ZipInfo(name, FIRST_DAY), part, zipfile.ZIP_DEFLATED)
    return out.getvalue()
