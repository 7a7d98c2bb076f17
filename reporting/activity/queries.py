from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from ledger.audit import queries as audit
from ledger.kernel.actors import Actor, Role
from ledger.kernel.canonical import digest
from ledger.kernel.errors import NotFound
from ledger.kernel.measures import Measure
from ledger.kernel.periods import Period
from ledger.kernel.quantities import Quantity
from reporting.activity.models import ActivityRow, Dataset, Upload
from reporting.activity.rules import SourceFacts
from reporting.activity.states import TRUST, DatasetState
from reporting.parks import queries as parks

MONTHS = 12
DECIMALS = 12  # of an amount in the table
ROWS_RECORDED = "activity.rows_recorded"
DATASET_VERBS = ("dataset.opened", *(f"dataset.{state.lower()}" for state in DatasetState))
SPIKE = Decimal(3)


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """One current row, as other rooms read it."""

    row_id: UUID
    source_id: UUID
    source_code: str
    month: date
    version: int
    quantity: Quantity
    evidence: str
    digest: str


@dataclass(frozen=True, slots=True)
class Completeness:
    """How much of a year is there: how many source-months are due, and which are missing."""

    expected: int
    missing: list[tuple[str, date]]

    @property
    def percent(self) -> int:
        present = self.expected - len(self.missing)
        return present * 100 // self.expected if self.expected else 0


@dataclass(frozen=True, slots=True)
class Spike:
    """A month far from the other months of its source: a question, not an error."""

    source_code: str
    month: date
    amount: Decimal
    usual: Decimal


def datasets_of(by: Actor) -> QuerySet[Dataset]:
    """The years of data of the actor's party."""
    datasets = Dataset.objects.select_related("park").order_by("-year")
    if by.has(Role.SYSTEM, Role.AUDITOR):
        return datasets
    return datasets.filter(party_id=by.own_party)


def get_dataset(*, dataset_id: UUID, by: Actor) -> Dataset:
    """:raises NotFound: not there, or another party's"""
    dataset = datasets_of(by).filter(pk=dataset_id).first()
    if dataset is None:
        raise NotFound(str(dataset_id))
    return dataset


def find_dataset(*, park_id: UUID, year: int) -> Dataset | None:
    return Dataset.objects.filter(park_id=park_id, year=year).first()


# Filled in by config/wiring.py: who, besides the operator, may read which park's period.
readers: list[Callable[[Actor], Iterable[tuple[UUID, date]]]] = []


def readable_datasets(actor: Actor) -> QuerySet[Dataset]:
    """The operator's own years, and those that an engagement lets a verifier read."""
    mine = Q(party_id=actor.own_party)
    for read in readers:
        for park_id, period_start in read(actor):
            mine |= Q(park_id=park_id, year=period_start.year)
    return Dataset.objects.filter(mine)


def state_name(state: str) -> str:
    """A state of the data in words; of no data, a dash."""
    return str(DatasetState(state).label) if state else "–"


def state_of(park_id: UUID, period: Period) -> DatasetState | None:
    """The least trusted state among the period's years; None when one has no data."""
    years = range(period.start.year, period.last_day.year + 1)
    states = dict(
        Dataset.objects.filter(park_id=park_id, year__in=years).values_list("year", "state")
    )
    if len(states) < len(years):
        return None
    return min((DatasetState(state) for state in states.values()), key=TRUST.index)


def current_rows() -> QuerySet[ActivityRow]:
    """The newest version of each source and month."""
    newest = ActivityRow.objects.filter(
        dataset=OuterRef("dataset"), source_id=OuterRef("source_id"), month=OuterRef("month")
    ).order_by("-version")
    return ActivityRow.objects.filter(pk=Subquery(newest.values("pk")[:1]))


def rows_for(park_id: UUID, period: Period) -> list[ActivityFacts]:
    """The current rows of a period, by source and month. Amounts are in the source's measure."""
    rows = current_rows().filter(
        dataset__park_id=park_id, month__gte=period.start, month__lt=period.end
    )
    return [facts_of(row) for row in rows.order_by("source_code", "month")]


def facts_of(row: ActivityRow) -> ActivityFacts:
    return ActivityFacts(
        row_id=row.pk,
        source_id=row.source_id,
        source_code=row.source_code,
        month=row.month,
        version=row.version,
        quantity=Quantity(row.amount.normalize() + 0, Measure.parse(row.measure)),
        evidence=row.evidence,
        digest=row.digest,
    )


def dataset_hash(park_id: UUID, period: Period) -> str:
    """One hash over the current rows: any later correction changes it."""
    return digest([row.digest for row in rows_for(park_id, period)]).hex()


def sources_by_code(park_id: UUID) -> Mapping[str, SourceFacts]:
    """The park's sources, by the code that people write."""
    return {
        source.code: SourceFacts(
            source_id=source.id,
            code=source.code,
            carrier=source.carrier,
            measure=Measure.parse(source.unit),
        )
        for source in parks.sources_of(park_id)
    }


def completeness(park_id: UUID, year: int, *, until: date) -> Completeness:
    """Which months have no row yet, up to the month before `until`."""
    months = [date(year, month, 1) for month in range(1, MONTHS + 1)]
    due = [month for month in months if month < until.replace(day=1)]
    codes = sorted(sources_by_code(park_id))
    present = set(
        ActivityRow.objects.filter(dataset__park_id=park_id, dataset__year=year)
        .values_list("source_code", "month")
        .distinct()
    )
    wanted = [(code, month) for code in codes for month in due]
    return Completeness(len(wanted), [pair for pair in wanted if pair not in present])


def spikes(park_id: UUID, year: int) -> Iterator[Spike]:
    """Months more than three times, or less than a third of, the median of their source."""
    by_source: dict[str, list[ActivityFacts]] = {}
    for row in rows_for(park_id, Period.year(year)):
        by_source.setdefault(row.source_code, []).append(row)
    for code, rows in by_source.items():
        amounts = sorted(row.quantity.amount for row in rows)
        usual = amounts[len(amounts) // 2]
        for row in rows:
            amount = row.quantity.amount
            if usual and (amount > SPIKE * usual or amount * SPIKE < usual):
                yield Spike(code, row.month, amount, usual)


# --- rows against the log


def as_stored(amount: Decimal) -> Decimal:
    """The amount as the table gives it back, so that its digest can be made again."""
    return round(amount, DECIMALS) if amount != round(amount, DECIMALS) else amount


def digest_of(row: ActivityRow) -> str:
    """What binds a row: every column but the digest itself."""
    facts = parks.row_facts(row)
    del facts["digest"]
    return digest(facts).hex()


def check_rows_against_events() -> Iterator[audit.Fault]:
    """Years of data, uploads and rows are as the log says of them."""
    yield from audit.compare_rows_with_events(
        parks.sealed_rows(Dataset, "activity"), kind="activity.Dataset", verbs=DATASET_VERBS
    )
    yield from audit.compare_rows_with_events(
        parks.sealed_rows(Upload, "activity"), kind="activity.Upload", verbs=["activity.uploaded"]
    )
    for dataset_id in _datasets_with_rows():
        yield from _check_rows_of(dataset_id)


def _datasets_with_rows() -> list[str]:
    """Of the table and of the log: a year whose rows are all gone is found, too."""
    stored = ActivityRow.objects.values_list("dataset_id", flat=True).distinct()
    told = audit.subjects_of(ROWS_RECORDED)
    return sorted({str(pk) for pk in stored} | {subject.partition(":")[2] for subject in told})


def _check_rows_of(dataset_id: str) -> Iterator[audit.Fault]:
    told: dict[str, str] = {}
    for data in audit.data_told_of(f"activity.Dataset:{dataset_id}", verb=ROWS_RECORDED):
        told |= data["rows"]
    for row in ActivityRow.objects.filter(dataset_id=dataset_id).iterator():
        was = told.pop(str(row.pk), None)
        subject = f"activity.ActivityRow:{row.pk}"
        if was is None:
            yield audit.Fault("activity.ActivityRow", subject, "no event tells of this row")
        elif not was == row.digest == digest_of(row):
            yield audit.Fault("activity.ActivityRow", subject, "differs from its event")
    for pk in told:
        subject = f"activity.ActivityRow:{pk}"
        yield audit.Fault("activity.ActivityRow", subject, "its event is there, the row is gone")


# --- what a stranger needs to make the digests again


def rows_behind(row_ids: Iterable[UUID]) -> list[dict[str, Any]]:
    """Rows by their ids, also those that were corrected since: every column, as it is sealed."""
    rows = ActivityRow.objects.filter(pk__in=list(row_ids)).order_by("source_code", "month")
    return [parks.row_facts(row) for row in rows]


def uploads_behind(upload_ids: Iterable[UUID]) -> list[dict[str, Any]]:
    """The files that rows came in by, as they are sealed."""
    rows = Upload.objects.filter(pk__in=list(upload_ids)).order_by("uploaded_at", "id")
    return [parks.row_facts(row) for row in rows]
