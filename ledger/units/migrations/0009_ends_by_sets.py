"""Ends of serial ranges are posted by sets too: an import of retirements is a bulk."""

from django.db import migrations

POST_MANY = """
CREATE TYPE _ledger_units_cut AS (
    block bigint, space bigint, block_first bigint, block_last bigint, place bigint,
    transfers smallint, first bigint, last bigint, to_place bigint);

-- As before, and ranges of serials that end, where each lies within one free block of its place.
CREATE OR REPLACE FUNCTION _ledger_units_post_many(bodies bytea[]) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
    events _ledger_audit_read[];
    asks _ledger_units_ask[];
    legs _ledger_units_leg[];
    places _ledger_units_place[];
    moved _ledger_units_moved[];
    cuts _ledger_units_cut[];
    plain boolean;
BEGIN
    -- Only what is needed travels through the sorts: a body of many legs is large.
    WITH parsed AS MATERIALIZED (
        SELECT n::int, (event->>'event')::uuid AS entry, ask->'legs' AS items,
               (ask->>'happened_on')::date AS day, ask->>'reverses' IS NULL AS forward,
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
                   (leg->>'last')::bigint, (leg->>'to_hold')::uuid)::_ledger_units_leg AS one,
               leg->>'hold' IS NULL AND (leg->>'first' IS NULL
                   OR leg#>>'{from,1}' = 'UNISSUED'
                   OR (head).kind IN ('RETIRE', 'CANCEL', 'SURRENDER', 'EXPIRE')) AS countable,
               leg->>'first' IS NOT NULL AND leg#>>'{from,1}' = 'UNISSUED' AS brings
        FROM parsed, jsonb_array_elements(items) WITH ORDINALITY AS given(leg, line))
    -- newly issued serials and ends of serials are not mixed: an end may need what was issued
    SELECT (SELECT array_agg(head ORDER BY n) FROM parsed),
           (SELECT array_agg(read ORDER BY n) FROM parsed),
           array_agg(one ORDER BY (one).ord),
           bool_and(countable) AND (SELECT bool_and(forward) FROM parsed)
               AND (bool_and(brings OR (one).first IS NULL)
                    OR bool_and(NOT brings AND (one).to_hold IS NULL))
    INTO asks, events, legs, plain
    FROM lines;

    SELECT coalesce(plain AND bool_and(
        units > 0 AND day >= before AND (from_account, from_state) <> (to_account, to_state)
        AND from_state NOT IN ('RETIRED', 'SURRENDERED', 'CANCELLED', 'EXPIRED', 'CARRIED_OVER')
        AND to_state <> 'UNISSUED' AND NOT (from_state = 'UNISSUED' AND to_state
            IN ('RETIRED', 'SURRENDERED', 'CANCELLED', 'EXPIRED', 'CARRIED_OVER'))
        AND (first IS NULL AND last IS NULL OR units = last - first + 1)
        AND (to_hold IS NULL OR to_state IN ('RESERVED', 'PLEDGED', 'FROZEN', 'LENT'))), false)
    INTO plain
    FROM (SELECT *, lag(day, 1, day) OVER (ORDER BY ord) AS before FROM unnest(legs)) AS l;
    IF NOT plain
       OR (SELECT count(DISTINCT entry) FROM unnest(legs)) < cardinality(bodies)
       OR (SELECT count(DISTINCT key) FROM unnest(asks)) < cardinality(bodies)
       OR EXISTS (SELECT FROM ledger_units_entry AS e JOIN unnest(asks) AS a
                  ON e.idempotency_key = a.key)
    THEN
        RETURN NULL;
    END IF;

    INSERT INTO ledger_units_position (account_id, lot_id, state, quantity, last_on, space_id)
    SELECT k.account, k.lot, k.state, 0, k.day, l.space_id
    FROM (SELECT account, lot, state, min(day) AS day FROM (
              SELECT to_account AS account, lot, to_state AS state, day FROM unnest(legs)
              UNION ALL
              SELECT from_account, lot, from_state, day FROM unnest(legs)
              WHERE from_state = 'UNISSUED') AS sides
          GROUP BY 1, 2, 3) AS k
    JOIN ledger_units_lot AS l ON l.id = k.lot
    WHERE NOT EXISTS (SELECT FROM ledger_units_position AS p
        WHERE p.account_id = k.account AND p.lot_id = k.lot AND p.state = k.state)
    ORDER BY 1, 2, 3
    ON CONFLICT (account_id, lot_id, state) DO NOTHING;

    SELECT array_agg(ROW(id, account_id, lot_id, state, quantity, last_on, space_id)
                     ::_ledger_units_place) INTO places
    FROM (SELECT p.* FROM ledger_units_position AS p
          JOIN (SELECT from_account AS account, lot, from_state AS state FROM unnest(legs)
                UNION SELECT to_account, lot, to_state FROM unnest(legs)) AS k
            ON p.account_id = k.account AND p.lot_id = k.lot AND p.state = k.state
          ORDER BY p.account_id, p.lot_id, p.state FOR UPDATE OF p) AS locked;

    WITH place AS MATERIALIZED (SELECT * FROM unnest(places)),
    located AS MATERIALIZED (
        SELECT l.*, f.id AS from_place, t.id AS to_place, f.space AS space,
               l.day >= f.last_on AND l.day >= t.last_on
                   AND (f.space IS NULL) = (l.first IS NULL) AS allowed
        FROM unnest(legs) AS l
        LEFT JOIN place AS f ON f.account = l.from_account AND f.lot = l.lot
                            AND f.state = l.from_state
        LEFT JOIN place AS t ON t.account = l.to_account AND t.lot = l.lot
                            AND t.state = l.to_state),
    running AS (
        SELECT s.ord, s.taken, s.place, p.state = 'UNISSUED' AS source,
               p.quantity + sum(s.change) OVER (PARTITION BY s.place ORDER BY s.ord) AS balance
        FROM (SELECT ord, true AS taken, from_place AS place, -units AS change FROM located
              UNION ALL
              SELECT ord, false, to_place, units FROM located) AS s
        JOIN place AS p ON p.id = s.place)
    SELECT array_agg(ROW(l.entry, l.line, l.lot, l.from_place, l.to_place, l.units, f.balance,
               t.balance, l.first, l.last, l.to_hold, l.day, l.space, f.source,
               l.allowed AND (f.balance >= 0 OR f.source))::_ledger_units_moved ORDER BY l.ord),
           coalesce(bool_and(coalesce(l.allowed AND (f.balance >= 0 OR f.source), false)), false)
    INTO moved, plain
    FROM located AS l
    LEFT JOIN running AS f ON f.ord = l.ord AND f.taken
    LEFT JOIN running AS t ON t.ord = l.ord AND NOT t.taken;
    IF NOT plain THEN
        RETURN NULL;
    END IF;

    -- Serials that end: each range lies within one free block of its place, and none in another.
    IF EXISTS (SELECT FROM unnest(moved) WHERE first IS NOT NULL AND NOT issued) THEN
        SELECT array_agg(ROW(b.id, b.space_id, b.first_serial, b.last_serial, b.position_id,
                             b.transfer_count, m.first, m.last, m.to_place)::_ledger_units_cut)
        INTO cuts
        FROM unnest(moved) AS m
        JOIN ledger_units_block AS b
          ON b.space_id = m.space AND b.position_id = m.from_place AND b.hold_id IS NULL
         AND int8range(b.first_serial, b.last_serial, '[]') @> int8range(m.first, m.last, '[]')
        WHERE m.first IS NOT NULL AND NOT m.issued;
        IF coalesce(cardinality(cuts), 0)
               < (SELECT count(*) FROM unnest(moved) WHERE first IS NOT NULL AND NOT issued)
           OR EXISTS (SELECT FROM (SELECT first, lag(last) OVER (PARTITION BY block ORDER BY first)
                                       AS before FROM unnest(cuts)) AS c WHERE before >= first)
        THEN
            RETURN NULL;
        END IF;
    END IF;

    INSERT INTO ledger_units_entry
        (id, kind, happened_on, recorded_at, recorded_by, idempotency_key, request_digest,
         approval_id, xid)
    SELECT id, kind, day, at, actor, key, request, approval, pg_current_xact_id()::text::bigint
    FROM unnest(asks) ORDER BY n;
    UPDATE ledger_units_position AS p
    SET quantity = p.quantity + s.change, last_on = greatest(p.last_on, s.day)
    FROM (SELECT place, sum(change) AS change, max(day) AS day FROM (
              SELECT from_place AS place, -units AS change, day FROM unnest(moved)
              UNION ALL
              SELECT to_place, units, day FROM unnest(moved)) AS sides
          GROUP BY place) AS s
    WHERE p.id = s.place;
    INSERT INTO ledger_units_block
        (space_id, first_serial, last_serial, position_id, hold_id, transfer_count)
    SELECT space, first, last, to_place, to_hold, 0 FROM unnest(moved)
    WHERE issued AND first IS NOT NULL;
    IF cuts IS NOT NULL THEN
        DELETE FROM ledger_units_block WHERE id IN (SELECT block FROM unnest(cuts));
        -- what ended, what is left before each of them, and what is left after the last
        INSERT INTO ledger_units_block
            (space_id, first_serial, last_serial, position_id, hold_id, transfer_count)
        SELECT space, first, last, to_place, NULL::uuid, transfers FROM unnest(cuts)
        UNION ALL
        SELECT space, since, first - 1, place, NULL::uuid, transfers FROM (
            SELECT *, coalesce(lag(last) OVER (PARTITION BY block ORDER BY first) + 1, block_first)
                AS since FROM unnest(cuts)) AS c WHERE since < first
        UNION ALL
        SELECT space, max(last) + 1, block_last, place, NULL::uuid, transfers FROM unnest(cuts)
        GROUP BY block, space, block_last, place, transfers HAVING max(last) < block_last;
    END IF;
    INSERT INTO ledger_units_movement
        (entry_id, line, lot_id, from_position_id, to_position_id, unit_count, from_balance,
         to_balance, first_serial, last_serial, to_hold_id, happened_on, from_late, to_late)
    SELECT entry, line, lot, from_place, to_place, units, from_balance, to_balance, first, last,
           to_hold, day, false, false
    FROM unnest(moved);
    PERFORM _ledger_audit_append_read(events);
    RETURN ARRAY(SELECT id FROM unnest(asks) ORDER BY n);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger_units", "0008_absent_source")]
    operations = [migrations.RunSQL(POST_MANY, migrations.RunSQL.noop)]
