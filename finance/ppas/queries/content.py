"""Rows as their events tell them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db import models as django_models

from finance.ppas.models import MeterMonth, Settlement, SettlementLine, SettlementPoint, Upload
from ledger.kernel.canonical import digest

# The name of a file may be a person's: it stays out of the log.
NOT_TOLD = frozenset({"file_name"})


def content_of(row: django_models.Model) -> dict[str, Any]:
    return {
        field.attname: _plain(getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if field.attname not in NOT_TOLD
    }


def _plain(value: Any) -> Any:
    """As it comes back from the database, whatever it was written from."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if hasattr(value, "lower") and hasattr(value, "upper") and not isinstance(value, str):
        return [_plain(value.lower), _plain(value.upper)]
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value.isoformat() if type(value) is date else value


def subject_of(row: django_models.Model) -> str:
    return f"ppas.{type(row).__name__}:{row.pk}"


def content_of_settlement(
    row: Settlement,
    lines: Sequence[SettlementLine] | None = None,
    points: Sequence[SettlementPoint] | None = None,
) -> dict[str, Any]:
    """A statement with its lines and meters."""
    known = lines if lines is not None else row.lines.order_by("position", "id")
    meters = points if points is not None else row.points.order_by("point_id", "id")
    return {
        **content_of(row),
        "lines": [content_of(line) for line in known],
        "points": [content_of(one) for one in sorted(meters, key=lambda one: str(one.point_id))],
    }


_DIGESTS = """
SELECT r.point_id::text,
       encode(sha256(convert_to(string_agg(
           r.day || ' ' || r.hour || ' ' || r.version || ' ' || r.energy_wh, E'\\n'
           ORDER BY r.day, r.hour, r.version), 'UTF8')), 'hex')
FROM finance_ppas_reading r WHERE r.upload_id = %s GROUP BY r.point_id ORDER BY 1
"""


def rows_digest(upload: Upload) -> str:
    """One digest over the rows that a file brought, as they are now."""
    with connection.cursor() as cursor:
        cursor.execute(_DIGESTS, [upload.pk])
        return digest([list(row) for row in cursor.fetchall()]).hex()


def months_digest(upload: Upload) -> str:
    """One digest over the metered months that a file made."""
    rows = MeterMonth.objects.filter(upload=upload).order_by("point_id", "month", "id")
    return digest([content_of(row) for row in rows]).hex()
