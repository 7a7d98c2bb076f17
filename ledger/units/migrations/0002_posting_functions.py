"""The posting functions: the only hands that write the ledger's tables.

Invariants live here; decisions (may this party do this today?) live in Python. A refusal raises
with an SQLSTATE of class TZ and its numbers as JSON in DETAIL.
"""

from django.db import migrations

# What was asked is the canonical body of the audit event itself: the log and the tables cannot
# tell different stories. One movement row per leg carries both sides, so it cannot be unbalanced.
POST = """
-- room for a new version of a row beside the old: a changed balance touches no index
ALTER TABLE ledger_units_position SET (fillfactor = 70);

CREATE FUNCTION _ledger_units_refuse(code text, what text, details jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = code, MESSAGE = what, DETAIL = details::text;
END $$;

-- A leg recorded late must not make an earlier day negative.
CREATE FUNCTION _ledger_units_check_past(place bigint, since date, wanted bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    lowest bigint;
BEGIN
    WITH days AS (
        SELECT happened_on AS day, sum(units) AS change FROM (
            SELECT happened_on, unit_count AS units FROM ledger_units_movement
            WHERE to_position_id = place
            UNION ALL
            SELECT happened_on, -unit_count FROM ledger_units_movement
            WHERE from_position_id = place) AS moved
        GROUP BY happened_on),
    closing AS (SELECT day, sum(change) OVER (ORDER BY day) AS balance FROM days)
    SELECT min(balance) INTO lowest FROM (
        SELECT balance FROM closing WHERE day > since
        UNION ALL
        SELECT coalesce((SELECT balance FROM closing WHERE day <= since
                         ORDER BY day DESC LIMIT 1), 0)) AS later;
    IF lowest < wanted THEN
        PERFORM _ledger_units_refuse('TZ001', 'not enough units on that day',
            jsonb_build_object('wanted', wanted, 'free', lowest, 'on', since));
    END IF;
END $$;

-- When the first try found no row, or too few units in it: find out which, under a lock.
CREATE FUNCTION _ledger_units_take_carefully(
    an_account uuid, a_lot uuid, a_state text, units bigint, day date,
    OUT place bigint, OUT balance bigint, OUT last_day date, OUT space bigint)
LANGUAGE plpgsql AS $$
DECLARE
    available bigint;
BEGIN
    IF a_state = 'UNISSUED' THEN
        PERFORM _ledger_units_open_position(an_account, a_lot, a_state, day);
    END IF;
    SELECT p.quantity INTO available FROM ledger_units_position AS p
    WHERE p.account_id = an_account AND p.lot_id = a_lot AND p.state = a_state FOR UPDATE;
    IF a_state <> 'UNISSUED' AND coalesce(available, 0) < units THEN
        PERFORM _ledger_units_refuse('TZ001', 'not enough units', jsonb_build_object(
            'wanted', units, 'free', coalesce(available, 0), 'state', a_state));
    END IF;
    UPDATE ledger_units_position AS p
    SET quantity = p.quantity - units, last_on = greatest(p.last_on, day)
    WHERE p.account_id = an_account AND p.lot_id = a_lot AND p.state = a_state
    RETURNING p.id, p.quantity, p.last_on, p.space_id INTO place, balance, last_day, space;
END $$;

CREATE FUNCTION _ledger_units_open_position(an_account uuid, a_lot uuid, a_state text, day date)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_units_position (account_id, lot_id, state, quantity, last_on, space_id)
    SELECT an_account, l.id, a_state, 0, day, l.space_id
    FROM ledger_units_lot AS l WHERE l.id = a_lot
    ON CONFLICT (account_id, lot_id, state) DO NOTHING;
    IF NOT FOUND AND NOT EXISTS (SELECT FROM ledger_units_lot AS l WHERE l.id = a_lot) THEN
        PERFORM _ledger_units_refuse('TZ010', 'no such lot', jsonb_build_object('lot', a_lot));
    END IF;
END $$;

-- Move a range of serial numbers; the parts that stay inherit everything.
CREATE FUNCTION _ledger_units_move_range(
    a_space bigint, a_first bigint, a_last bigint, source bigint, source_state text,
    target bigint, target_state text, old_hold uuid, new_hold uuid,
    transfer_step int, most_transfers int)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wanted int8range := int8range(a_first, a_last, '[]');
    b ledger_units_block;
    found_count bigint := 0;
BEGIN
    IF source_state = 'UNISSUED' THEN
        INSERT INTO ledger_units_block
            (space_id, first_serial, last_serial, position_id, hold_id, transfer_count)
        VALUES (a_space, a_first, a_last, target, new_hold, 0);
        RETURN;
    END IF;
    FOR b IN SELECT * FROM ledger_units_block AS k
             WHERE k.space_id = a_space
               AND int8range(k.first_serial, k.last_serial, '[]') && wanted
               AND k.position_id = source AND k.hold_id IS NOT DISTINCT FROM old_hold
    LOOP
        found_count := found_count
            + least(b.last_serial, a_last) - greatest(b.first_serial, a_first) + 1;
        IF transfer_step > 0 AND b.transfer_count >= most_transfers THEN
            PERFORM _ledger_units_refuse('TZ009', 'transferred as often as the scheme allows',
                jsonb_build_object('most', most_transfers));
        END IF;
        IF target_state = 'UNISSUED' AND b.first_serial >= a_first AND b.last_serial <= a_last THEN
            DELETE FROM ledger_units_block AS k WHERE k.id = b.id;
            CONTINUE;
        ELSIF target_state <> 'UNISSUED' THEN
            UPDATE ledger_units_block AS k
            SET first_serial = greatest(b.first_serial, a_first),
                last_serial = least(b.last_serial, a_last),
                position_id = target, hold_id = new_hold,
                transfer_count = b.transfer_count + transfer_step
            WHERE k.id = b.id;
        ELSE
            DELETE FROM ledger_units_block AS k WHERE k.id = b.id;
        END IF;
        IF b.first_serial < a_first THEN
            INSERT INTO ledger_units_block
                (space_id, first_serial, last_serial, position_id, hold_id, transfer_count)
            VALUES (a_space, b.first_serial, a_first - 1, source, b.hold_id, b.transfer_count);
        END IF;
        IF b.last_serial > a_last THEN
            INSERT INTO ledger_units_block
                (space_id, first_serial, last_serial, position_id, hold_id, transfer_count)
            VALUES (a_space, a_last + 1, b.last_serial, source, b.hold_id, b.transfer_count);
        END IF;
    END LOOP;
    IF found_count <> a_last - a_first + 1 THEN
        PERFORM _ledger_units_refuse('TZ002', 'range not held there',
            jsonb_build_object('first', a_first, 'last', a_last, 'held', found_count));
    END IF;
END $$;

-- A reversal gives back exactly what the original moved, all of it, the other way round.
CREATE FUNCTION _ledger_units_check_reversal(original uuid, legs jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_units_movement WHERE entry_id = original)
       OR EXISTS (SELECT FROM ledger_units_entry WHERE id = original AND reverses_id IS NOT NULL)
    THEN
        PERFORM _ledger_units_refuse('TZ005', 'nothing that could be reversed',
            jsonb_build_object('entry', original));
    END IF;
    IF EXISTS (
        (SELECT m.lot_id, t.account_id, t.state::text, f.account_id, f.state::text, m.unit_count,
                m.first_serial, m.last_serial, m.to_hold_id, m.from_hold_id, count(*)
         FROM ledger_units_movement AS m
         JOIN ledger_units_position AS f ON f.id = m.from_position_id
         JOIN ledger_units_position AS t ON t.id = m.to_position_id
         WHERE m.entry_id = original GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
        EXCEPT
        (SELECT (leg->>'lot')::uuid, (leg->'from'->>0)::uuid, leg->'from'->>1,
                (leg->'to'->>0)::uuid, leg->'to'->>1, (leg->>'units')::bigint,
                (leg->>'first')::bigint, (leg->>'last')::bigint,
                (leg->>'hold')::uuid, (leg->>'to_hold')::uuid, count(*)
         FROM jsonb_array_elements(legs) AS leg GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10))
       OR jsonb_array_length(legs)
          <> (SELECT count(*) FROM ledger_units_movement WHERE entry_id = original)
    THEN
        PERFORM _ledger_units_refuse('TZ005', 'a reversal mirrors its original',
            jsonb_build_object('entry', original));
    END IF;
END $$;

CREATE FUNCTION _ledger_units_post_leg(
    an_entry uuid, a_line int, leg jsonb, day date, reverses uuid, transfer_step int)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    terminal CONSTANT text[] := '{RETIRED,SURRENDERED,CANCELLED,EXPIRED,CARRIED_OVER}';
    held CONSTANT text[] := '{RESERVED,PLEDGED,FROZEN,LENT}';
    a_lot uuid := (leg->>'lot')::uuid;
    from_account uuid := (leg#>>'{from,0}')::uuid;
    from_state text := leg#>>'{from,1}';
    to_account uuid := (leg#>>'{to,0}')::uuid;
    to_state text := leg#>>'{to,1}';
    units bigint := (leg->>'units')::bigint;
    a_first bigint := (leg->>'first')::bigint;
    a_last bigint := (leg->>'last')::bigint;
    old_hold uuid := (leg->>'hold')::uuid;
    new_hold uuid := (leg->>'to_hold')::uuid;
    take_now boolean;
    from_place bigint;
    to_place bigint;
    from_balance bigint;
    to_balance bigint;
    from_last date;
    to_last date;
    space bigint;
BEGIN
    IF reverses IS NULL AND (from_state = ANY (terminal) OR to_state = 'UNISSUED'
                             OR from_state = 'UNISSUED' AND to_state = ANY (terminal))
    THEN
        PERFORM _ledger_units_refuse('TZ004', 'only a reversal does this',
            jsonb_build_object('old', from_state, 'new', to_state));
    END IF;
    IF units IS NULL OR units <= 0 OR (from_account = to_account AND from_state = to_state)
       OR (old_hold IS NOT NULL AND from_state <> ALL (held))
       OR (new_hold IS NOT NULL AND to_state <> ALL (held))
    THEN
        PERFORM _ledger_units_refuse('TZ007', 'malformed leg', leg);
    END IF;
    -- lock order is key order: two opposite transfers wait for each other in the same sequence
    take_now := from_account < to_account OR (from_account = to_account AND from_state < to_state);
    FOR turn IN 1..2 LOOP
        IF take_now THEN
            UPDATE ledger_units_position AS p
            SET quantity = p.quantity - units, last_on = greatest(p.last_on, day)
            WHERE p.account_id = from_account AND p.lot_id = a_lot AND p.state = from_state
              AND (p.quantity >= units OR p.state = 'UNISSUED')
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
                RETURNING p.id, p.quantity, p.last_on INTO to_place, to_balance, to_last;
                EXIT WHEN FOUND;
                PERFORM _ledger_units_open_position(to_account, a_lot, to_state, day);
            END LOOP;
        END IF;
        take_now := NOT take_now;
    END LOOP;
    IF from_last > day AND from_state <> 'UNISSUED' THEN
        PERFORM _ledger_units_check_past(from_place, day, units);
    END IF;
    IF (space IS NULL) <> (a_first IS NULL) OR (a_first IS NULL) <> (a_last IS NULL)
       OR units <> a_last - a_first + 1
    THEN
        PERFORM _ledger_units_refuse('TZ007', 'serials and units disagree', leg);
    END IF;
    IF a_first IS NOT NULL THEN
        PERFORM _ledger_units_move_range(space, a_first, a_last, from_place, from_state,
            to_place, to_state, old_hold, new_hold, transfer_step,
            (leg->>'max_transfers')::int);
    END IF;
    INSERT INTO ledger_units_movement
        (entry_id, line, lot_id, from_position_id, to_position_id, unit_count, from_balance,
         to_balance, first_serial, last_serial, from_hold_id, to_hold_id, happened_on,
         from_late, to_late)
    VALUES (an_entry, a_line, a_lot, from_place, to_place, units, from_balance, to_balance,
            a_first, a_last, old_hold, new_hold, day, from_last > day, to_last > day);
END $$;

-- Take the row locks of everything that will move, in key order.
CREATE FUNCTION _ledger_units_lock_positions(bodies bytea[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM (
        SELECT p.id FROM ledger_units_position AS p
        JOIN (SELECT DISTINCT (leg->>'lot')::uuid AS lot, (side->>0)::uuid AS account,
                     side->>1 AS state
              FROM unnest(bodies) AS body,
                   jsonb_array_elements(convert_from(body, 'UTF8')::jsonb->'data'->'legs') AS leg,
                   LATERAL (VALUES (leg->'from'), (leg->'to')) AS sides(side)) AS key
          ON p.lot_id = key.lot AND p.account_id = key.account AND p.state = key.state
        ORDER BY p.account_id, p.lot_id, p.state
        FOR UPDATE OF p) AS locked;
END $$;

CREATE TYPE _ledger_units_ask AS (
    n int, id uuid, kind text, day date, at timestamptz, actor uuid, key text, request bytea,
    approval uuid);
CREATE TYPE _ledger_units_leg AS (
    ord bigint, entry uuid, line int, day date, lot uuid, from_account uuid, from_state text,
    to_account uuid, to_state text, units bigint, first bigint, last bigint, to_hold uuid);
CREATE TYPE _ledger_units_place AS (
    id bigint, account uuid, lot uuid, state text, quantity bigint, last_on date, space bigint);
CREATE TYPE _ledger_units_moved AS (
    entry uuid, line int, lot uuid, from_place bigint, to_place bigint, units bigint,
    from_balance bigint, to_balance bigint, first bigint, last bigint, to_hold uuid, day date,
    space bigint, issued boolean, allowed boolean);

-- Many entries at once, by sets. Takes only what is plain: new keys, forward moves in order of
-- days, counts or newly issued serials, enough of everything at every step. Otherwise it writes
-- nothing and answers false, and the entries are posted one after the other, which knows all
-- cases and names each refusal.
CREATE FUNCTION _ledger_units_post_many(bodies bytea[]) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    asks _ledger_units_ask[];
    legs _ledger_units_leg[];
    places _ledger_units_place[];
    moved _ledger_units_moved[];
    plain boolean;
BEGIN
    WITH parsed AS (
        SELECT n, event, event->'data' AS ask
        FROM unnest(bodies) WITH ORDINALITY AS given(body, n),
             LATERAL (SELECT convert_from(body, 'UTF8')::jsonb AS event) AS e),
    heads AS (
        SELECT array_agg(ROW(n, (event->>'event')::uuid, ask->>'kind',
                   (ask->>'happened_on')::date, (event->>'at')::timestamptz,
                   (event->>'actor')::uuid, ask->>'key', decode(ask->>'request', 'hex'),
                   (ask->>'approval')::uuid)::_ledger_units_ask ORDER BY n) AS all_asks,
               bool_and(ask->>'reverses' IS NULL) AS forward
        FROM parsed),
    lines AS (
        SELECT array_agg(ROW(n * 1000000 + line, (event->>'event')::uuid, line,
                   (ask->>'happened_on')::date, (leg->>'lot')::uuid, (leg#>>'{from,0}')::uuid,
                   leg#>>'{from,1}', (leg#>>'{to,0}')::uuid, leg#>>'{to,1}',
                   (leg->>'units')::bigint, (leg->>'first')::bigint, (leg->>'last')::bigint,
                   (leg->>'to_hold')::uuid)::_ledger_units_leg ORDER BY n, line) AS all_legs,
               bool_and(leg->>'hold' IS NULL AND (leg->>'first' IS NULL
                                                  OR leg#>>'{from,1}' = 'UNISSUED')) AS countable
        FROM parsed, jsonb_array_elements(ask->'legs') WITH ORDINALITY AS given(leg, line))
    SELECT all_asks, all_legs, forward AND countable INTO asks, legs, plain
    FROM heads, lines;

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
        RETURN false;
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
           coalesce(bool_and(l.allowed AND (f.balance >= 0 OR f.source)), false)
    INTO moved, plain
    FROM located AS l
    LEFT JOIN running AS f ON f.ord = l.ord AND f.taken
    LEFT JOIN running AS t ON t.ord = l.ord AND NOT t.taken;
    IF NOT plain THEN
        RETURN false;
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
    INSERT INTO ledger_units_movement
        (entry_id, line, lot_id, from_position_id, to_position_id, unit_count, from_balance,
         to_balance, first_serial, last_serial, to_hold_id, happened_on, from_late, to_late)
    SELECT entry, line, lot, from_place, to_place, units, from_balance, to_balance, first, last,
           to_hold, day, false, false
    FROM unnest(moved);
    PERFORM _ledger_audit_append(bodies);
    RETURN true;
END $$;

-- Post one or many entries, each the canonical body of its event. All of them, or none.
CREATE FUNCTION ledger_units_post(bodies bytea[]) RETURNS TABLE (entry_id uuid, replayed boolean)
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
BEGIN
    IF cardinality(bodies) > 1 THEN
        IF _ledger_units_post_many(bodies) THEN
            RETURN QUERY SELECT (convert_from(b, 'UTF8')::json->>'event')::uuid, false
                         FROM unnest(bodies) WITH ORDINALITY AS given(b, n) ORDER BY n;
            RETURN;
        END IF;
        PERFORM _ledger_units_lock_positions(bodies);
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

CREATE FUNCTION ledger_units_open_lots(bodies bytea[]) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_units_serialspace (registry, programme, prefix)
    SELECT DISTINCT s->>0, s->>1, s->>2
    FROM unnest(bodies) AS body,
         LATERAL (SELECT convert_from(body, 'UTF8')::jsonb->'data'->'space' AS s) AS parsed
    WHERE jsonb_typeof(s) = 'array' ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING;
    PERFORM _ledger_audit_append(bodies);
    RETURN QUERY
    INSERT INTO ledger_units_lot
        (id, code, scheme, vintage_year, project_id, plant_id, generated_from, generated_to,
         expires_on, space_id, traits, event_id, opened_at, opened_by)
    SELECT (d->>'lot')::uuid, d->>'code', d->>'scheme', (d->>'vintage_year')::int,
           (d->>'project')::uuid, (d->>'plant')::uuid, (d->>'generated_from')::date,
           (d->>'generated_to')::date, (d->>'expires_on')::date,
           (SELECT space.id FROM ledger_units_serialspace AS space
            WHERE space.registry = d->'space'->>0 AND space.programme = d->'space'->>1
              AND space.prefix = d->'space'->>2),
           coalesce(d->'traits', '{}'), (j->>'event')::uuid, (j->>'at')::timestamptz,
           (j->>'actor')::uuid
    FROM unnest(bodies) WITH ORDINALITY AS given(body, n),
         LATERAL (SELECT convert_from(body, 'UTF8')::jsonb AS j) AS parsed,
         LATERAL (SELECT j->'data' AS d) AS data
    ORDER BY n
    RETURNING id;
END $$;
"""

DROP = """
DROP FUNCTION ledger_units_open_lots(bytea[]);
DROP FUNCTION ledger_units_post(bytea[]);
DROP FUNCTION _ledger_units_post_many(bytea[]);
DROP TYPE _ledger_units_moved, _ledger_units_place, _ledger_units_leg, _ledger_units_ask;
DROP FUNCTION _ledger_units_lock_positions(bytea[]);
DROP FUNCTION _ledger_units_post_leg(uuid, int, jsonb, date, uuid, int);
DROP FUNCTION _ledger_units_check_reversal(uuid, jsonb);
DROP FUNCTION _ledger_units_move_range(
    bigint, bigint, bigint, bigint, text, bigint, text, uuid, uuid, int, int);
DROP FUNCTION _ledger_units_open_position(uuid, uuid, text, date);
DROP FUNCTION _ledger_units_take_carefully(uuid, uuid, text, bigint, date);
DROP FUNCTION _ledger_units_check_past(bigint, date, bigint);
DROP FUNCTION _ledger_units_refuse(text, text, jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger_units", "0001_initial"), ("ledger_audit", "0001_events")]
    operations = [migrations.RunSQL(POST, DROP)]
