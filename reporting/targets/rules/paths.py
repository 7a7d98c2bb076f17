"""Contraction, stages, peaks: where a target says a year should be (R9.1 to R9.3, TV-9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.quantities import WIDE
from reporting.targets.states import Standing

ZERO = Decimal(0)
ONE = Decimal(1)


class TargetBeforeBase(DomainError):
    code = "target_before_base"
    message = N_("The target year %(target)s must come after the base year %(base)s.")


class BaseYearTooEarly(DomainError):
    """R9.4"""

    code = "base_year_too_early"
    message = N_("A base year before %(earliest)s is not accepted by the standard.")


class CutOutOfRange(DomainError):
    code = "cut_out_of_range"
    message = N_("A cut lies above 0 and at most at 100 percent, not %(cut)s.")


class StagesOutOfOrder(DomainError):
    code = "stages_out_of_order"
    message = N_("Stages follow each other by year, each after the base year.")


def least_cut(*, base_year: int, target_year: int, rate: Decimal, counted_from: int) -> Decimal:
    """R9.1: the least cut by absolute contraction, as a part of the base.

    From the base year, or from `counted_from` (2020) where the base year is later.

    :raises TargetBeforeBase: no year between
    """
    check_years(base_year=base_year, target_year=target_year)
    years = target_year - min(base_year, counted_from)
    return min(WIDE.multiply(rate, Decimal(years)), ONE)


def check_years(*, base_year: int, target_year: int) -> None:
    """:raises TargetBeforeBase: no year between"""
    if target_year <= base_year:
        raise TargetBeforeBase(base=base_year, target=target_year)


def check_cut(cut: Decimal) -> None:
    """:raises CutOutOfRange: nothing, or more than everything"""
    if not 0 < cut <= 1:
        raise CutOutOfRange(cut=cut)


@dataclass(frozen=True, slots=True)
class Stage:
    """By the end of `year`, `cut` of the base is gone."""

    year: int
    cut: Decimal


@dataclass(frozen=True, slots=True)
class Path:
    """From the base through the stages, linear between them (R9.2)."""

    base_year: int
    base: Decimal
    stages: Sequence[Stage]

    def at(self, year: int) -> Decimal | None:
        """What the year may have; None outside the path."""
        points = [Stage(self.base_year, ZERO), *self.stages]
        for before, after in pairwise(points):
            if before.year <= year <= after.year:
                return self._between(before, after, year)
        return None

    def _between(self, before: Stage, after: Stage, year: int) -> Decimal:
        part = WIDE.divide(Decimal(year - before.year), Decimal(after.year - before.year))
        cut = before.cut + WIDE.multiply(after.cut - before.cut, part)
        return WIDE.multiply(self.base, WIDE.subtract(ONE, cut))

    @property
    def years(self) -> range:
        return range(self.base_year, self.stages[-1].year + 1)


def check_stages(*, base_year: int, stages: Sequence[Stage]) -> None:
    """:raises StagesOutOfOrder, CutOutOfRange: as they say"""
    years = [base_year, *(stage.year for stage in stages)]
    if not stages or years != sorted(set(years)):
        raise StagesOutOfOrder
    for stage in stages:
        check_cut(stage.cut)


@dataclass(frozen=True, slots=True)
class Progress:
    """One year against the path."""

    year: int
    actual: Decimal | None
    allowed: Decimal | None

    @property
    def over(self) -> Decimal | None:
        """How far above the path; below it, less than nothing."""
        if self.actual is None or self.allowed is None:
            return None
        return WIDE.subtract(self.actual, self.allowed)

    @property
    def standing(self) -> Standing:
        if self.over is None:
            return Standing.NO_DATA
        return Standing.ON_TRACK if self.over <= 0 else Standing.OFF_TRACK


def along(path: Path, actual: Mapping[int, Decimal]) -> list[Progress]:
    return [Progress(year, actual.get(year), path.at(year)) for year in path.years]


def peak_standing(*, peak_year: int, actual: Mapping[int, Decimal]) -> tuple[Standing, list[int]]:
    """Whether any year after the peak is above it, and which (TV-9.3)."""
    if peak_year not in actual:
        return Standing.NO_DATA, []
    higher = [year for year in sorted(actual) if year > peak_year
              and actual[year] > actual[peak_year]]  # fmt: skip
    return (Standing.BROKEN if higher else Standing.ON_TRACK), higher


def coverage(invested: Mapping[str, Sequence[Decimal]], *, covered: str) -> Decimal | None:
    """The share of what is invested that has a target of the wanted kind."""
    whole = sum((sum(values, ZERO) for values in invested.values()), ZERO)
    part = sum(invested.get(covered, ()), ZERO)
    return WIDE.divide(part, whole) if whole else None
