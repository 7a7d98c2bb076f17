"""What a rule number may be, and when a set of them makes sense. Pure values."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any, NamedTuple

from ledger.kernel.canonical import digest
from ledger.kernel.errors import N_, DomainError
from ledger.parameters.states import Axis, Confidence


class NoParameter(DomainError):
    """A gap is never filled with a neighbour: the caller must say what it means to use."""

    code = "no_parameter"
    message = N_(
        "The rule book has no value of %(key)s for %(day)s. The nearest are valid: %(nearest)s."
    )


class WrongParameterKind(DomainError):
    code = "wrong_parameter_kind"
    message = N_("%(key)s is not a %(kind)s.")


class OddParameter(DomainError):
    code = "odd_parameter"
    message = N_("The parameter row %(key)s from %(valid_from)s cannot be read: %(why)s.")


class ParametersOverlap(DomainError):
    code = "parameters_overlap"
    message = N_("Two rows of %(key)s overlap: one from %(first)s, one from %(second)s.")


class ParameterChanged(DomainError):
    code = "parameter_changed"
    message = N_(
        "%(key)s from %(valid_from)s is already loaded with other content. "
        "A change is a new row with a later start, and the old row gets an end."
    )


class NoCalendar(DomainError):
    code = "no_calendar"
    message = N_("The calendar %(calendar)s of %(year)s is not loaded.")


class Range(NamedTuple):
    """From low to high, both allowed."""

    low: Decimal
    high: Decimal


class Tier(NamedTuple):
    """`value` holds where at_least ≤ x < below; no `below` means without end."""

    at_least: Decimal
    below: Decimal | None
    value: Decimal


@dataclass(frozen=True, slots=True)
class Tiers:
    rows: tuple[Tier, ...]

    def find(self, amount: Decimal) -> Tier | None:
        """The tier the amount falls in; None when it falls in none, which is never a pass."""
        for tier in self.rows:
            if tier.at_least <= amount and (tier.below is None or amount < tier.below):
                return tier
        return None


@dataclass(frozen=True, slots=True)
class DateRule:
    """A day of each year: 31 December of the following year is month 12, day 31, years_after 1."""

    month: int
    day: int
    years_after: int = 0

    def day_for(self, year: int) -> date:
        return date(year + self.years_after, self.month, self.day)


Value = Decimal | Range | Tiers | DateRule | date | bool | str

NUMBER, RANGE, TIERS, DATE_RULE, DATE, FLAG, TEXT = (
    "number",
    "range",
    "tiers",
    "date_rule",
    "date",
    "flag",
    "text",
)


def plain(number: Decimal) -> str:
    """One spelling per number: 0.10 and 0.1 are sealed alike."""
    return format(number.normalize(), "f")


def _number(raw: Any) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, Decimal | int | str):
        raise ValueError(f"{raw!r} is not a number")
    try:
        return Decimal(raw)
    except InvalidOperation:
        raise ValueError(f"{raw!r} is not a number") from None


def _tier(raw: Mapping[str, Any]) -> dict[str, str | None]:
    below = raw.get("below")
    return {
        "at_least": plain(_number(raw["at_least"])),
        "below": None if below is None else plain(_number(below)),
        "value": plain(_number(raw["value"])),
    }


def _range(raw: Mapping[str, Any]) -> dict[str, Any]:
    low, high = _number(raw["low"]), _number(raw["high"])
    if low > high:
        raise ValueError("the range ends below its start")
    return {"kind": RANGE, "low": plain(low), "high": plain(high)}


def _date_rule(raw: Mapping[str, Any]) -> dict[str, Any]:
    rule = {name: int(raw.get(name, 0)) for name in ("month", "day", "years_after")}
    DateRule(**rule).day_for(2024)
    return {"kind": DATE_RULE, **rule}


def _scalar(raw: Any) -> dict[str, Any]:
    if isinstance(raw, bool):
        return {"kind": FLAG, "value": raw}
    if isinstance(raw, date):
        return {"kind": DATE, "value": raw.isoformat()}
    if isinstance(raw, str):
        return {"kind": TEXT, "value": raw}
    return {"kind": NUMBER, "value": plain(_number(raw))}


def value_document(raw: Any) -> dict[str, Any]:
    """The stored form of a value as a seed file writes it.

    :raises ValueError: no form of value we know
    """
    if isinstance(raw, list):
        return {"kind": TIERS, "tiers": [_tier(one) for one in raw]}
    if isinstance(raw, Mapping):
        return _range(raw) if {"low", "high"} == set(raw) else _date_rule(raw)
    return _scalar(raw)


def read_value(document: Mapping[str, Any]) -> Value:
    """The value of its stored form."""
    kind = document["kind"]
    if kind == NUMBER:
        return Decimal(document["value"])
    if kind == RANGE:
        return Range(Decimal(document["low"]), Decimal(document["high"]))
    if kind == TIERS:
        return Tiers(tuple(_read_tier(one) for one in document["tiers"]))
    if kind == DATE_RULE:
        return DateRule(document["month"], document["day"], document["years_after"])
    if kind == DATE:
        return date.fromisoformat(document["value"])
    value: Value = document["value"]
    return value


def in_words(value: Value) -> str:
    """A value on one line, the same in every language."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Range):
        return f"{plain(value.low)} – {plain(value.high)}"
    if isinstance(value, Tiers):
        return "; ".join(_tier_in_words(tier) for tier in value.rows)
    if isinstance(value, DateRule):
        after = f" (+{value.years_after})" if value.years_after else ""
        return f"{value.month:02d}-{value.day:02d}{after}"
    return str(value)


def _tier_in_words(tier: Tier) -> str:
    below = "∞" if tier.below is None else plain(tier.below)
    return f"{plain(tier.value)}: [{plain(tier.at_least)}, {below})"


def _read_tier(one: Mapping[str, Any]) -> Tier:
    below = None if one["below"] is None else Decimal(one["below"])
    return Tier(Decimal(one["at_least"]), below, Decimal(one["value"]))


@dataclass(frozen=True, slots=True)
class ParameterFact:
    """One dated rule number, as it is sealed."""

    key: str
    axis: str
    scope: str
    value: dict[str, Any]
    unit: str
    valid_from: date
    valid_to: date | None
    legal_basis: str
    source: str
    confidence: str
    approver: str
    note: str

    def content(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def lasting(self) -> dict[str, Any]:
        """Its content without the end, the one thing that may be added later."""
        return {name: value for name, value in self.content().items() if name != "valid_to"}

    @property
    def digest(self) -> str:
        return digest(self.content()).hex()

    @property
    def place(self) -> tuple[str, str, date]:
        return self.key, self.scope, self.valid_from


def read_fact(row: Mapping[str, Any], defaults: Mapping[str, Any]) -> ParameterFact:
    """One row of a seed file.

    :raises OddParameter: a field is missing, unknown or of no form we know
    """
    merged = {"scope": "", "unit": "", "note": "", "valid_to": None, **defaults, **row}
    try:
        fact = ParameterFact(
            **{
                **merged,
                "value": value_document(merged["value"]),
                "axis": Axis(merged["axis"]).value,
                "confidence": Confidence(merged["confidence"]).value,
            }
        )
        _check_days(fact)
    except (KeyError, TypeError, ValueError) as error:
        key, start = str(merged.get("key")), str(merged.get("valid_from"))
        raise OddParameter(key=key, valid_from=start, why=str(error)) from error
    return fact


def _check_days(fact: ParameterFact) -> None:
    if type(fact.valid_from) is not date:
        raise ValueError("valid_from is not a day")
    if fact.valid_to is not None and fact.valid_to <= fact.valid_from:
        raise ValueError("it ends before it starts (valid_to is exclusive)")


def _runs(facts: Iterable[ParameterFact]) -> Iterator[list[ParameterFact]]:
    by_key: dict[tuple[str, str], list[ParameterFact]] = defaultdict(list)
    for fact in facts:
        by_key[fact.key, fact.scope].append(fact)
    for run in by_key.values():
        yield sorted(run, key=lambda fact: fact.valid_from)


def check_no_overlap(facts: Iterable[ParameterFact]) -> None:
    """:raises ParametersOverlap: two rows of one key and scope hold on the same day"""
    for run in _runs(facts):
        for earlier, later in pairwise(run):
            if earlier.valid_to is None or earlier.valid_to > later.valid_from:
                raise ParametersOverlap(
                    key=earlier.key, first=earlier.valid_from, second=later.valid_from
                )


class Gap(NamedTuple):
    key: str
    scope: str
    start: date
    end: date


def gaps(facts: Iterable[ParameterFact]) -> list[Gap]:
    """Days between two rows of a key on which none holds; a look-up there is refused."""
    return [
        Gap(earlier.key, earlier.scope, earlier.valid_to, later.valid_from)
        for run in _runs(facts)
        for earlier, later in pairwise(run)
        if earlier.valid_to is not None and earlier.valid_to < later.valid_from
    ]


@dataclass(frozen=True, slots=True)
class CalendarFact:
    """One year of a calendar: the days that differ from the week, as (day, OFF | WORKED, name)."""

    calendar: str
    year: int
    days: tuple[tuple[str, str, str], ...]
    source: str
    confidence: str

    def content(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @property
    def digest(self) -> str:
        return digest(self.content()).hex()


def is_working(day: date, exceptions: Mapping[str, str]) -> bool:
    """Monday to Friday, but for days off and for weekend days worked in exchange (调休)."""
    kind = exceptions.get(day.isoformat())
    return kind == "WORKED" if kind else day.weekday() < 5


def is_trading(day: date, exceptions: Mapping[str, str]) -> bool:
    """Exchanges stay closed on weekend days worked in exchange."""
    return day.weekday() < 5 and exceptions.get(day.isoformat()) != "OFF"


def nearest(starts_and_ends: Sequence[tuple[date, date | None]], day: date) -> str:
    """The rows before and after a day, in words of dates (the end shown is exclusive)."""
    before = [row for row in starts_and_ends if row[1] is not None and row[1] <= day][-1:]
    after = [row for row in starts_and_ends if row[0] > day][:1]
    spans = [f"[{start}, {end or '…'})" for start, end in (*before, *after)]
    return ", ".join(spans) or "–"
