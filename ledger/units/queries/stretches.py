"""All units that are anywhere, book by book: what a proof of the state is made of.

A *book* is a serial space, or the units without serial numbers of one scheme and vintage.
"""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from django.db import connection


class Stretch(NamedTuple):
    """Units of one lot in one account and state; `first` and `last` are serials, or None."""

    lot_id: UUID
    lot_code: str
    account_id: UUID
    state: str
    hold_id: UUID | None
    first: int | None
    last: int | None
    unit_count: int


class BookState(NamedTuple):
    """A book, what was ever issued into it, and a mark that changes with every stretch in it."""

    name: str
    space_id: int | None
    scheme: str
    vintage_year: int | None
    issued_count: int
    mark: str


SERIAL_BOOKS = """
WITH issued AS (
    SELECT l.space_id, -sum(p.quantity) AS units FROM ledger_units_position p
    JOIN ledger_units_lot l ON l.id = p.lot_id
    WHERE p.state = 'UNISSUED' AND l.space_id IS NOT NULL GROUP BY 1),
seen AS (
    SELECT b.space_id, count(*) AS runs,
           sum(hashtextextended(concat_ws('/', b.first_serial, b.last_serial, b.position_id,
                                          b.hold_id), 0)) AS mark
    FROM ledger_units_block b GROUP BY 1)
SELECT 'serials/' || concat_ws('/', s.registry, s.programme, s.prefix), s.id, '', NULL::int,
       i.units::bigint, seen.runs || ':' || seen.mark
FROM ledger_units_serialspace s JOIN issued i ON i.space_id = s.id
JOIN seen ON seen.space_id = s.id WHERE i.units > 0 ORDER BY s.id
"""
COUNTED_BOOKS = """
SELECT concat_ws('/', 'units', l.scheme, l.vintage_year), NULL::bigint, l.scheme, l.vintage_year,
       (-coalesce(sum(p.quantity) FILTER (WHERE p.state = 'UNISSUED'), 0))::bigint,
       count(*) || ':' || sum(hashtextextended(concat_ws('/', p.id, p.quantity), 0))
FROM ledger_units_position p JOIN ledger_units_lot l ON l.id = p.lot_id
WHERE l.space_id IS NULL GROUP BY l.scheme, l.vintage_year
HAVING sum(p.quantity) FILTER (WHERE p.state = 'UNISSUED') < 0
ORDER BY l.scheme, l.vintage_year
"""
SERIALS_OF = """
SELECT l.id, l.code, p.account_id, p.state, b.hold_id, b.first_serial, b.last_serial,
       b.last_serial - b.first_serial + 1
FROM ledger_units_block b JOIN ledger_units_position p ON p.id = b.position_id
JOIN ledger_units_lot l ON l.id = p.lot_id
WHERE b.space_id = %s AND p.state <> 'UNISSUED' ORDER BY b.first_serial
"""
COUNTED_OF = """
SELECT l.id, l.code, p.account_id, p.state, NULL::uuid, NULL::bigint, NULL::bigint, p.quantity
FROM ledger_units_position p JOIN ledger_units_lot l ON l.id = p.lot_id
WHERE l.space_id IS NULL AND l.scheme = %s AND l.vintage_year IS NOT DISTINCT FROM %s
  AND p.state <> 'UNISSUED' AND p.quantity > 0
ORDER BY p.account_id, l.code, p.state
"""


def book_states() -> list[BookState]:
    """Every book into which anything was issued."""
    with connection.cursor() as cursor:
        cursor.execute(SERIAL_BOOKS)
        found = [BookState(*row) for row in cursor.fetchall()]
        cursor.execute(COUNTED_BOOKS)
        return found + [BookState(*row) for row in cursor.fetchall()]


def stretches_in(book: BookState, *, at_a_time: int = 10_000) -> Iterator[Stretch]:
    """Every unit that was issued into a book, by serial, or by account, lot and state.

    In a transaction: the rows come as they are asked for.
    """
    statement, asked = (
        (COUNTED_OF, [book.scheme, book.vintage_year])
        if book.space_id is None
        else (SERIALS_OF, [book.space_id])
    )
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, asked)
        while rows := cursor.fetchmany(at_a_time):
            yield from (Stretch(*row) for row in rows)
