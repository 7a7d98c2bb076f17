"""One entry has a door of its own; many at once open places only where one is missing."""

from django.db import migrations

POST = """
-- As before; places are opened only where one is missing.
CREATE OR REPLACE FUNCTION _ledger_units_forward_many(bodies bytea[]) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
    events _ledger_audit_read[];
    asks _ledger_units_ask[];
    legs _ledger_units_leg[];
    places _ledger_units_place[];
    moved _ledger_units_moved[];
    cuts _ledger_units_cut[];
    plain boolean;
    place_count bigint;
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
    -- (what was parsed lies in the order of the bodies: sorting it again would copy them all)
    SELECT (SELECT array_agg(head) FROM parsed),
           (SELECT array_agg(read) FROM parsed),
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

    -- Locked in their order; a place where nothing ever was is opened first. Most are there.
    FOR turn IN 1..2 LOOP
        WITH wanted AS MATERIALIZED (
            SELECT from_account AS account, lot, from_state AS state FROM unnest(legs)
            UNION SELECT to_account, lot, to_state FROM unnest(legs)),
        locked AS (
            SELECT p.id, p.account_id, p.lot_id, p.state, p.quantity, p.last_on, p.space_id
            FROM ledger_units_position AS p
            JOIN wanted AS w
              ON p.account_id = w.account AND p.lot_id = w.lot AND p.state = w.state
            ORDER BY p.account_id, p.lot_id, p.state FOR UPDATE OF p)
        SELECT array_agg(ROW(id, account_id, lot_id, state, quantity, last_on, space_id)
                         ::_ledger_units_place), (SELECT count(*) FROM wanted)
        INTO places, place_count FROM locked;
        EXIT WHEN turn = 2 OR place_count = coalesce(cardinality(places), 0);
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
    END LOOP;

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

-- Post entries, each the canonical body of its event. All of them, or none.
CREATE OR REPLACE FUNCTION ledger_units_post(bodies bytea[]) RETURNS TABLE (entry_id uuid, replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    body bytea;
    event jsonb;
    ask jsonb;
    leg jsonb;
    day date;
    undone uuid;
    step int;
    a_line int;
    known record;
    fresh bytea[] := '{}';
    posted uuid[];
BEGIN
    IF cardinality(bodies) > 1
       OR jsonb_array_length(convert_from(bodies[1], 'UTF8')::jsonb#>'{data,legs}') > 3 THEN
        posted := _ledger_units_post_many(bodies);
        IF posted IS NOT NULL THEN
            RETURN QUERY SELECT id, false FROM unnest(posted) AS id;
            RETURN;
        END IF;
        IF cardinality(bodies) > 1 THEN
            PERFORM _ledger_units_lock_positions(bodies);
        END IF;
    END IF;
    FOREACH body IN ARRAY bodies LOOP
        event := convert_from(body, 'UTF8')::jsonb;
        ask := event->'data';
        day := (ask->>'happened_on')::date;
        undone := (ask->>'reverses')::uuid;
        INSERT INTO ledger_units_entry
            (id, kind, happened_on, recorded_at, recorded_by, idempotency_key, request_digest,
             reverses_id, approval_id, xid)
        VALUES ((event->>'event')::uuid, ask->>'kind', day, (event->>'at')::timestamptz,
                (event->>'actor')::uuid, ask->>'key', decode(ask->>'request', 'hex'),
                undone, (ask->>'approval')::uuid, pg_current_xact_id()::text::bigint)
        ON CONFLICT (idempotency_key) DO NOTHING
        RETURNING id INTO entry_id;
        IF NOT FOUND THEN
            SELECT e.id, e.request_digest INTO known
            FROM ledger_units_entry AS e WHERE e.idempotency_key = ask->>'key';
            IF known.request_digest <> decode(ask->>'request', 'hex') THEN
                PERFORM _ledger_units_refuse('TZ006', 'key used for another request',
                    jsonb_build_object('key', ask->>'key'));
            END IF;
            entry_id := known.id;
            replayed := true;
            RETURN NEXT;
            CONTINUE;
        END IF;
        step := 0;
        IF undone IS NOT NULL THEN
            PERFORM _ledger_units_check_reversal(undone, ask->'legs');
            IF (SELECT e.kind FROM ledger_units_entry AS e WHERE e.id = undone) = 'TRANSFER' THEN
                step := -1;
            END IF;
        ELSIF ask->>'kind' = 'TRANSFER' THEN
            step := 1;
        END IF;
        a_line := 0;
        IF jsonb_array_length(ask->'legs') = 1 THEN
            a_line := 1;
            PERFORM _ledger_units_post_leg(entry_id, 1, ask#>'{legs,0}', day, undone, step);
        ELSE
            IF cardinality(bodies) = 1 THEN
                PERFORM _ledger_units_lock_positions(bodies);
            END IF;
            FOR leg IN SELECT value FROM jsonb_array_elements(ask->'legs') LOOP
                a_line := a_line + 1;
                PERFORM _ledger_units_post_leg(entry_id, a_line, leg, day, undone, step);
            END LOOP;
        END IF;
        IF a_line = 0 THEN
            PERFORM _ledger_units_refuse('TZ007', 'an entry has legs', '{}');
        END IF;
        fresh := fresh || body;
        replayed := false;
        RETURN NEXT;
    END LOOP;
    IF cardinality(fresh) > 0 THEN
        PERFORM _ledger_audit_append(fresh);
    END IF;
END $$;

-- Post one entry, the canonical body of its event.
-- The plain case is written out: one leg, counted, not a reversal. Everything is read from the body
-- by one statement, because each statement and each expression is prepared anew by every transaction.
CREATE FUNCTION ledger_units_post_one(body bytea, OUT entry_id uuid, OUT replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    a_leg jsonb;
    is_plain boolean;
    take_now boolean;
    a_verb text;
    a_subject text;
    a_party uuid;
    a_kind text;
    day date;
    moment timestamptz;
    an_actor uuid;
    a_key text;
    a_digest bytea;
    an_approval uuid;
    a_lot uuid;
    from_account uuid;
    from_state text;
    to_account uuid;
    to_state text;
    units bigint;
    from_place bigint;
    to_place bigint;
    from_balance bigint;
    to_balance bigint;
    from_last date;
    to_last date;
    space bigint;
BEGIN
    SELECT leg, event->>'verb', event->>'subject', (event->>'party')::uuid,
           (event->>'event')::uuid, ask->>'kind', (ask->>'happened_on')::date,
           (event->>'at')::timestamptz, (event->>'actor')::uuid, ask->>'key',
           decode(ask->>'request', 'hex'), (ask->>'approval')::uuid, (leg->>'lot')::uuid,
           giver, giving, taker, taking, (leg->>'units')::bigint,
           giving IN ('FREE', 'IN_TRANSIT') AND taking <> 'UNISSUED'
               AND (leg->>'units')::bigint > 0 AND (ask#>'{legs,1}') IS NULL
               AND ask->>'reverses' IS NULL
               AND NOT leg ?| ARRAY['first', 'last', 'hold', 'to_hold']
               AND (giver, giving) <> (taker, taking),
           (giver, giving) < (taker, taking)
    INTO a_leg, a_verb, a_subject, a_party, entry_id, a_kind, day, moment, an_actor, a_key, a_digest, an_approval, a_lot,
         from_account, from_state, to_account, to_state, units, is_plain, take_now
    FROM (SELECT event, event->'data' AS ask, event#>'{data,legs,0}' AS leg
          FROM (SELECT convert_from(body, 'UTF8')::jsonb AS event OFFSET 0) AS e OFFSET 0) AS a,
         LATERAL (SELECT (leg#>>'{from,0}')::uuid AS giver, leg#>>'{from,1}' AS giving,
                         (leg#>>'{to,0}')::uuid AS taker, leg#>>'{to,1}' AS taking OFFSET 0) AS l;
    IF is_plain THEN
        INSERT INTO ledger_units_entry
            (id, kind, happened_on, recorded_at, recorded_by, idempotency_key, request_digest,
             approval_id, xid)
        VALUES (entry_id, a_kind, day, moment, an_actor, a_key, a_digest, an_approval,
                pg_current_xact_id()::text::bigint)
        ON CONFLICT (idempotency_key) DO NOTHING;
        is_plain := FOUND;
    END IF;
    IF is_plain IS NOT TRUE THEN
        SELECT p.entry_id, p.replayed INTO entry_id, replayed
        FROM ledger_units_post(ARRAY[body]) AS p;
        RETURN;
    END IF;
    -- the smaller place is locked first
    FOR turn IN 1..2 LOOP
        IF take_now THEN
            UPDATE ledger_units_position AS p
            SET quantity = p.quantity - units, last_on = greatest(p.last_on, day)
            WHERE p.account_id = from_account AND p.lot_id = a_lot AND p.state = from_state
              AND p.quantity >= units
            RETURNING p.id, p.quantity, p.last_on, p.space_id
            INTO from_place, from_balance, from_last, space;
            IF NOT FOUND THEN
                SELECT * INTO from_place, from_balance, from_last, space
                FROM _ledger_units_take_carefully(from_account, a_lot, from_state, units, day);
            END IF;
        ELSE
            LOOP
                UPDATE ledger_units_position AS p
                SET quantity = p.quantity + units, last_on = greatest(p.last_on, day)
                WHERE p.account_id = to_account AND p.lot_id = a_lot AND p.state = to_state
                RETURNING p.id, p.quantity, p.last_on
                INTO to_place, to_balance, to_last;
                EXIT WHEN FOUND;
                PERFORM _ledger_units_open_position(to_account, a_lot, to_state, day);
            END LOOP;
        END IF;
        take_now := NOT take_now;
    END LOOP;
    IF from_last > day THEN
        PERFORM _ledger_units_check_past(from_place, day, units);
    END IF;
    IF space IS NOT NULL THEN
        PERFORM _ledger_units_refuse('TZ007', 'serials and units disagree', a_leg);
    END IF;
    -- The event is written as _ledger_audit_append_one would: in the same statement it costs half.
    WITH told AS (
        INSERT INTO ledger_audit_event
            (event_id, xid, verb, subject, actor_id, party_id, happened_at, body, leaf_hash)
        VALUES (entry_id,
                pg_current_xact_id()::text::bigint
                    + coalesce((SELECT max(xid_offset) FROM ledger_audit_era), 0),
                a_verb, a_subject, an_actor, a_party, moment, body, sha256('\\x00'::bytea || body)))
    INSERT INTO ledger_units_movement
        (entry_id, line, lot_id, from_position_id, to_position_id, unit_count, from_balance,
         to_balance, happened_on, from_late, to_late)
    VALUES (entry_id, 1, a_lot, from_place, to_place, units, from_balance, to_balance, day,
            from_last > day, to_last > day);
    replayed := false;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ledger_units", "0011_reversals_by_sets"),
        ("ledger_audit", "0004_fewer_indexes"),
    ]
    operations = [migrations.RunSQL(POST, migrations.RunSQL.noop)]
