"""Steps of a sustainability-linked margin: what verified figures make of it, and from when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


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
