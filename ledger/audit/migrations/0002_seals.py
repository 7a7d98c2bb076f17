"""Seals, tree tiles and checkpoints, and the functions that write them."""

from django.db import migrations, models

# One transaction seals at a time (advisory lock until commit). Chain and tree are computed here,
# from the events themselves: whoever calls this, the application's login included, can only seal
# what is next, never something else.
SEAL = """
ALTER TABLE ledger_audit_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
ALTER TABLE ledger_audit_tile ADD CONSTRAINT tile_holds_whole_hashes
    CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0);

CREATE FUNCTION _ledger_audit_lock() RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(1096108137) $$;

CREATE FUNCTION _ledger_audit_tile_root(hashes bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
DECLARE
    pairs int := length(hashes) / 64;
BEGIN
    WHILE pairs >= 1 LOOP
        hashes := (SELECT string_agg(sha256('\\x01'::bytea || substr(hashes, i * 64 + 1, 64)),
                                     ''::bytea ORDER BY i)
                   FROM generate_series(0, pairs - 1) AS i);
        pairs := pairs / 2;
    END LOOP;
    RETURN hashes;
END $$;

CREATE FUNCTION _ledger_audit_grow_tree(old_size bigint, leaves bytea[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    tile_level int := 0;
    first bigint := old_size;
BEGIN
    WHILE cardinality(leaves) > 0 LOOP
        INSERT INTO ledger_audit_tile AS tile (level, position, hashes)
        SELECT tile_level, (first + place - 1) / 256, string_agg(leaf, ''::bytea ORDER BY place)
        FROM unnest(leaves) WITH ORDINALITY AS given(leaf, place)
        GROUP BY 2 ORDER BY 2
        ON CONFLICT (level, position) DO UPDATE SET hashes = tile.hashes || excluded.hashes;
        -- every tile that became full gives one entry to the level above
        leaves := ARRAY(SELECT _ledger_audit_tile_root(hashes) FROM ledger_audit_tile
                        WHERE level = tile_level AND position >= first / 256
                          AND length(hashes) = 8192 ORDER BY position);
        first := first / 256;
        tile_level := tile_level + 1;
    END LOOP;
END $$;

-- A dump restored into a new cluster brings events with higher transaction numbers than this
-- cluster has reached. From now on an offset lifts the new ones above the old; what was written
-- before anybody noticed is lifted too, once it is known not to be sealed.
CREATE FUNCTION _ledger_audit_begin_era() RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    highest bigint;
    last_xid bigint;
    last_id bigint;
BEGIN
    LOCK TABLE ledger_audit_event IN SHARE ROW EXCLUSIVE MODE;
    SELECT max(xid) + 1 INTO highest FROM ledger_audit_event;
    INSERT INTO ledger_audit_era (xid_offset) VALUES (highest);
    SELECT e.xid, e.id INTO last_xid, last_id
        FROM ledger_audit_seal s JOIN ledger_audit_event e ON e.id = s.event_row
        ORDER BY s.seq DESC LIMIT 1;
    UPDATE ledger_audit_event AS e SET xid = highest
    WHERE (e.xid, e.id) <= (last_xid, last_id)
      AND NOT EXISTS (SELECT FROM ledger_audit_seal s WHERE s.event_row = e.id);
END $$;

CREATE FUNCTION ledger_audit_seal(most int, OUT sealed_count int, OUT tree_size bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    chain bytea := decode(repeat('00', 32), 'hex');
    last_xid bigint := 0;
    last_id bigint := 0;
    era bigint;
    horizon bigint;
    event record;
    ids bigint[] := '{}';
    leaves bytea[] := '{}';
    chains bytea[] := '{}';
BEGIN
    PERFORM _ledger_audit_lock();
    IF (SELECT max(xid) FROM ledger_audit_event)
       >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
          + coalesce((SELECT max(xid_offset) FROM ledger_audit_era), 0) THEN
        PERFORM _ledger_audit_begin_era();
    END IF;
    SELECT s.seq + 1, s.event_row, s.chain_hash, e.xid
        INTO tree_size, last_id, chain, last_xid
        FROM ledger_audit_seal s LEFT JOIN ledger_audit_event e ON e.id = s.event_row
        ORDER BY s.seq DESC LIMIT 1;
    IF NOT FOUND THEN
        tree_size := 0; last_id := 0; last_xid := 0;
        chain := decode(repeat('00', 32), 'hex');
    ELSIF last_xid IS NULL THEN
        RAISE EXCEPTION 'the last sealed event is gone; run verify_ledger';
    END IF;
    era := coalesce((SELECT max(xid_offset) FROM ledger_audit_era), 0);
    -- everything below xmin is over: no later commit can slip in before what is sealed now
    horizon := pg_snapshot_xmin(pg_current_snapshot())::text::bigint + era;
    FOR event IN
        SELECT id, leaf_hash FROM ledger_audit_event
        WHERE (xid, id) > (last_xid, last_id) AND xid < horizon
        ORDER BY xid, id LIMIT most
    LOOP
        chain := sha256(chain || event.leaf_hash);
        ids := array_append(ids, event.id);
        leaves := array_append(leaves, event.leaf_hash);
        chains := array_append(chains, chain);
    END LOOP;
    sealed_count := cardinality(ids);
    IF sealed_count > 0 THEN
        INSERT INTO ledger_audit_seal (seq, event_row, chain_hash)
        SELECT tree_size + place - 1, id, value
        FROM unnest(ids, chains) WITH ORDINALITY AS new(id, value, place) ORDER BY place;
        PERFORM _ledger_audit_grow_tree(tree_size, leaves);
        tree_size := tree_size + sealed_count;
    END IF;
END $$;

CREATE FUNCTION ledger_audit_add_checkpoint(
    of_size bigint, of_root bytea, of_key text, at timestamptz, signed_note text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    new_id bigint;
BEGIN
    PERFORM _ledger_audit_lock();
    IF of_size < coalesce((SELECT max(tree_size) FROM ledger_audit_checkpoint), 0)
       OR of_size > coalesce((SELECT max(seq) + 1 FROM ledger_audit_seal), 0) THEN
        RAISE EXCEPTION 'a checkpoint of size % is behind the last or ahead of the seals', of_size;
    END IF;
    INSERT INTO ledger_audit_checkpoint (tree_size, root_hash, key_id, made_at, note)
    VALUES (of_size, of_root, of_key, at, signed_note) RETURNING id INTO new_id;
    RETURN new_id;
END $$;
"""
REMOVE = """
DROP FUNCTION ledger_audit_add_checkpoint(bigint, bytea, text, timestamptz, text);
DROP FUNCTION ledger_audit_seal(int);
DROP FUNCTION _ledger_audit_begin_era();
DROP FUNCTION _ledger_audit_grow_tree(bigint, bytea[]);
DROP FUNCTION _ledger_audit_tile_root(bytea);
DROP FUNCTION _ledger_audit_lock();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger_audit", "0001_events")]
    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="number in the log")),
                ("event_row", models.BigIntegerField(unique=True, verbose_name="event row")),
                ("chain_hash", models.BinaryField(verbose_name="chain value")),
            ],
            options={"verbose_name": "seal", "verbose_name_plural": "seals", "abstract": False},
        ),
        migrations.CreateModel(
            name="Tile",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("level", models.SmallIntegerField()),
                ("position", models.BigIntegerField()),
                ("hashes", models.BinaryField()),
            ],
            options={
                "abstract": False,
                "constraints": [models.UniqueConstraint(fields=["level", "position"], name="tile_stands_once")],
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tree_size", models.BigIntegerField(verbose_name="events covered")),
                ("root_hash", models.BinaryField(verbose_name="root")),
                ("key_id", models.CharField(max_length=8, verbose_name="key")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("note", models.TextField(verbose_name="signed note")),
            ],
            options={
                "verbose_name": "checkpoint",
                "verbose_name_plural": "checkpoints",
                "abstract": False,
                "indexes": [models.Index(fields=["tree_size", "id"], name="checkpoint_by_size")],
            },
        ),
        migrations.RunSQL(SEAL, REMOVE),
    ]
