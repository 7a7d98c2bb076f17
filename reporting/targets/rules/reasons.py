"""Why a total moved between two years: activity, factors, sources that came or went, instruments.

For each source E = A × f. Half of what the two do together goes to each, so that the parts add up
to the whole, to the last digit, whichever year is called the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from ledger.kernel.quantities import WIDE
from reporting.targets.states import Reason

ZERO = Decimal(0)
HALF = Decimal("0.5")
STATED = Decimal("0.000000001")  # a thousandth of a gram: what is cut here the factor's part takes


@dataclass(frozen=True, slots=True)
class SourceYear:
    """What one source did in one year; `tco2e` is what its activity made."""

    activity: Decimal
    tco2e: Decimal

    @property
    def factor(self) -> Decimal:
        return WIDE.divide(self.tco2e, self.activity) if self.activity else ZERO


@dataclass(frozen=True, slots=True)
class Year:
    """The sources of a year (location-based), and what instruments took off or put on."""

    sources: Mapping[str, SourceYear]
    instruments_tco2e: Decimal = ZERO  # market-based less location-based

    @property
    def total(self) -> Decimal:
        return sum((one.tco2e for one in self.sources.values()), self.instruments_tco2e)


@dataclass(frozen=True, slots=True)
class Effect:
    source: str
    reason: Reason
    tco2e: Decimal


def effects(before: Year, after: Year) -> list[Effect]:
    """By source and reason; they add up to the change of the total."""
    found = []
    for source in sorted({*before.sources, *after.sources}):
        found += _of_source(source, before.sources.get(source), after.sources.get(source))
    moved = WIDE.subtract(after.instruments_tco2e, before.instruments_tco2e)
    found.append(Effect("", Reason.INSTRUMENT, moved))
    return [one for one in found if one.tco2e]


def _of_source(source: str, was: SourceYear | None, now: SourceYear | None) -> list[Effect]:
    if was is None or now is None or not was.activity or not now.activity:
        moved = (now.tco2e if now else ZERO) - (was.tco2e if was else ZERO)
        return [Effect(source, Reason.STRUCTURE, moved)]
    change = WIDE.subtract(now.tco2e, was.tco2e)
    mean = WIDE.multiply(HALF, WIDE.add(was.factor, now.factor))
    by_activity = WIDE.multiply(WIDE.subtract(now.activity, was.activity), mean)
    by_activity = by_activity.quantize(STATED, context=WIDE)
    # The rest, not a product of its own: a factor that does not end must not open a gap.
    by_factor = WIDE.subtract(change, by_activity)
    return [
        Effect(source, Reason.ACTIVITY, by_activity),
        Effect(source, Reason.FACTOR, by_factor),
    ]


def by_reason(found: list[Effect]) -> dict[Reason, Decimal]:
    sums = dict.fromkeys(Reason, ZERO)
    for one in found:
        sums[one.reason] = WIDE.add(sums[one.reason], one.tco2e)
    return sums
