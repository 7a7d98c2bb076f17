"""Every run of units of some accounts, one after the other: for files that other systems read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.accounts import queries as accounts
from ledger.units.states import UnitState


@dataclass(frozen=True, slots=True)
class UnitRun:
    """Units of one lot in one place: a run of serial numbers, or a count where there are none."""

    lot_code: str
    scheme: str
    vintage_year: int
    project_id: UUID | None
    account_id: UUID
    state: UnitState
    unit_count: int
    prefix: str | None
    first: int | None
    last: int | None
    since: date


# The day of the last movement into the place: from the movements to the blocks, by their index.
RUNS = """
WITH mine AS MATERIALIZED (
    SELECT p.* FROM ledger_units_position AS p
    WHERE p.quantity > 0 AND p.state <> 'UNISSUED'
      AND (%(account_ids)s::uuid[] IS NULL OR p.account_id = ANY(%(account_ids)s::uuid[]))
      AND NOT EXISTS (SELECT FROM ledger_accounts_account AS a
                      WHERE a.id = p.account_id AND a.type = ANY(%(not_ours)s))),
since AS (
    SELECT DISTINCT ON (b.id) b.id, b.first_serial, b.last_serial, p.id AS place, m.happened_on
    FROM mine AS p
    JOIN ledger_units_movement AS m ON m.to_position_id = p.id AND m.first_serial IS NOT NULL
    JOIN ledger_units_block AS b
      ON b.space_id = p.space_id AND b.position_id = p.id
     AND int8range(b.first_serial, b.last_serial, '[]')
         && int8range(m.first_serial, m.last_serial, '[]')
    ORDER BY b.id, m.id DESC)
SELECT l.code, l.scheme, l.vintage_year, l.project_id, p.account_id, p.state,
       coalesce(b.last_serial - b.first_serial + 1, p.quantity), s.prefix,
       b.first_serial, b.last_serial, coalesce(b.happened_on, p.last_on)
FROM mine AS p
JOIN ledger_units_lot AS l ON l.id = p.lot_id
LEFT JOIN ledger_units_serialspace AS s ON s.id = p.space_id
LEFT JOIN since AS b ON b.place = p.id
ORDER BY l.scheme, l.code, b.first_serial, p.id
"""


def unit_runs(account_ids: Iterable[UUID] | None) -> Iterator[UnitRun]:
    """The runs owned in these accounts (None: in all), by scheme, lot and serial, as taken."""
    asked: dict[str, Any] = {
        "account_ids": None if account_ids is None else list(account_ids),
        "not_ours": sorted(accounts.NOT_OURS),
    }
    with connection.chunked_cursor() as cursor:
        cursor.execute(RUNS, asked)
        while rows := cursor.fetchmany(2_000):
            row: Any
            for row in rows:
                yield UnitRun(*[*row[:5], UnitState(row[5]), *row[6:]])
