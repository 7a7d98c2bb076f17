"""From meters' months to a source's month: which meters count, with which factor, and what it is.

Pure but for the two questions that it asks of the rooms below.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from ledger.kernel.canonical import digest
from ledger.kernel.measures import Measure
from ledger.kernel.periods import Period
from ledger.kernel.quantities import Quantity, total
from reporting.activity.rules import Reading
from reporting.parks import queries as parks
from reporting.parks.queries import MeterView, SourceView
from reporting.readings import queries as readings
from reporting.readings.queries import MonthView


@dataclass(frozen=True, slots=True)
class Part:
    """What one meter adds to its source: its month, times `factor` (its multiplier, signed)."""

    meter_id: UUID
    total_millionths: int
    unit: Measure
    factor: Decimal
    told_count: int
    estimated_count: int
    expected_count: int
    root: str

    @property
    def quantity(self) -> Quantity:
        return Quantity(readings.millionths_as(self.total_millionths), self.unit) * self.factor

    def facts(self) -> list[str]:
        return [
            str(self.meter_id), str(self.total_millionths), self.unit.value,
            parks.plain(self.factor), str(self.told_count), str(self.estimated_count),
            str(self.expected_count), self.root,
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Derived:
    """A source's month, with the meters that it was added up from."""

    source: SourceView
    parts: tuple[Part, ...]

    @property
    def quantity(self) -> Quantity:
        return total([part.quantity for part in self.parts], self.source.measure)

    @property
    def evidence(self) -> str:
        return evidence_of(part.facts() for part in self.parts)

    def as_reading(self, month: date) -> Reading:
        quantity = self.quantity
        return Reading(
            row=0,
            source_id=self.source.id,
            source_code=self.source.code,
            carrier=self.source.carrier,
            month=month,
            quantity=quantity,
            entered=f"{quantity.amount.normalize():f} {quantity.measure.value}",
            evidence=self.evidence,
            note="",
            quality=quality_of(self.parts),
        )


def evidence_of(parts: Iterable[Sequence[str]]) -> str:
    """How a row names its meters' months: their count, and one hash over all of them."""
    facts = sorted(list(one) for one in parts)
    return f"meters:{len(facts)} sha256:{digest(facts).hex()}"


def quality_of(parts: Sequence[Part]) -> str:
    """MEASURED, or ESTIMATED where a reading was estimated or is missing."""
    whole = all(
        not part.estimated_count and part.told_count >= part.expected_count for part in parts
    )
    return "MEASURED" if whole else "ESTIMATED"


def derive_month(park_id: UUID, period: Period) -> list[Derived]:
    """Every source of the park that has readings in a month, by code."""
    months = readings.month_views(park_id, period)
    by_source: dict[UUID, list[MeterView]] = {}
    for meter in parks.meters_of(park_id):
        by_source.setdefault(meter.source_id, []).append(meter)
    virtual = parks.virtual_parts(park_id, period)
    found = []
    for source in parks.sources_of(park_id, period):
        parts = parts_of(by_source.get(source.id, []), months, virtual, period.start)
        if parts:
            found.append(Derived(source, tuple(parts)))
    return found


def parts_of(
    meters: Sequence[MeterView],
    months: Mapping[tuple[UUID, date], MonthView],
    virtual: Mapping[UUID, Sequence[tuple[MeterView, int]]],
    month: date,
) -> list[Part]:
    """The meters of a source that count: a meter below another of the same source, or one that a
    virtual meter of the source is made of, is not counted a second time.
    """
    own = {meter.id for meter in meters}
    inside = {part.id for meter in meters for part, _sign in virtual.get(meter.id, ())}
    counted: list[tuple[MeterView, int]] = []
    for meter in meters:
        if meter.id in virtual:
            counted += virtual[meter.id]
        elif meter.fed_by_id not in own and meter.id not in inside:
            counted.append((meter, 1))
    return [
        _part(meter, sign, months[meter.id, month])
        for meter, sign in counted
        if (meter.id, month) in months
    ]


def _part(meter: MeterView, sign: int, month: MonthView) -> Part:
    return Part(
        meter_id=meter.id,
        total_millionths=month.total_millionths,
        unit=meter.unit,
        factor=meter.multiplier * sign,
        told_count=month.told_count,
        estimated_count=month.estimated_count,
        expected_count=month.expected_count,
        root=month.root,
    )
