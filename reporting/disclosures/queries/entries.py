"""What people have told of data points, and what they remarked about them."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ledger.files import queries as files
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.periods import Period
from reporting.disclosures.assembling.wording import plain
from reporting.disclosures.models import Comment, Entry

SEES_ALL = (Role.SYSTEM, Role.AUDITOR)


def entries_for(by: Actor) -> QuerySet[Entry]:
    """Those of the actor's own party."""
    rows = Entry.objects.all()
    return rows if by.has(*SEES_ALL) else rows.filter(party_id=by.own_party)


def comments_for(by: Actor) -> QuerySet[Comment]:
    rows = Comment.objects.all()
    return rows if by.has(*SEES_ALL) else rows.filter(party_id=by.own_party)


def current_entries(park_id: UUID, period_start: date) -> dict[str, Entry]:
    """The newest version of each data point that somebody has told."""
    rows = Entry.objects.filter(park_id=park_id, period_start=period_start)
    return {row.point: row for row in rows.order_by("point", "version")}


def find_entry(park_id: UUID, period_start: date, point: str) -> Entry | None:
    rows = Entry.objects.filter(park_id=park_id, period_start=period_start, point=point)
    return rows.order_by("-version").first()


def find_last_years(park_id: UUID, period: Period, point: str) -> Entry | None:
    """What was told of the same data point for the year before."""
    return find_entry(park_id, year_before(period).start, point)


def year_before(period: Period) -> Period:
    """The same months of the year before."""
    return Period(_year_back(period.start), _year_back(period.end))


def _year_back(day: date) -> date:
    return day.replace(year=day.year - 1)  # whole months: never a 29 February


def changed_since(park_id: UUID, period_start: date, moment: Any) -> bool:
    """Whether anything was told anew after a moment."""
    rows = Entry.objects.filter(park_id=park_id, period_start=period_start)
    return rows.filter(recorded_at__gt=moment).exists()


def comments_on(park_id: UUID, period_start: date) -> dict[str, list[Comment]]:
    found: dict[str, list[Comment]] = {}
    for row in Comment.objects.filter(park_id=park_id, period_start=period_start):
        found.setdefault(row.point, []).append(row)
    return found


def told_entries(park_id: UUID, period: Period) -> dict[str, dict[str, Any]]:
    """The current entries in canonical values, as a statement keeps them."""
    rows = current_entries(park_id, period.start)
    names = _names_of(row.evidence_id for row in rows.values())
    return {key: _told(row, names) for key, row in rows.items()}


def _names_of(file_ids: Iterable[UUID | None]) -> Mapping[UUID, str]:
    wanted = {one for one in file_ids if one is not None}
    if not wanted:
        return {}
    return dict(files.files_of(SYSTEM).filter(pk__in=wanted).values_list("pk", "name"))


def _told(row: Entry, names: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "version": row.version,
        "kind": row.kind,
        "amount": None if row.amount is None else plain(row.amount),
        "text": {"zh": row.text_zh, "en": row.text_en},
        "evidence_name": names.get(row.evidence_id, "") if row.evidence_id else "",
        "evidence_sha256": row.evidence_sha256,
        "approval_id": str(row.approval_id) if row.approval_id else "",
        "recorded_at": row.recorded_at,
    }
