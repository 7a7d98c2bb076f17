from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable, KeptTable
from ledger.kernel.ids import new_id


class Language(models.TextChoices):
    CHINESE = "zh-hans", "简体中文"
    ENGLISH = "en", "English"


class Form(models.TextChoices):
    """What else a report comes as, beside its PDF."""

    WORKBOOK = "xlsx", _("Workbook with formulas (XLSX)")
    INLINE = "xhtml", _("Inline XBRL (XHTML)")
    PACKAGE = "asice", _("Signed package (ASiC-E)")


class Report(AppendOnlyTable):
    """An issued report: one file of one statement in one language."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    statement = models.ForeignKey(
        "reporting_disclosures.Statement",
        models.PROTECT,
        related_name="+",
        verbose_name=_("statement"),
    )
    language = models.CharField(_("language"), max_length=10, choices=Language)
    document_number = models.CharField(_("document number"), max_length=44)
    party_id = models.UUIDField(_("operator"))
    is_draft = models.BooleanField(_("draft"))
    is_demonstration = models.BooleanField(_("demonstration"))
    sha256 = models.CharField("SHA-256", max_length=64)
    byte_count = models.BigIntegerField(_("bytes"))
    file_id = models.UUIDField(_("stored file"))
    signature_level = models.CharField(_("signature level"), max_length=8, blank=True)
    certificate_sha256 = models.CharField(
        _("fingerprint of the certificate"), max_length=64, blank=True
    )
    certificate_subject = models.CharField(_("signed by"), max_length=255, blank=True)
    asked_by = models.UUIDField(_("asked for by"))
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.UUIDField(_("issued by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["-issued_at"]
        indexes = [models.Index(fields=["party_id", "-issued_at"], name="report_by_party")]
        constraints = [
            # what makes a report job safe to run twice
            models.UniqueConstraint(
                name="report_once_for_statement_and_language", fields=["statement", "language"]
            ),
            models.CheckConstraint(
                name="report_signed_unless_draft",
                condition=Q(is_draft=True, signature_level="")
                | Q(is_draft=False) & ~Q(signature_level=""),
            ),
        ]

    def __str__(self) -> str:
        return self.document_number


class ReportFile(AppendOnlyTable):
    """Another form of an issued report, made of the same statement."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey(
        Report, models.PROTECT, related_name="files", verbose_name=_("report")
    )
    form = models.CharField(_("form"), max_length=8, choices=Form)
    sha256 = models.CharField("SHA-256", max_length=64)
    byte_count = models.BigIntegerField(_("bytes"))
    file_id = models.UUIDField(_("stored file"))
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.UUIDField(_("issued by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("form of a report")
        verbose_name_plural = _("forms of reports")
        constraints = [
            models.UniqueConstraint(name="report_file_once_per_form", fields=["report", "form"]),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.form}"


class Withdrawal(KeptTable):
    """A report that its issuer no longer stands by. The file stays; whoever asks is told."""

    report = models.OneToOneField(
        Report, models.PROTECT, related_name="withdrawal", verbose_name=_("report")
    )
    reason = models.TextField(_("reason"))
    approval_id = models.UUIDField(_("approval"), null=True)

    class Meta(KeptTable.Meta):
        verbose_name = _("withdrawal of a report")
        verbose_name_plural = _("withdrawals of reports")
        constraints = [*KeptTable.Meta.constraints]

    def __str__(self) -> str:
        return str(self.report)
