"""What was committed, and the trees that proofs are cut from."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable, ReferenceTable
from ledger.kernel.ids import new_id


class Commitment(AppendOnlyTable):
    """The whole state at one moment, as one hash; its event stands in the log."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event_id = models.UUIDField(_("event"), unique=True)
    root = models.BinaryField(_("root of the state"), max_length=32)
    book_count = models.IntegerField(_("books"))
    range_count = models.BigIntegerField(_("ranges"))
    # which transactions it saw: pg_current_snapshot() + what this era of the log adds to them
    snapshot = models.TextField(_("snapshot"))
    # the trees of its books, in the order of the shelf
    tree_ids = ArrayField(models.UUIDField())
    made_at = models.DateTimeField(_("made at"))
    made_by = models.UUIDField(_("made by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("commitment to the state")
        verbose_name_plural = _("commitments to the state")
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return bytes(self.root).hex()[:16]


class Tree(AppendOnlyTable):
    """One version of one book's tree: what changed is hashed anew, the rest stays as it is."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    book = models.CharField(_("book"), max_length=300)
    # changes with every stretch and every hold in the book
    mark = models.TextField(_("mark"))
    issued_units = models.BigIntegerField(_("units issued"))
    range_count = models.BigIntegerField(_("ranges"))
    chunk_count = models.IntegerField(_("chunks"), default=0)
    root = models.BinaryField(_("root"), max_length=56)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.UUIDField(_("made by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("tree of a book")
        verbose_name_plural = _("trees of books")
        indexes = [models.Index(fields=["book", "-made_at"], name="tree_by_book")]

    def __str__(self) -> str:
        return self.book


class Chunk(ReferenceTable):
    """Some hundred neighbouring leaves and the tree over them, in every version until one of them
    changes. Never altered; removed when no kept version has it any more.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    book = models.CharField(_("book"), max_length=300)
    # changes with every run in it; empty where there are no serials
    mark = models.TextField(_("mark"))
    # blinds its leaves
    secret = models.BinaryField(max_length=32)
    leaf_count = models.SmallIntegerField()
    # row after row, the leaves first, the root last
    nodes = models.BinaryField()

    class Meta:
        verbose_name = _("chunk of a tree")
        verbose_name_plural = _("chunks of trees")


class TreeTile(ReferenceTable):
    """256 neighbouring nodes of one level above the chunks. Those of old versions are removed."""

    id = models.BigAutoField(primary_key=True)
    tree = models.ForeignKey(Tree, on_delete=models.PROTECT, db_index=False, related_name="+")
    level = models.SmallIntegerField()
    position = models.IntegerField()
    nodes = models.BinaryField()
    # of the lowest level: whose roots these are
    chunk_ids = ArrayField(models.UUIDField(), default=list)

    class Meta:
        verbose_name = _("tile of a tree")
        verbose_name_plural = _("tiles of trees")
        constraints = [
            models.UniqueConstraint(fields=["tree", "level", "position"], name="treetile_once")
        ]


class HeldRange(ReferenceTable):
    """Where in its chunk the ranges of a hold stand. It goes with its chunk."""

    id = models.BigAutoField(primary_key=True)
    chunk = models.ForeignKey(Chunk, on_delete=models.PROTECT, db_index=False, related_name="+")
    hold_id = models.UUIDField()
    leaf_index = models.SmallIntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    lot = models.CharField(max_length=120)
    account = models.CharField(max_length=60)
    state = models.CharField(max_length=12)
    pledgee = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("range of a hold")
        verbose_name_plural = _("ranges of holds")
        constraints = [
            models.UniqueConstraint(fields=["chunk", "leaf_index"], name="heldrange_once")
        ]
        indexes = [models.Index(fields=["hold_id"], name="heldrange_by_hold")]
