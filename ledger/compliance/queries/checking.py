"""Rows of the room against the events that wrote them, for `verify_ledger`."""

from collections.abc import Iterator

from django.db import connection

from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.compliance import models
from ledger.compliance.queries.content import content_of, subject_of

VERBS = {
    models.Regime: ["regime.loaded"],
    models.Entity: ["entity.entered"],
    models.Fact: ["fact.told", "emissions.recorded", "emissions.withdrawn"],
    models.Obligation: ["obligation.reckoned"],
    models.Allocation: [
        "allocation.entitled",
        "allocation.allocated",
        "allocation.returned",
        "allocation.reversed",
    ],
    models.Surrender: ["obligation.surrendered"],
    models.CarryOver: ["carry_over.applied", "carry_over.done", "carry_over.withdrawn"],
}


def check_rows_match_events() -> Iterator[Fault]:
    """Every row as its newest event tells it, and every surrender as the ledger of units has it."""
    for model, verbs in VERBS.items():
        rows = model._default_manager.iterator()
        yield from compare_rows_with_events(
            ((subject_of(row), content_of(row)) for row in rows),
            kind=f"compliance.{model.__name__.lower()}",
            verbs=verbs,
        )
    yield from _surrenders_without_movements()


# Read by name: movements belong to a room below.
_ODD = """
SELECT s.id, s.unit_count, coalesce(m.units, 0)
FROM ledger_compliance_surrender s
LEFT JOIN LATERAL (
    SELECT sum(v.unit_count) AS units FROM ledger_units_movement v
    JOIN ledger_units_position p ON p.id = v.to_position_id
    WHERE v.entry_id = s.entry_id AND v.lot_id = s.lot_id AND p.state = 'SURRENDERED') m ON true
WHERE coalesce(m.units, 0) <> s.unit_count
"""


def _surrenders_without_movements() -> Iterator[Fault]:
    with connection.cursor() as cursor:
        cursor.execute(_ODD)
        for row, told, moved in cursor.fetchall():
            text = f"{told} units said to be surrendered, its entry moved {moved}"
            yield Fault("compliance.movement", f"compliance.Surrender:{row}", text)
