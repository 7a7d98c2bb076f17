"""The desk's lists and pages of verification: a verifier's looks are on record here too."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ledger.doors.admin import ReadOnlyAdmin, actor_of
from reporting.verification import operations
from reporting.verification.models import Engagement


def engagement_of(row: Any) -> Engagement:
    found: Engagement = row if isinstance(row, Engagement) else row.engagement
    return found


class Watched(ReadOnlyAdmin):
    """Lists, pages and exports, for whoever looks; only a verifier's look makes an event."""

    def _record(self, request: HttpRequest, rows: Iterable[Any], what: str) -> None:
        found = [engagement_of(one) for one in rows]
        operations.record_reads(found, what=what, by=actor_of(request), at=timezone.now())

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        answer = super().changelist_view(request, extra_context)
        shown = (getattr(answer, "context_data", None) or {}).get("cl")
        if shown is not None:
            self._record(request, shown.result_list, "list")
        return answer

    def object_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        if obj is not None:
            self._record(request, [obj], "desk")
        return {**super().object_context(request, obj), **self.told(request, obj)}

    def told(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What an object's page says besides its own columns."""
        return {}

    def export(self, request: HttpRequest, form: str) -> HttpResponse:
        answer = super().export(request, form)
        if answer.status_code == 200:
            shown = self.get_changelist_instance(request)
            self._record(request, shown.get_queryset(request), "export")
        return answer
