"""Rule numbers and calendars by day. A gap is refused, never guessed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from ledger.audit import queries as audit
from ledger.parameters import models, rules
from ledger.parameters.rules import (
    DateRule,
    NoCalendar,
    NoParameter,
    Range,
    Tier,
    Tiers,
    Value,
    WrongParameterKind,
)
from ledger.parameters.states import Calendar, Confidence

__all__ = [
    "DateRule",
    "NoCalendar",
    "NoParameter",
    "Range",
    "Tier",
    "Tiers",
    "Value",
    "WrongParameterKind",
]


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """One rule number and where it comes from; a calculation keeps its `id`."""

    id: UUID
    key: str
    scope: str
    axis: str
    value: Value
    unit: str
    confidence: str
    source: str
    legal_basis: str
    note: str
    valid_from: date
    valid_to: date | None
    digest: str

    @property
    def is_unverified(self) -> bool:
        """General knowledge only (confidence C): to be shown as "unverified"."""
        return self.confidence == Confidence.C

    @property
    def number(self) -> Decimal:
        """:raises WrongParameterKind: the value is no single number"""
        if isinstance(self.value, Decimal):
            return self.value
        raise WrongParameterKind(key=self.key, kind="number")

    @property
    def tiers(self) -> Tiers:
        """:raises WrongParameterKind: the value is no table of tiers"""
        if isinstance(self.value, Tiers):
            return self.value
        raise WrongParameterKind(key=self.key, kind="tier table")

    @property
    def date_rule(self) -> DateRule:
        """:raises WrongParameterKind: the value is no date rule"""
        if isinstance(self.value, DateRule):
            return self.value
        raise WrongParameterKind(key=self.key, kind="date rule")


def _as_value(row: models.Parameter) -> ParameterValue:
    return ParameterValue(
        id=row.pk,
        key=row.key,
        scope=row.scope,
        axis=row.axis,
        value=rules.read_value(row.value),
        unit=row.unit,
        confidence=row.confidence,
        source=row.source,
        legal_basis=row.legal_basis,
        note=row.note,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        digest=row.digest,
    )


def get_parameter(key: str, on: date, scope: str = "") -> ParameterValue:
    """The row of `key` and exactly `scope` that holds on a day of the key's own axis.

    For a key dated by year, any day of that year will do.

    :raises NoParameter: none holds on that day; names the nearest rows
    """
    rows = models.Parameter.objects.filter(key=key, scope=scope)
    found = rows.filter(Q(valid_to=None) | Q(valid_to__gt=on), valid_from__lte=on).first()
    if found is not None:
        return _as_value(found)
    spans = list(rows.order_by("valid_from").values_list("valid_from", "valid_to"))
    name = f"{key} ({scope})" if scope else key
    raise NoParameter(key=name, day=on.isoformat(), nearest=rules.nearest(spans, on))


def parameters_of(key: str) -> list[ParameterValue]:
    """All rows of a key, by scope and start: its history."""
    return [_as_value(row) for row in models.Parameter.objects.filter(key=key)]


# --- calendars


def _exceptions(day: date, calendar: str) -> dict[str, str]:
    """:raises NoCalendar: the day's year is not loaded"""
    row = models.CalendarYear.objects.filter(calendar=calendar, year=day.year).first()
    if row is None:
        raise NoCalendar(calendar=calendar, year=day.year)
    return {one[0]: one[1] for one in row.days}


def calendar_years(calendar: str = Calendar.CHINA) -> set[int]:
    """The years of a calendar that are loaded."""
    rows = models.CalendarYear.objects.filter(calendar=calendar)
    return set(rows.values_list("year", flat=True))


def is_working_day(day: date, calendar: str = Calendar.CHINA) -> bool:
    """:raises NoCalendar: the day lies outside the loaded years"""
    return rules.is_working(day, _exceptions(day, calendar))


def is_trading_day(day: date, calendar: str = Calendar.CHINA) -> bool:
    """:raises NoCalendar: the day lies outside the loaded years"""
    return rules.is_trading(day, _exceptions(day, calendar))


def next_working_day(day: date, count: int = 1, calendar: str = Calendar.CHINA) -> date:
    """The `count`-th working day after a day, itself not counted.

    :raises NoCalendar: the search leaves the loaded years
    """
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day, calendar)
    return day


def next_trading_day(day: date, calendar: str = Calendar.CHINA) -> date:
    """:raises NoCalendar: the search leaves the loaded years"""
    day += timedelta(days=1)
    while not is_trading_day(day, calendar):
        day += timedelta(days=1)
    return day


def trading_days(first: date, last: date, calendar: str = Calendar.CHINA) -> list[date]:
    """The trading days of a span, both ends included. One query.

    :raises NoCalendar: the span leaves the loaded years
    """
    years = range(first.year, last.year + 1)
    rows = models.CalendarYear.objects.filter(calendar=calendar, year__in=years)
    known = {row.year: {one[0]: one[1] for one in row.days} for row in rows}
    if missing := sorted(set(years) - known.keys()):
        raise NoCalendar(calendar=calendar, year=missing[0])
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if rules.is_trading(day, known[day.year])]


# --- what verify_ledger asks

PARAMETER_VERBS = ("parameter.loaded", "parameter.ended")
CALENDAR_VERBS = ("calendar.loaded",)


def fact_of(row: models.Parameter) -> rules.ParameterFact:
    names = rules.ParameterFact.__slots__
    return rules.ParameterFact(**{name: getattr(row, name) for name in names})


def _parameter_rows() -> Iterator[tuple[str, dict[str, Any]]]:
    for row in models.Parameter.objects.order_by("pk").iterator():
        yield f"parameters.Parameter:{row.pk}", {**fact_of(row).content(), "digest": row.digest}


def _calendar_rows() -> Iterator[tuple[str, dict[str, Any]]]:
    for row in models.CalendarYear.objects.order_by("pk").iterator():
        content = {name: getattr(row, name) for name in rules.CalendarFact.__slots__}
        subject = f"parameters.CalendarYear:{row.calendar}-{row.year}"
        yield subject, {**content, "digest": row.digest}


def check_rows_against_events() -> Iterator[audit.Fault]:
    """Every loaded row against the event that loaded it."""
    yield from audit.compare_rows_with_events(
        _parameter_rows(), kind="parameter", verbs=PARAMETER_VERBS
    )
    yield from audit.compare_rows_with_events(
        _calendar_rows(), kind="calendar", verbs=CALENDAR_VERBS
    )
