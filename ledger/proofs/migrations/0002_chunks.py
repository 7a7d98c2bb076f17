"""Leaves stand in chunks that are kept until one of their ranges changes.

Trees of before have no chunks: their tiles go, and the next commitment plants every book anew.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import ledger.kernel.ids


class Migration(migrations.Migration):

    dependencies = [
        ("ledger_proofs", "0001_state_proofs"),
    ]

    operations = [
        migrations.RunSQL("DELETE FROM ledger_proofs_treetile", migrations.RunSQL.noop),
        migrations.DeleteModel(name="HeldRange"),
        migrations.RemoveField(model_name="tree", name="secret"),
        migrations.AddField(
            model_name="tree",
            name="chunk_count",
            field=models.IntegerField(default=0, verbose_name="chunks"),
        ),
        migrations.AddField(
            model_name="treetile",
            name="chunk_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(), default=list, size=None
            ),
        ),
        migrations.CreateModel(
            name="Chunk",
            fields=[
                ("id", models.UUIDField(default=ledger.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("book", models.CharField(max_length=300, verbose_name="book")),
                ("mark", models.TextField(verbose_name="mark")),
                ("secret", models.BinaryField(max_length=32)),
                ("leaf_count", models.SmallIntegerField()),
                ("nodes", models.BinaryField()),
            ],
            options={
                "verbose_name": "chunk of a tree",
                "verbose_name_plural": "chunks of trees",
            },
        ),
        migrations.CreateModel(
            name="HeldRange",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("hold_id", models.UUIDField()),
                ("leaf_index", models.SmallIntegerField()),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("lot", models.CharField(max_length=120)),
                ("account", models.CharField(max_length=60)),
                ("state", models.CharField(max_length=12)),
                ("pledgee", models.CharField(max_length=120)),
                ("chunk", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger_proofs.chunk")),
            ],
            options={
                "verbose_name": "range of a hold",
                "verbose_name_plural": "ranges of holds",
                "indexes": [models.Index(fields=["hold_id"], name="heldrange_by_hold")],
                "constraints": [models.UniqueConstraint(fields=("chunk", "leaf_index"), name="heldrange_once")],
            },
        ),
    ]
