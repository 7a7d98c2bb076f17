from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import AppendOnlyTable
from ledger.kernel.ids import new_id


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
                name="statement_once_for_inventory_and_opinion",
                fields=["framework", "frozen_inventory_id", "opinion_key", "is_draft"],
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
