from django.db import models

from ledger.doors.tables import EngineTable


class Event(EngineTable):
    """One thing that happened, in its canonical body; written by `ledger_audit_append` alone."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    # the transaction that wrote it, so that the sequencer never seals ahead of a late commit
    xid = models.BigIntegerField()
    verb = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    actor_id = models.UUIDField()
    party_id = models.UUIDField(null=True)
    happened_at = models.DateTimeField()
    body = models.BinaryField()
    leaf_hash = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["subject", "id"], name="event_by_subject"),
            models.Index(fields=["xid", "id"], name="event_by_xid"),
            models.Index(fields=["verb", "id"], name="event_by_verb"),
            models.Index(fields=["actor_id", "id"], name="event_by_actor"),
        ]
