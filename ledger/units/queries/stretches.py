"""All units that are anywhere, book by book: what a proof of the state is made of.

A *book* is a serial space, or the units without serial numbers of one scheme and vintage.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection


class Stretch(NamedTuple):
    """Units of one lot in one account and state; `first` and `last` are serials, or None.

    `mark` changes with the range, its position and its hold.
    """

    lot_id: UUID
    lot_code: str
    account_id: UUID
    state: str
    hold_id: UUID | None
    first: int | None
    last: int | None
    unit_count: int
    mark: int = 0


class BookState(NamedTuple):
    """A book and what was ever issued into it.

    `mark` changes with every stretch of a book without serials; of serials `serial_marks` tells.
    """

    name: str
    space_id: int | None
    scheme: str
    vintage_year: int | None
    issued_count: int
    mark: str


class SerialMark(NamedTuple):
    """How many runs begin between two bounds, and a mark that changes with each of them."""

    run_count: int
    mark: str


# of one run; the server's own hash functions, a tenth of a microsecond each
RUN_MARK = """hashint8extended(b.first_serial, hashint8extended(b.last_serial, hashint8extended(
    b.position_id, coalesce(uuid_hash_extended(b.hold_id, 0), 0))))"""
SERIAL_BOOKS = """
WITH issued AS (
    SELECT l.space_id, -sum(p.quantity) AS units FROM ledger_units_position p
    JOIN ledger_units_lot l ON l.id = p.lot_id
    WHERE p.state = 'UNISSUED' AND l.space_id IS NOT NULL GROUP BY 1)
SELECT 'serials/' || concat_ws('/', s.registry, s.programme, s.prefix), s.id, '', NULL::int,
       i.units::bigint, ''
FROM ledger_units_serialspace s JOIN issued i ON i.space_id = s.id
WHERE i.units > 0 ORDER BY s.id
"""
SERIAL_MARKS = f"""
SELECT greatest(width_bucket(b.first_serial, %(lows)s::bigint[]), 1) - 1, count(*),
       sum({RUN_MARK})::text
FROM ledger_units_block b WHERE b.space_id = %(space)s GROUP BY 1
"""  # noqa: S608  no value in it
COUNTED_BOOKS = """
SELECT concat_ws('/', 'units', l.scheme, l.vintage_year), NULL::bigint, l.scheme, l.vintage_year,
       (-coalesce(sum(p.quantity) FILTER (WHERE p.state = 'UNISSUED'), 0))::bigint,
       count(*) || ':' || sum(hashtextextended(concat_ws('/', p.id, p.quantity), 0))
FROM ledger_units_position p JOIN ledger_units_lot l ON l.id = p.lot_id
WHERE l.space_id IS NULL GROUP BY l.scheme, l.vintage_year
HAVING sum(p.quantity) FILTER (WHERE p.state = 'UNISSUED') < 0
ORDER BY l.scheme, l.vintage_year
"""
RUNS = f"""
SELECT l.id, l.code, p.account_id, p.state, b.hold_id, b.first_serial, b.last_serial,
       b.last_serial - b.first_serial + 1, {RUN_MARK}
FROM ledger_units_block b JOIN ledger_units_position p ON p.id = b.position_id
JOIN ledger_units_lot l ON l.id = p.lot_id
"""  # noqa: S608  no value in it
SERIALS_OF = f"""
{RUNS} WHERE b.space_id = %s AND p.state <> 'UNISSUED' ORDER BY b.first_serial
"""
# the constraint against overlaps is the index that finds them
SERIALS_BETWEEN = f"""
{RUNS} JOIN unnest(%s::bigint[], %s::bigint[]) AS w(low, last)
  ON int8range(b.first_serial, b.last_serial, '[]') && int8range(w.low, w.last, '[]')
 AND b.first_serial >= w.low
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


def serial_marks(book: BookState, lows: Sequence[int]) -> dict[int, SerialMark]:
    """The runs of a book of serials, by the last of the rising bounds that is not above them.

    Those below the first bound count as its own. A bound without runs is left out.
    """
    asked = {"lows": list(lows) or [0], "space": book.space_id}
    with connection.cursor() as cursor:
        cursor.execute(SERIAL_MARKS, asked)
        return {number: SerialMark(count, mark) for number, count, mark in cursor.fetchall()}


def stretches_in(book: BookState) -> Iterator[Stretch]:
    """Every unit that was issued into a book, by serial, or by account, lot and state."""
    if book.space_id is None:
        return _streamed(COUNTED_OF, [book.scheme, book.vintage_year])
    return _streamed(SERIALS_OF, [book.space_id])


def stretches_between(book: BookState, spans: Sequence[tuple[int, int]]) -> Iterator[Stretch]:
    """The runs of a book of serials that begin within one of some spans, both bounds included."""
    lows, lasts = [low for low, _ in spans], [last for _, last in spans]
    return _streamed(SERIALS_BETWEEN, [lows, lasts, book.space_id])


def _streamed(
    statement: str, asked: Sequence[Any], *, at_a_time: int = 10_000
) -> Iterator[Stretch]:
    """In a transaction: the rows come as they are asked for."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, asked)
        while rows := cursor.fetchmany(at_a_time):
            yield from (Stretch(*row) for row in rows)


MOVED_SINCE = """
SELECT DISTINCT CASE WHEN l.space_id IS NULL THEN concat_ws('/', 'units', l.scheme, l.vintage_year)
       ELSE 'serials/' || concat_ws('/', s.registry, s.programme, s.prefix) END
FROM ledger_units_entry e JOIN ledger_units_movement m ON m.entry_id = e.id
JOIN ledger_units_lot l ON l.id = m.lot_id
LEFT JOIN ledger_units_serialspace s ON s.id = l.space_id
WHERE e.xid >= %(era)s + pg_snapshot_xmin(%(snapshot)s::pg_snapshot)::text::bigint
  AND NOT pg_visible_in_snapshot((e.xid - %(era)s)::text::xid8, %(snapshot)s::pg_snapshot)
"""


def books_moved_since(snapshot: str, *, era: int) -> set[str]:
    """The names of books with postings that a snapshot did not see.

    `era`: what was added to the numbers of transactions when it was taken.
    """
    with connection.cursor() as cursor:
        cursor.execute(MOVED_SINCE, {"snapshot": snapshot, "era": era})
        return {name for (name,) in cursor.fetchall()}
