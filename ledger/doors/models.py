"""What a machine was answered, so that the same question asked twice is one act."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable
from ledger.kernel.ids import new_id


class ApiAnswer(AppendOnlyTable):
    """The answer to one writing request of the API, found again by its key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField(_("party"))
    key = models.CharField(_("idempotency key"), max_length=100)
    request_digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(_("status"))
    location = models.CharField(_("address"), max_length=200, blank=True)
    body = models.JSONField(_("answer"))
    answered_at = models.DateTimeField(_("answered at"))
    answered_by = models.UUIDField(_("asked for by"))

    class Meta(AppendOnlyTable.Meta):
        verbose_name = _("answer of the API")
        verbose_name_plural = _("answers of the API")
        constraints = [
            models.UniqueConstraint(fields=["party_id", "key"], name="apianswer_key_once"),
        ]
