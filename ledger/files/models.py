from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable
from ledger.kernel.ids import new_id


class StoredFile(AppendOnlyTable):
    """One file as it came in. The content lies in the file store under its hash."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sha256 = models.CharField("SHA-256", max_length=64)
    byte_count = models.BigIntegerField(_("bytes"))
    kind = models.CharField(_("type"), max_length=80)
    name = models.CharField(_("name"), max_length=255)
    purpose = models.CharField(_("purpose"), max_length=40)
    party_id = models.UUIDField(_("party"))
    stored_at = models.DateTimeField(_("stored at"))
    stored_by = models.UUIDField(_("stored by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("file")
        verbose_name_plural = _("files")
        indexes = [models.Index(fields=["party_id", "-stored_at"], name="file_by_party")]
        constraints = [
            models.UniqueConstraint(
                fields=["party_id", "purpose", "sha256"], name="file_stored_once_per_purpose"
            )
        ]

    def __str__(self) -> str:
        return self.name
