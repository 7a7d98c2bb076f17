"""Where is the unit with this serial number, and where was it on a day?

Today's place is one look-up in the blocks. The way there is walked backwards, movement by movement:
the last that brought the number into a place is found by index, also when it was recorded late.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.units.queries.past import MovementView, view_of
from ledger.units.states import UnitState

MOST_FOUND = 50  # serial spaces that know one number


@dataclass(frozen=True, slots=True)
class FoundUnit:
    """A unit: its series, its lot and where it is now."""

    space: tuple[str, str, str]
    serial: int
    lot_id: UUID
    lot_code: str
    scheme: str
    vintage_year: int
    position_id: int
    account_id: UUID
    state: UnitState
    hold_id: UUID | None


FIND = """
SELECT s.registry, s.programme, s.prefix, l.id, l.code, l.scheme, l.vintage_year, p.id,
       p.account_id, p.state, b.hold_id
FROM ledger_units_block AS b
JOIN ledger_units_serialspace AS s ON s.id = b.space_id
JOIN ledger_units_position AS p ON p.id = b.position_id
JOIN ledger_units_lot AS l ON l.id = p.lot_id
WHERE int8range(b.first_serial, b.last_serial, '[]') @> %(serial)s::bigint
  AND (%(prefix)s::text IS NULL OR s.prefix = %(prefix)s OR s.prefix || '-' = %(prefix)s)
  AND (%(scheme)s::text IS NULL OR l.scheme = %(scheme)s)
  AND (%(account_ids)s::uuid[] IS NULL OR p.account_id = ANY(%(account_ids)s::uuid[])
       OR EXISTS (SELECT FROM ledger_units_position AS own, LATERAL (
                    SELECT FROM ledger_units_movement AS m
                    WHERE m.from_position_id = own.id
                      AND %(serial)s BETWEEN m.first_serial AND m.last_serial LIMIT 1) AS once
                  WHERE own.lot_id = l.id AND own.account_id = ANY(%(account_ids)s::uuid[])))
ORDER BY s.registry, s.programme, s.prefix LIMIT %(limit)s
"""

# The last movement that brought the number into a position, recorded before a given one.
INTO = """
SELECT m.id, m.from_position_id FROM (
    (SELECT id, from_position_id FROM ledger_units_movement
     WHERE to_position_id = {place} AND NOT to_late AND id < {before}
       AND %(serial)s BETWEEN first_serial AND last_serial
     ORDER BY happened_on DESC, id DESC LIMIT 1)
    UNION ALL
    (SELECT id, from_position_id FROM ledger_units_movement
     WHERE lot_id = %(lot)s AND (from_late OR to_late) AND to_late AND to_position_id = {place}
       AND id < {before} AND %(serial)s BETWEEN first_serial AND last_serial
     ORDER BY id DESC LIMIT 1)) AS m
ORDER BY m.id DESC LIMIT 1
"""
WAY = f"""
WITH RECURSIVE way AS (
    SELECT m.id, m.from_position_id
    FROM (SELECT {{start}} AS place) AS here,
         LATERAL ({INTO.format(place="here.place", before="9223372036854775807")}) AS m
    UNION ALL
    SELECT m.id, m.from_position_id
    FROM way, LATERAL ({INTO.format(place="way.from_position_id", before="way.id")}) AS m)
SELECT m.id, m.entry_id, e.kind, m.happened_on, e.recorded_at, m.lot_id, l.code, l.scheme,
       l.vintage_year, f.account_id, f.state, t.account_id, t.state, m.unit_count,
       m.first_serial, m.last_serial
FROM way JOIN ledger_units_movement AS m ON m.id = way.id
JOIN ledger_units_entry AS e ON e.id = m.entry_id
JOIN ledger_units_lot AS l ON l.id = m.lot_id
JOIN ledger_units_position AS f ON f.id = m.from_position_id
JOIN ledger_units_position AS t ON t.id = m.to_position_id
ORDER BY m.id
""".replace("{start}", "%(position)s::bigint")  # noqa: S608


def find_units(
    serial: int,
    *,
    account_ids: Iterable[UUID] | None,
    prefix: str | None = None,
    scheme: str | None = None,
) -> list[FoundUnit]:
    """The units of this number that are, or once were, in these accounts (None: in any).

    A number is unique within a series only, so there may be several; at most fifty are told.
    """
    asked: dict[str, Any] = {
        "serial": serial,
        "prefix": prefix,
        "scheme": scheme,
        "account_ids": None if account_ids is None else list(account_ids),
        "limit": MOST_FOUND,
    }
    with connection.cursor() as cursor:
        cursor.execute(FIND, asked)
        rows: Any = cursor.fetchall()
    return [
        FoundUnit(*[tuple(row[:3]), serial, *row[3:9], UnitState(row[9]), row[10]]) for row in rows
    ]


def way_of(unit: FoundUnit) -> list[MovementView]:
    """Every movement of the unit, in the order in which they were recorded, from its issue on."""
    asked: dict[str, Any] = {
        "serial": unit.serial,
        "lot": unit.lot_id,
        "position": unit.position_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(WAY, asked)
        return [view_of(row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a unit was; without a state: not issued yet. Not `known`: it was with others then."""

    known: bool
    account_id: UUID | None = None
    state: UnitState | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """A unit's way as one party may see it: the steps that touched its accounts."""

    unit: FoundUnit
    steps: tuple[MovementView, ...]
    hidden_count: int
    now: Spot
    then: Spot | None


def trace(unit: FoundUnit, *, account_ids: Iterable[UUID] | None, day: date | None) -> Trace:
    """The way of a unit, where it is, and where it was at the end of `day`, by what is known now.

    Steps between other parties are counted, not told; None sees all of them.
    """
    own = None if account_ids is None else set(account_ids)
    way = way_of(unit)
    seen = tuple(step for step in way if _touches(step, own))
    then = None
    if day is not None:
        then = _after([step for step in way if step.happened_on <= day], own)
    return Trace(unit, seen, len(way) - len(seen), _after(way, own), then)


def _touches(step: MovementView, own: set[UUID] | None) -> bool:
    return own is None or step.from_account_id in own or step.to_account_id in own


def _after(way: list[MovementView], own: set[UUID] | None) -> Spot:
    if not way:
        return Spot(known=True)
    last = way[-1]
    if not _touches(last, own):
        return Spot(known=False)
    return Spot(known=True, account_id=last.to_account_id, state=last.to_state)
