"""Commitments to the state, for whoever wants to follow a proof to the log."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RangeDateTimeFilter

from ledger.doors.admin import ReadOnlyAdmin, site
from ledger.proofs.models import Commitment


@admin.register(Commitment, site=site)
class CommitmentAdmin(ReadOnlyAdmin):
    # As public as a checkpoint: it tells how much there is, and nothing of what it is.
    open_to_all = True
    list_display = ("made_at", "book_count", "range_count", "show_root")
    list_filter = (("made_at", RangeDateTimeFilter),)
    ordering = ("-made_at",)
    fields = ("made_at", "book_count", "range_count", "show_root", "snapshot", "event_id")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("root of the state"))
    def show_root(self, row: Commitment) -> str:
        return bytes(row.root).hex()

    def object_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        if obj is None:
            return {}
        proof = reverse("audit_proof", args=[obj.event_id])
        return {"links": [(_("Download the inclusion proof"), proof)]}
