"""What is where at the end of a day, for many positions at once: as a list, as sums, as a line.

One statement each, however many positions: a position that has not moved since the day is its own
balance; of the others the last movement until the day is found by index (see `places._AS_OF`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.units.queries.places import Holding
from ledger.units.states import UnitState

NOW = date.max  # by what is known now, whatever its day


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which positions. `account_ids` None: of everybody; every other None: any."""

    account_ids: Sequence[UUID] | None
    account_id: UUID | None = None
    lot_id: UUID | None = None
    scheme: str | None = None
    vintage_year: int | None = None
    state: str | None = None
    day: date = NOW


@dataclass(frozen=True, slots=True)
class Place:
    """Units of a lot in one account and state at the end of a day."""

    id: int
    account_id: UUID
    lot_id: UUID
    lot_code: str
    scheme: str
    vintage_year: int
    expires_on: date | None
    state: UnitState
    unit_count: int


_WANTED = """
    (%(account_ids)s::uuid[] IS NULL OR p.account_id = ANY(%(account_ids)s::uuid[]))
    AND (%(account_id)s::uuid IS NULL OR p.account_id = %(account_id)s)
    AND (%(lot_id)s::uuid IS NULL OR p.lot_id = %(lot_id)s)
    AND (%(scheme)s::text IS NULL OR l.scheme = %(scheme)s)
    AND (%(vintage_year)s::int IS NULL OR l.vintage_year = %(vintage_year)s)
    AND CASE WHEN %(state)s::text IS NULL THEN p.state <> 'UNISSUED' ELSE p.state = %(state)s END
"""

# The balance after the last movement until the day that was not late, and the late ones since.
_BALANCE = """
CASE WHEN p.last_on <= %(day)s THEN p.quantity ELSE (
    SELECT coalesce(max(last.balance), 0)
         + coalesce((SELECT sum(CASE WHEN m.to_position_id = p.id AND m.to_late
                                     THEN m.unit_count ELSE 0 END
                              - CASE WHEN m.from_position_id = p.id AND m.from_late
                                     THEN m.unit_count ELSE 0 END)
                     FROM ledger_units_movement AS m
                     WHERE m.lot_id = p.lot_id AND (m.from_late OR m.to_late)
                       AND m.happened_on <= %(day)s AND m.id > coalesce(max(last.id), 0)), 0)
    FROM (SELECT sides.id, sides.balance FROM (
            (SELECT id, from_balance AS balance FROM ledger_units_movement
             WHERE from_position_id = p.id AND happened_on <= %(day)s AND NOT from_late
             ORDER BY happened_on DESC, id DESC LIMIT 1)
            UNION ALL
            (SELECT id, to_balance FROM ledger_units_movement
             WHERE to_position_id = p.id AND happened_on <= %(day)s AND NOT to_late
             ORDER BY happened_on DESC, id DESC LIMIT 1)) AS sides
          ORDER BY sides.id DESC LIMIT 1) AS last) END
"""

PLACES = f"""
SELECT * FROM (
    SELECT p.id, p.account_id, p.lot_id, l.code, l.scheme, l.vintage_year, l.expires_on, p.state,
           {_BALANCE} AS unit_count
    FROM ledger_units_position AS p JOIN ledger_units_lot AS l ON l.id = p.lot_id
    WHERE p.id > %(after)s AND {_WANTED}) AS found
WHERE unit_count <> 0 ORDER BY id LIMIT %(limit)s
"""  # noqa: S608  put together from constants

SUMS = f"""
SELECT scheme, vintage_year, state, sum(unit_count)::bigint FROM (
    SELECT l.scheme, l.vintage_year, p.state, {_BALANCE} AS unit_count
    FROM ledger_units_position AS p JOIN ledger_units_lot AS l ON l.id = p.lot_id
    WHERE {_WANTED}) AS found
WHERE unit_count <> 0 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""  # noqa: S608

# Backwards from today's balance: only what moved since the first day is read.
LINE = f"""
WITH mine AS MATERIALIZED (
    SELECT p.id, l.scheme, p.state, p.quantity, p.last_on
    FROM ledger_units_position AS p JOIN ledger_units_lot AS l ON l.id = p.lot_id
    WHERE {_WANTED}),
changes AS (
    SELECT mine.scheme, mine.state, moved.month, sum(moved.change) AS change
    FROM mine, LATERAL (
        SELECT date_trunc('month', m.happened_on)::date AS month, m.unit_count AS change
        FROM ledger_units_movement AS m
        WHERE m.to_position_id = mine.id AND m.happened_on >= %(first)s
        UNION ALL
        SELECT date_trunc('month', m.happened_on)::date, -m.unit_count
        FROM ledger_units_movement AS m
        WHERE m.from_position_id = mine.id AND m.happened_on >= %(first)s) AS moved
    WHERE mine.last_on >= %(first)s GROUP BY 1, 2, 3)
SELECT scheme, state, NULL::date, sum(quantity)::bigint FROM mine GROUP BY 1, 2
UNION ALL SELECT scheme, state, month, change::bigint FROM changes
"""  # noqa: S608


def _run(statement: str, wanted: Wanted, **more: Any) -> Any:
    asked = asdict(wanted) | more
    ids = wanted.account_ids
    asked["account_ids"] = None if ids is None else list(ids)
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return cursor.fetchall()


def places(wanted: Wanted, *, after: int = 0, limit: int = 50) -> list[Place]:
    """The positions that were not empty at the end of the day, by id, after one of them."""
    return [
        Place(*[*row[:7], UnitState(row[7]), int(row[8])])
        for row in _run(PLACES, wanted, after=after, limit=limit)
    ]


def sums(wanted: Wanted) -> list[Holding]:
    """The same by scheme, vintage and state."""
    return [Holding(code, year, UnitState(s), n) for code, year, s, n in _run(SUMS, wanted)]


def line(wanted: Wanted, *, months: Sequence[date]) -> dict[tuple[str, UnitState], list[int]]:
    """For a chart: by scheme and state the balance before the first day of each month.

    `months` are the first days of months, in order; the last may lie in the future. By scheme,
    because units of two measures have no sum.
    """
    totals: dict[tuple[str, str], int] = {}
    changes: dict[tuple[str, str], dict[date, int]] = {}
    for scheme, state, month, number in _run(LINE, wanted, first=months[0]):
        if month is None:
            totals[scheme, state] = number
        else:
            changes.setdefault((scheme, state), {})[month] = number
    return {
        (scheme, UnitState(state)): _backwards(total, changes.get((scheme, state), {}), months)
        for (scheme, state), total in sorted(totals.items())
    }


def _backwards(total: int, changes: Mapping[date, int], months: Sequence[date]) -> list[int]:
    return [total - sum(n for month, n in changes.items() if month >= first) for first in months]
