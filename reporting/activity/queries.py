from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext

from ledger.audit import queries as audit
from ledger.jobs import queries as jobs
from ledger.kernel.actors import Actor, Role
from ledger.kernel.canonical import digest
from ledger.kernel.errors import NotFound
from ledger.kernel.measures import Measure
from ledger.kernel.periods import Period
from ledger.kernel.quantities import Quantity
from reporting.activity.checking.catalogue import scores
from reporting.activity.deriving import evidence_of
from reporting.activity.models import ActivityRow, Dataset, Finding, ReadingLink, Upload
from reporting.activity.rules import SourceFacts
from reporting.activity.states import GRADES, TRUST, DatasetState, FindingState, Quality
from reporting.parks import queries as parks

FINDING_VERBS = (
    "data_finding.found",
    "data_finding.changed",
    *(f"data_finding.{state.lower()}" for state in FindingState),
)
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


# --- rows against the log


def as_stored(amount: Decimal) -> Decimal:
    """The amount as the table gives it back, so that its digest can be made again."""
    return round(amount, DECIMALS) if amount != round(amount, DECIMALS) else amount


def sealed_facts(row: ActivityRow) -> dict[str, Any]:
    """Every column, in the form that the digest is made of; and the digest itself."""
    facts = parks.row_facts(row)
    if facts["quality"] is None:  # a column that came later is told once it says something
        del facts["quality"]
    return facts


def digest_of(row: ActivityRow) -> str:
    """What binds a row: every column but the digest itself."""
    facts = sealed_facts(row)
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
    yield from audit.compare_rows_with_events(
        parks.sealed_rows(Finding, "activity"), kind="activity.Finding", verbs=FINDING_VERBS
    )
    for dataset_id in _datasets_with_rows():
        yield from _check_rows_of(dataset_id)
    yield from _links_match_evidence()


def _links_match_evidence() -> Iterator[audit.Fault]:
    """The meters behind a row are those that its evidence was reckoned over."""
    told = dict(
        ActivityRow.objects.filter(evidence__startswith="meters:").values_list("pk", "evidence")
    )
    links = ReadingLink.objects.order_by("row_id").iterator()
    for row_id, some in groupby(links, key=lambda link: link.row_id):
        parts = list(some)
        facts = (_link_facts(link) for link in parts)
        if told.pop(row_id, None) != evidence_of(facts) or _months_of(parts) != {_month(row_id)}:
            subject = f"activity.ActivityRow:{row_id}"
            yield audit.Fault(
                "activity.ReadingLink", subject, "its meters differ from its evidence"
            )
    for row_id in told:
        subject = f"activity.ActivityRow:{row_id}"
        yield audit.Fault("activity.ReadingLink", subject, "its meters are gone")


def _months_of(links: list[ReadingLink]) -> set[date]:
    return {link.month for link in links}


def _month(row_id: UUID) -> date | None:
    return ActivityRow.objects.filter(pk=row_id).values_list("month", flat=True).first()


def _link_facts(link: ReadingLink) -> list[str]:
    return [
        str(link.meter_id), str(link.total_millionths), link.unit, parks.plain(link.factor),
        str(link.told_count), str(link.estimated_count), str(link.expected_count), link.root,
    ]  # fmt: skip


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
    return [sealed_facts(row) for row in rows]


def readings_behind(row_ids: Iterable[UUID]) -> dict[str, list[list[str]]]:
    """Of each row that was added up from meters: their months, as its evidence is made of them."""
    found: dict[str, list[list[str]]] = {}
    for link in ReadingLink.objects.filter(row_id__in=list(row_ids)).order_by("row_id"):
        found.setdefault(str(link.row_id), []).append(_link_facts(link))
    return {row_id: sorted(months) for row_id, months in found.items()}


def uploads_behind(upload_ids: Iterable[UUID]) -> list[dict[str, Any]]:
    """The files that rows came in by, as they are sealed."""
    rows = Upload.objects.filter(pk__in=list(upload_ids)).order_by("uploaded_at", "id")
    return [parks.row_facts(row) for row in rows]
