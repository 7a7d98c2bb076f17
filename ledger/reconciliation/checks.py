"""For `verify_ledger`: every row as its event tells it, and every difference has its break."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import transaction

from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.reconciliation import queries
from ledger.reconciliation.comparing import Compared, differences
from ledger.reconciliation.models import (
    OPEN,
    Break,
    BreakNote,
    Comparison,
    Override,
    Statement,
    Withdrawal,
)

TABLES: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (Statement, ("statement.recorded",)),
    (Withdrawal, ("statement.withdrawn",)),
    (Comparison, ("statement.compared",)),
    (Break, queries.BREAK_VERBS),
    (BreakNote, ("break.noted",)),
    (Override, ("break.overridden",)),
)


def check_rows() -> Iterator[Fault]:
    """Every row as its newest event tells it, and every line of every statement by its digest."""
    for table, verbs in TABLES:
        rows = table.objects.iterator()
        yield from compare_rows_with_events(
            (
                (f"reconciliation.{table.__name__}:{row.pk}", queries.content_of(row))
                for row in rows
            ),
            kind=f"reconciliation.{table.__name__.lower()}",
            verbs=verbs,
        )
    for statement in Statement.objects.order_by("id"):
        if queries.digest_of_lines(statement.pk) != statement.lines_digest:
            subject = f"reconciliation.Statement:{statement.pk}"
            yield Fault("reconciliation.lines", subject, "its lines are not those that came in")


def check_differences_are_breaks() -> Iterator[Fault]:
    """I41: books and statement agree, run by run, or there is an open break.

    What was recorded since the last comparison waits for the next one.
    """
    for account_id in queries.accounts_with_statements():
        for compared in queries.standing_statements(account_id):
            if not queries.is_due(compared):
                yield from _unanswered(account_id, compared)


def _unanswered(account_id: UUID, compared: Compared) -> Iterator[Fault]:
    found = Break.objects.filter(account_id=account_id, state__in=OPEN)
    known = {bytes(one) for one in found.values_list("identity", flat=True)}
    with transaction.atomic():
        for one in differences(compared):
            if one.identity(account_id) in known:
                continue
            where = f"{one.first}–{one.last}" if one.space else "total"
            text = f"{one.cell} {where}: {one.our_count} here, {one.their_count} there, no break"
            yield Fault("reconciliation.unanswered", f"accounts.Account:{account_id}", text)
