"""Trading days. Where no calendar is loaded, every weekday counts: rather stale than fresh."""

from bisect import bisect_left, bisect_right
from datetime import date, timedelta

from ledger.parameters import queries as parameters
from ledger.parameters.queries import NoCalendar
from ledger.parameters.states import Calendar

LOOK_BACK = timedelta(days=21)  # longer than any holiday


class TradingDays:
    """The trading days of a span, for many questions about it."""

    def __init__(self, first: date, last: date) -> None:
        self.days: list[date] = []
        self.unknown_years: set[int] = set()
        for year in range(first.year, last.year + 1):
            self._add(max(first, date(year, 1, 1)), min(last, date(year, 12, 31)))

    def _add(self, first: date, last: date) -> None:
        try:
            self.days += parameters.trading_days(first, last, Calendar.CHINA)
        except NoCalendar:
            span = (first + timedelta(days=n) for n in range((last - first).days + 1))
            self.days += [day for day in span if day.weekday() < 5]
            self.unknown_years.add(first.year)

    def __contains__(self, day: date) -> bool:
        at = bisect_left(self.days, day)
        return at < len(self.days) and self.days[at] == day

    def excludes(self, day: date) -> bool:
        """Whether a day is known to be none of them."""
        return day not in self and day.year not in self.unknown_years

    def since(self, day: date) -> int:
        """How many of them come after a day."""
        return len(self.days) - bisect_right(self.days, day)

    def before(self, day: date) -> date | None:
        """The last one before a day."""
        at = bisect_left(self.days, day)
        return self.days[at - 1] if at else None


def last_trading_day(on: date) -> date:
    """The day itself, or the last trading day before it."""
    found = TradingDays(on - LOOK_BACK, on).days
    return found[-1] if found else on
