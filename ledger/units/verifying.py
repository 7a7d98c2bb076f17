"""Do the tables say what the log says? Recomputed from event bodies by sets, in bounded pieces.

Bodies → entries and movements; movements → positions and blocks; per lot, what was issued is what
is there. Each query compares in the database and answers with the differences only.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

from ledger.audit.queries import Fault

PIECE = 5_000  # events at a time: memory stays constant however long the log

# Ids grow with time: between the least and the greatest of a piece lie few others, so that one
# stretch of the index is read instead of a place for each.
_BOUNDS = """
SELECT min(event_id::text)::uuid, max(event_id::text)::uuid FROM ledger_audit_event
WHERE id > %(after)s AND id <= %(until)s AND verb LIKE 'units.%%'
"""

# Every posting event against its entry, and every leg against the movements of the entry, both
# ways. A body is read once. Columns are compared one by one: a whole row at once is slower.
_BODIES = """
WITH events AS MATERIALIZED (
    SELECT event_id, (event->>'at')::timestamptz AS at, (event->>'actor')::uuid AS actor,
           event->'data' AS ask
    FROM ledger_audit_event,
         LATERAL (SELECT convert_from(body, 'UTF8')::jsonb AS event OFFSET 0) AS parsed
    WHERE id > %(after)s AND id <= %(until)s AND verb LIKE 'units.%%'),
said AS (
    SELECT event_id, line::int, (leg->>'lot')::uuid AS lot, (leg#>>'{from,0}')::uuid AS giver,
           leg#>>'{from,1}' AS given, (leg#>>'{to,0}')::uuid AS taker, leg#>>'{to,1}' AS taken,
           (leg->>'units')::bigint AS units, (leg->>'first')::bigint AS first,
           (leg->>'last')::bigint AS last, (leg->>'hold')::uuid AS hold,
           (leg->>'to_hold')::uuid AS to_hold, (ask->>'happened_on')::date AS day
    FROM events, jsonb_array_elements(ask->'legs') WITH ORDINALITY AS l(leg, line)),
found AS (
    SELECT m.*, f.account_id AS giver, f.state AS given, t.account_id AS taker, t.state AS taken
    FROM ledger_units_movement AS m
    LEFT JOIN ledger_units_position AS f ON f.id = m.from_position_id
    LEFT JOIN ledger_units_position AS t ON t.id = m.to_position_id
    WHERE m.entry_id BETWEEN %(least)s AND %(greatest)s
      AND m.entry_id IN (SELECT event_id FROM events))
SELECT 'entry', b.event_id, NULL::int, NULL::bigint, false, e.id IS NULL
FROM events AS b
LEFT JOIN (SELECT * FROM ledger_units_entry WHERE id BETWEEN %(least)s AND %(greatest)s) AS e
  ON e.id = b.event_id
WHERE (e.kind::text, e.happened_on, e.recorded_at, e.recorded_by, e.idempotency_key::text,
       e.request_digest, e.reverses_id, e.approval_id)
   IS DISTINCT FROM
      (ask->>'kind', (ask->>'happened_on')::date, at, actor, ask->>'key',
       decode(ask->>'request', 'hex'), (ask->>'reverses')::uuid, (ask->>'approval')::uuid)
UNION ALL
SELECT 'movement', coalesce(event_id, entry_id), coalesce(s.line, m.line), m.id,
       event_id IS NULL, m.id IS NULL
FROM said AS s FULL JOIN found AS m ON m.entry_id = s.event_id AND m.line = s.line
WHERE (s.lot, s.giver, s.given, s.taker, s.taken, s.units, s.first, s.last, s.hold, s.to_hold,
       s.day)
   IS DISTINCT FROM
      (m.lot_id, m.giver, m.given::text, m.taker, m.taken::text, m.unit_count, m.first_serial,
       m.last_serial, m.from_hold_id, m.to_hold_id, m.happened_on)
   OR event_id IS NULL OR m.id IS NULL
"""

_LOTS = """
WITH said AS (
    SELECT event_id, convert_from(body, 'UTF8')::jsonb AS event FROM ledger_audit_event
    WHERE verb = 'lot.opened')
SELECT coalesce(l.id::text, event#>>'{data,lot}'), l.id IS NULL, said.event_id IS NULL
FROM said FULL JOIN ledger_units_lot AS l ON l.event_id = said.event_id
LEFT JOIN ledger_units_serialspace AS s ON s.id = l.space_id
WHERE ROW(l.id, l.code::text, l.scheme::text, l.vintage_year::int, l.project_id, l.plant_id,
          l.generated_from, l.generated_to, l.expires_on, l.traits, l.opened_at, l.opened_by,
          CASE WHEN s.id IS NULL THEN 'null'::jsonb
               ELSE jsonb_build_array(s.registry, s.programme, s.prefix) END)
   IS DISTINCT FROM
      ROW((event#>>'{data,lot}')::uuid, event#>>'{data,code}', event#>>'{data,scheme}',
          (event#>>'{data,vintage_year}')::int, (event#>>'{data,project}')::uuid,
          (event#>>'{data,plant}')::uuid, (event#>>'{data,generated_from}')::date,
          (event#>>'{data,generated_to}')::date, (event#>>'{data,expires_on}')::date,
          event#>'{data,traits}', (event->>'at')::timestamptz, (event->>'actor')::uuid,
          event#>'{data,space}')
"""

# Rows that no event speaks of.
_UNSPOKEN = """
SELECT 'Entry', id::text FROM ledger_units_entry AS e
WHERE NOT EXISTS (SELECT FROM ledger_audit_event AS v
                  WHERE v.event_id = e.id AND v.verb LIKE 'units.%%')
UNION ALL
SELECT 'Movement', m.id::text FROM ledger_units_movement AS m
WHERE NOT EXISTS (SELECT FROM ledger_units_entry AS e WHERE e.id = m.entry_id)
UNION ALL
SELECT 'SerialSpace', s.id::text FROM ledger_units_serialspace AS s
WHERE NOT EXISTS (SELECT FROM ledger_units_lot AS l WHERE l.space_id = s.id)
"""

# One movement row is two lines of one running balance each; the last is the position.
_POSITIONS = """
WITH lines AS (
    SELECT from_position_id AS place, id, -unit_count AS change, from_balance AS balance,
           from_late AS late, happened_on FROM ledger_units_movement
    UNION ALL
    SELECT to_position_id, id, unit_count, to_balance, to_late, happened_on
    FROM ledger_units_movement),
running AS (
    SELECT *, sum(change) OVER w AS true_balance,
           coalesce(max(happened_on) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                    > happened_on, false) AS true_late
    FROM lines WINDOW w AS (PARTITION BY place ORDER BY id)),
totals AS (
    SELECT place, sum(change) AS quantity, max(happened_on) AS last_on,
           min(id) FILTER (WHERE balance <> true_balance OR late <> true_late) AS odd
    FROM running GROUP BY place)
SELECT coalesce(p.id, t.place)::text, t.odd
FROM totals AS t
FULL JOIN (SELECT p.*, l.space_id AS true_space FROM ledger_units_position AS p
           LEFT JOIN ledger_units_lot AS l ON l.id = p.lot_id) AS p ON p.id = t.place
WHERE t.odd IS NOT NULL OR p.id IS NULL OR p.quantity <> coalesce(t.quantity, 0)
   OR (t.last_on IS NOT NULL AND p.last_on <> t.last_on)
   OR p.space_id IS DISTINCT FROM p.true_space
   OR (p.quantity < 0 AND p.state <> 'UNISSUED')
"""

# A block is where the last movement over its serials left it, whole, with its hold and count.
_BLOCKS = """
WITH steps AS (
    SELECT m.id, m.first_serial, m.last_serial, m.to_position_id, m.to_hold_id, f.space_id,
           CASE WHEN e.kind = 'TRANSFER' THEN 1 WHEN o.kind = 'TRANSFER' THEN -1 ELSE 0 END
               AS step, f.state = 'UNISSUED' AS issued
    FROM ledger_units_movement AS m
    JOIN ledger_units_position AS f ON f.id = m.from_position_id
    JOIN ledger_units_entry AS e ON e.id = m.entry_id
    LEFT JOIN ledger_units_entry AS o ON o.id = e.reverses_id
    WHERE m.first_serial IS NOT NULL),
seen AS (
    SELECT b.id AS block, s.*, b.first_serial >= s.first_serial
           AND b.last_serial <= s.last_serial AS whole,
           max(s.id) FILTER (WHERE s.issued) OVER (PARTITION BY b.id) AS born
    FROM ledger_units_block AS b
    JOIN steps AS s ON s.space_id = b.space_id AND int8range(s.first_serial, s.last_serial, '[]')
                    && int8range(b.first_serial, b.last_serial, '[]')),
lives AS (
    SELECT block, bool_and(whole) AS whole, sum(step) AS transfers, max(id) AS last
    FROM seen WHERE id >= born GROUP BY block)
SELECT b.id::text FROM ledger_units_block AS b
LEFT JOIN lives AS l ON l.block = b.id
LEFT JOIN steps AS s ON s.id = l.last
WHERE l.block IS NULL OR NOT l.whole OR s.to_position_id IS DISTINCT FROM b.position_id
   OR s.to_hold_id IS DISTINCT FROM b.hold_id OR l.transfers <> b.transfer_count
UNION ALL
SELECT 'of position ' || p.id FROM ledger_units_position AS p
LEFT JOIN ledger_units_block AS b ON b.position_id = p.id
WHERE p.space_id IS NOT NULL AND p.state <> 'UNISSUED'
GROUP BY p.id, p.quantity
HAVING coalesce(sum(b.last_serial - b.first_serial + 1), 0) <> p.quantity
"""

# I5: per lot, what left the issuer is what is held in all other states together.
_CONSERVATION = """
SELECT lot_id::text, sum(quantity) FROM ledger_units_position
GROUP BY lot_id HAVING sum(quantity) <> 0
"""

# R3.5-3: out of a terminal state, or back to the issuer, only by a linked reversal.
_TERMINAL = """
SELECT m.id::text FROM ledger_units_movement AS m
JOIN ledger_units_position AS f ON f.id = m.from_position_id
JOIN ledger_units_position AS t ON t.id = m.to_position_id
JOIN ledger_units_entry AS e ON e.id = m.entry_id
WHERE e.reverses_id IS NULL AND (t.state = 'UNISSUED' OR f.state
      IN ('RETIRED', 'SURRENDERED', 'CANCELLED', 'EXPIRED', 'CARRIED_OVER'))
"""


def _rows(statement: str, params: dict[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params or {})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _pieces() -> Iterator[dict[str, Any]]:
    last = _rows("SELECT coalesce(max(id), 0) FROM ledger_audit_event")[0][0]
    for after in range(0, last, PIECE):
        piece = {"after": after, "until": after + PIECE}
        least, greatest = _rows(_BOUNDS, piece)[0]
        if least is not None:
            yield {**piece, "least": least, "greatest": greatest}


def check_bodies() -> Iterator[Fault]:
    """V4: entries and movements against the bodies of their events."""
    for piece in _pieces():
        for table, entry, line, row, unsaid, missing in _rows(_BODIES, piece):
            said = "not in the body" if unsaid else "missing" if missing else "differs"
            if table == "entry":
                said = "no entry has this body" if missing else "differs from its body"
                yield Fault("units.entry", f"units.Entry:{entry}", said)
            else:
                text = f"line {line} of entry {entry}: {said}"
                yield Fault("units.movement", f"units.Movement:{row or entry}", text)


def check_balances() -> Iterator[Fault]:
    """V4: positions and blocks against movements; lots; conservation; what nobody speaks of."""
    for table, row in _rows(_UNSPOKEN):
        yield Fault("units.unspoken", f"units.{table}:{row}", "no event speaks of this row")
    for lot, missing, unsaid in _rows(_LOTS):
        said = "missing" if missing else "no event" if unsaid else "differs from its event"
        yield Fault("units.lot", f"units.Lot:{lot}", said)
    for place, odd in _rows(_POSITIONS):
        text = "is not the sum of its movements"
        if odd:
            text = f"balance of movement {odd} is not the sum so far"
        yield Fault("units.position", f"units.Position:{place}", text)
    for (block,) in _rows(_BLOCKS):
        yield Fault("units.block", f"units.Block:{block}", "is not where its movements left it")
    for lot, total in _rows(_CONSERVATION):
        yield Fault("units.conservation", f"units.Lot:{lot}", f"{total} units out of nowhere")
    for (movement,) in _rows(_TERMINAL):
        yield Fault("units.terminal", f"units.Movement:{movement}", "left a terminal state")


def check_against_events() -> Iterator[Fault]:
    """Both, one after the other."""
    yield from check_bodies()
    yield from check_balances()
