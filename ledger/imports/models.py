"""Files on their way into the books: the import, its lines as they came, their problems."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable, ReferenceTable, StatefulTable
from ledger.imports.states import TRANSITIONS, ImportState
from ledger.kernel.ids import new_id

MOVES = sorted((str(old), str(new)) for old, after in TRANSITIONS.items() for new in after)


class Mapping(AppendOnlyTable):
    """Which column of a file is which field of a record, for files that no layout knows.

    A changed mapping is a new one of the same name: an import shows the one it was read by.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"))
    name = models.CharField(_("name"), max_length=120)
    is_shared = models.BooleanField(_("shared with all"), default=False)
    is_unconfirmed = models.BooleanField(_("unconfirmed"), default=False)
    content = models.JSONField(_("columns, constants and formats"))
    made_at = models.DateTimeField(_("made at"))
    made_by = models.UUIDField(_("made by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("column mapping")
        verbose_name_plural = _("column mappings")
        indexes = [models.Index(fields=["party_id", "name"], name="mapping_by_party")]

    def __str__(self) -> str:
        return self.name


class Import(StatefulTable):
    """One file, read by one layout or mapping, for one target."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"))
    target = models.CharField(_("goes into"), max_length=30)
    file = models.ForeignKey(
        "ledger_files.StoredFile", on_delete=models.PROTECT, verbose_name=_("file")
    )
    sha256 = models.CharField("SHA-256", max_length=64)
    file_name = models.CharField(_("file name"), max_length=255)
    # where lines that name no account belong, and the day of what the file states
    account_id = models.UUIDField(_("account"), null=True)
    # every line belongs there, whatever names it carries (public tables name the holders)
    is_one_account = models.BooleanField(_("all lines belong to this account"), default=False)
    as_of = models.DateField(_("as of"))
    date_order = models.CharField(_("order of dates"), max_length=12, blank=True)
    headings = models.JSONField(_("headings"), default=list)
    layout = models.CharField(_("layout"), max_length=60, blank=True)
    mapping = models.ForeignKey(
        Mapping, on_delete=models.PROTECT, null=True, verbose_name=_("column mapping")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=ImportState, default=ImportState.UPLOADED
    )
    line_count = models.IntegerField(_("lines"), default=0)
    record_count = models.IntegerField(_("records"), default=0)
    is_staged = models.BooleanField(_("read to the end"), default=False)
    content_digest = models.CharField(_("digest of the lines"), max_length=64, blank=True)
    # problems are those of the newest check; 0: those found while reading
    check_number = models.IntegerField(_("check"), default=0)
    problem_count = models.IntegerField(_("problems"), default=0)
    notice_count = models.IntegerField(_("notices"), default=0)
    summary = models.JSONField(_("what will be written"), default=dict)
    result = models.JSONField(_("what was written"), default=dict)
    job_id = models.UUIDField(_("job"), null=True)
    approval_id = models.UUIDField(_("approval"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    uploaded_by = models.UUIDField(_("uploaded by"))
    moved_at = models.DateTimeField(_("last step at"))
    moved_by = models.UUIDField(_("last step by"))

    class Meta(StatefulTable.Meta):
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [models.Index(fields=["party_id", "-uploaded_at"], name="import_by_party")]
        constraints = [
            models.UniqueConstraint(
                fields=["party_id", "target", "sha256", "account_id"],
                name="import_file_once",
                nulls_distinct=False,
                condition=~Q(state__in=[ImportState.UNDONE, ImportState.DISCARDED]),
            ),
            models.CheckConstraint(
                name="import_state_is_known", condition=Q(state__in=ImportState.values)
            ),
            models.CheckConstraint(
                name="import_layout_or_mapping", condition=Q(layout="") | Q(mapping=None)
            ),
        ]
        triggers = [
            *StatefulTable.Meta.triggers,
            pgtrigger.FSM(name="import_moves_by_the_table", field="state", transitions=MOVES),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportPiece(AppendOnlyTable):
    """Lines read in one stroke: a killed reading goes on after the last of them."""

    id = models.BigAutoField(primary_key=True)
    import_id = models.UUIDField(_("import"))
    number = models.IntegerField(_("piece"))
    last_row = models.IntegerField(_("last row"))
    line_count = models.IntegerField(_("lines"))
    record_count = models.IntegerField(_("records"))
    digest = models.CharField(_("digest of the lines"), max_length=64)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("piece of an import")
        verbose_name_plural = _("pieces of imports")
        constraints = [
            models.UniqueConstraint(fields=["import_id", "number"], name="importpiece_once")
        ]


class ImportRow(AppendOnlyTable):
    """A line of a file as it came (`raw`, in the order of the headings) and what it says.

    A line may say several things: `line` counts them from 1; 0 is a line that says nothing.
    """

    id = models.BigAutoField(primary_key=True)
    # written by COPY, a million at a time: no foreign key; the engine knows its own import
    import_id = models.UUIDField(_("import"))
    row_number = models.IntegerField(_("row"))
    line = models.SmallIntegerField(_("part"))
    raw = models.JSONField(_("as it came"))
    record = models.JSONField(_("what it says"), null=True)
    natural_key = models.TextField(_("key of the line"), blank=True)
    # party, target and natural key, digested: what is taken in once
    key = models.UUIDField(null=True)

    class Meta(AppendOnlyTable.Meta):
        db_table = "ledger_imports_row"
        verbose_name = _("line of an import")
        verbose_name_plural = _("lines of imports")
        constraints = [
            models.UniqueConstraint(
                fields=["import_id", "row_number", "line"], name="importrow_once"
            )
        ]


class ImportProblem(AppendOnlyTable):
    """Why a line cannot be taken in, or what should be known of it."""

    id = models.BigAutoField(primary_key=True)
    import_of = models.ForeignKey(
        Import, on_delete=models.PROTECT, related_name="problems", verbose_name=_("import"),
        db_index=False,
    )  # fmt: skip
    check_number = models.IntegerField(_("check"))
    row_number = models.IntegerField(_("row"))
    line = models.SmallIntegerField(_("part"), default=0)
    column = models.CharField(_("column"), max_length=120, blank=True)
    code = models.CharField(_("code"), max_length=60)
    message = models.TextField(_("reason"))
    params = models.JSONField(default=dict)
    is_blocking = models.BooleanField(_("keeps the file out"), default=True)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("problem of an import")
        verbose_name_plural = _("problems of imports")
        indexes = [
            models.Index(
                fields=["import_of", "check_number", "row_number"], name="importproblem_by_row"
            )
        ]

    def __str__(self) -> str:
        return f"{self.row_number} {self.code}"

    @property
    def text(self) -> str:
        """The reason in the reader's language."""
        said = gettext(self.message)
        return said % self.params if self.params else said


class SetAside(AppendOnlyTable):
    """A line that somebody left out, with the reason, so that the rest can be taken in."""

    id = models.BigAutoField(primary_key=True)
    import_of = models.ForeignKey(
        Import, on_delete=models.PROTECT, related_name="set_aside", verbose_name=_("import"),
        db_index=False,
    )  # fmt: skip
    row_number = models.IntegerField(_("row"))
    line = models.SmallIntegerField(_("part"))
    reason = models.CharField(_("reason"), max_length=200)
    set_at = models.DateTimeField(_("set aside at"))
    set_by = models.UUIDField(_("set aside by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("line set aside")
        verbose_name_plural = _("lines set aside")
        constraints = [
            models.UniqueConstraint(
                fields=["import_of", "row_number", "line"], name="setaside_once"
            )
        ]


class TakenKey(ReferenceTable):
    """A line that is in the books now, by its key: a longer export of the same adds only more.

    Removed when its import is undone. The events of the imports say the same.
    """

    key = models.UUIDField(primary_key=True)
    import_id = models.UUIDField()
    row_number = models.IntegerField()
    line = models.SmallIntegerField()

    class Meta(ReferenceTable.Meta):
        verbose_name = _("key taken in")
        verbose_name_plural = _("keys taken in")
        indexes = [models.Index(fields=["import_id"], name="takenkey_by_import")]
