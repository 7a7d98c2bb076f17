"""What one line of a registry's file says, in words that no registry owns. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any


class Act(StrEnum):
    """What happened to the units, or (HELD and the last ones) what a line states as a fact."""

    ISSUED = "ISSUED"
    HELD = "HELD"
    RETIRED = "RETIRED"
    CANCELLED = "CANCELLED"
    SURRENDERED = "SURRENDERED"
    TRANSFERRED = "TRANSFERRED"
    CONVERTED = "CONVERTED"
    BUFFERED = "BUFFERED"
    ALLOCATED = "ALLOCATED"
    VERIFIED = "VERIFIED"
    TRADED = "TRADED"
    PRICED = "PRICED"
    RATED = "RATED"


class DateOrder(StrEnum):
    """How a file writes days. ISO days are read under each; 03/04/2024 under its own only."""

    ISO = "ISO"
    DAY_FIRST = "DAY_FIRST"
    MONTH_FIRST = "MONTH_FIRST"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file: normalised heading to text, blanks trimmed.

    `cells` has every heading. A cell under no heading has the key "column 7"; those beyond the
    last heading are `surplus`, when they hold anything.
    """

    number: int  # as a person counts: the first line of the file is 1
    cells: Mapping[str, str]
    dates: DateOrder = DateOrder.ISO
    surplus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a line, or a whole file, is not taken: `message` (English, %(name)s) and its `params`.

    One that does not block is news for the preview: the line brings no units, and says why.
    """

    column: str
    code: str
    message: str
    params: Mapping[str, str] = field(default_factory=dict)
    blocking: bool = True

    def sentence(self) -> str:
        """Untranslated."""
        return self.message % self.params if self.params else self.message


class RowFaults(Exception):
    """All the faults of one row."""

    def __init__(self, faults: tuple[RowFault, ...]) -> None:
        self.faults = faults
        super().__init__("; ".join(fault.sentence() for fault in faults))


Space = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """`quantity` is whole, in `measure` ("t", "MWh", "kg"). Serials are inclusive in `space`.

    Where units move, `account` gives and `counter_account` takes.
    """

    act: Act
    scheme: str
    quantity: int
    measure: str = "t"
    vintage_year: int | None = None
    period_from: date | None = None
    period_to: date | None = None
    project_code: str = ""
    project_name: str = ""
    space: Space | None = None  # registry, programme, prefix: numbers repeat in another space
    first: int | None = None
    last: int | None = None
    happened_on: date | None = None
    account: str = ""
    counter_account: str = ""
    state: str = ""
    beneficiary: str = ""
    reason: str = ""
    natural_key: str = ""  # the same in a longer export of the same registry
    extra: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """What says something, as JSON values; `from_json` reads it back."""
        told = {}
        for name in NAMES:
            value = getattr(self, name)
            if value is None or value in ("", {}):
                continue
            told[name] = _plain(value)
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Record":
        values = dict(told)
        for name in ("period_from", "period_to", "happened_on"):
            if name in values:
                values[name] = date.fromisoformat(values[name])
        if "space" in values:
            registry, programme, prefix = values["space"]
            values["space"] = (registry, programme, prefix)
        return cls(**{"scheme": "", **values, "act": Act(values["act"])})


def record_of_a_day(
    act: Act,
    *,
    price: str,
    happened_on: date,
    told: Mapping[str, str],
    scheme: str = "",
    vintage_year: int | None = None,
    volume: int | None = None,
) -> Record:
    """A price of an instrument, or a rate of a currency, on a day; the price as its digits.

    `told`: source, currency, priced_currency (of a rate), mode, reason; empty is not told.
    """
    extra = {"price": price, **{name: said for name, said in told.items() if said}}
    if volume is not None:
        extra["volume"] = str(volume)
    places = (
        told.get("source", ""), scheme or told.get("priced_currency", ""), vintage_year or "",
        told.get("mode", ""), told.get("currency", ""), happened_on,
    )  # fmt: skip
    return Record(
        act=act,
        scheme=scheme,
        quantity=volume or 0,
        vintage_year=vintage_year,
        happened_on=happened_on,
        natural_key=f"{act}:{':'.join(str(one) for one in places)}",
        extra=extra,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Act):
        return value.value
    return list(value) if isinstance(value, tuple) else value


NAMES = tuple(one.name for one in fields(Record))
