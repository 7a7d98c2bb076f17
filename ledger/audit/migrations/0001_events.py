"""Events and the one function that appends them."""

from django.db import migrations, models

# How to append from another SECURITY DEFINER function (say, the posting function):
#     PERFORM _ledger_audit_append(ARRAY[body]);      -- body: canonical JSON, as bytea
# in the same transaction. The body has the keys actor, at, data, event, party, reason, subject, v
# and verb; the columns are taken from it, so that the two cannot disagree. plpgsql keeps the plan
# of the INSERT for the session; json_to_record reads a body once and does not build its `data`.
APPEND = """
CREATE FUNCTION _ledger_audit_append(bodies bytea[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_audit_event
        (event_id, xid, verb, subject, actor_id, party_id, happened_at, body, leaf_hash)
    SELECT e.event,
           pg_current_xact_id()::text::bigint
               + coalesce((SELECT max(xid_offset) FROM ledger_audit_era), 0),
           e.verb, e.subject, e.actor, e.party, e.at, b, sha256('\\x00'::bytea || b)
    FROM unnest(bodies) AS b,
         LATERAL json_to_record(convert_from(b, 'UTF8')::json)
             AS e(event uuid, verb text, subject text, actor uuid, party uuid, at timestamptz);
END $$;

CREATE FUNCTION ledger_audit_append(bodies bytea[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM _ledger_audit_append(bodies);
END $$;
"""
REMOVE = """
DROP FUNCTION ledger_audit_append(bytea[]);
DROP FUNCTION _ledger_audit_append(bytea[]);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Era",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("xid_offset", models.BigIntegerField()),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("event_id", models.UUIDField(unique=True, verbose_name="event")),
                ("xid", models.BigIntegerField(verbose_name="transaction")),
                ("verb", models.CharField(max_length=80, verbose_name="what happened")),
                ("subject", models.CharField(max_length=120, verbose_name="subject")),
                ("actor_id", models.UUIDField(verbose_name="actor")),
                ("party_id", models.UUIDField(null=True, verbose_name="acting for")),
                ("happened_at", models.DateTimeField(verbose_name="time")),
                ("body", models.BinaryField(verbose_name="body")),
                ("leaf_hash", models.BinaryField(verbose_name="leaf hash")),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "abstract": False,
                "indexes": [
                    models.Index(fields=["subject", "id"], name="event_by_subject"),
                    models.Index(fields=["xid", "id"], name="event_by_xid"),
                    models.Index(fields=["verb", "id"], name="event_by_verb"),
                    models.Index(fields=["actor_id", "id"], name="event_by_actor"),
                ],
            },
        ),
        migrations.RunSQL(APPEND, REMOVE),
    ]
