"""Uncertainty by drawing: sources that share a factor err together, and the seed is kept.

The draws are of relative errors, which are statistics and no emissions: they are the one place
where a float does, and what comes out is stated to six places, the same on every machine.
"""

import random
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from statistics import NormalDist
from typing import Any

from ledger.kernel.quantities import WIDE
from reporting.inventories.engine.uncertainty import HalfWidths, Part
from reporting.inventories.engine.values import ZERO, Line

DRAWS = 4000
COVERED = 0.95
STANDARD = NormalDist()
Z = STANDARD.inv_cdf(0.5 + COVERED / 2)  # half-widths are of 95 %
STATED = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Simulated:
    """`low` and `high` bound 95 % of the draws, as parts of the total."""

    seed: int
    draws: int
    low: Decimal
    high: Decimal

    @property
    def half_width(self) -> Decimal:
        return ((self.high - self.low) / 2).quantize(STATED, rounding=ROUND_HALF_UP)

    def content(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "draws": self.draws,
            "low": f"{self.low:f}",
            "high": f"{self.high:f}",
            "half_width": f"{self.half_width:f}",
        }


def by_factor(lines: Sequence[Line], half_widths: Mapping[Any, HalfWidths]) -> dict[Hashable, Part]:
    """One part for all that stands on one factor row: the factor errs once, activities alone."""
    sums: dict[Hashable, dict[str, Decimal]] = {}
    widths: dict[Hashable, HalfWidths] = {}
    for line in lines:
        if line.activity.is_removal or line.activity.subcategory not in half_widths:
            continue
        key = line.factor.id
        widths[key] = half_widths[line.activity.subcategory]
        of_sources = sums.setdefault(key, {})
        before = of_sources.get(line.activity.source_code, ZERO)
        of_sources[line.activity.source_code] = WIDE.add(before, line.tco2e)
    return {key: _part(list(sums[key].values()), widths[key]) for key in sums}


def _part(emissions: Sequence[Decimal], widths: HalfWidths) -> Part:
    whole = sum(emissions, ZERO)
    squares = sum((WIDE.multiply(each, each) for each in emissions), ZERO)
    spread = WIDE.divide(WIDE.sqrt(squares), abs(whole)) if whole else ZERO
    return Part(whole, WIDE.multiply(spread, widths.activity), widths.factor)


def simulate(parts: Sequence[Part], *, seed: int, draws: int = DRAWS) -> Simulated:
    """The same seed gives the same answer, always."""
    whole = float(sum((part.tco2e for part in parts), ZERO))
    if not whole:
        return Simulated(seed, draws, ZERO, ZERO)
    given = [
        (float(part.tco2e) / whole, float(part.activity) / Z, float(part.factor) / Z)
        for part in parts
    ]
    source = random.Random(seed)  # noqa: S311  no secret: the seed is published
    drawn = sorted(_draw(given, source) for _ in range(draws))
    edge = int(draws * (1 - COVERED) / 2)
    return Simulated(seed, draws, _stated(drawn[edge]), _stated(drawn[-1 - edge]))


def _draw(given: Sequence[tuple[float, float, float]], source: random.Random) -> float:
    """How far the total is off in one draw, as a part of it."""
    return sum(
        share * ((1 + activity * _normal(source)) * (1 + factor * _normal(source)) - 1)
        for share, activity, factor in given
    )


def _normal(source: random.Random) -> float:
    """By inversion of one uniform draw, the one that Python promises not to change."""
    return STANDARD.inv_cdf(source.random() or 0.5)


def _stated(part_of_one: float) -> Decimal:
    return Decimal(part_of_one).quantize(STATED, rounding=ROUND_HALF_UP)
