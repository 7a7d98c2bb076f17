"""Reversals are posted by sets too: an import of many lines is undone as it was taken in."""

from django.db import migrations

BACK_MANY = """
CREATE TYPE _ledger_units_part AS (
    block bigint, space bigint, block_first bigint, block_last bigint, place bigint,
    transfers int, first bigint, last bigint, to_place bigint, step int, gone boolean);

-- Many reversals at once, by sets. Takes only what is plain: each the exact mirror of an entry, its
-- lines in the opposite order; nothing under a hold; enough of everything at every step; every
-- serial in free blocks of its place. Otherwise it writes nothing and answers NULL.
CREATE FUNCTION _ledger_units_back_many(bodies bytea[]) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
    events _ledger_audit_read[];
    asks _ledger_units_ask[];
    legs _ledger_units_leg[];
    undone uuid[];
    steps int[];
    places _ledger_units_place[];
    moved _ledger_units_moved[];
    parts _ledger_units_part[];
    plain boolean;
BEGIN
    WITH parsed AS MATERIALIZED (
        SELECT n::int, (event->>'event')::uuid AS entry, ask->'legs' AS items,
               (ask->>'happened_on')::date AS day, (ask->>'reverses')::uuid AS original,
               ROW(n, (event->>'event')::uuid, ask->>'kind', (ask->>'happened_on')::date,
                   (event->>'at')::timestamptz, (event->>'actor')::uuid, ask->>'key',
                   decode(ask->>'request', 'hex'), (ask->>'approval')::uuid
                  )::_ledger_units_ask AS head,
               ROW(body, (event->>'event')::uuid, event->>'verb', event->>'subject',
                   (event->>'actor')::uuid, (event->>'party')::uuid,
                   (event->>'at')::timestamptz)::_ledger_audit_read AS read
        FROM unnest(bodies) WITH ORDINALITY AS given(body, n),
             LATERAL (SELECT convert_from(body, 'UTF8')::jsonb AS event OFFSET 0) AS e,
             LATERAL (SELECT event->'data' AS ask OFFSET 0) AS d),
    lines AS MATERIALIZED (
        SELECT ROW(n * 1000000::bigint + line, entry, line, day, (leg->>'lot')::uuid,
                   (leg#>>'{from,0}')::uuid, leg#>>'{from,1}', (leg#>>'{to,0}')::uuid,
                   leg#>>'{to,1}', (leg->>'units')::bigint, (leg->>'first')::bigint,
                   (leg->>'last')::bigint, NULL)::_ledger_units_leg AS one,
               NOT leg ?| ARRAY['hold', 'to_hold'] AND leg#>>'{from,1}' <> 'UNISSUED' AS simple
        FROM parsed, jsonb_array_elements(items) WITH ORDINALITY AS given(leg, line))
    SELECT (SELECT array_agg(head ORDER BY n) FROM parsed),
           (SELECT array_agg(read ORDER BY n) FROM parsed),
           (SELECT array_agg(original ORDER BY n) FROM parsed),
           array_agg(one ORDER BY (one).ord), coalesce(bool_and(simple), false)
    INTO asks, events, undone, legs, plain
    FROM lines;
    SELECT array_agg(CASE WHEN e.kind = 'TRANSFER' THEN -1 ELSE 0 END ORDER BY u.n) INTO steps
    FROM unnest(undone) WITH ORDINALITY AS u(id, n)
    JOIN ledger_units_entry AS e ON e.id = u.id AND e.reverses_id IS NULL;
    IF NOT plain
       OR coalesce(cardinality(steps), 0) < cardinality(bodies)
       OR (SELECT count(DISTINCT id) FROM unnest(undone) AS id) < cardinality(bodies)
       OR (SELECT count(DISTINCT key) FROM unnest(asks)) < cardinality(bodies)
       OR EXISTS (SELECT FROM ledger_units_entry AS e JOIN unnest(asks) AS a
                  ON e.idempotency_key = a.key)
    THEN
        RETURN NULL;
    END IF;

    SELECT array_agg(ROW(id, account_id, lot_id, state, quantity, last_on, space_id)
                     ::_ledger_units_place) INTO places
    FROM (SELECT p.* FROM ledger_units_position AS p
          JOIN (SELECT from_account AS account, lot, from_state AS state FROM unnest(legs)
                UNION SELECT to_account, lot, to_state FROM unnest(legs)) AS k
            ON p.account_id = k.account AND p.lot_id = k.lot AND p.state = k.state
          ORDER BY p.account_id, p.lot_id, p.state FOR UPDATE OF p) AS locked;

    -- Line k of n mirrors line n + 1 - k of the entry that is taken back. Outer joins: the planner
    -- then knows how many rows come of them.
    WITH place AS MATERIALIZED (SELECT * FROM unnest(places)),
    given AS MATERIALIZED (
        SELECT l.*, (l.ord / 1000000)::int AS n, count(*) OVER (PARTITION BY l.entry) AS most
        FROM unnest(legs) AS l),
    located AS MATERIALIZED (
        SELECT g.*, f.id AS from_place, t.id AS to_place, f.space,
               coalesce(g.day >= f.last_on AND g.day >= t.last_on
                   AND f.id = m.to_position_id AND t.id = m.from_position_id
                   AND m.unit_count = g.units
                   AND m.from_hold_id IS NULL AND m.to_hold_id IS NULL
                   AND m.first_serial IS NOT DISTINCT FROM g.first
                   AND m.last_serial IS NOT DISTINCT FROM g.last, false) AS allowed
        FROM given AS g
        LEFT JOIN place AS f ON f.account = g.from_account AND f.lot = g.lot
                            AND f.state = g.from_state
        LEFT JOIN place AS t ON t.account = g.to_account AND t.lot = g.lot
                            AND t.state = g.to_state
        LEFT JOIN ledger_units_movement AS m
          ON m.entry_id = undone[g.n] AND m.line = g.most + 1 - g.line),
    running AS (
        SELECT s.ord, s.taken,
               p.quantity + sum(s.change) OVER (PARTITION BY s.place ORDER BY s.ord) AS balance
        FROM (SELECT ord, true AS taken, from_place AS place, -units AS change FROM located
              UNION ALL
              SELECT ord, false, to_place, units FROM located) AS s
        JOIN place AS p ON p.id = s.place)
    SELECT array_agg(ROW(l.entry, l.line, l.lot, l.from_place, l.to_place, l.units, f.balance,
               t.balance, l.first, l.last, NULL, l.day, l.space, l.to_state = 'UNISSUED',
               l.allowed AND f.balance >= 0)::_ledger_units_moved ORDER BY l.ord),
           coalesce(bool_and(coalesce(l.allowed AND f.balance >= 0, false)), false)
    INTO moved, plain
    FROM located AS l
    LEFT JOIN running AS f ON f.ord = l.ord AND f.taken
    LEFT JOIN running AS t ON t.ord = l.ord AND NOT t.taken;
    IF NOT plain OR cardinality(moved)
          < (SELECT count(*) FROM ledger_units_movement WHERE entry_id = ANY (undone))
    THEN
        RETURN NULL;
    END IF;

    -- Serials: each is in a free block of its place, and none is given back twice.
    IF EXISTS (SELECT FROM unnest(moved) WHERE first IS NOT NULL) THEN
        SELECT array_agg(ROW(b.id, b.space_id, b.first_serial, b.last_serial, b.position_id,
                             b.transfer_count, greatest(b.first_serial, m.first),
                             least(b.last_serial, m.last), m.to_place,
                             steps[a.n], m.issued)::_ledger_units_part)
        INTO parts
        FROM unnest(moved) AS m
        JOIN unnest(asks) AS a ON a.id = m.entry
        JOIN ledger_units_block AS b
          ON b.space_id = m.space AND b.position_id = m.from_place AND b.hold_id IS NULL
         AND int8range(b.first_serial, b.last_serial, '[]') && int8range(m.first, m.last, '[]')
        WHERE m.first IS NOT NULL;
        IF (SELECT coalesce(sum(last - first + 1), 0) FROM unnest(parts))
               < (SELECT sum(units) FROM unnest(moved) WHERE first IS NOT NULL)
           OR EXISTS (SELECT FROM (SELECT first, lag(last) OVER (PARTITION BY space ORDER BY first)
                                       AS before FROM unnest(moved) WHERE first IS NOT NULL) AS r
                      WHERE before >= first)
        THEN
            RETURN NULL;
        END IF;
    END IF;

    INSERT INTO ledger_units_entry
        (id, kind, happened_on, recorded_at, recorded_by, idempotency_key, request_digest,
         reverses_id, approval_id, xid)
    SELECT id, kind, day, at, actor, key, request, undone[n], approval,
           pg_current_xact_id()::text::bigint
    FROM unnest(asks) ORDER BY n;
    UPDATE ledger_units_position AS p
    SET quantity = p.quantity + s.change, last_on = greatest(p.last_on, s.day)
    FROM (SELECT place, sum(change) AS change, max(day) AS day FROM (
              SELECT from_place AS place, -units AS change, day FROM unnest(moved)
              UNION ALL
              SELECT to_place, units, day FROM unnest(moved)) AS sides
          GROUP BY place) AS s
    WHERE p.id = s.place;
    IF parts IS NOT NULL THEN
        DELETE FROM ledger_units_block WHERE id IN (SELECT block FROM unnest(parts));
        -- what went back, what is left before each part, and what is left after the last
        INSERT INTO ledger_units_block
            (space_id, first_serial, last_serial, position_id, hold_id, transfer_count)
        SELECT space, first, last, to_place, NULL::uuid, transfers + step
        FROM unnest(parts) WHERE NOT gone
        UNION ALL
        SELECT space, since, first - 1, place, NULL::uuid, transfers FROM (
            SELECT *, coalesce(lag(last) OVER (PARTITION BY block ORDER BY first) + 1, block_first)
                AS since FROM unnest(parts)) AS c WHERE since < first
        UNION ALL
        SELECT space, max(last) + 1, block_last, place, NULL::uuid, transfers FROM unnest(parts)
        GROUP BY block, space, block_last, place, transfers HAVING max(last) < block_last;
    END IF;
    INSERT INTO ledger_units_movement
        (entry_id, line, lot_id, from_position_id, to_position_id, unit_count, from_balance,
         to_balance, first_serial, last_serial, happened_on, from_late, to_late)
    SELECT entry, line, lot, from_place, to_place, units, from_balance, to_balance, first, last,
           day, false, false
    FROM unnest(moved);
    PERFORM _ledger_audit_append_read(events);
    RETURN ARRAY(SELECT id FROM unnest(asks) ORDER BY n);
END $$;

ALTER FUNCTION _ledger_units_post_many(bytea[]) RENAME TO _ledger_units_forward_many;
CREATE FUNCTION _ledger_units_post_many(bodies bytea[]) RETURNS uuid[]
LANGUAGE plpgsql AS $$
BEGIN
    IF convert_from(bodies[1], 'UTF8')::jsonb#>>'{data,reverses}' IS NULL THEN
        RETURN _ledger_units_forward_many(bodies);
    END IF;
    RETURN _ledger_units_back_many(bodies);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger_units", "0010_corrections")]
    operations = [migrations.RunSQL(BACK_MANY, migrations.RunSQL.noop)]
