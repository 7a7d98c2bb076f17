"""Years of data, uploads and rows held against the log; and what a stranger needs for the same."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from ledger.audit import queries as audit
from ledger.kernel.canonical import digest
from reporting.activity.deriving import evidence_of
from reporting.activity.models import ActivityRow, Dataset, Finding, ReadingLink, Upload
from reporting.activity.states import DatasetState, FindingState
from reporting.parks import queries as parks

FINDING_VERBS = (
    "data_finding.found",
    "data_finding.changed",
    *(f"data_finding.{state.lower()}" for state in FindingState),
)
DECIMALS = 12  # of an amount in the table
ROWS_RECORDED = "activity.rows_recorded"
DATASET_VERBS = ("dataset.opened", *(f"dataset.{state.lower()}" for state in DatasetState))


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
