"""The posting function reads the body once; reversals alone are in the index of reversals."""

import django.db.models.deletion
from django.db import migrations, models

POST = """
-- Many entries at once, by sets. Takes only what is plain: new keys, forward moves in order of
-- days, counts or newly issued serials, enough of everything at every step. Otherwise it writes
-- nothing and answers NULL, and the entries are posted one after the other, which knows all
-- cases and names each refusal.
DROP FUNCTION _ledger_units_post_many(bytea[]);
CREATE FUNCTION _ledger_units_post_many(bodies bytea[]) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
    events _ledger_audit_read[];
    asks _ledger_units_ask[];
    legs _ledger_units_leg[];
    places _ledger_units_place[];
    moved _ledger_units_moved[];
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
                                         OR leg#>>'{from,1}' = 'UNISSUED') AS countable
        FROM parsed, jsonb_array_elements(items) WITH ORDINALITY AS given(leg, line))
    SELECT (SELECT array_agg(head ORDER BY n) FROM parsed),
           (SELECT array_agg(read ORDER BY n) FROM parsed),
           array_agg(one ORDER BY (one).ord),
           bool_and(countable) AND (SELECT bool_and(forward) FROM parsed)
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
           coalesce(bool_and(l.allowed AND (f.balance >= 0 OR f.source)), false)
    INTO moved, plain
    FROM located AS l
    LEFT JOIN running AS f ON f.ord = l.ord AND f.taken
    LEFT JOIN running AS t ON t.ord = l.ord AND NOT t.taken;
    IF NOT plain THEN
        RETURN NULL;
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
    PERFORM _ledger_audit_append_read(events);
    RETURN ARRAY(SELECT id FROM unnest(asks) ORDER BY n);
END $$;

-- Post one or many entries, each the canonical body of its event. All of them, or none.
CREATE OR REPLACE FUNCTION ledger_units_post(bodies bytea[]) RETURNS TABLE (entry_id uuid, replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    a_lot uuid;
    from_account uuid;
    from_state text;
    to_account uuid;
    to_state text;
    units bigint;
    take_now boolean;
    from_place bigint;
    to_place bigint;
    from_balance bigint;
    to_balance bigint;
    from_last date;
    to_last date;
    space bigint;
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
    IF cardinality(bodies) = 1 THEN
        -- The plain case, written out: one leg, counted, not a reversal. Few and large statements:
        -- each is prepared anew by every transaction.
        event := convert_from(bodies[1], 'UTF8')::jsonb;
        ask := event->'data';
        leg := ask#>'{legs,0}';
        SELECT (event->>'event')::uuid, (ask->>'happened_on')::date, (leg->>'lot')::uuid,
               (leg#>>'{from,0}')::uuid, leg#>>'{from,1}', (leg#>>'{to,0}')::uuid,
               leg#>>'{to,1}', (leg->>'units')::bigint
        INTO entry_id, day, a_lot, from_account, from_state, to_account, to_state, units;
        IF from_state IN ('FREE', 'IN_TRANSIT') AND to_state <> 'UNISSUED' AND units > 0
           AND jsonb_array_length(ask->'legs') = 1 AND ask->>'reverses' IS NULL
           AND NOT leg ?| ARRAY['first', 'last', 'hold', 'to_hold']
           AND (from_account <> to_account OR from_state <> to_state)
        THEN
            INSERT INTO ledger_units_entry
                (id, kind, happened_on, recorded_at, recorded_by, idempotency_key,
                 request_digest, approval_id, xid)
            VALUES (entry_id, ask->>'kind', day, (event->>'at')::timestamptz,
                    (event->>'actor')::uuid, ask->>'key', decode(ask->>'request', 'hex'),
                    (ask->>'approval')::uuid, pg_current_xact_id()::text::bigint)
            ON CONFLICT (idempotency_key) DO NOTHING;
            IF FOUND THEN
                take_now := from_account < to_account
                            OR (from_account = to_account AND from_state < to_state);
                FOR turn IN 1..2 LOOP
                    IF take_now THEN
                        UPDATE ledger_units_position AS p
                        SET quantity = p.quantity - units, last_on = greatest(p.last_on, day)
                        WHERE p.account_id = from_account AND p.lot_id = a_lot
                          AND p.state = from_state AND p.quantity >= units
                        RETURNING p.id, p.quantity, p.last_on, p.space_id
                        INTO from_place, from_balance, from_last, space;
                        IF NOT FOUND THEN
                            SELECT * INTO from_place, from_balance, from_last, space
                            FROM _ledger_units_take_carefully(
                                from_account, a_lot, from_state, units, day);
                        END IF;
                    ELSE
                        LOOP
                            UPDATE ledger_units_position AS p
                            SET quantity = p.quantity + units, last_on = greatest(p.last_on, day)
                            WHERE p.account_id = to_account AND p.lot_id = a_lot
                              AND p.state = to_state
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
                    PERFORM _ledger_units_refuse('TZ007', 'serials and units disagree', leg);
                END IF;
                INSERT INTO ledger_units_movement
                    (entry_id, line, lot_id, from_position_id, to_position_id, unit_count,
                     from_balance, to_balance, happened_on, from_late, to_late)
                VALUES (entry_id, 1, a_lot, from_place, to_place, units, from_balance,
                        to_balance, day, from_last > day, to_last > day);
                PERFORM _ledger_audit_append_one(bodies[1], event);
                replayed := false;
                RETURN NEXT;
                RETURN;
            END IF;
        END IF;
    END IF;
    IF cardinality(bodies) > 1 OR jsonb_array_length(ask->'legs') > 3 THEN
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
"""

class Migration(migrations.Migration):

    dependencies = [
        ('ledger_units', '0004_lighter_posting'),
        ('ledger_audit', '0003_append_read'),
    ]

    operations = [
        migrations.AlterField(
            model_name='entry',
            name='reverses',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger_units.entry', verbose_name='reverses'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.UniqueConstraint(condition=models.Q(('reverses__isnull', False)), fields=('reverses',), name='entry_reversed_once'),
        ),
        migrations.RunSQL(POST, migrations.RunSQL.noop),
    ]
