"""A sheet that people fill in: a template with lists to choose from, and its way back.

Columns and choices are known by their codes and by their words in each language. Every cell that
is no good is named, and so is every row that an operation refuses: all or nothing.
"""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils.translation import override

from ledger.imports import reading
from ledger.kernel.errors import N_, DomainError

MOST_ROWS = 5_000
FILLED_ROWS = 500
PROBLEMS_SHOWN = 500
Cells = Mapping[str, str]
M = TypeVar("M")


class SheetHasProblems(DomainError):
    """Nothing was stored. `problems` lists every one of them."""

    code = "sheet_has_problems"
    message = N_("The file has %(count)s problems; nothing was stored.")

    def __init__(self, problems: "Sequence[Problem]") -> None:
        self.problems = list(problems)
        super().__init__(count=len(self.problems))


class SheetLacksColumns(DomainError):
    code = "sheet_lacks_columns"
    message = N_("These columns are missing: %(columns)s.")


class SheetTooLong(DomainError):
    code = "sheet_too_long"
    message = N_("The file has more than %(limit)s rows.")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one cell or row. Row 1 is the heading; no column, if it is the row's."""

    row: int
    column: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """`word` heads it; `choices` are codes with their words; others are taken as they are written.

    `offers` go into the template's list but bind nobody.
    """

    name: str
    word: Any
    choices: Sequence[tuple[str, Any]] = ()
    offers: Sequence[str] = ()
    is_needed: bool = False
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    cells: Cells


def spellings(word: Any) -> set[str]:
    """A word as it is written in each language."""
    found = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.add(reading.normalise(str(word)))
    return found


def read_sheet(file: BinaryIO, columns: Sequence[Column]) -> tuple[list[Line], list[Problem]]:
    """The rows by the names of the columns, with the codes of what was chosen; and what is wrong.

    :raises NotReadable, NoRows, SheetLacksColumns, SheetTooLong: the file as a whole is no good
    """
    table = reading.read(file)
    known = {one: column for column in columns for one in {column.name, *spellings(column.word)}}
    heads = {head: known[head] for head in table.headers if head in known}
    there = {column.name for column in heads.values()}
    missing = [str(one.word) for one in columns if one.is_needed and one.name not in there]
    if missing:
        raise SheetLacksColumns(columns=", ".join(missing))
    codes = {one.name: _codes(one) for one in columns if one.choices}
    lines: list[Line] = []
    problems: list[Problem] = []
    for row in table.rows:
        if len(lines) == MOST_ROWS:
            raise SheetTooLong(limit=MOST_ROWS)
        cells = {column.name: row.cells[head] for head, column in heads.items()}
        if not any(cells.values()):
            continue
        lines.append(Line(row.number, {**cells, **_chosen(row.number, cells, codes, problems)}))
    if not lines:
        raise reading.NoRows
    return lines, problems


def _codes(column: Column) -> dict[str, str]:
    return {
        one: code
        for code, word in column.choices
        for one in {reading.normalise(code), *spellings(word)}
    }


def _chosen(
    number: int, cells: Cells, codes: Mapping[str, Mapping[str, str]], problems: list[Problem]
) -> dict[str, str]:
    found = {}
    for name, known in codes.items():
        text = cells.get(name, "")
        code = known.get(reading.normalise(text)) if text else ""
        if code is None:
            message = N_("“%(text)s” is none of the choices of this column.")
            problems.append(Problem(number, name, message, {"text": text[:80]}))
        found[name] = code or ""
    return found


def take_lines(
    lines: Iterable[Line], problems: Sequence[Problem], take: Callable[[Line], M]
) -> list[M]:
    """Each line by an operation, in the caller's transaction; what each made.

    `take` raises a DomainError for a line that is refused.

    :raises SheetHasProblems: one or more is no good; the caller's transaction must not commit
    """
    found, bad = list(problems), {one.row for one in problems}
    made = []
    for line in lines:
        if line.number in bad:
            continue
        try:
            with transaction.atomic():
                made.append(take(line))
        except DomainError as refusal:
            named = str(refusal.params.get("name", ""))
            at = next((one for one in (named, f"in_{named}") if one in line.cells), "")
            found.append(Problem(line.number, at, refusal.message, refusal.params))
    if found:
        raise SheetHasProblems(sorted(found, key=lambda one: (one.row, one.column)))
    return made


def write_sheet(
    columns: Sequence[Column], *, title: str, rows: Sequence[Mapping[str, str]] = ()
) -> bytes:
    """A workbook to fill in, in the reader's language, with lists to choose from."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    sheet.title = title[:31]
    sheet.append([str(column.word) for column in columns])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([row.get(column.name) for column in columns])
    lists = book.create_sheet("lists")
    lists.sheet_state = "hidden"
    for at, column in enumerate(columns, start=1):
        letter = sheet.cell(row=1, column=at).column_letter
        sheet.column_dimensions[letter].width = max(14, min(36, 2 * len(str(column.word)) + 2))
        choice = _choice(column, lists, at, letter)
        if choice is not None:
            sheet.add_data_validation(choice)
            choice.add(f"{letter}2:{letter}{FILLED_ROWS}")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _choice(column: Column, lists: Any, at: int, letter: str) -> Any:
    from openpyxl.worksheet.datavalidation import DataValidation

    offered = [str(word) for _code, word in column.choices] or list(column.offers)
    if column.is_number:
        return DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0")
    if not offered:
        return None
    for row, one in enumerate(offered, start=1):
        lists.cell(row=row, column=at, value=one)
    found = DataValidation(type="list", formula1=f"lists!${letter}$1:${letter}${len(offered)}")
    found.showErrorMessage = bool(column.choices)
    return found
