from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable, StatefulTable
from ledger.doors.wording import moment
from ledger.kernel.ids import new_id
from reporting.activity.states import AnswerKind, DatasetState, FindingState, Quality, Severity


class Dataset(StatefulTable):
    """A park's activity data of one calendar year."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    park = models.ForeignKey(
        "reporting_parks.Park", on_delete=models.PROTECT, verbose_name=_("park")
    )
    party_id = models.UUIDField(_("party"))
    year = models.IntegerField(_("year"))
    state = models.CharField(
        _("state"), max_length=10, choices=DatasetState, default=DatasetState.DRAFT
    )
    moved_at = models.DateTimeField(_("last move at"))
    moved_by = models.UUIDField(_("last move by"))
    # who answers for the content: the checker must be somebody else
    submitted_by = models.UUIDField(_("submitted by"), null=True)

    class Meta(StatefulTable.Meta):
        verbose_name = _("year of data")
        verbose_name_plural = _("years of data")
        constraints = [
            models.UniqueConstraint(fields=["park", "year"], name="dataset_one_per_park_and_year"),
            models.CheckConstraint(
                name="dataset_state_is_known", condition=Q(state__in=DatasetState.values)
            ),
            models.CheckConstraint(
                name="dataset_submitted_by_somebody",
                condition=Q(state=DatasetState.DRAFT) | Q(submitted_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.park} {self.year}"


class Upload(AppendOnlyTable):
    """One file of rows that was taken in, whole."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="uploads")
    file_id = models.UUIDField(_("file"))
    sha256 = models.CharField("SHA-256", max_length=64)
    row_count = models.IntegerField(_("rows"))
    uploaded_at = models.DateTimeField(_("uploaded at"))
    uploaded_by = models.UUIDField(_("uploaded by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        constraints = [
            models.UniqueConstraint(fields=["dataset", "sha256"], name="upload_once_per_dataset")
        ]

    def __str__(self) -> str:
        return f"{moment(self.uploaded_at)} · {self.row_count}"


class ActivityRow(AppendOnlyTable):
    """What one source used in one month. A correction is the next version; the old row stays."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(
        Dataset, on_delete=models.PROTECT, related_name="rows", verbose_name=_("year of data")
    )
    upload = models.ForeignKey(
        Upload, on_delete=models.PROTECT, null=True, verbose_name=_("upload")
    )
    source_id = models.UUIDField(_("source"))
    source_code = models.CharField(_("source code"), max_length=60)
    month = models.DateField(_("month"))
    version = models.IntegerField(_("version"))
    amount = models.DecimalField(_("amount"), max_digits=30, decimal_places=12)
    measure = models.CharField(_("unit"), max_length=20)
    entered = models.CharField(_("as entered"), max_length=80)
    evidence = models.CharField(_("evidence"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    reason = models.CharField(_("reason of the correction"), max_length=200, blank=True)
    # None: entered before quality was asked for, or not told
    quality = models.CharField(  # noqa: DJ001
        _("quality"), max_length=9, choices=Quality, null=True, blank=True
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.UUIDField(_("recorded by"))
    digest = models.CharField(_("digest"), max_length=64)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("activity row")
        verbose_name_plural = _("activity rows")
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "source_id", "month", "version"],
                name="activity_row_one_per_version",
            ),
            models.CheckConstraint(name="activity_amount_not_negative", condition=Q(amount__gte=0)),
            models.CheckConstraint(name="activity_month_is_a_first_day", condition=Q(month__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.source_code} {self.month:%Y-%m}"


class ReadingLink(AppendOnlyTable):
    """One meter's month that a row was added up from; the row's evidence is the hash over all."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    row = models.ForeignKey(
        ActivityRow, on_delete=models.PROTECT, related_name="links", verbose_name=_("activity row")
    )
    meter = models.ForeignKey(
        "reporting_parks.Meter",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("meter"),
    )
    month = models.DateField(_("month"))
    total_millionths = models.DecimalField(_("in all, millionths"), max_digits=24, decimal_places=0)
    unit = models.CharField(_("unit"), max_length=20)
    factor = models.DecimalField(_("multiplier"), max_digits=14, decimal_places=6)
    told_count = models.IntegerField(_("count of readings"))
    estimated_count = models.IntegerField(_("estimated"))
    expected_count = models.IntegerField(_("readings expected"))
    root = models.CharField(_("Merkle root of its days"), max_length=64)

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("meter behind a row")
        verbose_name_plural = _("meters behind rows")

    def __str__(self) -> str:
        return f"{self.meter} {self.month:%Y-%m}"


class Finding(StatefulTable):
    """Something odd that a check found about a meter's or a source's month, and its answer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(
        Dataset, on_delete=models.PROTECT, related_name="findings", verbose_name=_("year of data")
    )
    check_code = models.CharField(_("check of the data"), max_length=24)
    severity = models.CharField(_("gravity"), max_length=5, choices=Severity)
    subject_id = models.UUIDField(_("meter or source"))
    subject = models.CharField(_("meter or source"), max_length=60)
    month = models.DateField(_("month"))
    params = models.JSONField(_("particulars"), default=dict)
    digest = models.CharField(_("digest"), max_length=64)
    state = models.CharField(
        _("state"), max_length=8, choices=FindingState, default=FindingState.OPEN
    )
    answer_kind = models.CharField(
        _("kind of answer"), max_length=9, choices=AnswerKind, blank=True
    )
    answer = models.CharField(_("answer"), max_length=400, blank=True)
    evidence_file_id = models.UUIDField(_("evidence"), null=True, blank=True)
    found_at = models.DateTimeField(_("found at"))
    found_by = models.UUIDField(_("found by"))
    moved_at = models.DateTimeField(_("last move at"))
    moved_by = models.UUIDField(_("last move by"))

    class Meta(StatefulTable.Meta):
        verbose_name = _("finding of the checks")
        verbose_name_plural = _("findings of the checks")
        ordering = ["-month", "check_code", "subject"]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "check_code", "subject_id", "month"],
                name="data_finding_once_per_month",
            ),
            models.CheckConstraint(
                name="data_finding_answered_with_words",
                condition=~Q(state=FindingState.ANSWERED) | (~Q(answer="") & ~Q(answer_kind="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.month:%Y-%m}"
