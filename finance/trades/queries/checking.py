"""For `verify_ledger`: rows as their events tell them, and cost lots against the positions."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import connection
from django.db import models as django_models

from finance.trades import models
from finance.trades.queries.entries import hash_of
from finance.trades.queries.flows import NOT_OURS, book_of
from finance.trades.queries.trades import content_of, subject_of
from finance.trades.rules.lots import count_of
from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.units.states import LIVE

VERBS: tuple[tuple[type[django_models.Model], str, tuple[str, ...]], ...] = (
    (
        models.Trade,
        "trades.trade",
        ("trade.recorded", "trade.settled", "trade.failed", "trade.given_up", "trade.reversed"),
    ),
    (models.Settlement, "trades.settlement", ("settlement.made", "settlement.failed")),
    (models.Undoing, "trades.undoing", ("settlement.undone",)),
    (models.CostPolicy, "trades.policy", ("cost_policy.set",)),
    (models.ToldCost, "trades.told_cost", ("cost.told",)),
    (models.EntryBatch, "trades.batch", ("entries.handed_over",)),
    (
        models.StatementLine,
        "trades.line",
        ("statement_line.taken_in", "statement_line.withdrawn"),
    ),
    (models.Match, "trades.match", ("trade.matched", "trade.match_ended")),
)


def _rows(model: type[django_models.Model]) -> Iterator[tuple[str, dict[str, Any]]]:
    for row in model._default_manager.iterator():
        yield subject_of(row), content_of(row)


def check_rows_match_events() -> Iterator[Fault]:
    """Every row as its newest event tells it, and the hash of each batch over what it holds."""
    for model, kind, verbs in VERBS:
        yield from compare_rows_with_events(_rows(model), kind=kind, verbs=verbs)
    for batch in models.EntryBatch.objects.iterator():
        if hash_of(batch.entries) != batch.content_hash:
            yield Fault("trades.hash", subject_of(batch), "its hash is not that of its entries")


_HELD = """
SELECT a.holder_id, l.scheme, l.vintage_year, sum(p.quantity)::bigint
FROM ledger_units_position AS p
JOIN ledger_accounts_account AS a ON a.id = p.account_id
JOIN ledger_units_lot AS l ON l.id = p.lot_id
WHERE a.type <> ALL(%s) AND p.state = ANY(%s)
GROUP BY 1, 2, 3
"""


def check_cost_lots_match_positions() -> Iterator[Fault]:
    """Of every party that keeps trades or costs here: its cost lots add up to its positions."""
    held: dict[UUID, Counter[tuple[str, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [list(NOT_OURS), sorted(LIVE)])
        for party_id, scheme, vintage, count in cursor.fetchall():
            held.setdefault(party_id, Counter())[scheme, vintage] = count
    for party_id in sorted(_parties()):
        book = book_of(party_id)
        lots = Counter({pool: count_of(book.layers(pool)) for pool in book.pools})
        positions = held.get(party_id, Counter())
        for pool in sorted({*lots, *positions}):
            if lots[pool] != positions[pool]:
                text = f"{pool[0]} {pool[1]}: lots {lots[pool]}, positions {positions[pool]}"
                yield Fault("trades.cost_lots", f"parties.Party:{party_id}", text)


def _parties() -> set[UUID]:
    traded = models.Trade.objects.values_list("party_id", flat=True).distinct()
    told = models.ToldCost.objects.values_list("party_id", flat=True).distinct()
    return {*traded, *told}
