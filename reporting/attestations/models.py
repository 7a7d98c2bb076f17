from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable
from ledger.kernel.ids import new_id


class Language(models.TextChoices):
    CHINESE = "zh-hans", "简体中文"
    ENGLISH = "en", "English"


class Attestation(AppendOnlyTable):
    """One signed answer about one pledge, word by word as it was given."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    number = models.CharField(_("document number"), max_length=32, unique=True)
    hold_id = models.UUIDField(_("pledge"))
    creditor_id = models.UUIDField(_("creditor"))
    debtor_id = models.UUIDField(_("pledgor"))
    unit_count = models.BigIntegerField(_("units"))
    checkpoint_size = models.BigIntegerField(_("events covered"))
    supersedes_id = models.UUIDField(_("supersedes"), null=True, unique=True)
    document = models.TextField(_("document"))
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    idempotency_key = models.CharField(max_length=250)
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.UUIDField(_("issued by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("attestation")
        verbose_name_plural = _("attestations")
        ordering: ClassVar[list[str]] = ["-issued_at"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["hold_id", "-issued_at"], name="attestation_by_hold"),
            models.Index(fields=["creditor_id", "-issued_at"], name="attestation_by_creditor"),
            models.Index(fields=["debtor_id", "-issued_at"], name="attestation_by_debtor"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["idempotency_key"], name="attestation_key_once"),
            models.CheckConstraint(
                name="attestation_units_positive", condition=Q(unit_count__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Print(AppendOnlyTable):
    """An attestation as a signed PDF in one language."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    attestation = models.ForeignKey(
        Attestation, models.PROTECT, related_name="prints", verbose_name=_("attestation")
    )
    language = models.CharField(_("language"), max_length=10, choices=Language)
    file_id = models.UUIDField(_("stored file"))
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    signature_level = models.CharField(_("signature level"), max_length=8)
    certificate_sha256 = models.CharField(_("fingerprint of the certificate"), max_length=64)
    certificate_subject = models.CharField(_("signed by"), max_length=255)
    asked_by = models.UUIDField(_("asked for by"))
    printed_at = models.DateTimeField(_("printed at"))
    printed_by = models.UUIDField(_("printed by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("print of an attestation")
        verbose_name_plural = _("prints of attestations")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="attestation_printed_once_in_a_language", fields=["attestation", "language"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.attestation_id} {self.language}"


class Revocation(AppendOnlyTable):
    """An attestation that nobody should rely on any more."""

    id = models.UUIDField(_("id"), primary_key=True, default=new_id, editable=False)
    attestation = models.OneToOneField(
        Attestation, models.PROTECT, related_name="revocation", verbose_name=_("attestation")
    )
    reason = models.CharField(_("reason"), max_length=300)
    revoked_at = models.DateTimeField(_("revoked at"))
    revoked_by = models.UUIDField(_("revoked by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("revocation of an attestation")
        verbose_name_plural = _("revocations of attestations")

    def __str__(self) -> str:
        return self.reason
