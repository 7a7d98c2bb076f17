"""Uncertainty by approach 1 of IPCC 2006 (R5.15): half-widths at 95 %, combined in quadrature."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledger.kernel.quantities import WIDE
from reporting.inventories.engine.values import ZERO


@dataclass(frozen=True, slots=True)
class Part:
    """An emission, and how far its activity and its factor may be off (0.05 = ±5 %)."""

    tco2e: Decimal
    activity: Decimal
    factor: Decimal

    @property
    def combined(self) -> Decimal:
        return _root(_square(self.activity) + _square(self.factor))


def _square(value: Decimal) -> Decimal:
    return WIDE.multiply(value, value)


def _root(value: Decimal) -> Decimal:
    return WIDE.sqrt(value)


def combine(parts: Sequence[Part]) -> Decimal:
    """The half-width of the sum, as a part of it, when no two parts depend on each other."""
    squares = sum((_square(part.tco2e * part.combined) for part in parts), ZERO)
    return _of_whole(_root(squares), parts)


def combine_with_one_factor(parts: Sequence[Part]) -> Decimal:
    """The same when all factors err together, as sources that share a factor do."""
    activities = sum((_square(part.tco2e * part.activity) for part in parts), ZERO)
    factors = sum((abs(part.tco2e) * part.factor for part in parts), ZERO)
    return _of_whole(_root(activities + _square(factors)), parts)


def _of_whole(half_width: Decimal, parts: Sequence[Part]) -> Decimal:
    whole = abs(sum((part.tco2e for part in parts), ZERO))
    return WIDE.divide(half_width, whole) if whole else ZERO
