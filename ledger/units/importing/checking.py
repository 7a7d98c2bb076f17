"""Which lines cannot be: found by sets over the planned moves, each named with its reason."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.imports import queries as imports
from ledger.imports.operations import RowProblem
from ledger.imports.queries import stream
from ledger.kernel.errors import N_
from ledger.units.importing.planning import plan
from ledger.units.rules import BEIJING

# code → (column, message, blocks)
SAID: Mapping[str, tuple[str, str, bool]] = {
    "no_such_scheme": ("scheme", N_("There is no scheme %(scheme)s."), True),
    "not_a_movement": (
        "act",
        N_("This line states a fact (%(act)s) and moves no units; it is not taken in here."),
        False,
    ),
    "other_measure": (
        "measure",
        N_("%(scheme)s counts %(wanted)s; the line is in %(found)s."),
        True,
    ),
    "vintage_missing": ("vintage_year", N_("The line names no vintage."), True),
    "quantity_not_positive": ("quantity", N_("Units are whole and more than zero."), True),
    "serials_do_not_count": (
        "quantity",
        N_("Serials %(first)s to %(last)s are not %(quantity)s units."),
        True,
    ),
    "future_day": ("happened_on", N_("%(day)s lies in the future."), True),
    "state_needs_hold": (
        "state",
        N_("Units that are %(state)s come in free; then place the hold that says why."),
        True,
    ),
    "state_not_taken": (
        "state",
        N_("Units in the state %(state)s are not taken in."),
        True,
    ),
    "held_already": ("serial", N_("These serials are held there already."), False),
    "no_generation_period": ("period_from", N_("The line names no period of generation."), True),
    "no_account": (
        "account",
        N_(
            "%(registry)s: you have no account %(account)s. Open it first, or say that it is a"
            " stranger's."
        ),
        True,
    ),
    "strangers_only": (
        "account",
        N_("%(account)s is a stranger's: what it does among strangers is not in our books."),
        True,
    ),
    "account_missing": ("account", N_("The line names no account, and none was chosen."), True),
    "account_not_open": ("account", N_("The account %(account)s is not open."), True),
    "other_registry": (
        "account",
        N_("The account chosen belongs to another registry; the line is of %(registry)s."),
        True,
    ),
    "counter_account_missing": ("counter_account", N_("The line names no other account."), True),
    "serials_overlap": (
        "serial",
        N_("Some of the serials %(first)s to %(last)s exist in the books already."),
        True,
    ),
    "serials_twice": (
        "serial",
        N_("Some of the serials %(first)s to %(last)s are in row %(earlier)s too."),
        True,
    ),
    "ended_twice": (
        "serial",
        N_("Some of the serials %(first)s to %(last)s have ended in row %(earlier)s already."),
        True,
    ),
    "range_not_held": (
        "serial",
        N_("Serials %(first)s to %(last)s are not all held there: %(held)s of %(wanted)s."),
        True,
    ),
    "over_retired": (
        "quantity",
        N_("%(wanted)s units end or leave; %(free)s are there at that day."),
        True,
    ),
    "opening_not_empty": (
        "quantity",
        N_("The account has units of this lot already: an opening position comes first."),
        True,
    ),
}

# What a record alone, its scheme and its accounts tell.
_ALONE = """
SELECT row_number, line, code, params FROM (
    SELECT r.row_number, r.line, v.code, v.params
    FROM import_record AS r
    LEFT JOIN import_account AS a ON a.home = r.home AND a.number = r.account
    LEFT JOIN import_account AS c ON c.home = r.home AND c.number = nullif(r.counter, '')
    CROSS JOIN LATERAL (VALUES
        ('no_such_scheme', r.home IS NULL, jsonb_build_object('scheme', r.scheme)),
        ('other_measure', r.measure <> r.own_measure, jsonb_build_object(
            'scheme', r.scheme, 'wanted', r.own_measure, 'found', r.measure)),
        ('vintage_missing', r.vintage IS NULL, '{}'),
        ('quantity_not_positive', coalesce(r.quantity, 0) <= 0, '{}'),
        ('serials_do_not_count', r.last - r.first + 1 <> r.quantity, jsonb_build_object(
            'first', r.first, 'last', r.last, 'quantity', r.quantity)),
        ('future_day', r.day > %(today)s::date, jsonb_build_object('day', r.day)),
        ('state_needs_hold', r.act = 'HELD'
            AND r.state IN ('RESERVED', 'PLEDGED', 'FROZEN', 'LENT', 'IN_TRANSIT'),
            jsonb_build_object('state', r.state)),
        ('state_not_taken', r.act = 'HELD' AND r.state NOT IN ('FREE', 'RESERVED', 'PLEDGED',
            'FROZEN', 'LENT', 'IN_TRANSIT', 'RETIRED', 'CANCELLED', 'SURRENDERED'),
            jsonb_build_object('state', r.state)),
        ('no_generation_period', r.is_energy AND r.generated_from IS NULL, '{}'),
        ('counter_account_missing', r.act = 'TRANSFERRED' AND r.counter = '', '{}'),
        ('strangers_only', coalesce(a.is_outside, false)
            AND (r.act <> 'TRANSFERRED' OR coalesce(c.is_outside, false)),
            jsonb_build_object('account', r.account)),
        (nullif(a.fault, ''), coalesce(a.fault, '') <> '', jsonb_build_object(
            'registry', r.home, 'account', r.account))
    ) AS v(code, is_so, params)
    WHERE r.act NOT IN ('ALLOCATED', 'VERIFIED', 'TRADED', 'PRICED', 'RATED') AND v.is_so
    UNION ALL
    SELECT row_number, line, 'not_a_movement', jsonb_build_object('act', act)
    FROM import_record WHERE act IN ('ALLOCATED', 'VERIFIED', 'TRADED', 'PRICED', 'RATED')
    UNION ALL
    SELECT row_number, line, 'held_already', '{}' FROM import_known) AS found
ORDER BY 1, 2
"""

# New serials beside each other and beside those that exist, in order of their beginning: one that
# begins before an earlier one has ended overlaps it, and so does one that reaches into the next.
_OVERLAPS = """
SELECT row_number, line, first, last,
       CASE WHEN reached >= first AND reached_here < first THEN 0
            WHEN reached >= first THEN earlier ELSE 0 END
FROM (
    SELECT *, max(last) OVER before AS reached,
           coalesce(max(last) FILTER (WHERE row_number > 0) OVER before, -1) AS reached_here,
           lag(row_number) OVER sorted AS earlier, lead(first) OVER sorted AS next_first,
           lead(row_number) OVER sorted AS next_row
    FROM (SELECT m.row_number, m.line, m.registry, m.programme, m.prefix, m.first, m.last
          FROM import_move AS m WHERE m.step = 0 AND m.first IS NOT NULL
          UNION ALL
          SELECT 0, 0, s.registry, s.programme, s.prefix, b.first_serial, b.last_serial
          FROM (SELECT DISTINCT registry, programme, prefix FROM import_move
                WHERE step = 0 AND first IS NOT NULL) AS k
          JOIN ledger_units_serialspace AS s
            ON s.registry = k.registry AND s.programme = k.programme AND s.prefix = k.prefix
          JOIN ledger_units_block AS b ON b.space_id = s.id) AS ranges
    WINDOW sorted AS (PARTITION BY registry, programme, prefix
                      ORDER BY first, row_number, line),
           before AS (PARTITION BY registry, programme, prefix ORDER BY first, row_number, line
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS seen
WHERE row_number > 0 AND (reached >= first OR (next_row = 0 AND next_first <= last))
ORDER BY 1, 2
"""

_TWICE = """
SELECT row_number, line, first, last, earlier FROM (
    SELECT row_number, line, first, last,
           lag(row_number) OVER (PARTITION BY registry, programme, prefix
                                 ORDER BY first, day, row_number, line) AS earlier,
           max(last) OVER (PARTITION BY registry, programme, prefix
                           ORDER BY first, day, row_number, line
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
    FROM import_move WHERE step = 2 AND first IS NOT NULL) AS seen
WHERE reached >= first ORDER BY 1, 2
"""

# Where serials may be taken from: what is free there, what the file issues or brings there.
_SOURCES = """
CREATE TEMP TABLE import_source ON COMMIT DROP AS
SELECT code, account_id, first, last FROM import_move WHERE step = 0 AND by_serial
UNION ALL
SELECT code, counter_id, first, last FROM import_move WHERE step = 1 AND by_serial
UNION ALL
SELECT l.code, p.account_id, b.first_serial, b.last_serial
FROM import_lot AS l
JOIN ledger_units_position AS p ON p.lot_id = l.lot_id AND p.state = 'FREE'
JOIN ledger_units_block AS b ON b.position_id = p.id AND b.hold_id IS NULL
WHERE l.code IN (SELECT code FROM import_move WHERE step > 0 AND by_serial);
CREATE INDEX ON import_source (code, account_id, first);
ANALYZE import_source
"""

# Sources do not overlap: the one that begins last before a range either has all of it, or it and
# its successors are added up.
_NOT_HELD = """
SELECT row_number, line, first, last, held FROM (
    SELECT e.row_number, e.line, e.first, e.last, (
        SELECT coalesce(sum(least(s.last, e.last) - greatest(s.first, e.first) + 1), 0)
        FROM import_source AS s
        WHERE s.code = e.code AND s.account_id = e.account_id AND s.last >= e.first
          AND s.first BETWEEN coalesce(e.since, e.first) AND e.last) AS held
    FROM (SELECT *, max(first) FILTER (WHERE row_number = 0) OVER before AS since,
                 max(last) FILTER (WHERE row_number = 0) OVER before AS reached
          FROM (SELECT 0 AS row_number, 0 AS line, code, account_id, first, last
                FROM import_source
                UNION ALL
                SELECT row_number, line, code, account_id, first, last
                FROM import_move WHERE step > 0 AND by_serial) AS sides
          WINDOW before AS (PARTITION BY code, account_id ORDER BY first, row_number, line
                            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS e
    WHERE e.row_number > 0 AND (e.reached IS NULL OR e.reached < e.last)) AS spilled
WHERE held < last - first + 1 ORDER BY 1, 2
"""

# Day by day, in the order of posting: what an account has of a lot never goes below zero. Where
# the books have later days than the file, their movements are walked through too: an end that is
# dated back must leave enough for what happened after it.
_BALANCES = """
WITH places AS MATERIALIZED (
    SELECT m.code, m.account_id AS account, p.id AS place, coalesce(p.quantity, 0) AS now,
           coalesce(p.last_on > min(m.day), false) AS is_late
    FROM import_move AS m
    LEFT JOIN import_lot AS l ON l.code = m.code
    LEFT JOIN ledger_units_position AS p
      ON p.lot_id = l.lot_id AND p.account_id = m.account_id AND p.state = 'FREE'
    GROUP BY m.code, m.account_id, p.id, p.quantity, p.last_on
    HAVING max(m.step) > 0),
changes AS (
    SELECT row_number, line, day, step, code, account_id AS account,
           CASE WHEN step = 0 THEN quantity ELSE -quantity END AS change, step > 0 AS takes
    FROM import_move
    UNION ALL
    SELECT row_number, line, day, step, code, counter_id, quantity, false
    FROM import_move WHERE step = 1
    UNION ALL
    SELECT 0, 0, v.happened_on, -1, p.code, p.account,
           CASE WHEN v.to_position_id = p.place THEN v.unit_count ELSE -v.unit_count END, false
    FROM places AS p
    JOIN ledger_units_movement AS v ON p.place IN (v.from_position_id, v.to_position_id)
    WHERE p.is_late),
running AS (
    SELECT c.*, CASE WHEN p.is_late THEN 0 ELSE p.now END
               + sum(c.change) OVER (PARTITION BY c.code, c.account
                                     ORDER BY c.day, c.step, c.row_number, c.line, c.takes
                                     ROWS UNBOUNDED PRECEDING) AS balance
    FROM changes AS c JOIN places AS p USING (code, account)),
ahead AS (
    SELECT *, least(balance, min(balance) FILTER (WHERE row_number = 0)
                    OVER (PARTITION BY code, account
                          ORDER BY day DESC, step DESC, row_number DESC, line DESC, takes DESC
                          ROWS UNBOUNDED PRECEDING)) AS lowest
    FROM running)
SELECT row_number, line, -change, greatest(lowest - change, 0)
FROM ahead WHERE takes AND lowest < 0 ORDER BY 1, 2
"""

_OPENINGS = """
SELECT DISTINCT m.row_number, m.line
FROM import_move AS m
JOIN import_lot AS l ON l.code = m.code
JOIN ledger_units_position AS p
  ON p.lot_id = l.lot_id AND p.account_id = m.account_id AND p.quantity <> 0
WHERE m.act = 'HELD' AND m.step = 0 AND m.first IS NULL ORDER BY 1, 2
"""


def check(import_id: UUID) -> Iterator[RowProblem]:
    """Every line that the books would refuse, and why; inside the caller's transaction."""
    view = imports.get_import(import_id)
    plan(view)
    yield from problems_of_plan(at=view.at)


def problems_of_plan(*, at: datetime) -> Iterator[RowProblem]:
    """As `check`, of the tables that stand."""
    today = at.astimezone(BEIJING).date()
    for row, line, code, params in stream(_ALONE, {"today": today}):
        yield _problem(row, line, code, params if isinstance(params, dict) else json.loads(params))
    ended: set[tuple[int, int]] = set()
    for row, line, first, last, earlier in stream(_OVERLAPS, {}):
        code = "serials_twice" if earlier else "serials_overlap"
        yield _problem(row, line, code, _range(first, last) | {"earlier": earlier})
    for row, line, first, last, earlier in stream(_TWICE, {}):
        ended.add((row, line))
        yield _problem(row, line, "ended_twice", _range(first, last) | {"earlier": earlier})
    yield from _ranges(ended)
    for row, line, wanted, free in stream(_BALANCES, {}):
        if (row, line) not in ended:
            yield _problem(row, line, "over_retired", {"wanted": int(wanted), "free": int(free)})
    for row, line in stream(_OPENINGS, {}):
        yield _problem(row, line, "opening_not_empty", {})


def _ranges(ended: set[tuple[int, int]]) -> Iterator[RowProblem]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM import_move WHERE step > 0 AND by_serial)")
        if not cursor.fetchone()[0]:
            return
        cursor.execute("DROP TABLE IF EXISTS pg_temp.import_source")
        cursor.execute(_SOURCES)
    for row, line, first, last, held in stream(_NOT_HELD, {}):
        if (row, line) in ended:
            continue
        ended.add((row, line))
        told = _range(first, last) | {"held": int(held), "wanted": last - first + 1}
        yield _problem(row, line, "range_not_held", told)


def _range(first: int, last: int) -> dict[str, Any]:
    return {"first": first, "last": last}


def _problem(row: int, line: int, code: str, params: Mapping[str, Any]) -> RowProblem:
    column, message, blocks = SAID[code]
    return RowProblem(row, column, code, message, params, blocks, line)
