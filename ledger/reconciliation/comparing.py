"""A statement against the books of its day: one sweep over sorted bounds, and totals by cell.

Every run of serials, ours and theirs, gives two bounds; sorted by space and number, running sums
say for each stretch between two bounds in which cell it is here and in which there. No range is
ever compared with another, so a million blocks cost one sort. Where both sums agree, nothing
leaves the database.

Units and accounts stand below and are read by name, because this must stream over millions.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from ledger.reconciliation.rules import Cell, Difference, Space, Spoken, name_run, name_total

WORK_MEMORY = "256MB"

# What the account has in each position at the end of the day, by what is known now.
_POSITIONS = """
SELECT p.id, l.scheme, l.vintage_year, p.state,
       coalesce(project.code, l.traits ->> 'project_code', ''), p.space_id,
       p.quantity
       - coalesce((SELECT sum(m.unit_count) FROM ledger_units_movement AS m
                   WHERE m.to_position_id = p.id AND m.happened_on > %(day)s), 0)
       + coalesce((SELECT sum(m.unit_count) FROM ledger_units_movement AS m
                   WHERE m.from_position_id = p.id AND m.happened_on > %(day)s), 0)
FROM ledger_units_position AS p
JOIN ledger_units_lot AS l ON l.id = p.lot_id
LEFT JOIN ledger_instruments_project AS project ON project.id = l.project_id
WHERE p.account_id = %(account)s AND p.state <> 'UNISSUED'
"""
_PARTS = """
SELECT p.number, p.scheme, p.vintage_year, p.state, p.project_code,
       p.registry, p.programme, p.prefix, l.units, l.serial_units
FROM (SELECT part_number, sum(quantity) AS units,
             coalesce(sum(quantity) FILTER (WHERE first_serial IS NOT NULL), 0) AS serial_units
      FROM ledger_reconciliation_statementline WHERE statement_id = %(statement)s
      GROUP BY part_number) AS l
JOIN ledger_reconciliation_statementpart AS p
  ON p.statement_id = %(statement)s AND p.number = l.part_number
ORDER BY p.number
"""
_SPACES = """
SELECT id, registry, programme, prefix FROM ledger_units_serialspace
WHERE id = ANY(%(ids)s)
   OR (registry, programme, prefix) IN (
        SELECT * FROM unnest(%(registries)s::text[], %(programmes)s::text[], %(prefixes)s::text[]))
"""
# `cell` numbers: 1 to `spoken` are cells of which the statement speaks, the rest are not.
# A movement after the day is undone: what it brought is taken off, what it took is put back.
_SWEEP = """
WITH held AS MATERIALIZED (
    SELECT * FROM unnest(%(positions)s::bigint[], %(position_cells)s::int[],
                         %(position_spaces)s::bigint[]) AS h(position_id, cell, space)),
told AS MATERIALIZED (
    SELECT * FROM unnest(%(parts)s::int[], %(part_cells)s::int[], %(part_spaces)s::bigint[])
        AS t(number, cell, space)),
bound AS (
    SELECT b.space_id AS space, v.at, v.here, 0 AS there
    FROM ledger_units_block AS b JOIN held AS h ON h.position_id = b.position_id,
         LATERAL (VALUES (b.first_serial, h.cell), (b.last_serial + 1, -h.cell)) AS v(at, here)
    WHERE b.position_id = ANY(%(positions)s::bigint[])
    UNION ALL
    SELECT h.space, v.at, v.here, 0
    FROM held AS h JOIN ledger_units_movement AS m
      ON m.to_position_id = h.position_id AND m.happened_on > %(day)s,
         LATERAL (VALUES (m.first_serial, -h.cell), (m.last_serial + 1, h.cell)) AS v(at, here)
    WHERE m.first_serial IS NOT NULL AND m.to_position_id = ANY(%(positions)s::bigint[])
    UNION ALL
    SELECT h.space, v.at, v.here, 0
    FROM held AS h JOIN ledger_units_movement AS m
      ON m.from_position_id = h.position_id AND m.happened_on > %(day)s,
         LATERAL (VALUES (m.first_serial, h.cell), (m.last_serial + 1, -h.cell)) AS v(at, here)
    WHERE m.first_serial IS NOT NULL AND m.from_position_id = ANY(%(positions)s::bigint[])
    UNION ALL
    SELECT t.space, v.at, 0, v.there
    FROM ledger_reconciliation_statementline AS l JOIN told AS t ON t.number = l.part_number,
         LATERAL (VALUES (l.first_serial, t.cell), (l.last_serial + 1, -t.cell)) AS v(at, there)
    WHERE l.statement_id = %(statement)s AND l.first_serial IS NOT NULL),
swept AS (
    SELECT space, at, lead(at) OVER w AS until, sum(here) OVER w AS here, sum(there) OVER w AS there
    FROM bound WINDOW w AS (PARTITION BY space ORDER BY at))
SELECT space, at, until, here, there FROM swept
WHERE until > at AND here <> there
  AND (here BETWEEN 1 AND %(spoken)s OR there BETWEEN 1 AND %(spoken)s)
ORDER BY space, at
"""


@contextmanager
def sorting(cursor: Any) -> Iterator[None]:
    """Plan what follows for many rows, inside a transaction.

    Lines that arrived a moment ago have no statistics yet: by nested loops every one of them would
    meet every part. And the sweep is read to its end: no plan that is only quick to begin.
    """
    cursor.execute(
        f"SET LOCAL work_mem = '{WORK_MEMORY}'; SET LOCAL enable_nestloop = off;"
        " SET LOCAL cursor_tuple_fraction = 1.0"
    )
    yield
    cursor.execute(
        "SET LOCAL work_mem TO DEFAULT; SET LOCAL enable_nestloop TO DEFAULT;"
        " SET LOCAL cursor_tuple_fraction TO DEFAULT"
    )


class _Position(NamedTuple):
    id: int
    scheme: str
    vintage_year: int
    state: str
    project_code: str
    space_id: int | None
    quantity: int


class _Part(NamedTuple):
    number: int
    scheme: str
    vintage_year: int
    state: str
    project_code: str
    registry: str
    programme: str
    prefix: str
    units: int
    serial_units: int

    @property
    def space(self) -> Space:
        return self.registry, self.programme, self.prefix


@dataclass(frozen=True, slots=True)
class Compared:
    """Whose statement, of which day, and of what it speaks; `newer` ones overrule it."""

    statement_id: UUID
    account_id: UUID
    day: date
    spoken: Spoken
    newer: tuple[Spoken, ...] = ()

    def is_about(self, scheme: str, vintage_year: int, state: str) -> bool:
        """This is the newest statement that speaks of the cell."""
        return self.spoken.speaks_of(scheme, vintage_year, state) and not any(
            one.speaks_of(scheme, vintage_year, state) for one in self.newer
        )


@dataclass(slots=True)
class _Plan:
    """What goes into the sweep and what is compared by totals, all by the number of its cell."""

    cells: dict[Cell, int] = field(default_factory=dict)
    totals: dict[Cell, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    by_total: dict[Cell, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    positions: list[tuple[int, Cell, int]] = field(default_factory=list)
    parts: list[tuple[int, Cell, Space]] = field(default_factory=list)

    def numbered(self, compared: Compared) -> int:
        """Number the cells, those spoken of first; how many they are."""
        found = {cell for _, cell, _ in self.positions} | {cell for _, cell, _ in self.parts}
        in_order = sorted(
            found, key=lambda cell: (not _is_about(compared, cell), str(cell), cell.project_code)
        )
        self.cells = {cell: number for number, cell in enumerate(in_order, 1)}
        return sum(_is_about(compared, cell) for cell in in_order)


def _is_about(compared: Compared, cell: Cell) -> bool:
    return compared.is_about(cell.scheme, cell.vintage_year, cell.state)


@dataclass(slots=True)
class Counts:
    """How much was compared, by scheme, vintage and state; filled in as the first is asked for."""

    cells: dict[tuple[str, int, str], list[int]] = field(default_factory=dict)

    def add(self, cell: Cell, here: int, there: int) -> None:
        sums = self.cells.setdefault((cell.scheme, cell.vintage_year, cell.state), [0, 0])
        sums[0] += here
        sums[1] += there

    @property
    def here(self) -> int:
        return sum(here for here, _ in self.cells.values())

    @property
    def there(self) -> int:
        return sum(there for _, there in self.cells.values())

    def as_rows(self) -> list[list[Any]]:
        """Scheme, vintage, state, units here, units there; nothing is left out but zero."""
        return [[*cell, *sums] for cell, sums in sorted(self.cells.items()) if any(sums)]


def differences(compared: Compared, counts: Counts | None = None) -> Iterator[Difference]:
    """Every difference between the statement and the books of its day, serials first.

    Runs inside a transaction; memory grows with the number of positions and parts, not of lines.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            positions, parts = _read(cursor, compared)
        plan = _plan(compared, positions, parts)
        for cell, (here, there) in plan.totals.items():
            if counts is not None and _is_about(compared, cell):
                counts.add(cell, here, there)
        totals = {cell: (here, there) for cell, (here, there) in plan.totals.items()}
        yield from _runs(compared, plan, totals)
        for cell in sorted(plan.by_total, key=lambda one: (str(one), one.project_code)):
            here, there = plan.by_total[cell]
            found = name_total(cell, here=here, there=there)
            if found is not None and _is_about(compared, cell):
                yield found


def _read(cursor: Any, compared: Compared) -> tuple[list[_Position], list[_Part]]:
    cursor.execute(_POSITIONS, {"account": compared.account_id, "day": compared.day})
    positions = [_Position._make((*row[:-1], int(row[-1]))) for row in cursor.fetchall()]
    cursor.execute(_PARTS, {"statement": compared.statement_id})
    parts = [_Part._make((*row[:-2], int(row[-2]), int(row[-1]))) for row in cursor.fetchall()]
    return positions, parts


Vintage = tuple[str, int]


def _plan(compared: Compared, positions: list[_Position], parts: list[_Part]) -> _Plan:
    """Sort positions and parts into cells."""
    projects = _with_projects(positions, parts)
    totals_only = _by_total(positions, parts)
    plan = _Plan()
    for one in positions:
        vintage = (one.scheme, one.vintage_year)
        seen = compared.spoken.seen_as(one.scheme, one.state)
        cell = Cell(*vintage, seen, one.project_code if vintage in projects else "")
        plan.totals[cell][0] += one.quantity
        if one.space_id is None or vintage in totals_only:
            plan.by_total[cell][0] += one.quantity
        else:
            plan.positions.append((one.id, cell, one.space_id))
    for part in parts:
        vintage = (part.scheme, part.vintage_year)
        cell = Cell(*vintage, part.state, part.project_code if vintage in projects else "")
        plan.totals[cell][1] += part.units
        ranged = 0 if vintage in totals_only else part.serial_units
        if part.units - ranged:
            plan.by_total[cell][1] += part.units - ranged
        if ranged:
            plan.parts.append((part.number, cell, part.space))
    return plan


def _with_projects(positions: list[_Position], parts: list[_Part]) -> set[Vintage]:
    """Vintages of which every line, and every lot of ours with units, names its project."""
    nameless = {(p.scheme, p.vintage_year) for p in parts if not p.project_code} | {
        (p.scheme, p.vintage_year) for p in positions if p.quantity and not p.project_code
    }
    return {(p.scheme, p.vintage_year) for p in parts} - nameless


def _by_total(positions: list[_Position], parts: list[_Part]) -> set[Vintage]:
    """Vintages where one side has units, none of them with serial numbers: totals must do."""
    here: dict[Vintage, bool] = {}
    there: dict[Vintage, bool] = {}
    for one in positions:
        if one.quantity:
            key = (one.scheme, one.vintage_year)
            here[key] = here.get(key, False) or one.space_id is not None
    for part in parts:
        key = (part.scheme, part.vintage_year)
        there[key] = there.get(key, False) or part.serial_units > 0
    return {key for side in (here, there) for key, has_serials in side.items() if not has_serials}


def _runs(
    compared: Compared, plan: _Plan, totals: Mapping[Cell, tuple[int, int]]
) -> Iterator[Difference]:
    spoken = plan.numbered(compared)
    if not spoken:
        return
    numbers, names = _spaces(plan)
    asked = {
        "statement": compared.statement_id,
        "day": compared.day,
        "spoken": spoken,
        "positions": [one for one, _, _ in plan.positions],
        "position_cells": [plan.cells[cell] for _, cell, _ in plan.positions],
        "position_spaces": [space for _, _, space in plan.positions],
        "parts": [number for number, _, _ in plan.parts],
        "part_cells": [plan.cells[cell] for _, cell, _ in plan.parts],
        "part_spaces": [numbers[space] for _, _, space in plan.parts],
    }
    by_number = {number: cell for cell, number in plan.cells.items()}
    for space, first, until, here, there in _joined(_swept(asked)):
        yield name_run(
            ours=by_number.get(here),
            theirs=by_number.get(there),
            run=(names[space], first, until - 1),
            totals=totals,
        )


_Run = tuple[int, int, int, int, int]


def _swept(asked: Mapping[str, Any]) -> Iterator[_Run]:
    with (
        connection.cursor() as planner,
        sorting(planner),
        connection.chunked_cursor() as cursor,
    ):
        cursor.execute(_SWEEP, asked)
        for space, at, until, here, there in cursor:
            yield space, at, until, int(here), int(there)


def _joined(rows: Iterator[_Run]) -> Iterator[_Run]:
    """Neighbouring stretches that differ in the same way are one run."""
    waiting: _Run | None = None
    for row in rows:
        if waiting and (waiting[0], *waiting[2:]) == (row[0], row[1], *row[3:]):
            waiting = (*waiting[:2], *row[2:])
            continue
        if waiting:
            yield waiting
        waiting = row
    if waiting:
        yield waiting


def _spaces(plan: _Plan) -> tuple[dict[Space, int], dict[int, Space]]:
    """Numbers of the spaces that both sides know; what only the statement knows is below zero."""
    told = {space for _, _, space in plan.parts}
    columns = list(zip(*told, strict=True)) or [(), (), ()]
    with connection.cursor() as cursor:
        cursor.execute(
            _SPACES,
            {
                "ids": list({space for _, _, space in plan.positions}),
                "registries": list(columns[0]),
                "programmes": list(columns[1]),
                "prefixes": list(columns[2]),
            },
        )
        names: dict[int, Space] = {row[0]: (row[1], row[2], row[3]) for row in cursor.fetchall()}
    numbers = {space: number for number, space in names.items()}
    for unknown, space in enumerate(sorted(told - numbers.keys()), 1):
        numbers[space], names[-unknown] = -unknown, space
    return numbers, names
