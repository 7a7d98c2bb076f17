"""What each posting prepares anew is less: expressions read where they are used, shorter checks.

PostgreSQL keeps the plan of a statement, but prepares its expressions for every transaction, and
reads the text of every check of a table for every statement that writes it.
"""

from django.db import migrations, models
from django.db.models import F, Q

POST = """
-- As before; each value of a body is read once, and legs are numbered without a table for each.
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
    first_day date;
    last_day date;
    place_count bigint;
BEGIN
    -- Only what is needed travels through the sorts: a body of many legs is large.
    WITH parsed AS MATERIALIZED (
        SELECT n::int, entry, day, kind IN ('RETIRE', 'CANCEL', 'SURRENDER', 'EXPIRE') AS ends,
               event#>'{data,legs}' AS items, event#>>'{data,reverses}' IS NULL AS forward,
               ROW(n, entry, kind, day, at, actor, event#>>'{data,key}',
                   decode(event#>>'{data,request}', 'hex'), (event#>>'{data,approval}')::uuid
                  )::_ledger_units_ask AS head,
               ROW(body, entry, event->>'verb', event->>'subject', actor,
                   (event->>'party')::uuid, at)::_ledger_audit_read AS read
        FROM unnest(bodies) WITH ORDINALITY AS given(body, n),
             LATERAL (SELECT convert_from(body, 'UTF8')::jsonb AS event OFFSET 0) AS e,
             LATERAL (SELECT (event->>'event')::uuid AS entry, event#>>'{data,kind}' AS kind,
                             (event#>>'{data,happened_on}')::date AS day,
                             (event->>'at')::timestamptz AS at,
                             (event->>'actor')::uuid AS actor OFFSET 0) AS v),
    -- a call of jsonb_array_elements for each body would make a table for each
    numbered AS (
        SELECT n, entry, day, ends, items, generate_series(1, jsonb_array_length(items)) AS line
        FROM parsed),
    lines AS (
        SELECT ROW(n * 1000000::bigint + line, entry, line, day, (leg->>'lot')::uuid, giver, giving,
                   taker, taking, units, first, last, to_hold)::_ledger_units_leg AS one,
               leg->>'hold' IS NULL AND (first IS NULL OR giving = 'UNISSUED' OR ends)
                   AND units > 0 AND (giver, giving) <> (taker, taking)
                   AND giving NOT IN
                       ('RETIRED', 'SURRENDERED', 'CANCELLED', 'EXPIRED', 'CARRIED_OVER')
                   AND taking <> 'UNISSUED' AND NOT (giving = 'UNISSUED' AND taking
                       IN ('RETIRED', 'SURRENDERED', 'CANCELLED', 'EXPIRED', 'CARRIED_OVER'))
                   AND (first IS NULL AND last IS NULL OR units = last - first + 1)
                   AND (to_hold IS NULL OR taking IN ('RESERVED', 'PLEDGED', 'FROZEN', 'LENT'))
                   AS plain,
               first IS NULL OR giving = 'UNISSUED' AS brings,
               to_hold IS NULL AND (first IS NULL OR giving <> 'UNISSUED') AS ending
        FROM numbered, LATERAL (SELECT items->(line - 1) AS leg OFFSET 0) AS i,
             LATERAL (SELECT (leg#>>'{from,0}')::uuid AS giver, leg#>>'{from,1}' AS giving,
                             (leg#>>'{to,0}')::uuid AS taker, leg#>>'{to,1}' AS taking,
                             (leg->>'units')::bigint AS units, (leg->>'first')::bigint AS first,
                             (leg->>'last')::bigint AS last,
                             (leg->>'to_hold')::uuid AS to_hold OFFSET 0) AS p)
    -- newly issued serials and ends of serials are not mixed: an end may need what was issued
    -- (what was parsed lies in the order of the bodies: sorting it again would copy them all)
    SELECT (SELECT array_agg(head) FROM parsed),
           (SELECT array_agg(read) FROM parsed),
           array_agg(one),
           bool_and(coalesce(l.plain, false))
               AND (SELECT bool_and(forward AND coalesce(jsonb_array_length(items), 0) > 0)
                    FROM parsed)
               AND (bool_and(brings) OR bool_and(ending)),
           min((one).day), max((one).day)
    INTO asks, events, legs, plain, first_day, last_day
    FROM lines AS l;

    IF plain IS TRUE AND first_day < last_day THEN
        SELECT bool_and(day >= before) INTO plain
        FROM (SELECT day, lag(day, 1, day) OVER (ORDER BY ord) AS before FROM unnest(legs)) AS l;
    END IF;
    IF plain IS NOT TRUE
       OR (SELECT least(count(DISTINCT id), count(DISTINCT key)) FROM unnest(asks))
           < cardinality(bodies)
       OR EXISTS (SELECT FROM ledger_units_entry AS e
                  WHERE e.idempotency_key = ANY (ARRAY(SELECT key FROM unnest(asks))))
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
    balances AS (
        SELECT ord, max(balance) FILTER (WHERE taken) AS left_there,
               max(balance) FILTER (WHERE NOT taken) AS reached,
               bool_or(source) FILTER (WHERE taken) AS source
        FROM (SELECT s.ord, s.taken, p.state = 'UNISSUED' AS source, p.quantity
                         + sum(s.change) OVER (PARTITION BY s.place ORDER BY s.ord) AS balance
              FROM (SELECT ord, true AS taken, from_place AS place, -units AS change FROM located
                    UNION ALL
                    SELECT ord, false, to_place, units FROM located) AS s
              JOIN place AS p ON p.id = s.place) AS running
        GROUP BY ord)
    SELECT array_agg(ROW(l.entry, l.line, l.lot, l.from_place, l.to_place, l.units, b.left_there,
               b.reached, l.first, l.last, l.to_hold, l.day, l.space, b.source,
               l.allowed AND (b.left_there >= 0 OR b.source))::_ledger_units_moved ORDER BY l.ord),
           coalesce(bool_and(coalesce(l.allowed AND (b.left_there >= 0 OR b.source), false)), false)
    INTO moved, plain
    FROM located AS l
    LEFT JOIN balances AS b ON b.ord = l.ord;
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
    FROM unnest(asks);
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

-- As before; a value that is used once is read where it is used. Whatever a transaction says, it
-- prepares first: an expression by itself costs least, a SELECT INTO of twenty of them most.
CREATE OR REPLACE FUNCTION ledger_units_post_one(
    body bytea, OUT entry_id uuid, OUT replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    event jsonb;
    ask jsonb;
    a_leg jsonb;
    writer bigint;
    era bigint := 0;
    is_new boolean := false;
    take_now boolean;
    day date;
    moment timestamptz;
    an_actor uuid;
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
    event := convert_from(body, 'UTF8')::jsonb;
    ask := event->'data';
    a_leg := ask#>'{legs,0}';
    entry_id := (event->>'event')::uuid;
    from_account := (a_leg#>>'{from,0}')::uuid;
    from_state := a_leg#>>'{from,1}';
    to_account := (a_leg#>>'{to,0}')::uuid;
    to_state := a_leg#>>'{to,1}';
    units := (a_leg->>'units')::bigint;
    IF units > 0 AND from_state IN ('FREE', 'IN_TRANSIT') AND to_state <> 'UNISSUED'
       AND ask#>'{legs,1}' IS NULL AND ask->>'reverses' IS NULL
       AND NOT a_leg ?| ARRAY['first', 'last', 'hold', 'to_hold']
       AND (from_account, from_state) <> (to_account, to_state)
    THEN
        day := (ask->>'happened_on')::date;
        moment := (event->>'at')::timestamptz;
        an_actor := (event->>'actor')::uuid;
        a_lot := (a_leg->>'lot')::uuid;
        writer := pg_current_xact_id()::text::bigint;
        INSERT INTO ledger_units_entry
            (id, kind, happened_on, recorded_at, recorded_by, idempotency_key, request_digest,
             approval_id, xid)
        VALUES (entry_id, ask->>'kind', day, moment, an_actor, ask->>'key',
                decode(ask->>'request', 'hex'), (ask->>'approval')::uuid, writer)
        ON CONFLICT (idempotency_key) DO NOTHING;
        is_new := FOUND;
    END IF;
    IF NOT is_new THEN
        SELECT p.entry_id, p.replayed INTO entry_id, replayed
        FROM ledger_units_post(ARRAY[body]) AS p;
        RETURN;
    END IF;
    take_now := (from_account, from_state) < (to_account, to_state);
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
    -- Most ledgers were never restored: asking whether an era was ever begun costs less than
    -- looking for the last.
    IF pg_sequence_last_value('ledger_audit_era_id_seq'::regclass) IS NOT NULL THEN
        SELECT coalesce(max(xid_offset), 0) INTO era FROM ledger_audit_era;
    END IF;
    -- The event is written as _ledger_audit_append_one would: in the same statement it costs half.
    WITH told AS (
        INSERT INTO ledger_audit_event
            (event_id, xid, verb, subject, actor_id, party_id, happened_at, body, leaf_hash)
        VALUES (entry_id, writer + era, event->>'verb', event->>'subject', an_actor,
                (event->>'party')::uuid, moment, body, sha256('\\x00'::bytea || body)))
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
        ("ledger_units", "0013_alter_entry_kind"),
        ("ledger_audit", "0004_fewer_indexes"),
    ]
    operations = [
        migrations.RunSQL(POST, migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="movement", name="movement_is_whole"),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=Q(unit_count__gt=0)
                & ~Q(from_position=F("to_position"))
                & Q(unit_count=F("last_serial") - F("first_serial") + 1),
                name="movement_is_whole",
            ),
        ),
    ]
