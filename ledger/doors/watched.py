"""Lists, pages and exports that say who looked: some rooms put a creditor's looks on record."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse

from ledger.doors.admin import ReadOnlyAdmin


class Watched(ReadOnlyAdmin):
    """Calls `looked` with what was shown: `list`, `page` or `export`."""

    def looked(self, request: HttpRequest, rows: Iterable[Any], what: str) -> None:
        raise NotImplementedError

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        answer = super().changelist_view(request, extra_context)
        shown = (getattr(answer, "context_data", None) or {}).get("cl")
        if shown is not None:
            self.looked(request, shown.result_list, "list")
        return answer

    def object_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        if obj is not None:
            self.looked(request, [obj], "page")
        return super().object_context(request, obj)

    def export(self, request: HttpRequest, form: str) -> HttpResponse:
        answer = super().export(request, form)
        if answer.status_code == 200:
            shown = self.get_changelist_instance(request)
            self.looked(request, shown.get_queryset(request), "export")
        return answer
