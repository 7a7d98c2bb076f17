"""The cells of a row as values. What is wrong is collected, so that all of it is shown at once."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from ledger.imports.layouts.account_numbers import is_mistyped
from ledger.imports.layouts.days import AmbiguousDay, NotADay, read_day
from ledger.imports.layouts.serials import Serial
from ledger.imports.records import Row, RowFault, RowFaults
from ledger.kernel.errors import N_
from ledger.kernel.serials import InvalidSerialRange

T = TypeVar("T")
MOST = 2**63 - 1
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
# Blanks that typesetters put between thousands. A plain blank may stand between two numbers.
_THIN = str.maketrans("\u00a0\u202f\u2009’", ",,,,")
_TWO = re.compile(r"([\d,]+) +([\d,]+)")
_AS_FLOAT = re.compile(r"(\d+)\.0+")


def plain(text: str) -> str:
    """Full-width signs and digits as half-width."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text).strip()


class Cells:
    """Reads one row. A method that finds a fault notes it and returns an empty value."""

    __slots__ = ("faults", "row")

    def __init__(self, row: Row) -> None:
        self.row = row
        self.faults: list[RowFault] = []

    def fault(self, column: str, code: str, message: str, **params: object) -> None:
        told = {name: str(value) for name, value in params.items()}
        self.faults.append(RowFault(column, code, message, told))

    def text(self, column: str) -> str:
        return self.row.cells.get(column, "")

    def required(self, column: str) -> str:
        text = self.text(column)
        if not text:
            self.fault(column, "missing", N_("This cell must not be empty."))
        return text

    def identifier(self, column: str, *, required: bool = False) -> str:
        """An id as text; 10789.0, which a spreadsheet made of it, is 10789 again."""
        text = self.required(column) if required else self.text(column)
        found = _AS_FLOAT.fullmatch(text)
        return found[1] if found else text

    def whole(self, column: str) -> int:
        """A number of units, which must be there; 0 when it is not."""
        return self.whole_or_none(column) or 0 if self.required(column) else 0

    def whole_or_none(self, column: str) -> int | None:
        """Absent is None, and is not zero. Thousands commas are read where they stand rightly."""
        text = self.text(column)
        if not text:
            return None
        if not (text.isascii() and text.isdigit()):
            text = self._digits(column, plain(text.translate(_THIN)))
        # the length first: a text of ten thousand digits costs more than it says
        number = MOST + 1 if len(text) > 30 else int(text or 0)
        if number > MOST:
            self.fault(column, "too_large", N_("%(text)s is too large."), text=text)
            return 0
        return number

    def _digits(self, column: str, text: str) -> str:
        """The digits of a number that is not written as digits alone; "" and a fault otherwise."""
        unsigned = text.removeprefix("+").strip()
        without_point = unsigned.split(".")[0] if unsigned.rstrip("0").endswith(".") else unsigned
        if without_point.isdigit():
            return without_point
        if _GROUPED.fullmatch(without_point):
            return without_point.replace(",", "")
        if text.startswith("-") and without_point[1:].replace(",", "").isdigit():
            self.fault(column, "negative", N_("%(text)s is below zero."), text=text)
        elif found := _TWO.fullmatch(text):
            message = N_("Two values stand in this cell: %(first)s and %(second)s.")
            self.fault(column, "two_values", message, first=found[1], second=found[2])
        else:
            self.fault(column, "not_whole", N_("%(text)s is not a whole number."), text=text)
        return ""

    def exact(self, column: str) -> Decimal | None:
        """A number that may have decimals; None when absent or no number."""
        text = plain(self.text(column))
        if not text:
            return None
        try:
            number = Decimal(text.replace(",", "") if _GROUPED.match(text) else text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            self.fault(column, "not_a_number", N_("%(text)s is not a number."), text=text)
            return None
        return number

    def account(self, column: str) -> str:
        """An account's number; a mistyped full number (check digits) is refused."""
        text = self.identifier(column)
        if is_mistyped(text):
            message = N_("%(text)s: the check digits of this account number are wrong.")
            self.fault(column, "wrong_check_digits", message, text=text)
        return text

    def day(self, column: str, *, required: bool = False) -> date | None:
        """The day of a cell under the file's declared order."""
        text = self.required(column) if required else self.text(column)
        if not text:
            return None
        try:
            return read_day(text, self.row.dates)
        except AmbiguousDay:
            self.fault(
                column, "ambiguous_day",
                N_("%(text)s: declare whether this file writes the day or the month first."),
                text=text,
            )  # fmt: skip
        except NotADay:
            self.fault(column, "not_a_day", N_("%(text)s is not a day."), text=text)
        return None

    def year(self, column: str, *, required: bool = False) -> int | None:
        """A calendar year, alone or as the year of a day."""
        text = self.identifier(column, required=required)
        if not text:
            return None
        if len(text) == 4 and text.isdigit():
            return int(text)
        try:
            return read_day(text, self.row.dates).year
        except (AmbiguousDay, NotADay):
            self.fault(column, "not_a_year", N_("%(text)s is not a year."), text=text)
        return None

    def check_count(self, column: str, *, told: int, first: int | None, last: int | None) -> None:
        """The quantity is recomputed from the serial numbers, both ends inside."""
        if first is None or last is None or told == last - first + 1:
            return
        self.fault(
            column, "quantity_not_serials",
            N_("The serial numbers make %(counted)s units, the quantity says %(told)s."),
            counted=last - first + 1, told=told,
        )  # fmt: skip

    def positive(self, column: str) -> int:
        """A number of units of which there must be at least one."""
        before = len(self.faults)
        number = self.whole(column)
        if number == 0 and len(self.faults) == before:
            self.fault(column, "zero", N_("The quantity is zero."))
        return number

    def brings_nothing(self, column: str, message: str, **params: object) -> None:
        """News, no refusal: the line is understood, and holds no units."""
        told = {name: str(value) for name, value in params.items()}
        self.faults.append(RowFault(column, "brings_no_units", message, told, blocking=False))

    def serial(self, column: str, parse: Callable[[str], Serial]) -> Serial | None:
        """The range of a cell that must hold one; None, and a fault, when it does not."""
        text = plain(self.required(column))
        return self.range_of(column, text, lambda: parse(text)) if text else None

    def range_of(self, column: str, text: str, parse: Callable[[], Serial]) -> Serial | None:
        try:
            return parse()
        except InvalidSerialRange:
            message = N_("%(text)s is not a serial number of this registry.")
            self.fault(column, "not_a_serial", message, text=text)
        return None

    def units_in(self, column: str, serial: Serial | None) -> int:
        """The quantity, which must be there and be as many as the serial numbers make."""
        told = self.positive(column)
        if serial and told:
            self.check_count(column, told=told, first=serial.first, last=serial.last)
        return told

    def check(self) -> None:
        """:raises RowFaults: all that was found so far"""
        if self.row.surplus:
            self.fault(
                "", "more_cells_than_headings",
                N_("The row has more cells than there are headings; a separator may stand in one."),
            )  # fmt: skip
        if self.faults:
            raise RowFaults(tuple(self.faults))

    def sure(self, value: T | None) -> T:
        """A value of a row that was checked: what is missing there is among its faults."""
        if value is None:
            raise RowFaults(tuple(self.faults))
        return value


def some(**values: str) -> dict[str, str]:
    """What says something, for `Record.extra`: absent is left out, and is not an empty text."""
    return {name: value for name, value in values.items() if value}
