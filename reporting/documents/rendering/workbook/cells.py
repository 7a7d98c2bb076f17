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

HEAD, BOLD, PLAIN = "head", "bold", "plain"
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
    """One sheet, written from the top down. How a cell looks is made once for each kind of cell:
    a long sheet has a hundred thousand of them.
    """

    def __init__(self, book: Workbook, title: str, *, widths: Sequence[int]) -> None:
        self.sheet = book.create_sheet(title)
        self.row_count = 0
        self.looks: dict[tuple[str, str], Any] = {}
        for place, width in enumerate(widths):
            self.sheet.column_dimensions[chr(ord("A") + place)].width = width

    def head(self, *names: str) -> None:
        self._append([self._cell(name, HEAD) for name in names])
        self.sheet.freeze_panes = self.sheet.freeze_panes or f"A{self.row_count + 1}"

    def row(self, *values: Any, bold: bool = False) -> int:
        """Add a row; gives its number."""
        return self._append([self._cell(value, BOLD if bold else PLAIN) for value in values])

    def _append(self, cells: list[Any]) -> int:
        self.sheet.append(cells)
        self.row_count += 1
        return self.row_count

    def _cell(self, value: Any, how: str) -> Any:
        if value is None or value == "":
            return None
        is_number = isinstance(value, Decimal | Formula)
        cell = WriteOnlyCell(self.sheet, value=str(value) if isinstance(value, Formula) else value)
        if isinstance(value, str) and not is_number:
            cell.data_type = "s"  # whatever it begins with, it is words
        kind = (how, "number" if is_number else "words" if isinstance(value, str) else "")
        if kind not in self.looks:
            self.looks[kind] = _look(cell, *kind)._style
        cell._style = self.looks[kind]
        return cell


def _look(cell: Any, how: str, kind: str) -> Any:
    if kind == "number":
        cell.number_format = NUMBER
    elif kind == "words":
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    if how != PLAIN:
        cell.font = Font(bold=True)
    if how == HEAD:
        cell.fill = PatternFill("solid", fgColor="EEF5F2")
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
