"""Steps of a sustainability-linked margin: what verified figures make of it, and from when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledger.kernel.errors import N_, DomainError


class OtherMeasure(DomainError):
    code = "other_measure"
    message = N_("The step is measured in %(wanted)s, this figure in %(given)s.")


class OtherYear(DomainError):
    code = "other_year"
    message = N_("The step is of %(wanted)s, this figure of %(given)s.")


class NotVerified(DomainError):
    code = "figure_not_verified"
    message = N_("No opinion that stands today vouches for this figure.")


class NotDecidedByTwo(DomainError):
    code = "figure_not_decided_by_two"
    message = N_("A figure that is typed in needs its document and a second person's approval.")


@dataclass(frozen=True, slots=True)
class Verified:
    """A figure that an opinion vouches for; `source` is the record of it elsewhere."""

    source: str
    name: str
    year: int
    value: Decimal
    measure: str
    verified_by: str
    opinion: str
    sha256: str


def check_fits(figure: Verified, *, year: int, measure: str) -> None:
    """:raises OtherYear, OtherMeasure: not what the contract's step is about"""
    if figure.year != year:
        raise OtherYear(wanted=str(year), given=str(figure.year))
    if figure.measure != measure:
        raise OtherMeasure(wanted=measure, given=figure.measure)


@dataclass(frozen=True, slots=True)
class Step:
    """An indicator's target of a year; `met_bps` and `missed_bps` change the margin from a day."""

    indicator: str
    year: int
    comparison: str
    target: Decimal
    met_bps: int
    missed_bps: int
    applies_on: date

    def is_met(self, figure: Decimal) -> bool:
        return figure <= self.target if self.comparison == "AT_MOST" else figure >= self.target

    def change_bps(self, figures: Mapping[tuple[str, int], Decimal]) -> int:
        """A figure that nobody has verified misses the target."""
        figure = figures.get((self.indicator, self.year))
        return self.met_bps if figure is not None and self.is_met(figure) else self.missed_bps


def step_days(steps: Iterable[Step]) -> list[date]:
    return sorted({one.applies_on for one in steps})


def change_on(steps: Sequence[Step], figures: Mapping[tuple[str, int], Decimal], day: date) -> int:
    """Basis points by which the margin of a day differs from the contract's first margin."""
    return sum(one.change_bps(figures) for one in steps if one.applies_on <= day)
