"""A file of marks or of exchange rates to facts: CSV in UTF-8 or GB18030, or XLSX.

The lines come from the ledger's reader of registries' files: no number becomes a float on the way,
and no formula is run.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from finance.prices.rules.facts import (
    ColumnsMissing,
    Fact,
    MarkFact,
    NotADay,
    NothingTold,
    NotOneOf,
    NotWhole,
    Problem,
    RateFact,
    TellingHasProblems,
    TooManyRows,
    UnreadableTable,
)
from finance.prices.states import Mode, TellingKind
from ledger.files.queries import FileType, sniff
from ledger.imports import reading
from ledger.kernel.errors import DomainError
from ledger.kernel.quantities import exact

MOST_ROWS = 50_000
# column → the headings that people write over it
MARK_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "scheme": ("instrument", "scheme", "品种", "交易品种"),
    "vintage": ("vintage", "vintage year", "年份", "配额年份"),
    "source": ("source", "来源", "价格来源"),
    "day": ("day", "date", "日期", "交易日期"),
    "price": ("price", "close", "价格", "收盘价", "收盘价(元/吨)"),
    "currency": ("currency", "币种"),
    "mode": ("mode", "交易方式"),
    "volume": ("volume", "成交量"),
    "reason": ("reason", "理由", "原因"),
}
RATE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "from": ("from", "from currency", "原币种"),
    "to": ("to", "to currency", "目标币种"),
    "source": ("source", "来源"),
    "day": ("day", "date", "日期"),
    "rate": ("rate", "汇率"),
    "reason": ("reason", "理由", "原因"),
}
NEEDED = {
    TellingKind.MARKS: ("scheme", "source", "day", "price"),
    TellingKind.RATES: ("from", "source", "day", "rate"),
}
MODES = {mode.value.lower(): mode for mode in Mode} | {
    "挂牌协议": Mode.LISTED, "大宗协议": Mode.BLOCK, "单向竞价": Mode.AUCTION, "场外协议": Mode.OTC,
}  # fmt: skip


def read_facts(content: bytes, kind: str) -> list[Fact]:
    """Every row of the file as a fact.

    :raises UnreadableTable, NothingTold, TooManyRows, ColumnsMissing: the file as a whole
    :raises TellingHasProblems: cells that cannot be read, all of them
    """
    headings, lines = _table(content)
    columns = MARK_COLUMNS if kind == TellingKind.MARKS else RATE_COLUMNS
    places = _places(headings, columns)
    missing = [columns[name][0] for name in NEEDED[TellingKind(kind)] if name not in places]
    if missing:
        raise ColumnsMissing(columns=", ".join(missing))
    read = _mark if kind == TellingKind.MARKS else _rate
    problems: list[Problem] = []
    facts: list[Fact] = []
    for row, line in enumerate(lines, start=1):
        cells = {name: line[at].strip() if at < len(line) else "" for name, at in places.items()}
        found = read(_Cells(row, cells, problems))
        if found is not None:
            facts.append(found)
    if problems:
        raise TellingHasProblems(problems)
    return facts


def _table(content: bytes) -> tuple[list[str], list[list[str]]]:
    if sniff(content) not in {FileType.XLSX, FileType.TEXT, FileType.JSON}:
        raise UnreadableTable
    try:
        _, lines = reading.open_lines(io.BytesIO(content))
        table = [line for line in islice(lines, MOST_ROWS + 2) if any(c.strip() for c in line)]
    except reading.NotReadable:
        raise UnreadableTable from None
    if len(table) > MOST_ROWS + 1:
        raise TooManyRows(limit=MOST_ROWS)
    if len(table) < 2:
        raise NothingTold
    return table[0], table[1:]


def _places(headings: Sequence[str], columns: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    plain = [reading.normalise(one) for one in headings]
    return {
        name: plain.index(spelling)
        for name, spellings in columns.items()
        for spelling in reversed(spellings)
        if spelling in plain
    }


class _Cells:
    """The cells of a row; what cannot be read is kept as a problem and read as None."""

    def __init__(self, row: int, cells: Mapping[str, str], problems: list[Problem]) -> None:
        self.row, self.cells, self.problems = row, cells, problems
        self.is_sound = True

    def text(self, name: str, *, usual: str = "") -> str:
        return self.cells.get(name, "") or usual

    def read(self, name: str, parse: Callable[[str], Any], *, usual: str = "") -> Any:
        try:
            return parse(self.text(name, usual=usual))
        except DomainError as error:
            self.problems.append(Problem(self.row, name, error))
            self.is_sound = False
            return None


def _mark(cells: _Cells) -> MarkFact | None:
    told: dict[str, Any] = {
        "scheme": cells.text("scheme").upper(),
        "vintage_year": cells.read("vintage", _whole_or_none),
        "source": cells.text("source"),
        "marked_on": cells.read("day", _day),
        "price": cells.read("price", exact),
        "currency": cells.text("currency", usual="CNY").upper(),
        "mode": cells.read("mode", _mode, usual="LISTED"),
        "volume": cells.read("volume", _whole_or_none),
        "reason": cells.text("reason")[:300],
    }
    return MarkFact(**told) if cells.is_sound else None


def _rate(cells: _Cells) -> RateFact | None:
    told: dict[str, Any] = {
        "from_currency": cells.text("from").upper(),
        "to_currency": cells.text("to", usual="CNY").upper(),
        "source": cells.text("source"),
        "rated_on": cells.read("day", _day),
        "rate": cells.read("rate", exact),
        "reason": cells.text("reason")[:300],
    }
    return RateFact(**told) if cells.is_sound else None


def _day(text: str) -> date:
    """A day as 2026-11-20, 2026/11/20, 20261120 or 2026年11月20日."""
    plain = text[:10].replace("/", "-").replace("年", "-").replace("月", "-").rstrip("日")
    parts = plain.split("-") if "-" in plain else [plain[:4], plain[4:6], plain[6:8]]
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day)
    except ValueError:
        raise NotADay(text=text) from None


def _whole_or_none(text: str) -> int | None:
    if not text:
        return None
    number: Decimal = exact(text)
    if number != number.to_integral_value() or number < 0:
        raise NotWhole(text=text)
    return int(number)


def _mode(text: str) -> str:
    found = MODES.get(text.lower())
    if found is None:
        raise NotOneOf(text=text, accepted=", ".join(MODES))
    return found.value
