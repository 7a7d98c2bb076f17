"""Workbooks to fill in, one for each layout, with lists of the park's meters and units."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from io import BytesIO
from typing import Any

from reporting.readings.rules import MINUTES

ROWS = 3_000
LISTS = ("meter", "unit", "mark")
NUMBERS = ("value", "register", "start", "end", "total")
FORMATS: Mapping[str, str] = {
    "time": "yyyy-mm-dd hh:mm", "from": "yyyy-mm-dd hh:mm", "to": "yyyy-mm-dd hh:mm",
    "day": "yyyy-mm-dd",
}  # fmt: skip


class Template(StrEnum):
    """What a line of the workbook is."""

    LINES = "lines"
    QUARTERS = "quarters"
    HOURS = "hours"
    REGISTERS = "registers"
    SPANS = "spans"


_REGISTER_END = ("digits", "multiplier", "unit", "mark")


def _clocks(step: int) -> tuple[str, ...]:
    return tuple(f"{at // 60:02d}:{at % 60:02d}" for at in range(0, MINUTES, step))


COLUMNS: Mapping[Template, tuple[str, ...]] = {
    Template.LINES: ("meter", "time", "value", "unit", "mark"),
    Template.QUARTERS: ("meter", "day", *_clocks(15), "total", "unit", "mark"),
    Template.HOURS: ("meter", "day", *_clocks(60), "total", "unit", "mark"),
    Template.REGISTERS: ("meter", "time", "register", *_REGISTER_END),
    Template.SPANS: ("meter", "from", "to", "start", "end", "value", *_REGISTER_END),
}


def headings_of(template: Template, words: Mapping[str, str]) -> list[str]:
    """Its headings in the reader's words; times of day are the same in all."""
    return [words.get(name, name) for name in COLUMNS[template]]


def write_template(
    *,
    template: Template,
    words: Mapping[str, str],
    numbers: Sequence[str],
    units: Sequence[str],
    marks: Sequence[str],
) -> bytes:
    """A workbook of one layout, with its lists to choose from on a hidden sheet."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    sheet.title = "readings"
    sheet.append(headings_of(template, words))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "B2"
    lists = _lists(book, (numbers, units, marks))
    for at, name in enumerate(COLUMNS[template], start=1):
        letter = sheet.cell(row=1, column=at).column_letter
        sheet.column_dimensions[letter].width = 20 if name in FORMATS or name == "meter" else 12
        if name in FORMATS:
            for row in range(2, ROWS + 1):
                sheet.cell(row=row, column=at).number_format = FORMATS[name]
        choice = _choice(name, lists)
        if choice is not None:
            sheet.add_data_validation(choice)
            choice.add(f"{letter}2:{letter}{ROWS}")
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _lists(book: Any, columns: Sequence[Sequence[str]]) -> dict[str, str]:
    """The hidden sheet; where the choices of each column stand on it."""
    sheet = book.create_sheet("lists")
    sheet.sheet_state = "hidden"
    for column, choices in enumerate(columns, start=1):
        for row, one in enumerate(choices, start=1):
            sheet.cell(row=row, column=column, value=one)
    return {
        name: f"lists!${letter}$1:${letter}${max(len(choices), 1)}"
        for name, letter, choices in zip(LISTS, "ABC", columns, strict=True)
    }


def _choice(name: str, lists: Mapping[str, str]) -> Any:
    """What a spreadsheet program lets into a column."""
    from openpyxl.worksheet.datavalidation import DataValidation

    if name in lists:
        return DataValidation(type="list", formula1=lists[name])
    if name == "digits":
        return DataValidation(type="whole", operator="between", formula1="1", formula2="10")
    if name in NUMBERS or ":" in name:
        least = "0" if name in {"register", "start", "end"} else "-1e10"
        return DataValidation(type="decimal", operator="between", formula1=least, formula2="1e10")
    return None
