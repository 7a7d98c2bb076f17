"""Taking activity data in, whole or not at all, and moving a year from draft to locked."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Max

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.files import operations as files
from ledger.files.queries import FileType
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.periods import Period
from ledger.kernel.quantities import Quantity
from ledger.kernel.transitions import check_transition
from reporting.activity import queries
from reporting.activity.checking import Found, find_all
from reporting.activity.importer import read_table
from reporting.activity.models import ActivityRow, Dataset, Upload
from reporting.activity.rules import (
    DatasetIncomplete,
    DatasetNotOpen,
    FindingsUnanswered,
    MakerIsChecker,
    Reading,
    SameFileAgain,
    UploadHasProblems,
    columns_of,
    read_rows,
)
from reporting.activity.states import TRANSITIONS, DatasetState
from reporting.parks import queries as parks

BEIJING = ZoneInfo("Asia/Shanghai")
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Preview:
    """What an upload would do: its good rows, how many of them correct an earlier value, and how
    many rows of the template are not filled in yet.
    """

    readings: list[Reading]
    corrections: int
    unfilled: int


def preview_upload(*, park_id: UUID, year: int, content: bytes, at: datetime) -> Preview:
    """Read a file without storing anything.

    :raises NotReadable, NoRows, TooManyRows, ColumnsMissing: the file as a whole is no good
    :raises UploadHasProblems: lists every bad cell
    """
    headings, rows = read_table(content)
    sheet = read_rows(
        rows,
        columns=columns_of(headings),
        sources=queries.sources_by_code(park_id),
        year=year,
        today=at.astimezone(BEIJING).date(),
    )
    if sheet.problems:
        raise UploadHasProblems(sheet.problems)
    known = _known_versions(park_id, year)
    corrections = sum(1 for one in sheet.readings if (one.source_id, one.month) in known)
    return Preview(sheet.readings, corrections, len(sheet.unfilled))


@operation
def upload_year(
    *,
    park_id: UUID,
    year: int,
    content: IO[bytes],
    name: str,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> Upload:
    """Take a file of monthly rows in, all or nothing. Values that were there become old versions.

    :raises UploadHasProblems: every bad row at once; nothing was stored
    :raises SameFileAgain, DatasetNotOpen, NotFound, FileTooLarge, FileTypeRefused: and the rest
    """
    park = parks.get_park(park_id, by)
    found = files.read_limited(content)
    dataset = open_dataset(park_id=park_id, party_id=park.operator_id, year=year, by=by, at=at)
    stored = files.store_file(
        content=io.BytesIO(found),
        name=name,
        purpose="activity",
        party_id=park.operator_id,
        by=by,
        at=at,
        accepted=(FileType.TEXT, FileType.XLSX, FileType.JSON),
    )
    _check_new(dataset, stored.sha256)
    preview = preview_upload(park_id=park_id, year=year, content=found, at=at)
    upload = Upload.objects.create(
        dataset=dataset,
        file_id=stored.pk,
        sha256=stored.sha256,
        row_count=len(preview.readings),
        uploaded_at=at,
        uploaded_by=by.user_id,
    )
    add_rows(dataset, preview.readings, upload=upload, by=by, at=at, reason=reason)
    audit.record(
        verb="activity.uploaded",
        subject=f"activity.Upload:{upload.pk}",
        by=by,
        at=at,
        reason=reason,
        data={"row": parks.row_facts(upload)},
    )
    return upload


@operation
def correct_row(
    *,
    dataset_id: UUID,
    source_code: str,
    month: date,
    quantity: Quantity,
    reason: str,
    by: Actor,
    at: datetime,
) -> ActivityRow:
    """Put a new version in place of a month's value; the old one stays readable.

    :raises NotFound, DatasetNotOpen, MeasureMismatch:
    """
    dataset = _locked(dataset_id, by=by)
    source = queries.sources_by_code(dataset.park_id).get(source_code)
    if source is None:
        raise NotFound(source_code)
    reading = Reading(
        row=0,
        source_id=source.source_id,
        source_code=source.code,
        carrier=source.carrier,
        month=month,
        quantity=quantity.to(source.measure),
        entered=f"{quantity.amount} {quantity.measure.value}",
        evidence="",
        note="",
    )
    return add_rows(dataset, [reading], upload=None, by=by, at=at, reason=reason)[0]


@operation
def submit_dataset(*, dataset_id: UUID, by: Actor, at: datetime) -> Dataset:
    """Hand a year in for checking.

    :raises DatasetIncomplete: a source has no value for a month that has passed
    :raises FindingsUnanswered: a check finds something that nobody has answered
    """
    dataset = queries.get_dataset(dataset_id=dataset_id, by=by)
    gaps = queries.completeness(
        dataset.park_id, dataset.year, until=at.astimezone(BEIJING).date()
    ).missing
    if gaps:
        code, month = gaps[0]
        raise DatasetIncomplete(count=len(gaps), first=f"{code} {month:%Y-%m}")
    check_answered(dataset.park_id, Period.year(dataset.year), at=at)
    return _move(dataset_id, DatasetState.SUBMITTED, by=by, at=at)


def check_answered(
    park_id: UUID, period: Period, *, at: datetime, but: frozenset[str] = frozenset()
) -> None:
    """Look at the data as it stands now: what is odd must have been answered just so. `but`: codes
    of checks that do not matter here.

    :raises FindingsUnanswered: something is odd, and nobody has said why
    """
    answered = queries.answered_digests(park_id, period)
    found = find_all(park_id, period, today=at.astimezone(BEIJING).date())
    waiting = [one for one in found if one.check not in but and one.digest not in answered]
    if waiting:
        first = f"{waiting[0].subject} {waiting[0].month:%Y-%m}"
        raise FindingsUnanswered(count=len(waiting), first=first)


def look(
    park_id: UUID, period: Period, *, at: datetime, progress: Callable[[int], None]
) -> list[Found]:
    """What the checks find as things stand, without writing anything down."""
    return find_all(park_id, period, today=at.astimezone(BEIJING).date(), progress=progress)


@operation
def check_dataset(*, dataset_id: UUID, by: Actor, at: datetime) -> Dataset:
    """The second pair of eyes.

    :raises MakerIsChecker: the one who submitted may not check
    """
    dataset = queries.get_dataset(dataset_id=dataset_id, by=by)
    makers = set(dataset.rows.values_list("recorded_by", flat=True)) | {dataset.submitted_by}
    if by.user_id in makers:
        raise MakerIsChecker
    return _move(dataset_id, DatasetState.CHECKED, by=by, at=at)


@operation
def reopen_dataset(*, dataset_id: UUID, reason: str, by: Actor, at: datetime) -> Dataset:
    """Back to draft, with the reason; its reports become stale when a row changes."""
    queries.get_dataset(dataset_id=dataset_id, by=by)
    return _move(dataset_id, DatasetState.DRAFT, by=by, at=at, reason=reason)


@operation
def mark_verified(*, dataset_id: UUID, opinion_id: UUID, by: Actor, at: datetime) -> Dataset:
    """Called when a verifier's opinion is given."""
    return _move(dataset_id, DatasetState.VERIFIED, by=by, at=at, data={"opinion": str(opinion_id)})


@operation
def lock_dataset(*, dataset_id: UUID, by: Actor, at: datetime) -> Dataset:
    """Close a verified year."""
    queries.get_dataset(dataset_id=dataset_id, by=by)
    return _move(dataset_id, DatasetState.LOCKED, by=by, at=at)


def open_dataset(*, park_id: UUID, party_id: UUID, year: int, by: Actor, at: datetime) -> Dataset:
    """The park's year of data, to be added to.

    :raises DatasetNotOpen: it has been handed in
    """
    dataset, is_new = Dataset.objects.select_for_update().get_or_create(
        park_id=park_id,
        year=year,
        defaults={"party_id": party_id, "moved_at": at, "moved_by": by.user_id},
    )
    if is_new:
        audit.record(
            verb="dataset.opened",
            subject=f"activity.Dataset:{dataset.pk}",
            by=by,
            at=at,
            data={"row": parks.row_facts(dataset)},
        )
    if dataset.state != DatasetState.DRAFT:
        raise DatasetNotOpen
    return dataset


def _locked(dataset_id: UUID, *, by: Actor) -> Dataset:
    queries.get_dataset(dataset_id=dataset_id, by=by)
    dataset = Dataset.objects.select_for_update().get(pk=dataset_id)
    if dataset.state != DatasetState.DRAFT:
        raise DatasetNotOpen
    return dataset


def _check_new(dataset: Dataset, sha256: str) -> None:
    earlier = dataset.uploads.filter(sha256=sha256).first()
    if earlier is not None:
        raise SameFileAgain(day=earlier.uploaded_at.astimezone(BEIJING).date().isoformat())


def _known_versions(park_id: UUID, year: int) -> dict[tuple[UUID, date], int]:
    rows = ActivityRow.objects.filter(dataset__park_id=park_id, dataset__year=year)
    counted = rows.values_list("source_id", "month").annotate(newest=Max("version"))
    return {(source_id, month): newest for source_id, month, newest in counted}


def add_rows(
    dataset: Dataset,
    readings: Sequence[Reading],
    *,
    upload: Upload | None,
    by: Actor,
    at: datetime,
    reason: str,
) -> list[ActivityRow]:
    """New versions of the rows, and the events that tell their digests."""
    known = _known_versions(dataset.park_id, dataset.year)
    rows = [
        _row(dataset, one, version=known.get((one.source_id, one.month), 0) + 1) for one in readings
    ]
    for row in rows:
        row.upload, row.reason = upload, reason
        row.recorded_at, row.recorded_by = at, by.user_id
        row.digest = queries.digest_of(row)
    ActivityRow.objects.bulk_create(rows, batch_size=AT_ONCE)
    for start in range(0, len(rows), AT_ONCE):
        audit.record(
            verb="activity.rows_recorded",
            subject=f"activity.Dataset:{dataset.pk}",
            by=by,
            at=at,
            data={"rows": {str(row.pk): row.digest for row in rows[start : start + AT_ONCE]}},
        )
    return rows


def _row(dataset: Dataset, reading: Reading, *, version: int) -> ActivityRow:
    return ActivityRow(
        id=new_id(),
        dataset=dataset,
        source_id=reading.source_id,
        source_code=reading.source_code,
        month=reading.month,
        version=version,
        amount=queries.as_stored(reading.quantity.amount),
        measure=reading.quantity.measure.value,
        entered=reading.entered[:80],
        evidence=reading.evidence[:200],
        note=reading.note[:200],
        quality=reading.quality or None,
    )


def _move(
    dataset_id: UUID,
    state: DatasetState,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> Dataset:
    dataset = Dataset.objects.select_for_update().get(pk=dataset_id)
    old = dataset.state
    check_transition(TRANSITIONS, old, state)
    dataset.state, dataset.moved_at, dataset.moved_by = state, at, by.user_id
    if state == DatasetState.SUBMITTED:
        dataset.submitted_by = by.user_id
    dataset.save(update_fields=["state", "moved_at", "moved_by", "submitted_by"])
    period_hash = queries.dataset_hash(dataset.park_id, Period.year(dataset.year))
    audit.record(
        verb=f"dataset.{state.lower()}",
        subject=f"activity.Dataset:{dataset.pk}",
        by=by,
        at=at,
        reason=reason,
        data={
            "from": old,
            "to": state,
            "hash": period_hash,
            "row": parks.row_facts(dataset),
            **(data or {}),
        },
    )
    return dataset
