"""Periods: from a day, up to and **not** including another. Years touch and never overlap."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from ledger.kernel.errors import N_, DomainError


class EmptyPeriod(DomainError):
    code = "empty_period"
    message = N_("A period must end after it starts: %(start)s to %(end)s.")


def _month_start(year: int, month: int) -> date:
    """The first of a month; month 13 is January of the next year."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise EmptyPeriod(start=self.start.isoformat(), end=self.end.isoformat())

    @classmethod
    def year(cls, year: int) -> Self:
        return cls(date(year, 1, 1), date(year + 1, 1, 1))

    @classmethod
    def month(cls, year: int, month: int) -> Self:
        return cls(date(year, month, 1), _month_start(year, month + 1))

    @classmethod
    def through(cls, first: date, last: date) -> Self:
        """From the first to the last day, both inside: how laws and contracts write it."""
        return cls(first, last + timedelta(days=1))

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def contains(self, other: "date | Period") -> bool:
        if isinstance(other, Period):
            return self.start <= other.start and other.end <= self.end
        return other in self

    def overlaps(self, other: "Period") -> bool:
        return self.start < other.end and other.start < self.end

    def touches(self, other: "Period") -> bool:
        """One ends where the other starts: no gap, no day twice."""
        return self.end == other.start or other.end == self.start

    def intersection(self, other: "Period") -> "Period | None":
        if not self.overlaps(other):
            return None
        return Period(max(self.start, other.start), min(self.end, other.end))

    def months(self) -> "Iterator[Period]":
        """The calendar months it touches, each cut to the period."""
        first = self.start
        while first < self.end:
            following = _month_start(first.year, first.month + 1)
            yield Period(first, min(following, self.end))
            first = following

    def is_whole_months(self) -> bool:
        return self.start.day == 1 and self.end.day == 1

    def __str__(self) -> str:
        return f"[{self.start.isoformat()}, {self.end.isoformat()})"
