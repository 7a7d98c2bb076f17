from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.doors.tables import ReferenceTable
from ledger.kernel.ids import new_id


class SavedView(ReferenceTable):
    """A list with its filters, kept under a name by one user. A convenience, not a record."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user_id = models.UUIDField(_("user"))
    name = models.CharField(_("name"), max_length=80)
    address = models.CharField(_("address"), max_length=1000)
    saved_at = models.DateTimeField(_("saved at"))

    class Meta(ReferenceTable.Meta):
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(fields=["user_id", "name"], name="saved_view_named_once")
        ]

    def __str__(self) -> str:
        return self.name
