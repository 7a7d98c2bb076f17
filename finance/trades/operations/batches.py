"""Suggested entries are handed over once: frozen as a batch, exported from it for ever the same."""

from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Max

from finance.trades import models
from finance.trades.operations.writing import record
from finance.trades.queries.entries import debits, entries_to_hand_over, hash_of
from finance.trades.rules import refusals
from finance.trades.rules.days import beijing_day
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.keys import key_of
from ledger.kernel.periods import Period


@operation(retry=True)
def make_batch(
    *, period: Period, by: Actor, at: datetime, idempotency_key: str
) -> models.EntryBatch:
    """Freeze the suggested entries of a period that no batch has yet.

    :raises PeriodNotOver: the period ends after today
    :raises NothingToSuggest: there is none
    """
    key = key_of(by, idempotency_key)
    if found := models.EntryBatch.objects.filter(idempotency_key=key).first():
        return found
    if period.last_day > beijing_day(at):
        raise refusals.PeriodNotOver
    _take_turns(by)
    entries = entries_to_hand_over(by.own_party, period)
    if not entries:
        raise refusals.NothingToSuggest
    before = models.EntryBatch.objects.filter(party_id=by.own_party)
    row = models.EntryBatch.objects.create(
        party_id=by.own_party,
        number=(before.aggregate(last=Max("number"))["last"] or 0) + 1,
        since=period.start,
        until=period.last_day,
        entries=entries,
        entry_count=len(entries),
        debit_cny=sum(map(Decimal, debits(entries)), Decimal(0)),
        content_hash=hash_of(entries),
        made_at=at,
        made_by=by.user_id,
        idempotency_key=key,
    )
    row.refresh_from_db()
    record("entries.handed_over", row, by=by, at=at)
    return row


def _take_turns(by: Actor) -> None:
    """Two batches of a party at once would hold the same entries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"entries:{by.own_party}"]
        )
