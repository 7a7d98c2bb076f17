"""Uncertainty by approach 1 of IPCC 2006 (R5.15): half-widths at 95 %, combined in quadrature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ledger.kernel.quantities import WIDE
from reporting.inventories.engine.values import ZERO, Place

STATED = Decimal("0.000001")  # an uncertainty is stated, not summed further


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


@dataclass(frozen=True, slots=True)
class HalfWidths:
    """Of one part of the inventory, with the rows they came from."""

    activity: Decimal
    factor: Decimal
    ids: Sequence[str] = ()
    confidence: str = ""


def uncertainty_content(
    emissions: Mapping[Place, Decimal], half_widths: Mapping[Place, HalfWidths]
) -> dict[str, Any]:
    """The assessment by part and of the whole; parts without half-widths are named, not guessed."""
    known = {part: value for part, value in emissions.items() if part in half_widths}
    parts = {
        name: Part(value, half_widths[name].activity, half_widths[name].factor)
        for name, value in known.items()
    }
    return {
        "approach": "IPCC 2006 approach 1",
        "parts": [
            {
                "subcategory": name.value,
                "activity": _stated(part.activity),
                "factor": _stated(part.factor),
                "combined": _stated(part.combined),
                "parameters": list(half_widths[name].ids),
                "confidence": half_widths[name].confidence,
            }
            for name, part in parts.items()
        ],
        "whole": _stated(combine(list(parts.values()))),
        "whole_if_factors_err_together": _stated(combine_with_one_factor(list(parts.values()))),
        "not_assessed": sorted(part.value for part in emissions if part not in half_widths),
    }


def _stated(part_of_one: Decimal) -> str:
    rounded = part_of_one.quantize(STATED, rounding=ROUND_HALF_UP)
    return f"{rounded:f}"
