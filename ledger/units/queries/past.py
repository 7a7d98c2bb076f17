"""What moved, for some accounts: a page at a time, newest or oldest first.

Of each position the next movements are found by index and the nearest of them all are shown. With
very many positions one pass over the movements is cheaper than a look-up for each.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from ledger.units.models import Entry, Movement, Position
from ledger.units.queries.as_of import Wanted
from ledger.units.states import UnitState

MANY = 2_000


@dataclass(frozen=True, slots=True)
class MovementView:
    """Units that left one place and reached another."""

    id: int
    entry_id: UUID
    kind: str
    happened_on: date
    recorded_at: datetime
    lot_id: UUID
    lot_code: str
    scheme: str
    vintage_year: int
    from_account_id: UUID
    from_state: UnitState
    to_account_id: UUID
    to_state: UnitState
    unit_count: int
    first_serial: int | None
    last_serial: int | None


@dataclass(frozen=True, slots=True)
class Span:
    """Which movements of these positions: days both included, one kind or any."""

    since: date = date.min
    until: date = date.max
    kind: str | None = None
    oldest_first: bool = False


_MINE = """
SELECT p.id FROM ledger_units_position AS p JOIN ledger_units_lot AS l ON l.id = p.lot_id
WHERE (%(account_ids)s::uuid[] IS NULL OR p.account_id = ANY(%(account_ids)s::uuid[]))
  AND (%(account_id)s::uuid IS NULL OR p.account_id = %(account_id)s)
  AND (%(lot_id)s::uuid IS NULL OR p.lot_id = %(lot_id)s)
  AND (%(scheme)s::text IS NULL OR l.scheme = %(scheme)s)
  AND (%(vintage_year)s::int IS NULL OR l.vintage_year = %(vintage_year)s)
  AND (%(state)s::text IS NULL OR p.state = %(state)s)
"""
_SPAN = """
m.happened_on BETWEEN %(since)s AND %(until)s
AND (m.happened_on, m.id) {beyond} (%(day)s, %(id)s)
AND (%(kind)s::text IS NULL OR EXISTS (
    SELECT FROM ledger_units_entry AS k WHERE k.id = m.entry_id AND k.kind = %(kind)s))
"""
_SIDE = f"""
(SELECT m.* FROM ledger_units_movement AS m
 WHERE m.{{side}} = mine.id AND {_SPAN}
 ORDER BY m.happened_on {{way}}, m.id {{way}} LIMIT %(limit)s)
"""  # noqa: S608
_FEW = f"""
SELECT DISTINCT ON (s.happened_on, s.id) s.*
FROM mine, LATERAL ({_SIDE.replace("{side}", "from_position_id")}
                    UNION ALL {_SIDE.replace("{side}", "to_position_id")}) AS s
ORDER BY s.happened_on {{way}}, s.id {{way}} LIMIT %(limit)s
"""  # noqa: S608
_MANY = f"""
SELECT m.* FROM ledger_units_movement AS m
WHERE (m.from_position_id IN (SELECT id FROM mine) OR m.to_position_id IN (SELECT id FROM mine))
  AND {_SPAN}
ORDER BY m.happened_on {{way}}, m.id {{way}} LIMIT %(limit)s
"""  # noqa: S608
_SHOWN = """
SELECT m.id, m.entry_id, e.kind, m.happened_on, e.recorded_at, m.lot_id, l.code, l.scheme,
       l.vintage_year, f.account_id, f.state, t.account_id, t.state, m.unit_count,
       m.first_serial, m.last_serial
FROM found AS m
JOIN ledger_units_entry AS e ON e.id = m.entry_id
JOIN ledger_units_lot AS l ON l.id = m.lot_id
JOIN ledger_units_position AS f ON f.id = m.from_position_id
JOIN ledger_units_position AS t ON t.id = m.to_position_id
ORDER BY m.happened_on {way}, m.id {way}
"""


def view_of(row: Any) -> MovementView:
    return MovementView(*[*row[:10], UnitState(row[10]), row[11], UnitState(row[12]), *row[13:]])


def movement_statement(*, oldest_first: bool, many: bool) -> str:
    """The statement behind `movements`, so that a test can look at its plan."""
    body = _MANY if many else _FEW
    told = f"WITH mine AS MATERIALIZED ({_MINE}), found AS ({body}) {_SHOWN}"
    return told.format(way="ASC" if oldest_first else "DESC", beyond=">" if oldest_first else "<")


def movements(
    wanted: Wanted, span: Span, *, after: tuple[date, int] | None = None, limit: int = 50
) -> list[MovementView]:
    """Movements into or out of these positions, each once; `after` is the last one's (day, id)."""
    ids = wanted.account_ids
    many = ids is None or _has_many(ids)
    edge = (date.min, 0) if span.oldest_first else (date.max, 2**63 - 1)
    day, movement_id = after or edge
    asked = asdict(wanted) | asdict(span) | {"day": day, "id": movement_id, "limit": limit}
    asked["account_ids"] = None if ids is None else list(ids)
    with connection.cursor() as cursor:
        cursor.execute(movement_statement(oldest_first=span.oldest_first, many=many), asked)
        return [view_of(row) for row in cursor.fetchall()]


def _has_many(account_ids: Iterable[UUID]) -> bool:
    rows = Position.objects.filter(account_id__in=list(account_ids)).values("pk")[: MANY + 1]
    return len(rows) > MANY


def movements_of_entry(entry_id: UUID) -> list[MovementView]:
    """What an entry moved, line by line."""
    found = "SELECT * FROM ledger_units_movement WHERE entry_id = %s"
    statement = f"WITH found AS ({found}) {_SHOWN.format(way='ASC')}"
    with connection.cursor() as cursor:
        cursor.execute(statement, [entry_id])
        return [view_of(row) for row in cursor.fetchall()]


def entries_seen(account_ids: Iterable[UUID] | None) -> QuerySet[Entry]:
    """The entries that moved something into or out of these accounts; None: all of them."""
    if account_ids is None:
        return Entry.objects.all()
    places = Position.objects.filter(account_id__in=list(account_ids))
    mine = list(places.values_list("pk", flat=True))
    touched = Movement.objects.filter(Q(from_position__in=mine) | Q(to_position__in=mine))
    return Entry.objects.filter(pk__in=touched.values("entry_id"))
