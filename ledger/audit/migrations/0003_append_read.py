"""Appending events whose bodies have been read already: the hot path of every posting."""

from django.db import migrations

# As _ledger_audit_append, for a caller that has read the bodies and need not have them read again.
# The caller takes every column from the body: `verify_ledger` compares each of them with it.
APPEND_READ = """
CREATE TYPE _ledger_audit_read AS (
    body bytea, event uuid, verb text, subject text, actor uuid, party uuid, at timestamptz);

CREATE FUNCTION _ledger_audit_append_one(body bytea, event jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_audit_event
        (event_id, xid, verb, subject, actor_id, party_id, happened_at, body, leaf_hash)
    VALUES ((event->>'event')::uuid,
            pg_current_xact_id()::text::bigint
                + coalesce((SELECT max(xid_offset) FROM ledger_audit_era), 0),
            event->>'verb', event->>'subject', (event->>'actor')::uuid,
            (event->>'party')::uuid, (event->>'at')::timestamptz, body,
            sha256('\\x00'::bytea || body));
END $$;

CREATE FUNCTION _ledger_audit_append_read(events _ledger_audit_read[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    writer bigint := pg_current_xact_id()::text::bigint
        + coalesce((SELECT max(xid_offset) FROM ledger_audit_era), 0);
BEGIN
    INSERT INTO ledger_audit_event
        (event_id, xid, verb, subject, actor_id, party_id, happened_at, body, leaf_hash)
    SELECT event, writer, verb, subject, actor, party, at, body, sha256('\\x00'::bytea || body)
    FROM unnest(events);
END $$;
"""
REMOVE = """
DROP FUNCTION _ledger_audit_append_read(_ledger_audit_read[]);
DROP FUNCTION _ledger_audit_append_one(bytea, jsonb);
DROP TYPE _ledger_audit_read;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger_audit", "0002_seals")]
    operations = [migrations.RunSQL(APPEND_READ, REMOVE)]
