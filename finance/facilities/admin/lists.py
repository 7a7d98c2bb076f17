"""Lines of all facilities, to be filtered and exported."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from finance.facilities import operations, queries
from finance.facilities.admin.pages import READERS
from finance.facilities.models import Line
from ledger.doors.admin import actor_of, site
from ledger.doors.watched import Watched
from ledger.kernel.actors import Actor


@admin.register(Line, site=site)
class LineAdmin(Watched):
    list_display = ("happened_on", "facility", "kind", "amount", "payee", "evidence", "text")
    list_filter = ("kind", "happened_on")
    list_select_related = ("facility",)
    search_fields = ("facility__code", "payee", "evidence", "text")
    exclude = ("idempotency_key",)
    readers = READERS

    def looked(self, request: HttpRequest, rows: Iterable[Any], what: str) -> None:
        lent = [one.facility for one in rows]
        operations.record_reads(lent, what=what, by=actor_of(request), at=timezone.now())

    def scope(self, queryset: QuerySet[Line], actor: Actor) -> QuerySet[Line]:
        seen = queries.facilities_seen_by(actor).order_by()
        return queryset.filter(facility__in=seen.values("pk"))
