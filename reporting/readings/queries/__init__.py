"""What other rooms may ask of readings."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse

from ledger.audit.merkle import inclusion_stretches, root_of
from ledger.jobs import queries as jobs
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.kernel.periods import Period
from reporting.readings import models, rules
from reporting.readings.queries.oddities import Oddity, oddities
from reporting.readings.queries.proving import body_of, days_under
from reporting.readings.queries.sealed import check_rows, event_row, root_over
from reporting.readings.rules import Key, State

__all__ = [
    "MonthView",
    "Oddity",
    "check_rows",
    "count_months",
    "day_states",
    "days_of",
    "event_row",
    "find_month",
    "get_month",
    "get_upload",
    "millionths_as",
    "month_views",
    "months_of",
    "months_of_upload",
    "months_with_readings",
    "oddities",
    "period_of",
    "pieces_of",
    "prove_day",
    "readers",
    "root_over",
    "state_of",
    "tell_job",
    "uploads_of",
]

AT_A_TIME = 2_000


def millionths_as(amount: int | Decimal) -> Decimal:
    """Whole millionths as a number of the meter's measure."""
    return Decimal(int(amount)).scaleb(-rules.SCALE)


# --- files


def uploads_of(by: Actor) -> QuerySet[models.Upload]:
    """The files of the actor's party."""
    uploads = models.Upload.objects.select_related("park")
    if by.has(Role.SYSTEM, Role.AUDITOR):
        return uploads
    return uploads.filter(party_id=by.own_party)


def get_upload(upload_id: UUID, *, by: Actor) -> models.Upload:
    """:raises NotFound: not there, or another party's"""
    upload = uploads_of(by).filter(pk=upload_id).first()
    if upload is None:
        raise NotFound(str(upload_id))
    return upload


def tell_job(job: Any, actor: Actor | None) -> jobs.Told:
    """What a job of this room is about, and where: for the job's page."""
    upload = models.Upload.objects.filter(pk=job.args["upload_id"]).first()
    if upload is None:
        return jobs.Told()
    may_read = actor is not None and uploads_of(actor).filter(pk=upload.pk).exists()
    page = reverse("admin:reporting_readings_upload_change", args=[upload.pk])
    links = [(upload.file_name, page)] if may_read else ()
    return jobs.Told(upload.file_name, upload.get_state_display(), links)


# --- months and days


@dataclass(frozen=True, slots=True)
class MonthView:
    """A meter's month as other rooms read it: as read, before its multiplier."""

    meter_id: UUID
    month: date
    total_millionths: int
    told_count: int
    estimated_count: int
    expected_count: int
    root: str


# Filled in by config/wiring.py: who, besides the operator, may read which park's period.
readers: list[Callable[[Actor], Iterable[tuple[UUID, date]]]] = []


def months_of(by: Actor) -> QuerySet[models.Month]:
    """The months of the meters of the actor's parks, and those that an engagement opens to her."""
    months = models.Month.objects.select_related("meter__source")
    if by.has(Role.SYSTEM, Role.AUDITOR):
        return months
    mine = Q(meter__source__park__operator_id=by.own_party)
    for read in readers:
        for park_id, period_start in read(by):
            mine |= Q(park_id=park_id, month__year=period_start.year)
    return months.filter(mine)


def period_of(month: models.Month) -> Period:
    return Period.month(month.month.year, month.month.month)


def months_of_upload(upload: models.Upload, *, by: Actor) -> QuerySet[models.Month]:
    """The meters' months that a file told of."""
    if upload.first_day is None or upload.last_day is None:
        return models.Month.objects.none()
    meters = models.Piece.objects.filter(upload_id=upload.pk).values("meter_id")
    return months_of(by).filter(
        meter_id__in=meters,
        month__gte=rules.month_of(upload.first_day),
        month__lte=upload.last_day,
    )


def get_month(*, meter_id: UUID, month: date, by: Actor) -> models.Month:
    """:raises NotFound: no readings, or another party's meter"""
    found = months_of(by).filter(meter_id=meter_id, month=month).first()
    if found is None:
        raise NotFound
    return found


def find_month(*, meter_id: UUID, month: date) -> models.Month | None:
    return models.Month.objects.filter(meter_id=meter_id, month=month).first()


def count_months(park_id: UUID, year: int) -> int:
    """How many months of meters a year of a park has."""
    return models.Month.objects.filter(park_id=park_id, month__year=year).count()


def months_with_readings(park_id: UUID, year: int) -> list[date]:
    """The months of a year in which some meter of the park was read."""
    rows = models.Month.objects.filter(park_id=park_id, month__year=year, told_count__gt=0)
    return list(rows.order_by("month").values_list("month", flat=True).distinct())


def month_views(park_id: UUID, period: Period) -> dict[tuple[UUID, date], MonthView]:
    """Every meter's months of a period, by meter and month."""
    rows = models.Month.objects.filter(
        park_id=park_id, month__gte=period.start, month__lt=period.end, told_count__gt=0
    )
    return {
        (row.meter_id, row.month): MonthView(
            meter_id=row.meter_id,
            month=row.month,
            total_millionths=int(row.total_millionths),
            told_count=row.told_count,
            estimated_count=row.estimated_count,
            expected_count=row.expected_count,
            root=row.root,
        )
        for row in rows
    }


def days_of(meter_id: UUID, period: Period) -> QuerySet[models.Day]:
    """A meter's days as they stand, in order."""
    return models.Day.objects.filter(
        meter_id=meter_id, day__gte=period.start, day__lt=period.end
    ).order_by("day")


def pieces_of(meter_id: UUID, day: date) -> QuerySet[models.Piece]:
    """Everything that was ever told of a meter's day, oldest first."""
    return models.Piece.objects.filter(meter_id=meter_id, day=day).order_by("version")


def day_states(keys: Sequence[Key]) -> dict[Key, State]:
    """Those of the days that have been told of before, as they stand."""
    found: dict[Key, State] = {}
    by_month: dict[date, list[Key]] = {}
    for key in keys:
        by_month.setdefault(rules.month_of(key[1]), []).append(key)
    for month, some in by_month.items():
        period = Period.month(month.year, month.month)
        wanted, meters = set(some), list({meter for meter, _day in some})
        rows = models.Day.objects.filter(
            meter_id__in=meters, day__gte=period.start, day__lt=period.end
        )
        for row in rows.iterator(AT_A_TIME):
            if (row.meter_id, row.day) in wanted:
                found[row.meter_id, row.day] = state_of(row)
    return found


def state_of(row: models.Day) -> State:
    return State(row.version, row.step_minutes, tuple(row.values_millionths), row.marks)


# --- proofs


def prove_day(*, meter_id: UUID, day: date, by: Actor, root: str = "") -> dict[str, Any]:
    """A meter's day, readings and all, with its path to the root of the month.

    With `root` as the month stood when it had that root: what a row of activity data names stays
    provable after a correction.

    :raises NotFound: no readings on that day, another party's meter, or never such a root
    """
    month = get_month(meter_id=meter_id, month=rules.month_of(day), by=by)
    if root in {"", month.root}:
        known = days_of(meter_id, Period.month(day.year, day.month))
        days = [(one.day, state_of(one)) for one in known]
    else:
        days = days_under(root, meter_id=meter_id, month=month.month)
    bodies = {on: body_of(meter_id, on, state) for on, state in days}
    if day not in bodies:
        raise NotFound
    index, leaves = list(bodies).index(day), [rules.leaf_of(body) for body in bodies.values()]
    path = [root_of(leaves[low:high]) for low, high in inclusion_stretches(index, len(leaves))]
    return {
        "schema": "tanzhang.readings-proof.v1",
        "meter": month.meter.number,
        "month": f"{month.month:%Y-%m}",
        "day": day.isoformat(),
        "leaf": bodies[day].decode(),
        "index": index,
        "size": len(leaves),
        "path": [one.hex() for one in path],
        "root": root or month.root,
    }
