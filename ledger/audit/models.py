"""Tables of the log. All of them are written by the functions of the migrations alone."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable, EngineTable
from ledger.doors.wording import moment

# the verbs of the postings that come by the million
COMMON = ("units.issued", "units.transferred", "units.retired")


class Event(EngineTable):
    """One thing that happened, in its canonical body; written by `ledger_audit_append` alone.

    Every column but `id` and `xid` repeats the body, for filters and indexes; the body counts.
    """

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(_("event"), unique=True)
    # The transaction that wrote it (plus the era's offset): the sequencer never seals ahead of a
    # late commit.
    xid = models.BigIntegerField(_("transaction"))
    verb = models.CharField(_("what happened"), max_length=80)
    subject = models.CharField(_("subject"), max_length=120)
    actor_id = models.UUIDField(_("actor"))
    party_id = models.UUIDField(_("acting for"), null=True)
    happened_at = models.DateTimeField(_("time"))
    body = models.BinaryField(_("body"))
    leaf_hash = models.BinaryField(_("leaf hash"))

    class Meta(EngineTable.Meta):
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["subject", "id"], name="event_by_subject"),
            models.Index(fields=["xid", "id"], name="event_by_xid"),
            # Of the rare verbs only: whoever asks for the common ones meets them on every page.
            models.Index(
                fields=["verb", "id"], name="event_by_rare_verb", condition=~Q(verb__in=COMMON)
            ),
            # A summary of every 32 pages. A tree would be written to by each posting.
            BrinIndex(
                fields=["actor_id"],
                opclasses=["uuid_bloom_ops"],
                name="event_by_actor_in_pages",
                autosummarize=True,
                pages_per_range=32,
            ),
        ]

    def __str__(self) -> str:
        return self.verb


class Era(EngineTable):
    """PostgreSQL's transaction numbers begin again when a dump is restored into a new cluster.

    From then on `xid_offset` is added, so that (xid, id) goes on rising.
    """

    id = models.BigAutoField(primary_key=True)
    xid_offset = models.BigIntegerField()


class Seal(EngineTable):
    """The place of one event in the log; written by `ledger_audit_seal` alone."""

    seq = models.BigIntegerField(_("number in the log"), primary_key=True)
    # events.id; no foreign key: the log must not slow the writers, and verification looks anyway
    event_row = models.BigIntegerField(_("event row"), unique=True)
    chain_hash = models.BinaryField(_("chain value"))

    class Meta(EngineTable.Meta):
        verbose_name = _("seal")
        verbose_name_plural = _("seals")

    def __str__(self) -> str:
        return str(self.seq)


class Tile(EngineTable):
    """Up to 256 hashes of one stretch of the Merkle tree; only the last of a level is unfinished.

    Level 0 holds leaf hashes; an entry of level n + 1 is the root of one full tile of level n.
    """

    id = models.BigAutoField(primary_key=True)
    level = models.SmallIntegerField()
    position = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta(EngineTable.Meta):
        constraints = [
            models.UniqueConstraint(fields=["level", "position"], name="tile_stands_once"),
        ]


class Checkpoint(EngineTable):
    """A signed statement of the log's size and root; written by `ledger_audit_add_checkpoint`."""

    id = models.BigAutoField(primary_key=True)
    tree_size = models.BigIntegerField(_("events covered"))
    root_hash = models.BinaryField(_("root"))
    key_id = models.CharField(_("key"), max_length=8)
    made_at = models.DateTimeField(_("made at"))
    note = models.TextField(_("signed note"))

    class Meta(EngineTable.Meta):
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        indexes = [models.Index(fields=["tree_size", "id"], name="checkpoint_by_size")]

    def __str__(self) -> str:
        return f"{self.tree_size} · {moment(self.made_at)}"


class Cosignature(AppendOnlyTable):
    """What an outside witness signed under a checkpoint; vouched for by her own signature."""

    id = models.BigAutoField(primary_key=True)
    # no foreign key: the log must not slow the writers, and verification looks anyway
    checkpoint_id = models.BigIntegerField(_("checkpoint"))
    witness = models.CharField(_("key of the witness"), max_length=300)
    line = models.CharField(_("signature line"), max_length=400)
    cosigned_at = models.DateTimeField(_("cosigned at"))
    kept_at = models.DateTimeField(_("received at"))
    kept_by = models.UUIDField(_("received by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("cosignature")
        verbose_name_plural = _("cosignatures")
        constraints = [
            models.UniqueConstraint(fields=["checkpoint_id", "witness"], name="cosignature_once"),
        ]

    def __str__(self) -> str:
        return self.witness.partition("+")[0]
