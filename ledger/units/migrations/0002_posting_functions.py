"""The posting functions: the only hands that write the ledger's tables.

Invariants live here; decisions (may this party do this today?) live in Python. A refusal raises
with an SQLSTATE of class TZ and its numbers as JSON in DETAIL.
"""

from django.db import migrations

# What was asked is the canonical body of the audit event itself: the log and the tables cannot
# tell different stories. One movement row per leg carries both sides, so it cannot be unbalanced.
POST = """
CREATE FUNCTION _ledger_units_refuse(code text, what text, details jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = code, MESSAGE = what, DETAIL = details::text;
END $$;

-- A leg recorded late must not make an earlier day negative.
CREATE FUNCTION _ledger_units_check_past(place bigint, since date, wanted bigint) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
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

-- Add (or take, when negative) units; answers with the balance after. The row stays locked.
CREATE FUNCTION _ledger_units_move_balance(
    an_account uuid, a_lot uuid, a_state text, delta bigint, day date,
    OUT place bigint, OUT balance bigint, OUT late boolean, OUT space bigint)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    last_day date;
BEGIN
    FOR attempt IN 1..3 LOOP
        UPDATE ledger_units_position AS p
        SET quantity = p.quantity + delta, last_on = greatest(p.last_on, day)
        WHERE p.account_id = an_account AND p.lot_id = a_lot AND p.state = a_state
          AND (delta > 0 OR p.quantity + delta >= 0 OR p.state = 'UNISSUED')
        RETURNING p.id, p.quantity, p.last_on, p.space_id INTO place, balance, last_day, space;
        IF FOUND THEN
            late := last_day > day;
            IF late AND delta < 0 AND a_state <> 'UNISSUED' THEN
                PERFORM _ledger_units_check_past(place, day, -delta);
            END IF;
            RETURN;
        END IF;
        IF delta > 0 OR a_state = 'UNISSUED' THEN
            INSERT INTO ledger_units_position AS p
                (account_id, lot_id, state, quantity, last_on, space_id)
            SELECT an_account, l.id, a_state, delta, day, l.space_id
            FROM ledger_units_lot AS l WHERE l.id = a_lot
            ON CONFLICT (account_id, lot_id, state) DO NOTHING
            RETURNING p.id, p.quantity, p.space_id INTO place, balance, space;
            IF FOUND THEN
                late := false;
                RETURN;
            END IF;
            IF NOT EXISTS (SELECT FROM ledger_units_lot AS l WHERE l.id = a_lot) THEN
                PERFORM _ledger_units_refuse('TZ010', 'no such lot',
                    jsonb_build_object('lot', a_lot));
            END IF;
        ELSE
            SELECT p.quantity INTO balance FROM ledger_units_position AS p
            WHERE p.account_id = an_account AND p.lot_id = a_lot AND p.state = a_state
            FOR UPDATE;
            EXIT WHEN coalesce(balance, 0) + delta < 0;
        END IF;
    END LOOP;
    PERFORM _ledger_units_refuse('TZ001', 'not enough units', jsonb_build_object(
        'wanted', -delta, 'free', coalesce(balance, 0), 'state', a_state));
END $$;

-- Move a range of serial numbers; the parts that stay inherit everything.
CREATE FUNCTION _ledger_units_move_range(
    a_space bigint, a_first bigint, a_last bigint, source bigint, source_state text,
    target bigint, target_state text, old_hold uuid, new_hold uuid,
    transfer_step int, most_transfers int)
RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
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
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
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
RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    terminal CONSTANT text[] := '{RETIRED,SURRENDERED,CANCELLED,EXPIRED,CARRIED_OVER}';
    held CONSTANT text[] := '{RESERVED,PLEDGED,FROZEN,LENT}';
    a_lot uuid := (leg->>'lot')::uuid;
    from_account uuid := (leg->'from'->>0)::uuid;
    from_state text := leg->'from'->>1;
    to_account uuid := (leg->'to'->>0)::uuid;
    to_state text := leg->'to'->>1;
    units bigint := (leg->>'units')::bigint;
    a_first bigint := (leg->>'first')::bigint;
    a_last bigint := (leg->>'last')::bigint;
    old_hold uuid := (leg->>'hold')::uuid;
    new_hold uuid := (leg->>'to_hold')::uuid;
    source record;
    target record;
BEGIN
    IF reverses IS NULL AND (from_state = ANY (terminal) OR to_state = 'UNISSUED') THEN
        PERFORM _ledger_units_refuse('TZ004', 'only a reversal does this',
            jsonb_build_object('old', from_state, 'new', to_state));
    END IF;
    IF from_state = 'UNISSUED' AND to_state = ANY (terminal) AND reverses IS NULL THEN
        PERFORM _ledger_units_refuse('TZ004', 'units are issued before they end',
            jsonb_build_object('old', from_state, 'new', to_state));
    END IF;
    IF units IS NULL OR units <= 0 OR (from_account = to_account AND from_state = to_state)
       OR (old_hold IS NOT NULL AND from_state <> ALL (held))
       OR (new_hold IS NOT NULL AND to_state <> ALL (held))
    THEN
        PERFORM _ledger_units_refuse('TZ007', 'malformed leg', leg);
    END IF;
    -- lock order is key order: two opposite transfers wait for each other in the same sequence
    IF (from_account, from_state) < (to_account, to_state) THEN
        source := _ledger_units_move_balance(from_account, a_lot, from_state, -units, day);
        target := _ledger_units_move_balance(to_account, a_lot, to_state, units, day);
    ELSE
        target := _ledger_units_move_balance(to_account, a_lot, to_state, units, day);
        source := _ledger_units_move_balance(from_account, a_lot, from_state, -units, day);
    END IF;
    IF (source.space IS NULL) <> (a_first IS NULL) OR (a_first IS NULL) <> (a_last IS NULL)
       OR units <> a_last - a_first + 1
    THEN
        PERFORM _ledger_units_refuse('TZ007', 'serials and units disagree', leg);
    END IF;
    IF a_first IS NOT NULL THEN
        PERFORM _ledger_units_move_range(source.space, a_first, a_last, source.place, from_state,
            target.place, to_state, old_hold, new_hold, transfer_step,
            (leg->>'max_transfers')::int);
    END IF;
    INSERT INTO ledger_units_movement
        (entry_id, line, lot_id, from_position_id, to_position_id, unit_count, from_balance,
         to_balance, first_serial, last_serial, from_hold_id, to_hold_id, happened_on,
         from_late, to_late)
    VALUES (an_entry, a_line, a_lot, source.place, target.place, units, source.balance,
            target.balance, a_first, a_last, old_hold, new_hold, day, source.late, target.late);
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
        IF jsonb_array_length(ask->'legs') > 1 AND cardinality(bodies) = 1 THEN
            PERFORM _ledger_units_lock_positions(bodies);
        END IF;
        a_line := 0;
        FOR leg IN SELECT value FROM jsonb_array_elements(ask->'legs') LOOP
            a_line := a_line + 1;
            PERFORM _ledger_units_post_leg(entry_id, a_line, leg, day, undone, step);
        END LOOP;
        IF a_line = 0 THEN
            PERFORM _ledger_units_refuse('TZ007', 'an entry has legs', '{}');
        END IF;
        fresh := fresh || body;
        replayed := false;
        RETURN NEXT;
    END LOOP;
    IF cardinality(fresh) > 0 THEN
        PERFORM ledger_audit_append(fresh);
    END IF;
END $$;

-- Take the row locks of everything that will move, in key order.
CREATE FUNCTION _ledger_units_lock_positions(bodies bytea[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
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

CREATE FUNCTION ledger_units_open_lots(bodies bytea[]) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_units_serialspace (registry, programme, prefix)
    SELECT DISTINCT s->>0, s->>1, s->>2
    FROM unnest(bodies) AS body,
         LATERAL (SELECT convert_from(body, 'UTF8')::jsonb->'data'->'space' AS s) AS parsed
    WHERE jsonb_typeof(s) = 'array' ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING;
    PERFORM ledger_audit_append(bodies);
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
DROP FUNCTION _ledger_units_lock_positions(bytea[]);
DROP FUNCTION _ledger_units_post_leg(uuid, int, jsonb, date, uuid, int);
DROP FUNCTION _ledger_units_check_reversal(uuid, jsonb);
DROP FUNCTION _ledger_units_move_range(
    bigint, bigint, bigint, bigint, text, bigint, text, uuid, uuid, int, int);
DROP FUNCTION _ledger_units_move_balance(uuid, uuid, text, bigint, date);
DROP FUNCTION _ledger_units_check_past(bigint, date, bigint);
DROP FUNCTION _ledger_units_refuse(text, text, jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger_units", "0001_initial"), ("ledger_audit", "0001_events")]
    operations = [migrations.RunSQL(POST, DROP)]
