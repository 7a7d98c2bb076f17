"""Tables out: CSV that Chinese spreadsheets open rightly, and XLSX. No formulas, ever.

The workbook library is loaded by the first workbook: a command that writes none starts sooner.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

# A cell that starts so would run as a formula in a spreadsheet (CSV injection).
RISKY = ("=", "+", "-", "@", "\t", "\r")
# What the title of a sheet may not have, each said by a space.
UNTITLED = str.maketrans(dict.fromkeys("\\/*?:[]", " "))
Row = Sequence[Any]


def _tame(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(RISKY):
        return "'" + value
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return str(_tame(value))


def to_csv(headings: Sequence[str], rows: Iterable[Row]) -> bytes:
    """UTF-8 with a byte-order mark, so that Excel reads Chinese."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows([_text(value) for value in row] for row in rows)
    return "\ufeff".encode() + out.getvalue().encode()


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int | Decimal | bool):
        return value
    return _text(value)


def to_xlsx(headings: Sequence[str], rows: Iterable[Row], *, title: str) -> bytes:
    """One sheet with a frozen heading row; numbers stay numbers."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet(" ".join(title.translate(UNTITLED).split())[:31] or "Sheet")
    sheet.freeze_panes = "A2"
    cells = [WriteOnlyCell(sheet, value=heading) for heading in headings]
    for cell in cells:
        cell.font = Font(bold=True)
    sheet.append(cells)
    for row in rows:
        sheet.append([_cell(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
