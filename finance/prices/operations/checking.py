"""Every row that is told against the sources, the calendar, the limits and what is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from finance.prices import models
from finance.prices.queries.days import LOOK_BACK, TradingDays
from finance.prices.queries.limits import TICK
from finance.prices.rules import facts as rules
from finance.prices.rules.facts import Band, Fact, MarkFact, Problem, RateFact, TellingHasProblems
from finance.prices.states import LimitCheck, Mode
from ledger.instruments import queries as instruments
from ledger.kernel.errors import DomainError
from ledger.kernel.money import Money
from ledger.parameters import queries as parameters
from ledger.parameters.queries import ParameterValue

BEIJING = ZoneInfo("Asia/Shanghai")
# (*series, day) → newest version, and its figure; none where it is withdrawn
Known = dict[tuple[Any, ...], tuple[int, Decimal | None]]


def beijing_day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()


@dataclass(frozen=True, slots=True)
class Row:
    """A row to be written: what is told, as which version, and how it stands to the limits."""

    fact: Any
    version: int
    limit: LimitCheck = LimitCheck.NONE


@dataclass(frozen=True, slots=True)
class Checked:
    rows: list[Row]
    unchanged_count: int  # told before, just so


@dataclass(slots=True)
class _Problems:
    row_count: int
    found: list[Problem] = field(default_factory=list)

    def add(self, row: int, column: str, error: DomainError) -> None:
        self.found.append(Problem(row, column, error))

    def raise_any(self) -> None:
        """Of a single row its own refusal; of several all of them together."""
        if self.found and self.row_count == 1:
            raise self.found[0].error
        if self.found:
            raise TellingHasProblems(self.found)


@dataclass(frozen=True, slots=True)
class Looked:
    """What telling them would write, and what is wrong with them: one of the two is empty."""

    checked: Checked
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class _World:
    """What the rows are held against, read once."""

    sources: Mapping[str, models.PriceSource]
    families: Mapping[str, str]
    days: TradingDays
    today: date


def check(told: Sequence[Fact], *, reason: str, today: date) -> Checked:
    """:raises TellingHasProblems, DomainError: see `tell_marks`"""
    checked, problems = _look(told, reason=reason, today=today)
    problems.raise_any()
    return checked


def look(told: Sequence[Fact], *, reason: str, today: date) -> Looked:
    """As `check`, and every problem with its row and column; nothing is raised."""
    checked, problems = _look(told, reason=reason, today=today)
    return Looked(Checked([], 0) if problems.found else checked, problems.found)


def _look(told: Sequence[Fact], *, reason: str, today: date) -> tuple[Checked, _Problems]:
    problems = _Problems(len(told))
    world = _World(
        sources=models.PriceSource.objects.in_bulk(),
        families=dict(instruments.schemes().values_list("code", "family")),
        days=_days(one.day for one in told),
        today=today,
    )
    seen: set[Any] = set()
    for row, fact in enumerate(told, start=1):
        for column, error in _faults(fact, world):
            problems.add(row, column, error)
        place = (*fact.series, fact.day)
        if place in seen:
            problems.add(row, "day", rules.ToldTwice(what=fact.what, day=fact.day))
        seen.add(place)
    if problems.found:
        return Checked([], 0), problems
    return _against_what_is_known(told, world, problems, reason=reason), problems


def _days(days: Iterable[date]) -> TradingDays:
    named = list(days)
    return TradingDays(min(named) - LOOK_BACK, max(named))


def _faults(fact: Fact, world: _World) -> Iterable[tuple[str, DomainError]]:
    """What is wrong with a row by itself: column and refusal."""
    checks = _mark_checks(fact, world) if isinstance(fact, MarkFact) else _rate_checks(fact, world)
    for column, test in checks:
        try:
            test()
        except DomainError as error:
            yield column, error


def _mark_checks(fact: MarkFact, world: _World) -> Sequence[tuple[str, Any]]:
    source, family = world.sources.get(fact.source), world.families.get(fact.scheme, "")
    is_allowance = family == instruments.Family.ALLOWANCE
    return (
        ("source", lambda: _check_source(fact.source, source, fact)),
        ("scheme", lambda: _check_scheme(fact.scheme, family)),
        ("vintage", lambda: rules.check_vintage(fact, is_allowance=is_allowance)),
        ("price", lambda: rules.check_number(fact.price, places=rules.PRICE_PLACES)),
        ("currency", lambda: Money(Decimal(0), fact.currency)),
        ("day", lambda: _check_day(fact.marked_on, source, world)),
    )


def _rate_checks(fact: RateFact, world: _World) -> Sequence[tuple[str, Any]]:
    source = world.sources.get(fact.source)
    return (
        ("source", lambda: _check_source(fact.source, source, fact)),
        ("from", lambda: Money(Decimal(0), fact.from_currency)),
        ("to", lambda: _check_pair(fact)),
        ("rate", lambda: rules.check_number(fact.rate, places=rules.RATE_PLACES)),
        ("day", lambda: _check_day(fact.rated_on, source, world)),
    )


def _check_source(code: str, source: models.PriceSource | None, fact: Fact) -> None:
    if source is None:
        raise rules.NoSuchSource(source=code)
    if isinstance(fact, RateFact):
        gives = source.gives_rates
    else:
        gives = not source.gives_rates and (not source.schemes or fact.scheme in source.schemes)
    if not gives:
        raise rules.NotOfThisSource(source=source, what=fact.what)


def _check_scheme(code: str, family: str) -> None:
    if not family:
        raise instruments.NoSuchScheme(scheme=code)


def _check_pair(fact: RateFact) -> None:
    Money(Decimal(0), fact.to_currency)
    if fact.from_currency == fact.to_currency:
        raise rules.SameCurrency(currency=fact.to_currency)


def _check_day(day: date, source: models.PriceSource | None, world: _World) -> None:
    if day > world.today:
        raise rules.InTheFuture(day=day)
    if source is not None and source.calendar and world.days.excludes(day):
        raise rules.NotATradingDay(day=day, source=source)


# --- against what is known


def _against_what_is_known(
    told: Sequence[Fact],
    world: _World,
    problems: _Problems,
    *,
    reason: str,
) -> Checked:
    known = _known(told)
    limits = _Limits(known, told, world)
    rows = []
    for row, fact in enumerate(told, start=1):
        version, figure = known.get((*fact.series, fact.day), (0, None))
        if figure == fact.figure:
            continue
        limit, allowed = limits.check(fact)
        if version and not (fact.reason or reason):
            problems.add(row, "reason", _why_again(fact, figure))
        if allowed is not None and limit is LimitCheck.OUTSIDE and not (fact.reason or reason):
            problems.add(row, "price", _outside(fact, allowed))
        rows.append(Row(fact, version + 1, limit))
    return Checked(rows, len(told) - len(rows))


def _why_again(fact: Fact, figure: Decimal | None) -> DomainError:
    if figure is None:
        return rules.WithdrawnBefore(what=fact.what, day=fact.day)
    return rules.ReasonNeeded(what=fact.what, day=fact.day, price=f"{figure.normalize():f}")


def _outside(fact: Fact, allowed: Band) -> DomainError:
    return rules.OutsideTheLimits(
        price=fact.figure,
        day=fact.day,
        low=allowed.low,
        high=allowed.high,
        close=allowed.close,
    )


def _known(told: Sequence[Fact]) -> Known:
    """The newest versions around the days that are told: one query."""
    tail = ["version", "is_withdrawn"]
    days = [one.day for one in told]
    first, last = min(days) - LOOK_BACK, max(days)
    if isinstance(told[0], MarkFact):
        columns = ["scheme", "vintage_year", "source_id", "mode", "marked_on", *tail, "price"]
        rows: Any = models.Mark.objects.filter(
            scheme__in={one.scheme for one in told if isinstance(one, MarkFact)},
            source__in={one.source for one in told},
            marked_on__range=(first, last),
        )
    else:
        columns = ["from_currency", "to_currency", "source_id", "rated_on", *tail, "rate"]
        rows = models.ExchangeRate.objects.filter(
            source__in={one.source for one in told}, rated_on__range=(first, last)
        )
    found = rows.order_by("version").values_list(*columns)
    return {
        tuple(key): (version, None if is_withdrawn else figure)
        for *key, version, is_withdrawn, figure in found
    }


class _Limits:
    """The band of each day by the close before it, told now or known already."""

    def __init__(self, known: Known, told: Sequence[Fact], world: _World) -> None:
        self.closes = {place: figure for place, (_version, figure) in known.items() if figure}
        self.closes |= {(*one.series, one.day): one.figure for one in told}
        self.world = world
        self.rows: dict[str, list[ParameterValue]] = {}

    def check(self, fact: Fact) -> tuple[LimitCheck, Band | None]:
        if isinstance(fact, RateFact):
            return LimitCheck.NONE, None
        key = self.world.sources[fact.source].limits.get(fact.mode)
        if not key:
            return LimitCheck.NONE, None
        before = self.world.days.before(fact.marked_on)
        listed = (fact.scheme, fact.vintage_year, fact.source, Mode.LISTED.value, before)
        close = self.closes.get(listed)
        if close is None:
            return LimitCheck.UNKNOWN, None
        share, tick = self._number(key, fact.marked_on), self._number(TICK, fact.marked_on)
        allowed = rules.band(close, share=share, tick=tick)
        return (LimitCheck.WITHIN if fact.price in allowed else LimitCheck.OUTSIDE), allowed

    def _number(self, key: str, on: date) -> Decimal:
        """The rule number of a day, out of its whole history: one query for each key."""
        if key not in self.rows:
            self.rows[key] = parameters.parameters_of(key)
        for row in self.rows[key]:
            if row.valid_from <= on and (row.valid_to is None or on < row.valid_to):
                return row.number
        return parameters.get_parameter(key, on=on).number
