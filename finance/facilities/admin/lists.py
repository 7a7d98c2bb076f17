"""Lines of all facilities, to be filtered and exported."""

from django.contrib import admin
from django.db.models import QuerySet

from finance.facilities import queries
from finance.facilities.admin.pages import READERS
from finance.facilities.models import Line
from ledger.doors.admin import ReadOnlyAdmin, site
from ledger.kernel.actors import Actor


@admin.register(Line, site=site)
class LineAdmin(ReadOnlyAdmin):
    list_display = ("happened_on", "facility", "kind", "amount", "payee", "evidence", "text")
    list_filter = ("kind", "happened_on")
    list_select_related = ("facility",)
    search_fields = ("facility__code", "payee", "evidence", "text")
    exclude = ("idempotency_key",)
    readers = READERS

    def scope(self, queryset: QuerySet[Line], actor: Actor) -> QuerySet[Line]:
        seen = queries.facilities_seen_by(actor).order_by()
        return queryset.filter(facility__in=seen.values("pk"))
