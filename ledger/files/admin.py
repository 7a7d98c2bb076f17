from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ledger.audit import operations as audit
from ledger.doors.admin import ReadOnlyAdmin, actor_of, download, site
from ledger.files import queries
from ledger.files.models import StoredFile
from ledger.kernel.actors import Actor

PURPOSES = {
    "activity": _("activity data"),
    "break": _("evidence of a break"),
    "entries": _("calculated activity"),
    "facts": _("facts for the indicators"),
    "opening": _("opening positions"),
    "report": _("report"),
}


class PurposeFilter(admin.SimpleListFilter):
    """By purpose, in words."""

    title = _("purpose")
    parameter_name = "purpose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(PURPOSES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(purpose=self.value()) if self.value() else queryset


@admin.register(StoredFile, site=site)
class StoredFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "show_purpose", "kind", "byte_count", "stored_at")
    list_filter = (PurposeFilter, "kind")
    search_fields = ("name", "sha256")
    fields = ("name", "show_purpose", "kind", "byte_count", "sha256", "stored_at", "stored_by")

    def scope(self, queryset: QuerySet[StoredFile], actor: Actor) -> QuerySet[StoredFile]:
        return queryset.filter(party_id=actor.own_party)

    @admin.display(description=_("purpose"), ordering="purpose")
    def show_purpose(self, row: StoredFile) -> str:
        return str(PURPOSES.get(row.purpose, row.purpose))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.download)
        return [path("<uuid:file_id>/download", view, name="file_download"), *super().get_urls()]

    def object_context(self, request: HttpRequest, obj: StoredFile | None) -> dict[str, Any]:
        if obj is None:
            return {}
        return {"links": [(_("Download"), reverse("admin:file_download", args=[obj.pk]))]}

    def download(self, request: HttpRequest, file_id: UUID) -> HttpResponse:
        """As an attachment, never inline; the reading is recorded."""
        stored = queries.get_file(file_id=file_id, by=actor_of(request))
        content = queries.content_of(stored)
        audit.record(
            verb="file.downloaded",
            subject=f"files.StoredFile:{stored.pk}",
            by=actor_of(request),
            at=timezone.now(),
        )
        return download(content, "application/octet-stream", stored.name)
