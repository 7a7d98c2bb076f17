"""Walks the checks over a park's year: readings, meters, bills and the year before."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from ledger.kernel.canonical import digest
from ledger.kernel.periods import Period
from ledger.kernel.quantities import Quantity, total
from reporting.activity import deriving
from reporting.activity.checking.catalogue import catalogue, limits
from reporting.activity.models import ActivityRow
from reporting.parks import queries as parks
from reporting.parks.queries import MeterView, SourceView
from reporting.parks.states import SourceKind
from reporting.readings import queries as readings
from reporting.readings.queries import MonthView

OF_READINGS = "meters:"
CHANGED = "changed"  # the readings have, since the row was taken from them


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is odd: which check, of which meter or source, in which month, how."""

    check: str
    subject_id: UUID
    subject: str
    month: date
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, UUID, date]:
        return self.check, self.subject_id, self.month

    @property
    def severity(self) -> str:
        return catalogue()[self.check].severity

    @property
    def digest(self) -> str:
        """What an answer answers: another oddness of the same kind is a new question."""
        return digest([self.check, str(self.subject_id), self.month.isoformat(),
                       dict(self.params)]).hex()  # fmt: skip


def find_all(
    park_id: UUID,
    period: Period,
    *,
    today: date,
    progress: Callable[[int], None] = lambda step: None,
) -> list[Found]:
    """Everything odd in a period of whole months, once each. `progress`: which step begins."""
    look = _Look(park_id, period, today)
    found: list[Found] = []
    for step, looked in enumerate((look.readings, look.calibrations, look.balances, look.rows)):
        progress(step)
        found += looked()
    return found


class _Look:
    """What the checks need to know of a park, asked once."""

    def __init__(self, park_id: UUID, period: Period, today: date) -> None:
        self.park_id, self.period, self.today = park_id, period, today
        self.limits = limits()
        self.meters = {meter.id: meter for meter in parks.meters_of(park_id)}
        self.months = readings.month_views(park_id, period)

    def readings(self) -> Iterator[Found]:
        odd = readings.oddities(self.park_id, self.period, limits=self.limits, today=self.today)
        for one in odd:
            params = {"first_on": one.first_on.isoformat(), "count": str(one.count)}
            if one.value:
                params["value"] = parks.plain(one.value)
            number = self.meters[one.meter_id].number
            yield Found(one.kind, one.meter_id, number, one.month, params)

    def calibrations(self) -> Iterator[Found]:
        """Meters that were calibrated once, and are not so to the end of a month they read in."""
        until = parks.calibrated_until(self.park_id)
        for (meter_id, month), _view in sorted(self.months.items(), key=lambda one: one[0][1]):
            end = Period.month(month.year, month.month).end
            lapsed = until.get(meter_id)
            if lapsed is not None and lapsed < end:
                params = {"valid_to": lapsed.isoformat()}
                number = self.meters[meter_id].number
                yield Found("calibration", meter_id, number, month, params)

    def balances(self) -> Iterator[Found]:
        """A main meter against the meters below it, in the main meter's measure."""
        below: dict[UUID, list[MeterView]] = {}
        for meter in self.meters.values():
            if meter.fed_by_id is not None:
                below.setdefault(meter.fed_by_id, []).append(meter)
        for main_id, subs in below.items():
            for month in sorted({month for meter_id, month in self.months if meter_id == main_id}):
                yield from self._balance(self.meters[main_id], subs, month)

    def _balance(self, main: MeterView, subs: Sequence[MeterView], month: date) -> Iterator[Found]:
        there = [self.months.get((meter.id, month)) for meter in subs]
        if not any(there):
            return
        above = _quantity(main, self.months[main.id, month])
        parts = [
            _quantity(meter, view).to(main.unit)
            for meter, view in zip(subs, there, strict=True)
            if view is not None
        ]
        under = total(parts, main.unit)
        if _differ(above.amount, under.amount, self.limits["balance_share"]):
            params = {"main": _said(above), "subs": _said(under)}
            yield Found("balance", main.id, main.number, month, params)

    def rows(self) -> Iterator[Found]:
        sources = {source.id: source for source in parks.sources_of(self.park_id, self.period)}
        now, before = self._rows(self.period), self._rows(_year_before(self.period))
        told, taken = self._bills(), self._taken()
        for (source_id, month), amount in sorted(now.items(), key=lambda one: one[0][1]):
            source = sources.get(source_id)
            if source is not None:
                yield from self._against_last_year(source, month, amount, before)
                yield from self._supply(source, month)
        for month in sorted({month for _source, month in [*told, *taken]}):
            yield from self._against_meters(sources, month, told, taken)

    def _rows(self, period: Period) -> dict[tuple[UUID, date], Decimal]:
        rows = _newest(self.park_id, period)
        return {(row.source_id, row.month): row.amount for row in rows}

    def _bills(self) -> dict[tuple[UUID, date], Decimal]:
        """The newest row of each month that somebody entered: from a bill, not from readings."""
        rows = _newest(self.park_id, self.period, entered=True)
        return {(row.source_id, row.month): row.amount for row in rows}

    def _taken(self) -> dict[tuple[UUID, date], str]:
        """By source and month, which readings the newest row was added up from."""
        return {
            (row.source_id, row.month): row.evidence
            for row in _newest(self.park_id, self.period)
            if row.evidence.startswith(OF_READINGS)
        }

    def _against_last_year(
        self,
        source: SourceView,
        month: date,
        amount: Decimal,
        before: Mapping[tuple[UUID, date], Decimal],
    ) -> Iterator[Found]:
        was = before.get((source.id, month.replace(year=month.year - 1)))
        if was is not None and _differ(was, amount, self.limits["year_share"]):
            params = {"now": parks.plain(amount), "before": parks.plain(was), "unit": source.unit}
            yield Found("year_on_year", source.id, source.code, month, params)

    def _supply(self, source: SourceView, month: date) -> Iterator[Found]:
        if source.kind is not SourceKind.DIRECT_GREEN_POWER:
            return
        gaps = parks.supply_gaps(source.id, Period.month(month.year, month.month))
        if gaps is None or gaps:
            params = {"missing": ",".join(gaps or ["record"])}
            yield Found("direct_supply", source.id, source.code, month, params)

    def _against_meters(
        self,
        sources: Mapping[UUID, SourceView],
        month: date,
        told: Mapping[tuple[UUID, date], Decimal],
        taken: Mapping[tuple[UUID, date], str],
    ) -> Iterator[Found]:
        for one in deriving.derive_month(self.park_id, Period.month(month.year, month.month)):
            if taken.get((one.source.id, month), one.evidence) != one.evidence:
                params = {"now": one.evidence}
                yield Found(CHANGED, one.source.id, one.source.code, month, params)
            bill = told.get((one.source.id, month))
            if bill is None or one.source.id not in sources:
                continue
            metered = one.quantity.amount
            if _differ(bill, metered, self.limits["bill_share"]):
                params = {
                    "bill": parks.plain(bill),
                    "metered": parks.plain(round(metered, 6)),
                    "unit": one.source.unit,
                }
                yield Found("bill", one.source.id, one.source.code, month, params)


def _newest(park_id: UUID, period: Period, *, entered: bool = False) -> list[ActivityRow]:
    """The newest version of each source and month, or the newest that a person entered."""
    rows = ActivityRow.objects.filter(
        dataset__park_id=park_id, month__gte=period.start, month__lt=period.end
    )
    if entered:
        rows = rows.exclude(evidence__startswith=OF_READINGS)
    return list(rows.order_by("source_id", "month", "-version").distinct("source_id", "month"))


def _quantity(meter: MeterView, month: MonthView) -> Quantity:
    amount = readings.millionths_as(month.total_millionths) * meter.multiplier
    return Quantity(amount, meter.unit)


def _said(quantity: Quantity) -> str:
    return f"{parks.plain(round(quantity.amount, 3))} {quantity.measure.value}"


def _differ(left: Decimal, right: Decimal, share: Decimal) -> bool:
    """Whether they are further apart than a share of the first."""
    return abs(left - right) > share * abs(left)


def _year_before(period: Period) -> Period:
    return Period(
        period.start.replace(year=period.start.year - 1),
        period.end.replace(year=period.end.year - 1),
    )
