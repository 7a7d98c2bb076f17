"""Tables of tenants, sources and meters as people keep them: CSV, Chinese or English headings."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.quantities import exact
from reporting.parks.states import SourceKind

MOST_ROWS = 5_000
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "编码"),
    "name_zh": ("name_zh", "中文名称", "名称"),
    "name_en": ("name_en", "英文名称"),
    "valid_from": ("valid_from", "生效日"),
    "equity_share": ("equity_share", "股权比例"),
    "has_operational_control": ("operational_control", "运营控制"),
    "has_financial_control": ("financial_control", "财务控制"),
    "kind": ("kind", "种类"),
    "carrier": ("carrier", "能源品种"),
    "unit": ("unit", "单位"),
    "tenant": ("tenant", "租户编码"),
    "inner_park": ("inner_park", "园中园"),
    "source": ("source", "排放源编码"),
    "number": ("number", "表计编号"),
    "multiplier": ("multiplier", "倍率"),
}
NEEDED: Mapping[str, tuple[str, ...]] = {
    "tenants": ("code", "name_zh", "valid_from"),
    "sources": ("code", "name_zh", "kind", "carrier", "unit", "valid_from"),
    "meters": ("source", "number", "valid_from"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one row. Row 1 is the heading."""

    row: int
    code: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)


class ImportHasProblems(DomainError):
    """Nothing was stored. `problems` lists every one of them."""

    code = "import_has_problems"
    message = N_("The table has %(count)s problems; nothing was stored.")

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(count=len(self.problems))


class TableNotReadable(DomainError):
    code = "table_not_readable"
    message = N_("The file is not a table in UTF-8 or GB18030.")


class HeadingsMissing(DomainError):
    code = "headings_missing"
    message = N_("These headings are missing: %(headings)s.")


class OddCell(DomainError):
    code = "odd_cell"
    message = N_("“%(text)s” does not fit the column %(column)s.")


def read_table(content: bytes, what: str) -> list[tuple[int, dict[str, str]]]:
    """The rows with their numbers, by our own names of the columns.

    :raises TableNotReadable, HeadingsMissing: the file as a whole is no good
    """
    lines = list(csv.reader(io.StringIO(_decoded(content))))
    if not lines or len(lines) > MOST_ROWS:
        raise TableNotReadable
    headings = [heading.strip().casefold() for heading in lines[0]]
    places = {
        name: headings.index(found)
        for name, spellings in HEADINGS.items()
        if (found := next((one for one in spellings if one in headings), None)) is not None
    }
    missing = [HEADINGS[name][0] for name in NEEDED[what] if name not in places]
    if missing:
        raise HeadingsMissing(headings=", ".join(missing))
    return [
        (number, {name: cells[at].strip() for name, at in places.items() if at < len(cells)})
        for number, cells in enumerate(lines[1:], start=2)
        if any(cell.strip() for cell in cells)
    ]


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableNotReadable


def day(cells: Mapping[str, str], column: str) -> date:
    """:raises OddCell: not a day as 2025-01-31"""
    try:
        return date.fromisoformat(cells.get(column, "").replace("/", "-"))
    except ValueError:
        raise OddCell(text=cells.get(column, ""), column=column) from None


def number(cells: Mapping[str, str], column: str, otherwise: Decimal) -> Decimal:
    """:raises NotANumber: text that is no number"""
    text = cells.get(column, "")
    return exact(text) if text else otherwise


_YES_NO: Mapping[str, bool] = {
    "": True, "yes": True, "true": True, "1": True, "是": True,
    "no": False, "false": False, "0": False, "否": False,
}  # fmt: skip


def yes(cells: Mapping[str, str], column: str) -> bool:
    """:raises OddCell: neither yes nor no"""
    text = cells.get(column, "")
    try:
        return _YES_NO[text.casefold()]
    except KeyError:
        raise OddCell(text=text, column=column) from None


def kind(cells: Mapping[str, str]) -> SourceKind:
    """:raises OddCell: no kind of source"""
    try:
        return SourceKind(cells["kind"].upper())
    except ValueError:
        raise OddCell(text=cells["kind"], column="kind") from None


def names(cells: Mapping[str, str]) -> dict[str, Any]:
    """:raises OddCell: no code or no name"""
    for column in ("code", "name_zh"):
        if not cells.get(column):
            raise OddCell(text="", column=column)
    return {name: cells.get(name, "") for name in ("code", "name_zh", "name_en")}
