"""A table of a page as a file; that it was taken is recorded."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from ledger.doors import tabular
from ledger.doors.admin import actor_of, download, on_export

FORMS = ("csv", "xlsx")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_file(
    request: HttpRequest,
    form: str,
    *,
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    title: str,
    subject: str,
) -> HttpResponse:
    """`form` is one of FORMS; `subject` names the table for the audit log."""
    for record in on_export:
        record(
            subject=subject,
            by=actor_of(request),
            at=request.at,  # type: ignore[attr-defined]
            what={"form": form, "filter": request.GET.urlencode()},
        )
    if form == "csv":
        return download(tabular.to_csv(headings, rows), "text/csv", f"{title}.csv")
    return download(tabular.to_xlsx(headings, rows, title=title), XLSX, f"{title}.xlsx")
