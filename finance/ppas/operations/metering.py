"""Meters and their rows. A file is taken in whole or not at all; a correction is a new version."""

from datetime import date, datetime
from typing import IO, Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from finance.ppas import models, queries
from finance.ppas.importer import MOST_PROBLEMS, ReadFile
from finance.ppas.operations.recording import record
from finance.ppas.queries import content
from finance.ppas.queries.metering import metered_wh
from finance.ppas.rules import refusals
from finance.ppas.rules.quantities import mwh
from finance.ppas.rules.readings import Problem
from finance.ppas.states import UPLOAD_TRANSITIONS, Grain, Side, UploadState
from ledger.claims import operations as claims
from ledger.doors.operation import operation
from ledger.files import operations as files
from ledger.files.queries import FileType
from ledger.instruments import queries as instruments
from ledger.jobs import operations as jobs
from ledger.kernel.actors import Actor
from ledger.kernel.errors import N_, NotFound
from ledger.kernel.transitions import check_transition

TASK = "ppas.read_meter_rows"
PURPOSE = "meter rows"
LARGEST_FILE_MB = 400
CHUNK = 1 << 20
TEXT = (FileType.TEXT, FileType.XLSX, FileType.JSON)


@operation(retry=True)
def register_point(
    *,
    code: str,
    name: str,
    side: str,
    grain: str,
    by: Actor,
    at: datetime,
    plant_id: UUID | None = None,
    user_id: UUID | None = None,
    party_id: UUID | None = None,
) -> models.Point:
    """Register where power is metered. The same again is answered with the same point.

    :raises PlantNeeded: a point of generation without its plant, or one of consumption with one
    :raises PointKnown: the code or the plant has another point
    :raises NotFound: no such plant
    """
    keeper = by.own_party if party_id is None or not by.is_machine else party_id
    if (side == Side.GENERATION) != (plant_id is not None) or (
        side == Side.CONSUMPTION and user_id is None
    ):
        raise refusals.PlantNeeded
    if plant_id is not None:
        instruments.get_plant(plant_id)
    user = user_id if side == Side.CONSUMPTION else None
    same = Q(party_id=keeper, code=code) | (
        Q(plant_id=plant_id) if plant_id is not None else Q(pk=None)
    )
    if found := models.Point.objects.filter(same).first():
        if (found.party_id, found.code, found.plant_id, found.user_id, found.grain) != (
            keeper, code, plant_id, user, grain,
        ):  # fmt: skip
            raise refusals.PointKnown
        return found
    point = models.Point.objects.create(
        party_id=keeper,
        code=code,
        name=name,
        side=Side(side),
        grain=Grain(grain),
        plant_id=plant_id,
        user_id=user,
        registered_at=at,
        registered_by=by.user_id,
    )
    record("meter.registered", point, by=by, at=at)
    return point


@operation
def upload_readings(
    *,
    content: IO[bytes],
    name: str,
    by: Actor,
    at: datetime,
    reason: str = "",
    party_id: UUID | None = None,
) -> models.Upload:
    """Keep a file of meter rows and ask for the job that reads it.

    The same file again is answered with the upload that took it in or still waits.

    :raises FileTooLarge, FileEmpty, FileTypeRefused, FileLooksLikeABomb, FileInfected:
    """
    keeper = by.own_party if party_id is None or not by.is_machine else party_id
    stored = files.store_file(
        content=content,
        name=name,
        purpose=PURPOSE,
        party_id=keeper,
        by=by,
        at=at,
        accepted=TEXT,
        limit_mb=LARGEST_FILE_MB,
    )
    same = models.Upload.objects.filter(party_id=keeper, sha256=stored.sha256)
    if found := same.exclude(state=UploadState.REFUSED).first():
        return found
    upload = models.Upload.objects.create(
        party_id=keeper,
        file_id=stored.pk,
        file_name=stored.name,
        sha256=stored.sha256,
        reason=reason,
        uploaded_at=at,
        uploaded_by=by.user_id,
    )
    record("meter_rows.uploaded", upload, by=by, at=at)
    jobs.enqueue(
        kind=N_("meter rows"),
        task=TASK,
        args={"upload_id": str(upload.pk)},
        by=by,
        at=at,
        subject=queries.subject_of(upload),
        key=f"ppas.upload:{upload.pk}",
    )
    return upload


_STAGE = """
CREATE TEMP TABLE ppa_row (row_number int, point_id uuid, day date, hour smallint,
                           energy_wh bigint) ON COMMIT DROP
"""
_TWICE = """
SELECT f.row_number FROM (
    SELECT row_number, row_number() OVER (PARTITION BY point_id, day, hour ORDER BY row_number)
        AS turn FROM ppa_row) AS f
WHERE f.turn > 1 ORDER BY 1 LIMIT %s
"""
_KNOWN_BEFORE = """
SELECT EXISTS (
    SELECT 1 FROM (SELECT point_id, min(day) AS first, max(day) AS last FROM ppa_row GROUP BY 1) f
    JOIN finance_ppas_reading r
      ON r.point_id = f.point_id AND r.day >= f.first AND r.day <= f.last)
"""
_INSERT_NEW = """
INSERT INTO finance_ppas_reading (point_id, day, hour, version, energy_wh, upload_id)
SELECT point_id, day, hour, 1, energy_wh, %(upload)s FROM ppa_row
ORDER BY point_id, day, hour
"""
_INSERT_CHANGED = """
INSERT INTO finance_ppas_reading (point_id, day, hour, version, energy_wh, upload_id)
SELECT f.point_id, f.day, f.hour, coalesce(r.version, 0) + 1, f.energy_wh, %(upload)s
FROM ppa_row f
LEFT JOIN LATERAL (
    SELECT version, energy_wh FROM finance_ppas_reading
    WHERE point_id = f.point_id AND day = f.day AND hour = f.hour
    ORDER BY version DESC LIMIT 1) r ON true
WHERE r.energy_wh IS DISTINCT FROM f.energy_wh
"""
_COUNTED = """
SELECT count(*) FILTER (WHERE version = 1), count(*) FILTER (WHERE version > 1)
FROM finance_ppas_reading WHERE upload_id = %(upload)s
"""
# The newest of each row; corrections are few, and found by an index of their own.
_MONTHS = """
INSERT INTO finance_ppas_metermonth (id, point_id, month, version, upload_id, energy_wh,
                                     row_count, missing_count, corrected_count)
SELECT gen_random_uuid(), a.point_id, a.month,
       coalesce((SELECT max(m.version) FROM finance_ppas_metermonth m
                 WHERE m.point_id = a.point_id AND m.month = a.month), 0) + 1,
       %(upload)s, sum(r.energy_wh), count(*),
       CASE p.grain WHEN 'MONTH' THEN 1
            ELSE 24 * extract(day FROM a.month + interval '1 month' - interval '1 day')::int END
         - count(*),
       count(*) FILTER (WHERE r.version > 1)
FROM (SELECT DISTINCT point_id, date_trunc('month', day)::date AS month
      FROM finance_ppas_reading WHERE upload_id = %(upload)s) a
JOIN finance_ppas_point p ON p.id = a.point_id
JOIN finance_ppas_reading r ON r.point_id = a.point_id AND r.day >= a.month
                           AND r.day < a.month + interval '1 month'
WHERE NOT EXISTS (SELECT 1 FROM finance_ppas_reading n
                  WHERE n.version > 1 AND n.point_id = r.point_id AND n.day = r.day
                    AND n.hour = r.hour AND n.version > r.version)
GROUP BY a.point_id, a.month, p.grain
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('ppas.meter_rows'))"


@operation
def take_readings(*, upload_id: UUID, read: ReadFile, by: Actor, at: datetime) -> models.Upload:
    """Take the rows of a file in, or refuse it with every problem named. All or nothing.

    A row that says what is known changes nothing; one that says otherwise is the next version.

    :raises IllegalTransition: it was taken in or refused before
    """
    upload = models.Upload.objects.select_for_update().get(pk=upload_id)
    check_transition(UPLOAD_TRANSITIONS, upload.state, UploadState.TAKEN)
    upload.row_count, upload.read_at, upload.read_by = read.row_count, at, by.user_id
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        if not read.problem_count:
            cursor.execute("DROP TABLE IF EXISTS ppa_row")
            cursor.execute(_STAGE)
            with cursor.copy("COPY ppa_row FROM STDIN") as copy:
                while part := read.rows.read(CHUNK):
                    copy.write(part)
            cursor.execute("ANALYZE ppa_row")
            cursor.execute(_TWICE, [MOST_PROBLEMS])
            for (number,) in cursor.fetchall():
                read.wrong(number, "time", N_("the same point and time stand in the file twice"))
        if read.problem_count:
            return _refuse(upload, read, by=by, at=at)
        _insert(cursor, upload)
    upload.state = UploadState.TAKEN
    upload.rows_digest = content.rows_digest(upload)
    upload.months_digest = content.months_digest(upload)
    upload.save()
    record("meter_rows.taken", upload, by=by, at=at, reason=upload.reason)
    return upload


def _insert(cursor: Any, upload: models.Upload) -> None:
    asked = {"upload": upload.pk}
    cursor.execute(_KNOWN_BEFORE)
    (has_known,) = cursor.fetchone()
    cursor.execute(_INSERT_CHANGED if has_known else _INSERT_NEW, asked)
    cursor.execute(_COUNTED, asked)
    upload.new_count, upload.corrected_count = cursor.fetchone()
    upload.same_count = upload.row_count - upload.new_count - upload.corrected_count
    if upload.row_count > 10_000:
        cursor.execute("ANALYZE finance_ppas_reading")
    cursor.execute(_MONTHS, asked)


def _refuse(upload: models.Upload, read: ReadFile, *, by: Actor, at: datetime) -> models.Upload:
    upload.state, upload.problem_count = UploadState.REFUSED, read.problem_count
    upload.problems = [_told(one) for one in sorted(read.problems, key=lambda one: one.row)]
    upload.save()
    record("meter_rows.refused", upload, by=by, at=at)
    return upload


def _told(problem: Problem) -> list[Any]:
    return [problem.row, problem.column, problem.message, problem.text]


@operation
def record_metered_month(*, point_id: UUID, month: date, by: Actor, at: datetime) -> UUID:
    """Tell the ledger what a plant generated in a month, by its complete meter rows.

    Certificates are issued from it, and claims use it up. The same figure again changes nothing.

    :raises NotFound: no such point of generation
    :raises ReadingsMissing: rows of the month are missing
    :raises GenerationDiffers: the ledger has another figure
    """
    point = queries.get_point(point_id, by=by)
    if point.plant_id is None:
        raise NotFound(str(point_id))
    found = metered_wh(point, month)
    if found is None or found.missing_count:
        count = found.missing_count if found else 1
        raise refusals.ReadingsMissing(place=point.code, month=f"{month:%Y-%m}", count=count)
    row = claims.record_generation(
        plant_id=point.plant_id,
        month=month,
        metered_mwh=mwh(found.energy_wh),
        evidence=f"{point.code} {month:%Y-%m}, ppas.MeterMonth:{found.pk}",
        by=by,
        at=at,
    )
    return row.pk
