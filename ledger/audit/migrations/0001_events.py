"""Events and the one function that appends them."""

from django.db import migrations, models

APPEND = """
CREATE FUNCTION ledger_audit_append(bodies bytea[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO ledger_audit_event
        (event_id, xid, verb, subject, actor_id, party_id, happened_at, body, leaf_hash)
    SELECT (j->>'event')::uuid, pg_current_xact_id()::text::bigint, j->>'verb', j->>'subject',
           (j->>'actor')::uuid, (j->>'party')::uuid, (j->>'at')::timestamptz,
           b, sha256('\\x00'::bytea || b)
    FROM unnest(bodies) AS b, LATERAL (SELECT convert_from(b, 'UTF8')::jsonb AS j) AS parsed
$$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("event_id", models.UUIDField(unique=True)),
                ("xid", models.BigIntegerField()),
                ("verb", models.CharField(max_length=80)),
                ("subject", models.CharField(max_length=120)),
                ("actor_id", models.UUIDField()),
                ("party_id", models.UUIDField(null=True)),
                ("happened_at", models.DateTimeField()),
                ("body", models.BinaryField()),
                ("leaf_hash", models.BinaryField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject", "id"], name="event_by_subject"),
                    models.Index(fields=["xid", "id"], name="event_by_xid"),
                    models.Index(fields=["verb", "id"], name="event_by_verb"),
                    models.Index(fields=["actor_id", "id"], name="event_by_actor"),
                ],
            },
        ),
        migrations.RunSQL(APPEND, "DROP FUNCTION ledger_audit_append(bytea[])"),
    ]
