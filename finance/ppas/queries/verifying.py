"""For `verify_ledger`: rows against their events, sums against their parts, months against rows."""

from collections.abc import Iterator
from typing import Any

from django.db import connection

from finance.ppas import models
from finance.ppas.queries import content
from finance.ppas.states import UploadState
from ledger.audit.queries import Fault, compare_rows_with_events

TABLES: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (models.Contract, ("contract.entered", "contract.signed", "contract.discarded")),
    (models.PricePart, ("contract.price_told",)),
    (models.Volume, ("contract.volume_told",)),
    (models.DeviationRule, ("contract.deviation_told",)),
    (models.Slice, ("contract.meter_attached",)),
    (models.Point, ("meter.registered",)),
    (models.Upload, ("meter_rows.uploaded", "meter_rows.taken", "meter_rows.refused")),
    (models.CertificateMatch, ("power.certified",)),
    (models.PowerClaim, ("power.claimed",)),
)


def check_rows_match_events() -> Iterator[Fault]:
    """Every row as its newest event tells it."""
    for table, verbs in TABLES:
        rows = table.objects.iterator()
        yield from compare_rows_with_events(
            ((content.subject_of(row), content.content_of(row)) for row in rows),
            kind=f"ppas.{table.__name__.lower()}",
            verbs=verbs,
        )
    settled = models.Settlement.objects.prefetch_related("lines", "points").iterator(500)
    yield from compare_rows_with_events(
        ((content.subject_of(row), _told(row)) for row in settled),
        kind="ppas.settlement",
        verbs=["power.settled"],
    )
    yield from _strays()


def _told(row: models.Settlement) -> dict[str, Any]:
    lines = sorted(row.lines.all(), key=lambda one: (one.position, str(one.pk)))
    return content.content_of_settlement(row, lines, list(row.points.all()))


def _strays() -> Iterator[Fault]:
    """Lines and meters that belong to no statement; the statements' own are compared above."""
    known = models.Settlement.objects.values("pk")
    for table in (models.SettlementLine, models.SettlementPoint):
        for row in table.objects.exclude(settlement__in=known):
            yield Fault("ppas.stray", content.subject_of(row), "belongs to no statement")


def check_meter_rows() -> Iterator[Fault]:
    """Every file's rows and months by their digests, and no row without its file."""
    for upload in models.Upload.objects.filter(state=UploadState.TAKEN).order_by("pk"):
        subject = content.subject_of(upload)
        if content.rows_digest(upload) != upload.rows_digest:
            yield Fault("ppas.reading", subject, "its rows are not those that came in")
        if content.months_digest(upload) != upload.months_digest:
            yield Fault("ppas.metermonth", subject, "its months are not those that it made")
    with connection.cursor() as cursor:
        cursor.execute(_ORPHANS)
        for (upload_id,) in cursor.fetchall():
            yield Fault("ppas.reading", f"ppas.Upload:{upload_id}", "rows of a file not taken in")


_ORPHANS = """
SELECT DISTINCT r.upload_id FROM finance_ppas_reading r
LEFT JOIN finance_ppas_upload u ON u.id = r.upload_id AND u.state = 'TAKEN' WHERE u.id IS NULL
"""

# The parts of a statement add up to it, and its content follows from its rows.
_SUMS = """
SELECT s.id FROM finance_ppas_settlement s
LEFT JOIN (SELECT settlement_id,
                  coalesce(sum(amount_cny) FILTER (WHERE payer = 'BUYER'), 0)
                - coalesce(sum(amount_cny) FILTER (WHERE payee = 'BUYER'), 0) AS buyer,
                  coalesce(sum(amount_cny) FILTER (WHERE payee = 'SELLER'), 0)
                - coalesce(sum(amount_cny) FILTER (WHERE payer = 'SELLER'), 0) AS seller
           FROM finance_ppas_settlementline GROUP BY 1) l ON l.settlement_id = s.id
LEFT JOIN (SELECT p.settlement_id, sum(p.settled_wh) AS energy
           FROM finance_ppas_settlementpoint p
           JOIN finance_ppas_point m ON m.id = p.point_id AND m.side = 'GENERATION'
           GROUP BY 1) g ON g.settlement_id = s.id
WHERE coalesce(l.buyer, 0) <> s.buyer_pays_cny OR coalesce(l.seller, 0) <> s.seller_gets_cny
   OR coalesce(g.energy, 0) <> s.settled_wh
"""


def check_sums() -> Iterator[Fault]:
    """Lines add up to what is paid, meters to what is settled."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS)
        for (settlement_id,) in cursor.fetchall():
            subject = f"ppas.Settlement:{settlement_id}"
            yield Fault("ppas.sum", subject, "its lines or meters do not add up to it")
