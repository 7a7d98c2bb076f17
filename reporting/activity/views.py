"""The upload: choose a file, see every problem or what will change, then take it in."""

import io
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.doors import tabular
from ledger.doors.admin import actor_of, download, dressed, refusal_text, site
from ledger.files import operations as files
from ledger.files.queries import FileType, content_of, get_file
from ledger.kernel.errors import DomainError, NotFound
from reporting.activity import operations, queries
from reporting.activity.forms import UploadForm
from reporting.activity.importer import template_rows, write_template
from reporting.activity.rules import Problem, UploadHasProblems
from reporting.parks import queries as parks

SHOWN = 500
COLUMN_NAMES = {
    "source": gettext_lazy("source"),
    "month": gettext_lazy("month"),
    "quantity": gettext_lazy("quantity"),
    "unit": gettext_lazy("unit"),
    "quality": gettext_lazy("quality"),
}
TEMPLATE = "reporting/activity/upload.html"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def problem_text(problem: Problem) -> str:
    """The reason in the reader's language."""
    text = _(problem.message)
    return text % problem.params if problem.params else text


def upload(request: HttpRequest) -> HttpResponse:
    """One page in three turns: form, preview or problems, done."""
    choices = [
        (str(park.id), parks.shown_name(park))
        for park in parks.parks_of(actor_of(request).own_party)
    ]
    year = timezone.localtime().year - 1
    initial = {"year": request.GET.get("year", year), "park": request.GET.get("park")}
    form = dressed(
        UploadForm(request.POST or None, request.FILES or None, parks=choices, initial=initial)
    )
    page: dict[str, Any] = {
        **site.each_context(request),
        "form": form,
        "title": _("Upload activity data"),
        "has_example": settings.MODE != "production",
        "last_year": year,
    }
    if request.method != "POST" or not form.is_valid():
        return render(request, TEMPLATE, page)
    try:
        return _turn(request, form.cleaned_data, page)
    except UploadHasProblems as error:
        return _problems(request, error, page)
    except DomainError as error:
        page["refusal"], page["refusal_code"] = refusal_text(error), error.code
        return render(request, TEMPLATE, page, status=409)


def _turn(request: HttpRequest, data: dict[str, Any], page: dict[str, Any]) -> HttpResponse:
    actor, at = actor_of(request), timezone.now()
    park = parks.get_park(UUID(data["park"]), actor)
    if data.get("staged"):
        staged = get_file(file_id=data["staged"], by=actor)
        taken = operations.upload_year(
            park_id=park.id,
            year=data["year"],
            content=io.BytesIO(content_of(staged)),
            name=staged.name,
            by=actor,
            at=at,
            reason=data["reason"],
        )
        messages.success(request, _("%(count)s rows were taken in.") % {"count": taken.row_count})
        return redirect(reverse("admin:reporting_activity_dataset_change", args=[taken.dataset_id]))
    content = files.read_limited(data["file"])
    preview = operations.preview_upload(park_id=park.id, year=data["year"], content=content, at=at)
    staged = files.store_file(
        content=io.BytesIO(content),
        name=data["file"].name,
        purpose="activity",
        party_id=park.operator_id,
        by=actor,
        at=at,
        accepted=(FileType.TEXT, FileType.XLSX, FileType.JSON),
    )
    page.update(preview=preview, staged=staged, data=data, rows=preview.readings[:SHOWN])
    return render(request, TEMPLATE, page)


def _problems(request: HttpRequest, error: UploadHasProblems, page: dict[str, Any]) -> HttpResponse:
    rows = [(one.row, COLUMN_NAMES[one.column], problem_text(one)) for one in error.problems]
    if request.POST.get("as") == "csv":
        content = tabular.to_csv([_("Row"), _("Column"), _("Reason")], rows)
        return download(content, "text/csv", "problems.csv")
    page.update(problems=rows[:SHOWN], problem_count=len(rows), refusal=refusal_text(error))
    return render(request, TEMPLATE, page, status=422)


def file_with_mistakes(request: HttpRequest, year: int) -> HttpResponse:
    """The demonstration's file of realistic mistakes, to see how they are told."""
    if settings.MODE == "production":
        raise Http404
    text = (settings.BASE_DIR / "seeds" / "demo" / "activity_with_mistakes.csv").read_text()
    content = text.replace("YEAR", str(year)).encode("utf-8-sig")
    return download(content, "text/csv", f"activity-with-mistakes-{year}.csv")


def template(request: HttpRequest, park_id: UUID, year: int, form: str) -> HttpResponse:
    """A sheet for bills, with the park's own sources and months: of one kind, or of all."""
    if form not in {"csv", "xlsx"}:
        raise Http404
    try:
        park = parks.get_park(park_id, actor_of(request))
    except NotFound:
        raise Http404 from None
    kind = request.GET.get("kind", "")
    wanted = {one.code for one in parks.sources_of(park.id) if kind in {"", one.kind}}
    every = queries.sources_by_code(park.id).values()
    sources = sorted((one for one in every if one.code in wanted), key=lambda one: one.code)
    headings = [
        _("source"), _("month"), _("quantity"), _("unit"), _("evidence"), _("note"), _("quality"),
    ]  # fmt: skip
    codes, units = [one.code for one in sources], [one.measure.value for one in sources]
    name = "-".join(part for part in (park.code, kind.lower(), str(year)) if part)
    if form == "csv":
        rows = template_rows(codes=codes, units=units, year=year)
        return download(tabular.to_csv(headings, rows), "text/csv", f"{name}.csv")
    book = write_template(
        codes=codes,
        units=units,
        year=year,
        headings=headings,
        qualities=[_("measured"), _("billed"), _("estimated"), _("proxy")],
    )
    return download(book, XLSX, f"{name}.xlsx")
