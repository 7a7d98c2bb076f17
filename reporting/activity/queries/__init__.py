"""What other rooms may ask of a park's years of data."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext

from ledger.jobs import queries as jobs
from ledger.kernel.actors import Actor, Role
from ledger.kernel.canonical import digest
from ledger.kernel.errors import NotFound
from ledger.kernel.measures import Measure
from ledger.kernel.periods import Period
from ledger.kernel.quantities import Quantity
from reporting.activity.checking.catalogue import scores
from reporting.activity.models import ActivityRow, Dataset, Finding, ReadingLink
from reporting.activity.queries.sealed import (
    ROWS_RECORDED,
    as_stored,
    check_rows_against_events,
    digest_of,
    readings_behind,
    rows_behind,
    uploads_behind,
)
from reporting.activity.rules import SourceFacts
from reporting.activity.states import GRADES, TRUST, DatasetState, FindingState, Quality
from reporting.parks import queries as parks

__all__ = [
    "ROWS_RECORDED",
    "ActivityFacts",
    "Completeness",
    "DataQuality",
    "Spike",
    "answered_digests",
    "as_stored",
    "check_rows_against_events",
    "completeness",
    "count_findings",
    "current_rows",
    "dataset_hash",
    "datasets_of",
    "digest_of",
    "facts_of",
    "find_dataset",
    "find_row",
    "findings_of",
    "get_dataset",
    "is_current",
    "links_digests",
    "links_of",
    "quality_of",
    "readable_datasets",
    "readings_behind",
    "rows_behind",
    "rows_for",
    "sources_by_code",
    "spikes",
    "state_name",
    "state_of",
    "tell_job",
    "uploads_behind",
]

MONTHS = 12
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
    quality: str = ""


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


def tell_job(job: Any, actor: Actor | None) -> jobs.Told:
    """What a job of this room is about, and where: for the job's page."""
    dataset = Dataset.objects.select_related("park").filter(pk=job.args["dataset_id"]).first()
    if dataset is None:
        return jobs.Told()
    may_read = actor is not None and readable_datasets(actor).filter(pk=dataset.pk).exists()
    page = reverse("admin:reporting_activity_dataset_change", args=[dataset.pk])
    links = [(str(dataset), page)] if may_read else ()
    return jobs.Told(str(dataset), dataset.get_state_display(), links)


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


def find_row(row_id: UUID) -> ActivityRow | None:
    """One row of any version, with the upload that brought it; None when there is none."""
    return ActivityRow.objects.select_related("upload").filter(pk=row_id).first()


def is_current(row: ActivityRow) -> bool:
    """Whether no later version took its place."""
    same = ActivityRow.objects.filter(
        dataset=row.dataset_id, source_id=row.source_id, month=row.month
    )
    return not same.filter(version__gt=row.version).exists()


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
        quality=row.quality or "",
    )


def findings_of(by: Actor) -> QuerySet[Finding]:
    """What the checks found in the years that the actor may read."""
    return Finding.objects.filter(dataset__in=readable_datasets(by).values("pk"))


def count_findings(dataset: Dataset) -> list[tuple[str, str, int]]:
    """How many findings of a year are in each state: its code, its word, the count."""
    counted = dict(dataset.findings.order_by().values_list("state").annotate(count=Count("pk")))
    return [(state.value, str(state.label), counted.get(state.value, 0)) for state in FindingState]


@dataclass(frozen=True, slots=True)
class DataQuality:
    """Source-months by grade (its word and count), and their score between 0 and 1."""

    counts: list[tuple[str, str, int]]
    score: Decimal


def quality_of(dataset: Dataset) -> DataQuality:
    """How well a year is known. What is missing counts nothing (grade D)."""
    told = Counter(
        row.quality or Quality.MEASURED
        for row in current_rows().filter(dataset=dataset).only("quality")
    )
    missing = len(sources_by_code(dataset.park_id)) * MONTHS - told.total()
    worth = scores()
    points = sum((worth[GRADES[Quality(kind)]] * count for kind, count in told.items()), Decimal(0))
    due = told.total() + max(missing, 0)
    counts = [(GRADES[kind], str(kind.label), told[kind]) for kind in Quality]
    return DataQuality(
        [*counts, ("D", gettext("missing"), max(missing, 0))], points / due if due else Decimal(0)
    )


def answered_digests(park_id: UUID, period: Period) -> set[str]:
    """Of the findings of a period that were answered: what they were."""
    rows = Finding.objects.filter(
        dataset__park_id=park_id,
        month__gte=period.start,
        month__lt=period.end,
        state=FindingState.ANSWERED,
    )
    return set(rows.values_list("digest", flat=True))


def links_digests(park_id: UUID, period: Period) -> dict[UUID, str]:
    """By source, the evidence of the month's row that was taken from readings."""
    rows = current_rows().filter(
        dataset__park_id=park_id, month=period.start, evidence__startswith="meters:"
    )
    return dict(rows.values_list("source_id", "evidence"))


def links_of(row_id: UUID) -> QuerySet[ReadingLink]:
    """The meters' months that a row was added up from."""
    return (
        ReadingLink.objects.filter(row_id=row_id).select_related("meter").order_by("meter__number")
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
