"""How an entity stands, as a pure function of dated facts (I27).

The facts are replayed in the order in which they were recorded. A regime's ladder, which is data,
then says the status: its first rung whose condition holds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from ledger.compliance.states import FactKind
from ledger.kernel.errors import N_, DomainError

Moment = date | datetime
Rung = tuple[str, str]  # condition, status


class OutsideReportingYears(DomainError):
    code = "outside_reporting_years"
    message = N_("The entity reports from %(first)s to %(last)s; %(year)s is outside.")


class ExcludedYear(DomainError):
    code = "excluded_year"
    message = N_("%(year)s is excluded: it cannot have emissions.")


class NotEntered(DomainError):
    code = "not_entered"
    message = N_("Nothing is known of this entity before it entered the regime.")


class UnknownCondition(DomainError):
    code = "unknown_condition"
    message = N_("A rule set names a condition that does not exist: %(key)s.")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing told. `amount`: tonnes or units; None of EMISSIONS or LAST_YEAR takes it back."""

    kind: FactKind
    year: int | None = None
    amount: int | None = None
    moment: Moment | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What is known of an entity after some facts."""

    current_year: int
    first_year: int
    last_year: int | None
    end_year: int  # of the years it reports for
    emissions: Mapping[int, int] = field(default_factory=dict)
    excluded: frozenset[int] = frozenset()
    surrendered: int = 0
    surrendered_for: Mapping[int, int] = field(default_factory=dict)

    @property
    def owing_years(self) -> range:
        """Years over, for which it reports."""
        return range(self.first_year, min(self.current_year - 1, self.end_year) + 1)

    @property
    def has_begun(self) -> bool:
        """In its first year an entity owes nothing yet, unless that year is its last one too."""
        if self.current_year == self.first_year:
            return self.last_year is not None and self.end_year == self.current_year
        return self.current_year > self.first_year

    @property
    def is_closing(self) -> bool:
        return self.last_year == self.current_year


# --- replaying


def _end_year(first_year: int, last_year: int | None, current_year: int) -> int:
    return max(first_year, current_year - 1 if last_year is None else last_year)


def enter(*, first_year: int, current_year: int, last_year: int | None = None) -> State:
    end = _end_year(first_year, last_year, current_year)
    return State(current_year, first_year, last_year, end)


def _with_years(state: State, first_year: int, last_year: int | None) -> State:
    end = _end_year(first_year, last_year, state.current_year)
    return replace(state, first_year=first_year, last_year=last_year, end_year=end)


def _year_of(fact: Fact) -> int:
    if fact.year is None:
        raise ValueError(f"{fact.kind} without a year")
    return fact.year


def _new_year(state: State, fact: Fact) -> State:
    year = _year_of(fact)
    end = state.end_year if state.last_year is not None else max(state.first_year, year - 1)
    return replace(state, current_year=year, end_year=end)


def _emissions(state: State, fact: Fact) -> State:
    told = {year: tonnes for year, tonnes in state.emissions.items() if year != fact.year}
    if fact.amount is not None:
        told[_year_of(fact)] = fact.amount
    return replace(state, emissions=told)


def _surrender(sign: int) -> Callable[[State, Fact], State]:
    def apply(state: State, fact: Fact) -> State:
        count = sign * (fact.amount or 0)
        by_year = dict(state.surrendered_for)
        if fact.year is not None:
            by_year[fact.year] = by_year.get(fact.year, 0) + count
        return replace(state, surrendered=state.surrendered + count, surrendered_for=by_year)

    return apply


CHANGES: Mapping[FactKind, Callable[[State, Fact], State]] = {
    FactKind.FIRST_YEAR: lambda state, fact: _with_years(state, _year_of(fact), state.last_year),
    FactKind.LAST_YEAR: lambda state, fact: _with_years(state, state.first_year, fact.year),
    FactKind.EXCLUDED: lambda state, fact: replace(
        state, excluded=state.excluded | {_year_of(fact)}
    ),
    FactKind.INCLUDED: lambda state, fact: replace(
        state, excluded=state.excluded - {_year_of(fact)}
    ),
    FactKind.EMISSIONS: _emissions,
    FactKind.SURRENDERED: _surrender(1),
    FactKind.SURRENDER_REVERSED: _surrender(-1),
    FactKind.NEW_YEAR: _new_year,
}


def check_state(state: State) -> None:
    """:raises OutsideReportingYears: emissions before the first or after the last year
    :raises ExcludedYear: emissions of a year for which nothing is owed
    """
    for year in sorted(year for year, tonnes in state.emissions.items() if tonnes > 0):
        if not state.first_year <= year <= state.end_year:
            raise OutsideReportingYears(year=year, first=state.first_year, last=state.end_year)
        if year in state.excluded:
            raise ExcludedYear(year=year)


def apply(state: State, fact: Fact) -> State:
    """The state after one more fact.

    :raises OutsideReportingYears, ExcludedYear: it cannot be so; the state stays as it was
    """
    after = CHANGES[fact.kind](state, fact)
    check_state(after)
    return after


def replay(facts: Iterable[Fact], *, current_year: int) -> State:
    """The state after all facts, in the order given; the first one must tell of the entry.

    `current_year`: in which the entry was told. Later years come as NEW_YEAR.

    :raises NotEntered: no facts
    """
    state: State | None = None
    for fact in facts:
        if state is None:
            state = enter(first_year=_year_of(fact), current_year=current_year)
        else:
            state = apply(state, fact)
    if state is None:
        raise NotEntered
    return state


# --- the ladder


def _all_years_excluded(state: State) -> bool:
    return bool(state.excluded) and state.excluded.issuperset(state.owing_years)


def _emissions_missing(state: State) -> bool:
    return any(
        year not in state.emissions and year not in state.excluded for year in state.owing_years
    )


def _current_emissions_missing(state: State) -> bool:
    year = state.current_year
    return state.is_closing and year not in state.excluded and year not in state.emissions


def _below_years_past(state: State) -> bool:
    owed = sum(tonnes for year, tonnes in state.emissions.items() if year != state.current_year)
    return owed > state.surrendered


CONDITIONS: Mapping[str, Callable[[State], bool]] = {
    "NOT_BEGUN": lambda state: not state.has_begun,
    "ALL_YEARS_EXCLUDED": _all_years_excluded,
    "EMISSIONS_MISSING": _emissions_missing,
    "CURRENT_EMISSIONS_MISSING": _current_emissions_missing,
    "SURRENDERED_BELOW_YEARS_PAST": _below_years_past,
    "SURRENDERED_BELOW_ALL_YEARS": lambda state: sum(state.emissions.values()) > state.surrendered,
    "OTHERWISE": lambda state: True,
}


def status_of(state: State, ladder: Sequence[Rung]) -> str:
    """The status of the first rung whose condition holds; empty where none does.

    :raises UnknownCondition: the ladder names a condition that is not there
    """
    for condition, status in ladder:
        if condition not in CONDITIONS:
            raise UnknownCondition(key=condition)
        if CONDITIONS[condition](state):
            return status
    return ""


@dataclass(frozen=True, slots=True)
class Standing:
    """`closing_status` counts the current year too; only an entity in its last year has one."""

    status: str
    closing_status: str | None

    @property
    def shown(self) -> str:
        return self.closing_status or self.status


def standing_of(state: State, *, ladder: Sequence[Rung], closing: Sequence[Rung] = ()) -> Standing:
    """:raises UnknownCondition: a ladder names a condition that is not there"""
    last = status_of(state, closing) if closing and state.is_closing else None
    return Standing(status_of(state, ladder), last)


@dataclass(frozen=True, slots=True)
class Step:
    """After one fact: the state and standing that held then; `refusal` if it was not taken."""

    state: State
    standing: Standing
    moment: Moment | None
    refusal: DomainError | None = None


def history(
    state: State,
    facts: Iterable[Fact],
    *,
    ladder: Sequence[Rung],
    closing: Sequence[Rung] = (),
    moment: Moment | None = None,
) -> list[Step]:
    """Every state from the entry on. A fact that cannot be is refused and changes nothing."""
    steps = [Step(state, standing_of(state, ladder=ladder, closing=closing), moment)]
    for fact in facts:
        last = steps[-1]
        try:
            after = apply(last.state, fact)
        except (OutsideReportingYears, ExcludedYear) as refusal:
            steps.append(replace(last, refusal=refusal))
            continue
        standing = standing_of(after, ladder=ladder, closing=closing)
        steps.append(Step(after, standing, fact.moment))
    return steps


def standing_before(steps: Sequence[Step], moment: Moment) -> Step:
    """What held just before a moment: the step with the latest moment, of equals the first.

    :raises NotEntered: nothing was recorded before
    """
    told: list[tuple[Any, Step]] = [
        (step.moment, step) for step in steps if step.moment is not None
    ]
    before = [(at, step) for at, step in told if at < moment]
    if not before:
        raise NotEntered
    return max(before, key=lambda pair: pair[0])[1]
