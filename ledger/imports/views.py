"""A file comes in: the upload, and the mapping of its columns where no layout knows them."""

from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.doors.admin import actor_of, dressed, refusal_text, site
from ledger.doors.permissions import check_may
from ledger.doors.wording import in_language
from ledger.files.queries import open_content
from ledger.imports import mapping, operations, queries, reading
from ledger.imports.forms import MappingForm, UploadForm
from ledger.imports.models import Import
from ledger.imports.states import ImportState
from ledger.kernel.errors import DomainError

UPLOAD, MAPPING = "ledger/imports/upload.html", "ledger/imports/mapping.html"
SAMPLE = 5


def page_of(import_id: UUID) -> str:
    return reverse("admin:ledger_imports_import_change", args=[import_id])


def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file; what is new about it shows on the import's own page."""
    actor = actor_of(request)
    check_may(actor, "imports.upload_file")
    form = dressed(
        UploadForm(
            request.POST or None,
            request.FILES or None,
            targets=queries.targets(),
            accounts=queries.account_choices(by=actor),
            mappings=[(str(one.pk), one.name) for one in queries.mappings_of(actor)],
            initial={"as_of": timezone.localdate(), "target": "units"},
        )
    )
    page: dict[str, Any] = {
        **site.each_context(request), "form": form, "title": _("Import a registry's file"),
    }  # fmt: skip
    if request.method != "POST" or not form.is_valid():
        return render(request, UPLOAD, page)
    try:
        return _take(request, form.cleaned_data)
    except DomainError as error:
        page["refusal"] = refusal_text(error)
        return render(request, UPLOAD, page, status=409)


def _take(request: HttpRequest, data: dict[str, Any]) -> HttpResponse:
    kind, _sign, chosen = data["layout"].partition(":")
    made = operations.upload_file(
        content=data["file"],
        name=data["file"].name,
        target=data["target"],
        as_of=data["as_of"],
        account_id=UUID(data["account"]) if data["account"] else None,
        is_one_account=data["is_one_account"],
        layout=chosen if kind == "layout" else "",
        mapping_id=UUID(chosen) if kind == "mapping" else None,
        date_order=data["date_order"],
        by=actor_of(request),
        at=timezone.now(),
    )
    if not made.is_new:
        messages.info(request, _("This file is here already. Nothing has changed."))
    elif made.state == ImportState.UPLOADED:
        return redirect(reverse("import_mapping", args=[made.import_id]))
    return redirect(page_of(made.import_id))


def map_columns(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Say which column is which field, keep that, and have the file read by it."""
    actor = actor_of(request)
    check_may(actor, "imports.save_mapping")
    row = queries.get_own_import(import_id, by=actor)
    if row.state != ImportState.UPLOADED:
        return redirect(page_of(import_id))
    schemes = queries.schemes_of(row.target)
    begin, draft = _begin(request, row)
    form = dressed(
        MappingForm(
            request.POST or None,
            headings=row.headings,
            schemes=[(one.code, one.name) for one in schemes],
            initial=begin,
        )
    )
    page: dict[str, Any] = {
        **site.each_context(request),
        "form": form,
        "title": _("Which column is which?"),
        "row": row,
        "drafts": [(one.code, _name(one), _source(one)) for one in mapping.drafts()],
        "mappings": queries.mappings_of(actor),
        "draft": draft and (_name(draft), _source(draft)),
        **_sample(row),
    }
    if request.method != "POST" or not form.is_valid():
        return render(request, MAPPING, page)
    try:
        registries = {one.code: (one.registry, one.measure) for one in schemes}
        saved = operations.save_mapping(
            name=form.cleaned_data["name"],
            content=form.content(registries=registries),
            is_shared=form.cleaned_data["is_shared"],
            is_unconfirmed=not form.cleaned_data["is_confirmed"],
            by=actor,
            at=timezone.now(),
        )
        operations.choose_layout(
            import_id=import_id, mapping_id=saved.pk, by=actor, at=timezone.now()
        )
    except DomainError as error:
        page["refusal"] = refusal_text(error)
        return render(request, MAPPING, page, status=409)
    return redirect(page_of(import_id))


def _begin(request: HttpRequest, row: Import) -> tuple[dict[str, Any], mapping.Draft | None]:
    """What the form shows first: a saved mapping, a draft that was chosen, or one that fits."""
    if chosen := request.GET.get("mapping"):
        kept = queries.get_mapping(UUID(chosen), by=actor_of(request))
        return _initial(mapping.Spec.from_json(kept.content), kept.name), None
    wanted = [one for one in mapping.drafts() if one.code == request.GET.get("draft")]
    fitting = wanted or mapping.fitting_drafts(row.headings, reading.normalise)
    draft = fitting[0] if fitting else mapping.nearest_draft(row.headings, reading.normalise)
    return (_initial(draft.spec, _name(draft)), draft) if draft else ({}, None)


def _name(draft: mapping.Draft) -> str:
    return in_language(draft.name_zh, draft.name_en)


def _source(draft: mapping.Draft) -> str:
    return in_language(draft.source_zh, draft.source)


def _initial(spec: mapping.Spec, name: str) -> dict[str, Any]:
    columns = {
        f"column_{field}": reading.normalise(heading) for field, heading in spec.columns.items()
    }
    return {
        "act": spec.act.value,
        "scheme": spec.scheme,
        "told_in": spec.told_in,
        "dates": spec.dates.value,
        "key": [reading.normalise(heading) for heading in spec.key],
        "name": name,
        **columns,
        **{f"constant_{field}": text for field, text in spec.constants.items()},
    }


def _sample(row: Import) -> dict[str, Any]:
    """The first lines of the file, so that the eye can compare."""
    with open_content(row.file) as file:
        table = reading.read(file, is_header=lambda found: list(found) == row.headings)
        lines = [list(one.cells.values()) for one in islice(table.rows, SAMPLE)]
    return {"headings": [queries.shown_heading(one) for one in row.headings], "sample": lines}
