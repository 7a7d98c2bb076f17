"""Meters, their months, and the rows of an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from finance.ppas.models import Contract, MeterMonth, Point, Reading, Slice, Upload
from finance.ppas.queries.contracts import contracts_of, contracts_visible_to
from finance.ppas.rules.terms import days_of
from finance.ppas.states import Grain
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound


def points_of_party(party_id: UUID) -> QuerySet[Point]:
    """Those it keeps, of its plants and its use, and those of contracts that it is party to."""
    of_contracts = Slice.objects.filter(contract__in=contracts_of(party_id)).values("point")
    return Point.objects.filter(
        Q(party_id=party_id)
        | Q(user_id=party_id)
        | Q(plant__owner_id=party_id)
        | Q(pk__in=of_contracts)
    )


def points_visible_to(actor: Actor) -> QuerySet[Point]:
    if actor.has(Role.SYSTEM, Role.AUDITOR):
        return Point.objects.all()
    return points_of_party(actor.party_id) if actor.party_id else Point.objects.none()


def get_point(point_id: UUID, *, by: Actor) -> Point:
    """:raises NotFound: not there, or not yours"""
    found = points_visible_to(by).select_related("plant").filter(pk=point_id).first()
    if found is None:
        raise NotFound(str(point_id))
    return found


def points_to_read(party_id: UUID) -> dict[str, Point]:
    """The points whose rows a party may bring, by code: those it keeps, and its own plants'."""
    found = Point.objects.filter(Q(party_id=party_id) | Q(plant__owner_id=party_id))
    return {point.code: point for point in found}


def newest_months(points: QuerySet[Point]) -> QuerySet[MeterMonth]:
    """The months as they stand now."""
    later = MeterMonth.objects.filter(
        point=OuterRef("point"), month=OuterRef("month"), version__gt=OuterRef("version")
    )
    return MeterMonth.objects.filter(~Exists(later), point__in=points)


def uploads_visible_to(actor: Actor) -> QuerySet[Upload]:
    if actor.has(Role.SYSTEM, Role.AUDITOR):
        return Upload.objects.all()
    found = Upload.objects.filter(party_id=actor.party_id) if actor.party_id else None
    return Upload.objects.none() if found is None else found


def get_upload(upload_id: UUID, *, by: Actor) -> Upload:
    """:raises NotFound: not there, or another party's"""
    found = uploads_visible_to(by).filter(pk=upload_id).first()
    if found is None:
        raise NotFound(str(upload_id))
    return found


def next_month(month: date) -> date:
    return month + timedelta(days=days_of(month))


def rows_of_month(point: Point, month: date) -> QuerySet[Reading]:
    """Every row of a month of a meter, corrected ones too, in order of time and version."""
    return Reading.objects.filter(
        point_id=point.pk, day__gte=month, day__lt=next_month(month)
    ).order_by("day", "hour", "version")


def rows_expected(grain: str, month: date) -> int:
    return 1 if grain == Grain.MONTH else 24 * days_of(month)


@dataclass(frozen=True, slots=True)
class DayProfile:
    """A meter's typical day in a month: the mean energy of each hour, in Wh."""

    hours_wh: tuple[int, ...]


_PROFILE = """
SELECT r.hour, round(avg(r.energy_wh))::bigint FROM finance_ppas_reading r
WHERE r.point_id = %s AND r.day >= %s AND r.day < %s AND r.hour >= 0
  AND NOT EXISTS (SELECT 1 FROM finance_ppas_reading n
                  WHERE n.version > 1 AND n.point_id = r.point_id AND n.day = r.day
                    AND n.hour = r.hour AND n.version > r.version)
GROUP BY r.hour
"""


def typical_day(point: Point, month: date) -> DayProfile:
    with connection.cursor() as cursor:
        cursor.execute(_PROFILE, [point.pk, month, next_month(month)])
        found = dict(cursor.fetchall())
    return DayProfile(tuple(found.get(hour, 0) for hour in range(24)))


def shares_taken(point: Point, *, start: date, end: date) -> list[tuple[int, int]]:
    """Bands of a meter that contracts have at any time of a term."""
    rows = Slice.objects.filter(point=point, validity__overlap=(start, end))
    return sorted((row.band.lower, row.band.upper) for row in rows)


def contracts_with(point: Point, *, by: Actor) -> list[Contract]:
    """Contracts that have a share of a meter, of those that the actor sees."""
    found = Slice.objects.filter(point=point).values("contract")
    return list(contracts_visible_to(by).filter(pk__in=found).order_by("number"))


def metered_wh(point: Point, month: date) -> MeterMonth | None:
    """The month as it stands, or None where nothing came in."""
    return MeterMonth.objects.filter(point=point, month=month).order_by("-version").first()


def points_by_id(point_ids: Sequence[Any]) -> dict[UUID, Point]:
    return {one.pk: one for one in Point.objects.filter(pk__in=point_ids).select_related("plant")}
