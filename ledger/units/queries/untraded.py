"""Certificates that their plant's owner still has: what a project freezes (R3.10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, slots=True)
class Untraded:
    """Units of one lot in one account, free or under one hold. No ranges: no serial numbers."""

    account_id: UUID
    lot_id: UUID
    hold_id: UUID | None
    unit_count: int
    ranges: tuple[tuple[int, int], ...] = ()


# Read by name: accounts and plants belong to rooms below. What was transferred once is traded.
_UNTRADED = """
WITH lots AS (
    SELECT l.id, l.space_id, g.owner_id FROM ledger_units_lot l
    JOIN ledger_instruments_plant g ON g.id = l.plant_id
    WHERE l.plant_id = %(plant)s AND l.scheme = ANY(%(schemes)s)
      AND (%(since)s::date IS NULL OR l.generated_to > %(since)s)
      AND (%(until)s::date IS NULL OR l.generated_from < %(until)s))
SELECT p.account_id, p.lot_id, b.hold_id, p.quantity, b.first_serial, b.last_serial
FROM lots
JOIN ledger_units_position p ON p.lot_id = lots.id
JOIN ledger_accounts_account a ON a.id = p.account_id AND a.holder_id = lots.owner_id
LEFT JOIN ledger_units_block b ON b.position_id = p.id AND b.transfer_count = 0
WHERE p.quantity > 0
  AND CASE WHEN lots.space_id IS NULL THEN p.state = 'FREE' AND a.type <> 'OUTSIDE'
           ELSE b.id IS NOT NULL AND p.state IN ('FREE', 'RESERVED', 'PLEDGED', 'FROZEN') END
ORDER BY p.account_id, p.lot_id, b.hold_id NULLS FIRST, b.first_serial
"""


def untraded_certificates(
    *, plant_id: UUID, schemes: Sequence[str], since: date | None, until: date | None
) -> list[Untraded]:
    """What the plant's owner has of its certificates, generated in a period; None: without end."""
    asked: dict[str, Any] = {
        "plant": plant_id,
        "schemes": list(schemes),
        "since": since,
        "until": until,
    }
    with connection.cursor() as cursor:
        cursor.execute(_UNTRADED, asked)
        rows = cursor.fetchall()
    runs = dict[tuple[UUID, UUID, UUID | None], list[tuple[int, int]]]()
    counted = list[Untraded]()
    for account_id, lot_id, hold_id, quantity, first, last in rows:
        if first is None:
            counted.append(Untraded(account_id, lot_id, None, quantity))
            continue
        runs.setdefault((account_id, lot_id, hold_id), []).append((first, last))
    return counted + [
        Untraded(*place, sum(last - first + 1 for first, last in found), tuple(found))
        for place, found in runs.items()
    ]
