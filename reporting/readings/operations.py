"""Taking readings in: by the day of a meter, set by set, whole or not at all."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import IO, Any
from uuid import UUID

from django.db import connection

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.files import operations as files
from ledger.files.queries import FileType
from ledger.jobs import operations as jobs
from ledger.kernel.actors import Actor
from ledger.kernel.errors import N_
from ledger.kernel.ids import new_id
from ledger.kernel.periods import Period
from ledger.kernel.transitions import check_transition
from reporting.parks import queries as parks
from reporting.readings import models, queries, rules, staging
from reporting.readings.importer import Read
from reporting.readings.rules import Key, Problem, Told
from reporting.readings.states import UPLOAD_TRANSITIONS, Stamp, UploadState

TASK = "readings.read"
PURPOSE = "readings"
LARGEST_FILE_MB = 1_500
TEXT = (FileType.TEXT, FileType.XLSX, FileType.JSON)


@operation
def upload_readings(
    *,
    park_id: UUID,
    content: IO[bytes],
    name: str,
    by: Actor,
    at: datetime,
    stamp: Stamp = Stamp.START,
    reason: str = "",
) -> models.Upload:
    """Keep a file of readings and ask for the job that reads it.

    The same file again is answered with the upload that took it in or still waits. `stamp` says
    whether a reading's time is the beginning or the end of its interval.

    :raises NotFound: the park is not there or not the actor's
    :raises FileTooLarge, FileEmpty, FileTypeRefused, FileLooksLikeABomb, FileInfected:
    """
    park = parks.get_park(park_id, by)
    stored = files.store_file(
        content=content,
        name=name,
        purpose=PURPOSE,
        party_id=park.operator_id,
        by=by,
        at=at,
        accepted=TEXT,
        limit_mb=LARGEST_FILE_MB,
    )
    same = models.Upload.objects.filter(park_id=park_id, sha256=stored.sha256)
    if found := same.exclude(state=UploadState.REFUSED).first():
        return found
    upload = models.Upload.objects.create(
        park_id=park_id,
        party_id=park.operator_id,
        file_id=stored.pk,
        file_name=stored.name,
        sha256=stored.sha256,
        stamp=Stamp(stamp),
        reason=reason,
        uploaded_at=at,
        uploaded_by=by.user_id,
    )
    _record("readings.uploaded", upload, by, at)
    jobs.enqueue(
        kind=N_("meter readings"),
        task=TASK,
        args={"upload_id": str(upload.pk)},
        by=by,
        at=at,
        subject=f"readings.Upload:{upload.pk}",
        key=f"readings.upload:{upload.pk}",
    )
    return upload


def _record(verb: str, upload: models.Upload, by: Actor, at: datetime) -> None:
    audit.record(
        verb=verb,
        subject=f"readings.Upload:{upload.pk}",
        by=by,
        at=at,
        reason=upload.reason,
        data={"row": queries.event_row(upload)},
    )


@operation
def take_readings(*, upload_id: UUID, read: Read, by: Actor, at: datetime) -> models.Upload:
    """Take in what was read of a file, or refuse it with every problem named.

    Readings that say otherwise than before need a reason; they become the day's next version.

    :raises IllegalTransition: it was read before
    """
    upload = models.Upload.objects.select_for_update().get(pk=upload_id)
    upload.row_count, upload.blank_count = read.row_count, read.blank_count
    if read.problem_count:
        return _refuse(upload, read.problems, read.problem_count, by, at)
    meters = {meter.id: meter for meter in parks.meters_of(upload.park_id)}
    months = _lock_months(upload, read.days)
    tally = staging.stage(read.days)
    if tally.corrected_count and not upload.reason:
        message = N_("Readings would be corrected: upload the file again and say why.")
        problem = Problem(0, "", message, str(tally.corrected_count))
        staging.forget()
        return _refuse(upload, [problem], 1, by, at)
    staging.write(upload.pk)
    _roll_up(months, meters)
    upload.pieces_digest = rules.pieces_digest(tally.hashes)
    upload.new_count, upload.corrected_count = tally.new_count, tally.corrected_count
    upload.same_count, upload.day_count = tally.same_count, len(tally.hashes)
    upload.first_day = min((told.day for told in read.days), default=None)
    upload.last_day = max((told.day for told in read.days), default=None)
    return _move(upload, UploadState.TAKEN, "readings.taken", by, at)


def _refuse(
    upload: models.Upload, problems: Sequence[Problem], count: int, by: Actor, at: datetime
) -> models.Upload:
    upload.problem_count = count
    upload.problems = [[one.row, one.column, one.message, one.text] for one in problems]
    return _move(upload, UploadState.REFUSED, "readings.refused", by, at)


def _move(
    upload: models.Upload, state: UploadState, verb: str, by: Actor, at: datetime
) -> models.Upload:
    check_transition(UPLOAD_TRANSITIONS, upload.state, state)
    upload.state, upload.read_at, upload.read_by = state, at, by.user_id
    upload.save()
    _record(verb, upload, by, at)
    return upload


# --- set by set

_NEW_MONTHS = """
INSERT INTO reporting_readings_month
    (id, meter_id, park_id, month, total_millionths, day_count, told_count, estimated_count,
     expected_count, corrected_count, root)
SELECT w.id, w.meter_id, %s, w.month, 0, 0, 0, 0, 0, 0, ''
FROM unnest(%s::uuid[], %s::uuid[], %s::date[]) AS w(id, meter_id, month)
ORDER BY w.meter_id, w.month
ON CONFLICT (meter_id, month) DO NOTHING
"""
_LOCKED_MONTHS = """
SELECT m.meter_id, m.month FROM reporting_readings_month AS m
JOIN unnest(%s::uuid[], %s::date[]) AS w(meter_id, month)
  ON w.meter_id = m.meter_id AND w.month = m.month
ORDER BY m.meter_id, m.month FOR UPDATE OF m
"""


def _lock_months(upload: models.Upload, days: Iterable[Told]) -> list[Key]:
    """The months that the days lie in, made where they are new, locked in the order of keys."""
    months = sorted({(told.meter_id, rules.month_of(told.day)) for told in days})
    meters, firsts = [one for one, _month in months], [month for _one, month in months]
    with connection.cursor() as cursor:
        for first in sorted(set(firsts)):
            cursor.execute("SELECT ledger_readings_open_month(%s)", [first])
        cursor.execute(_NEW_MONTHS, [upload.park_id, [new_id() for _ in months], meters, firsts])
        cursor.execute(_LOCKED_MONTHS, [meters, firsts])
    return months


_SUMS = """
SELECT m.meter_id, sum(d.total_millionths), count(*), sum(d.told_count),
       sum(d.estimated_count), count(*) FILTER (WHERE d.version > 1),
       array_agg(d.leaf ORDER BY d.day)
FROM unnest(%s::uuid[]) AS m(meter_id)
JOIN reporting_readings_day AS d ON d.meter_id = m.meter_id AND d.day >= %s AND d.day < %s
GROUP BY m.meter_id
"""
_MONTHS = """
UPDATE reporting_readings_month AS m
SET total_millionths = w.total, day_count = w.days, told_count = w.told,
    estimated_count = w.estimated, expected_count = w.expected, corrected_count = w.corrected,
    root = w.root
FROM unnest(%s::uuid[], %s::date[], %s::numeric[], %s::int[], %s::int[], %s::int[], %s::int[],
            %s::int[], %s::text[])
     AS w(meter_id, month, total, days, told, estimated, expected, corrected, root)
WHERE m.meter_id = w.meter_id AND m.month = w.month
"""


def _roll_up(months: Iterable[Key], meters: dict[UUID, parks.MeterView]) -> None:
    """Each month again from its days: right whatever came late, and in whatever order."""
    by_month: dict[date, list[UUID]] = {}
    for meter_id, month in months:
        by_month.setdefault(month, []).append(meter_id)
    for month, some in sorted(by_month.items()):
        _roll_up_month(month, some, meters)


def _roll_up_month(month: date, some: Sequence[UUID], meters: dict[UUID, parks.MeterView]) -> None:
    period = Period.month(month.year, month.month)
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [list(some), period.start, period.end])
        rows: list[tuple[Any, ...]] = [
            (
                meter_id, month, total, days, told, estimated,
                _expected(meters[meter_id], month), corrected, queries.root_over(leaves),
            )
            for meter_id, total, days, told, estimated, corrected, leaves in cursor.fetchall()
        ]  # fmt: skip
        if rows:
            cursor.execute(_MONTHS, [list(column) for column in zip(*rows, strict=True)])


def _expected(meter: parks.MeterView, month: date) -> int:
    return rules.expected_count(
        month=month, step=meter.step_minutes, valid_from=meter.valid_from, valid_to=meter.valid_to
    )
