"""The page of a sheet that comes back: choose it, read every problem or what will happen, take it
in. The file is kept between the two turns, under its hash.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.doors import tabular
from ledger.doors.admin import actor_of, download, dressed, refusal_text, site
from ledger.doors.permissions import check_may
from ledger.files import operations as files
from ledger.files.queries import FileType, content_of, get_file
from ledger.imports.filling import PROBLEMS_SHOWN, Column, Problem, SheetHasProblems
from ledger.kernel.errors import DomainError

TEMPLATE = "ledger/doors/filled.html"
TABLES = (FileType.TEXT, FileType.XLSX, FileType.JSON)
Data = dict[str, Any]


class SheetForm(forms.Form):
    """A park, a year and a file; the rules read the rows."""

    park = forms.ChoiceField(label=gettext_lazy("Park"))
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=1990, max_value=2100)
    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy("CSV (UTF-8 or GB18030) or XLSX, with the columns of a template."),
    )
    staged = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def clean(self) -> Data:
        data: Data = super().clean() or {}
        if not data.get("file") and not data.get("staged"):
            self.add_error("file", _("Choose a file."))
        return data


@dataclass(frozen=True, slots=True)
class Filled:
    """What is particular to a sheet. `check` gives the rows to show and how many correct an
    earlier value, or raises SheetHasProblems; `take` does it and says so.
    """

    title: str
    operation: str
    purpose: str
    parks: Sequence[tuple[str, str]]
    columns: Sequence[Column]
    headings: Sequence[str]
    templates: Sequence[tuple[str, str]]
    check: Callable[[BinaryIO, Data], tuple[list[Sequence[Any]], int]]
    take: Callable[[BinaryIO, Data], str]
    back: str


def filled_page(request: HttpRequest, sheet: Filled) -> HttpResponse:
    """One page in three turns: form, preview or problems, done.

    :raises NotAllowed: not for the actor's roles
    """
    check_may(actor_of(request), sheet.operation)
    initial = {"year": request.GET.get("year", timezone.localtime().year - 1),
               "park": request.GET.get("park")}  # fmt: skip
    form = SheetForm(request.POST or None, request.FILES or None, initial=initial)
    form.fields["park"].choices = sheet.parks  # type: ignore[attr-defined]
    page: Data = {
        **site.each_context(request), "form": dressed(form), "title": sheet.title,
        "templates": sheet.templates,
    }  # fmt: skip
    if request.method != "POST" or not form.is_valid():
        return render(request, TEMPLATE, page)
    try:
        return _turn(request, sheet, form.cleaned_data, page)
    except SheetHasProblems as error:
        return _problems(request, sheet, error, page)
    except DomainError as error:
        page["refusal"], page["refusal_code"] = refusal_text(error), error.code
        return render(request, TEMPLATE, page, status=409)


def _turn(request: HttpRequest, sheet: Filled, data: Data, page: Data) -> HttpResponse:
    actor = actor_of(request)
    if data.get("staged"):
        staged = get_file(file_id=UUID(str(data["staged"])), by=actor)
        messages.success(request, sheet.take(io.BytesIO(content_of(staged)), data))
        return redirect(sheet.back)
    content = files.read_limited(data["file"])
    staged = files.store_file(
        content=io.BytesIO(content),
        name=data["file"].name,
        purpose=sheet.purpose,
        party_id=actor.own_party,
        by=actor,
        at=timezone.now(),
        accepted=TABLES,
    )
    rows, corrections = sheet.check(io.BytesIO(content), data)
    hidden = [("park", data["park"]), ("year", data["year"]), ("staged", staged.pk)]
    told = {"rows": rows, "headings": sheet.headings, "corrections": corrections}
    return render(request, TEMPLATE, {**page, **told, "hidden": hidden})


def problem_text(problem: Problem) -> str:
    """The reason in the reader's language."""
    text = _(problem.message)
    return text % problem.params if problem.params else text


def _problems(
    request: HttpRequest, sheet: Filled, error: SheetHasProblems, page: Data
) -> HttpResponse:
    words: Mapping[str, Any] = {one.name: one.word for one in sheet.columns}
    rows = [(one.row, str(words.get(one.column, "–")), problem_text(one)) for one in error.problems]
    if request.POST.get("as") == "csv":
        content = tabular.to_csv([_("Row"), _("Column"), _("Reason")], rows)
        return download(content, "text/csv", "problems.csv")
    page.update(problems=rows[:PROBLEMS_SHOWN], refusal=refusal_text(error))
    return render(request, TEMPLATE, page, status=422)
