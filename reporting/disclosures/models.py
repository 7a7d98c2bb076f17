from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable, KeptTable
from ledger.doors.wording import in_language
from ledger.kernel.ids import new_id
from reporting.disclosures.states import EntryKind, ProjectKind, ProjectStage


class Statement(AppendOnlyTable):
    """A disclosure as of a moment: everything a document of it may say, and one hash over that."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    framework = models.CharField(_("framework"), max_length=40)
    number = models.CharField(_("number"), max_length=40)
    party_id = models.UUIDField(_("operator"))
    park_id = models.UUIDField(_("park"))
    period_start = models.DateField(_("period from"))
    period_end = models.DateField(_("period to (exclusive)"))
    frozen_inventory_id = models.UUIDField(_("frozen inventory"))
    inventory_hash = models.CharField(_("hash of the inventory"), max_length=64)
    opinion_key = models.CharField(_("opinion"), max_length=36, blank=True)
    content = models.JSONField(_("content"))
    content_hash = models.CharField(_("content hash"), max_length=64)
    # over what is told, without the moment of freezing: the same inputs, the same hash
    input_hash = models.CharField(_("hash of the inputs"), max_length=64, blank=True)
    is_draft = models.BooleanField(_("draft"))
    is_demonstration = models.BooleanField(_("demonstration"))
    supersedes = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="superseded_by",
        verbose_name=_("supersedes"),
    )
    frozen_at = models.DateTimeField(_("frozen at"))
    frozen_by = models.UUIDField(_("frozen by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["-frozen_at"]
        constraints = [
            models.UniqueConstraint(
                name="statement_once_for_the_same_inputs",
                fields=["framework", "frozen_inventory_id", "input_hash"],
                condition=~Q(input_hash=""),
            ),
            models.CheckConstraint(
                name="statement_final_has_an_opinion",
                condition=Q(is_draft=True) | ~Q(opinion_key=""),
            ),
            models.CheckConstraint(
                name="statement_ends_after_start", condition=Q(period_end__gt=F("period_start"))
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Entry(KeptTable):
    """What a person tells of a data point for a period, once a second person has approved it.

    A correction is the next version; `reused_from` is last year's entry whose words it took over.
    """

    park_id = models.UUIDField(_("park"))
    party_id = models.UUIDField(_("operator"))
    period_start = models.DateField(_("period from"))
    period_end = models.DateField(_("period to (exclusive)"))
    point = models.CharField(_("data point"), max_length=60)
    version = models.PositiveIntegerField(_("version"))
    kind = models.CharField(_("kind"), max_length=8, choices=EntryKind)
    amount = models.DecimalField(
        _("figure"), max_digits=40, decimal_places=12, null=True, blank=True
    )
    text_zh = models.TextField(_("text in Chinese"), blank=True)
    text_en = models.TextField(_("text in English"), blank=True)
    evidence_id = models.UUIDField(_("evidence"), null=True, blank=True)
    evidence_sha256 = models.CharField(_("SHA-256 of the evidence"), max_length=64, blank=True)
    reused_from = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("taken over from"),
    )
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("entry of a data point")
        verbose_name_plural = _("entries of data points")
        ordering = ["-recorded_at"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(
                name="disclosure_entry_one_per_version",
                fields=["park_id", "period_start", "point", "version"],
            ),
            models.CheckConstraint(
                name="disclosure_entry_figure_has_amount_and_evidence",
                condition=Q(kind=EntryKind.FIGURE, amount__isnull=False, evidence_id__isnull=False)
                | Q(kind__in=[EntryKind.TEXT, EntryKind.ABSENT], amount__isnull=True),
            ),
            models.CheckConstraint(
                name="disclosure_entry_ends_after_start",
                condition=Q(period_end__gt=F("period_start")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point} {self.period_start:%Y} v{self.version}"


class Comment(KeptTable):
    """What somebody remarks about a data point of a period; it stands in no report."""

    park_id = models.UUIDField(_("park"))
    party_id = models.UUIDField(_("operator"))
    period_start = models.DateField(_("period from"))
    point = models.CharField(_("data point"), max_length=60)
    text = models.TextField(_("comment"))

    class Meta(KeptTable.Meta):
        verbose_name = _("comment on a data point")
        verbose_name_plural = _("comments on data points")
        ordering = ["recorded_at"]
        constraints = [*KeptTable.Meta.constraints]
        indexes = [
            models.Index(fields=["park_id", "period_start"], name="disclosure_comment_by_period")
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Project(KeptTable):
    """A sink or CCUS project of a park; a correction is the next version of its number.

    A register and no more: nothing of it enters a total, and only a scheme issues credits.
    """

    park_id = models.UUIDField(_("park"))
    party_id = models.UUIDField(_("operator"))
    code = models.CharField(_("project number"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    kind = models.CharField(_("kind of project"), max_length=11, choices=ProjectKind)
    stage = models.CharField(_("stage"), max_length=8, choices=ProjectStage)
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    methodology = models.CharField(_("methodology"), max_length=120, blank=True)
    expected_tco2e = models.DecimalField(
        _("expected in a year, tCO2e"), max_digits=24, decimal_places=6
    )
    starts_on = models.DateField(_("begins on"))
    ends_on = models.DateField(_("runs until"), null=True, blank=True)
    # the project of a scheme that may issue credits for it
    credit_project_id = models.UUIDField(_("registered with a scheme as"), null=True, blank=True)
    evidence_id = models.UUIDField(_("evidence"), null=True, blank=True)
    evidence_sha256 = models.CharField(_("SHA-256 of the evidence"), max_length=64, blank=True)
    note = models.TextField(_("note"), blank=True)
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("sink or CCUS project")
        verbose_name_plural = _("sink and CCUS projects")
        ordering = ["code", "-version"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(
                name="disclosure_project_one_per_version", fields=["park_id", "code", "version"]
            ),
            models.CheckConstraint(
                name="disclosure_project_ends_after_start",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="disclosure_project_expects_something", condition=Q(expected_tco2e__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {in_language(self.name_zh, self.name_en)}"


class Removal(KeptTable):
    """What a project took out of the air in a year, as a memo; a correction is a new version."""

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="removals", verbose_name=_("project")
    )
    party_id = models.UUIDField(_("operator"))
    park_id = models.UUIDField(_("park"))
    code = models.CharField(_("project number"), max_length=40)
    year = models.PositiveSmallIntegerField(_("year"))
    version = models.PositiveIntegerField(_("version"))
    removed_tco2e = models.DecimalField(_("removed, tCO2e"), max_digits=24, decimal_places=6)
    method = models.CharField(_("how it was reckoned"), max_length=400)
    evidence_id = models.UUIDField(_("evidence"))
    evidence_sha256 = models.CharField(_("SHA-256 of the evidence"), max_length=64)
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("memo removal")
        verbose_name_plural = _("memo removals")
        ordering = ["-year", "code", "-version"]
        constraints = [
            *KeptTable.Meta.constraints,
            models.UniqueConstraint(
                name="disclosure_removal_one_per_version",
                fields=["park_id", "code", "year", "version"],
            ),
            models.CheckConstraint(
                name="disclosure_removal_not_negative", condition=Q(removed_tco2e__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.year}"
