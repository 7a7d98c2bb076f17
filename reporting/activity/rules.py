"""What a row of activity data must be. Pure: a table of texts in, values or problems out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.measures import Measure, MeasureMismatch, UnknownMeasure
from ledger.kernel.quantities import Quantity

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "source": ("source", "source code", "来源编码", "排放源编码", "来源"),
    "month": ("month", "月份"),
    "quantity": ("quantity", "amount", "数量", "活动数据"),
    "unit": ("unit", "单位"),
    "evidence": ("evidence", "凭证", "凭证号"),
    "note": ("note", "备注"),
    "quality": ("quality", "数据质量"),
}
QUALITIES: Mapping[str, str] = {
    "": "", "measured": "MEASURED", "billed": "MEASURED", "实测": "MEASURED", "账单": "MEASURED",
    "estimated": "ESTIMATED", "估算": "ESTIMATED", "proxy": "PROXY", "替代": "PROXY",
}  # fmt: skip
MONTH_NAMES = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
NEEDED = ("source", "month", "quantity", "unit")
MOST_ROWS = 200_000

# No park uses as much of anything in a month; more would not fit the table with its decimals.
BEYOND_SENSE = Decimal(10) ** 12


class UploadHasProblems(DomainError):
    """Nothing was stored. `problems` lists every one of them."""

    code = "upload_has_problems"
    message = N_("The file has %(count)s problems; nothing was stored.")

    def __init__(self, problems: "Sequence[Problem]") -> None:
        self.problems = list(problems)
        super().__init__(count=len(self.problems))


class NotReadable(DomainError):
    code = "not_readable"
    message = N_("The file is neither UTF-8 nor GB18030 text, nor a workbook.")


class ColumnsMissing(DomainError):
    code = "columns_missing"
    message = N_("These columns are missing: %(columns)s.")


class NoRows(DomainError):
    code = "no_rows"
    message = N_("The file has no rows of data.")


class TooManyRows(DomainError):
    code = "too_many_rows"
    message = N_("The file has more than %(limit)s rows.")


class SameFileAgain(DomainError):
    code = "same_file_again"
    message = N_("This very file was uploaded already, on %(day)s.")


class DatasetNotOpen(DomainError):
    code = "dataset_not_open"
    message = N_("The data of this year is not a draft any more; re-open it first.")


class MakerIsChecker(DomainError):
    code = "maker_is_checker"
    message = N_("Whoever submitted the data may not check it.")


class DatasetIncomplete(DomainError):
    code = "dataset_incomplete"
    message = N_("Data is missing for %(count)s source-months, the first is %(first)s.")


class FindingsUnanswered(DomainError):
    code = "findings_unanswered"
    message = N_("%(count)s findings of the checks wait for an answer; the first is %(first)s.")


class AnswerNeeded(DomainError):
    code = "answer_needed"
    message = N_("An answer needs words.")


class NothingToTake(DomainError):
    code = "nothing_to_take"
    message = N_("No source has readings of %(month)s that are not in its row already.")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one cell. Row 1 is the heading."""

    row: int
    column: str
    code: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What the rules need to know of a source."""

    source_id: UUID
    code: str
    carrier: str
    measure: Measure


@dataclass(frozen=True, slots=True)
class Reading:
    """One good row: what a source used in a month, in the source's own measure."""

    row: int
    source_id: UUID
    source_code: str
    carrier: str
    month: date
    quantity: Quantity
    entered: str
    evidence: str
    note: str
    quality: str = ""


def columns_of(headings: Sequence[str]) -> dict[str, int]:
    """Where each known column stands, by its Chinese or English heading.

    :raises ColumnsMissing:
    """
    plain = [heading.strip().lower().lstrip("\ufeff") for heading in headings]
    found = {
        name: next((i for i, one in enumerate(plain) if one in names), -1)
        for name, names in COLUMNS.items()
    }
    missing = [name for name in NEEDED if found[name] < 0]
    if missing:
        raise ColumnsMissing(columns=", ".join(missing))
    return found


def read_month(text: str) -> date | None:
    """The first day of the month that a person wrote in one of the usual ways."""
    cleaned = text.strip().split(" ")[0].split("T")[0]
    forms = (
        r"(?P<y>[0-9]{4})[-/.年](?P<m>[0-9]{1,2})月?(?:[-/.]?[0-9]{1,2}日?)?",
        r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})",
        r"[0-9]{1,2}[-/.](?P<m>[0-9]{1,2})[-/.](?P<y>[0-9]{4})",  # day first
        r"(?P<m>[0-9]{1,2})[-/.](?P<y>[0-9]{4})",
    )
    for form in forms:
        match = re.fullmatch(form, cleaned)
        if match and 1 <= int(match["m"]) <= 12 and int(match["y"]) >= 1990:
            return date(int(match["y"]), int(match["m"]), 1)
    return _month_of_a_spreadsheet(cleaned)


def _month_of_a_spreadsheet(text: str) -> date | None:
    """A spreadsheet that opens 2025-01 in a CSV saves it as Jan-25, in every language."""
    match = re.fullmatch(r"(?P<name>[A-Za-z]{3})-(?P<y>[0-9]{2})", text)
    if match is None or match["name"].title() not in MONTH_NAMES:
        return None
    return date(2000 + int(match["y"]), MONTH_NAMES.index(match["name"].title()) + 1, 1)


def read_number(text: str) -> Decimal | None:
    """An exact number; commas may part thousands, in threes."""
    cleaned = text.strip().replace("，", ",").replace(" ", "")
    if "," in cleaned:
        if not re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", cleaned):
            return None
        cleaned = cleaned.replace(",", "")
    if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,12})?([eE][-+]?[0-9]{1,2})?", cleaned):
        return None
    try:
        number = Decimal(cleaned)
    except InvalidOperation:
        return None
    return number if abs(number) < BEYOND_SENSE else None


def read_measure(text: str) -> Measure | None:
    try:
        return Measure.parse(text)
    except UnknownMeasure:
        return None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Every good row and every problem, in the order of the file; how many rows of the template
    nobody has filled in yet.
    """

    readings: list[Reading] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unfilled: list[int] = field(default_factory=list)


def read_rows(
    rows: Iterable[Sequence[str]],
    *,
    columns: Mapping[str, int],
    sources: Mapping[str, SourceFacts],
    year: int,
    today: date,
) -> Sheet:
    """What a file says, row by row.

    :raises NoRows: there is none that somebody filled in
    """
    sheet = Sheet()
    seen: dict[tuple[UUID, date], int] = {}
    for number, cells in enumerate(rows, start=2):
        row = _Row(number, {name: _cell(cells, at) for name, at in columns.items()})
        if row.is_blank:
            continue
        if row.is_as_the_template_gave_it:
            sheet.unfilled.append(number)
            continue
        reading = row.read(sources=sources, year=year, today=today)
        if reading is not None:
            row.check_not_seen(reading, seen)
            sheet.readings.append(reading)
        sheet.problems.extend(row.problems)
    if not sheet.readings and not sheet.problems:
        raise NoRows
    return sheet


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at].strip() if 0 <= at < len(cells) else ""


class _Row:
    """One row while it is being read: collects its problems instead of stopping at the first."""

    def __init__(self, number: int, cells: Mapping[str, str]) -> None:
        self.number = number
        self.cells = cells
        self.problems: list[Problem] = []

    @property
    def is_blank(self) -> bool:
        return not any(self.cells.values())

    @property
    def is_as_the_template_gave_it(self) -> bool:
        """Source, month and unit stand there beforehand; whoever fills it in adds the rest."""
        filled_in = ("quantity", "evidence", "note", "quality")
        given = self.cells["source"] and self.cells["month"] and self.cells["unit"]
        return bool(given) and not any(self.cells[name] for name in filled_in)

    def read(self, *, sources: Mapping[str, SourceFacts], year: int, today: date) -> Reading | None:
        source = self._source(sources)
        month = self._month(year, today)
        amount = self._amount()
        measure = self._measure()
        quality = self._quality()
        if source is None or month is None or amount is None or measure is None:
            return None
        try:
            quantity = Quantity(amount, measure).to(source.measure)
        except MeasureMismatch:
            self._add(
                "unit", "unit_does_not_fit",
                N_("“%(unit)s” cannot be turned into the source's unit, %(wanted)s."),
                unit=measure.value, wanted=source.measure.value,
            )  # fmt: skip
            return None
        return Reading(
            row=self.number,
            source_id=source.source_id,
            source_code=source.code,
            carrier=source.carrier,
            month=month,
            quantity=quantity,
            entered=f"{self.cells['quantity']} {self.cells['unit']}",
            evidence=self.cells["evidence"],
            note=self.cells["note"],
            quality=quality,
        )

    def check_not_seen(self, reading: Reading, seen: dict[tuple[UUID, date], int]) -> None:
        first = seen.setdefault((reading.source_id, reading.month), self.number)
        if first != self.number:
            self._add(
                "month", "month_twice",
                N_("The same source and month stand in row %(first)s already."), first=first,
            )  # fmt: skip

    def _add(self, column: str, kind: str, message: str, **params: object) -> None:
        self.problems.append(Problem(self.number, column, kind, message, params))

    def _source(self, sources: Mapping[str, SourceFacts]) -> SourceFacts | None:
        code = self.cells["source"]
        if code.lower() in {"raw coal", "raw_coal", "原煤"}:
            # R1.23: one factor for all coals does not exist
            self._add(
                "source", "raw_coal",
                N_("“Raw coal” is too broad: say anthracite, coking coal, bituminous or lignite."),
            )  # fmt: skip
            return None
        source = sources.get(code)
        if source is None:
            self._add("source", "unknown_source", N_("There is no source “%(code)s”."), code=code)
        return source

    def _month(self, year: int, today: date) -> date | None:
        text = self.cells["month"]
        month = read_month(text)
        if month is None:
            self._add("month", "not_a_month", N_("“%(text)s” is not a month."), text=text)
        elif month > today.replace(day=1):
            self._add("month", "future_month", N_("%(text)s lies in the future."), text=text)
            return None
        elif month.year != year:
            self._add(
                "month", "other_year", N_("%(text)s is not in %(year)s."), text=text, year=year
            )
            return None
        return month

    def _amount(self) -> Decimal | None:
        text = self.cells["quantity"]
        if text.startswith("="):
            self._add("quantity", "formula", N_("A formula is not accepted; give the number."))
            return None
        amount = read_number(text)
        if amount is None:
            self._add("quantity", "not_a_number", N_("“%(text)s” is not a number."), text=text)
        elif amount < 0:
            self._add("quantity", "negative", N_("A quantity cannot be negative."))
            return None
        return amount

    def _quality(self) -> str:
        text = self.cells["quality"].lower()
        if text not in QUALITIES:
            self._add("quality", "unknown_quality", N_("Say measured, billed, estimated or proxy."))
        return QUALITIES.get(text, "")

    def _measure(self) -> Measure | None:
        text = self.cells["unit"]
        measure = read_measure(text)
        if measure is None:
            self._add("unit", "unknown_unit", N_("“%(text)s” is not a unit we know."), text=text)
        return measure
