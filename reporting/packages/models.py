from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable
from ledger.kernel.ids import new_id


class Language(models.TextChoices):
    CHINESE = "zh-hans", "简体中文"
    ENGLISH = "en", "English"


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
