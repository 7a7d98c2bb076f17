"""The desk's lists and pages of pledges: a creditor's looks are on record."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from finance.pledges import operations
from finance.pledges.models import Pledge
from ledger.doors.admin import ReadOnlyAdmin, actor_of


def pledge_of(row: Any) -> Pledge:
    found: Pledge = row if isinstance(row, Pledge) else row.pledge
    return found


class Watched(ReadOnlyAdmin):
    """Lists, pages and exports, for whoever looks; only a creditor's look makes an event."""

    def _record(self, request: HttpRequest, rows: Iterable[Any], what: str) -> None:
        pledges = [pledge_of(one) for one in rows]
        operations.record_reads(pledges, what=what, by=actor_of(request), at=timezone.now())

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        answer = super().changelist_view(request, extra_context)
        shown = (getattr(answer, "context_data", None) or {}).get("cl")
        if shown is not None:
            what = "list" if self.model is Pledge else "details"
            self._record(request, shown.result_list, what)
        return answer

    def object_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        if obj is not None:
            self._record(request, [obj], "page")
        return super().object_context(request, obj)

    def export(self, request: HttpRequest, form: str) -> HttpResponse:
        answer = super().export(request, form)
        if answer.status_code == 200:
            shown = self.get_changelist_instance(request)
            self._record(request, shown.get_queryset(request), "export")
        return answer
