"""Telling what no query knows: figures with evidence, words, and why something is not there."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from ledger.audit import keeping
from ledger.doors.operation import operation
from ledger.files import queries as files
from ledger.kernel.actors import Actor
from ledger.kernel.periods import Period
from reporting.disclosures import queries
from reporting.disclosures.frameworks import get_data_point
from reporting.disclosures.models import Comment, Entry
from reporting.disclosures.rules import WordsMissing, check_entry
from reporting.disclosures.states import EntryKind
from reporting.inventories import queries as inventories
from reporting.parks import queries as parks


@operation
def tell_point(
    *,
    park_id: UUID,
    period_start: date,
    period_end: date,
    point: str,
    kind: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    amount: Decimal | None = None,
    text_zh: str = "",
    text_en: str = "",
    evidence_id: UUID | None = None,
    approval_id: UUID | None = None,
) -> Entry:
    """What one data point of a period is, in the unit of the data point; the next version of it.

    :raises NotFound: the park or the file is not there, or not the actor's
    :raises UnknownPoint, NotAFigure, AmountMissing, FigureNeedsEvidence, WordsMissing: as they say
    """
    if known := keeping.find_kept(Entry, idempotency_key, by=by):
        return known
    park = parks.get_park(park_id, by)
    period = Period(period_start, period_end)
    check_entry(
        kind=kind,
        amount=amount,
        evidence_id=evidence_id,
        text_zh=text_zh,
        text_en=text_en,
        is_figure=get_data_point(point).is_figure,
    )
    evidence = files.get_file(file_id=evidence_id, by=by) if evidence_id else None
    row = Entry(
        park_id=park.id,
        party_id=park.operator_id,
        period_start=period.start,
        period_end=period.end,
        point=point,
        version=_next_version(park.id, period, point),
        kind=kind,
        amount=amount if kind == EntryKind.FIGURE else None,
        text_zh=text_zh.strip(),
        text_en=text_en.strip(),
        evidence_id=evidence_id,
        evidence_sha256=evidence.sha256 if evidence else "",
        reused_from=_taken_over(park.id, period, point, text_zh, text_en),
        approval_id=approval_id,
    )
    keeping.keep(row, "disclosure.told", key=idempotency_key, by=by, at=at)
    return row


def _next_version(park_id: UUID, period: Period, point: str) -> int:
    newest = queries.find_entry(park_id, period.start, point)
    return newest.version + 1 if newest else 1


def _taken_over(
    park_id: UUID, period: Period, point: str, text_zh: str, text_en: str
) -> Entry | None:
    """Last year's entry, where its words are said again."""
    last = queries.find_last_years(park_id, period, point)
    if last is None or not text_zh.strip():
        return None
    said_again = (last.text_zh, last.text_en) == (text_zh.strip(), text_en.strip())
    return last if said_again else None


@operation
def comment_point(
    *,
    frozen_inventory_id: UUID,
    point: str,
    text: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
) -> Comment:
    """Remark something about a data point, for colleagues; no report tells it.

    :raises NotFound: the inventory is not there, or not the actor's
    :raises UnknownPoint, WordsMissing: as they say
    """
    if known := keeping.find_kept(Comment, idempotency_key, by=by):
        return known
    frozen = inventories.get_frozen(frozen_inventory_id, by)
    if not text.strip():
        raise WordsMissing
    row = Comment(
        park_id=frozen.park_id,
        party_id=frozen.party_id,
        period_start=date.fromisoformat(frozen.content["period"]["start"]),
        point=get_data_point(point).key,
        text=text.strip(),
    )
    keeping.keep(row, "disclosure.commented", key=idempotency_key, by=by, at=at)
    return row
