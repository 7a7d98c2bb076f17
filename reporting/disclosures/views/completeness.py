"""What each framework asks for, what is there, what is explained, and what is missing."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.doors import wording
from ledger.doors.admin import actor_of, dressed, refusal_text, site
from ledger.doors.exporting import FORMS, as_file
from ledger.doors.permissions import MAY
from ledger.kernel.actors import Role
from ledger.kernel.errors import DomainError, NotFound
from reporting.disclosures import forms, operations, queries, showing
from reporting.disclosures.queries import composing
from reporting.inventories import queries as inventories

LIST = "reporting/disclosures/overview.html"
PAGE = "reporting/disclosures/completeness.html"
READERS = (Role.CARBON_MANAGER, Role.APPROVER, Role.DATA_OFFICER, Role.AUDITOR)


def check_reader(request: HttpRequest) -> None:
    """:raises Http404: not a page for this actor"""
    if not actor_of(request).has(*READERS):
        raise Http404


def overview(request: HttpRequest) -> HttpResponse:
    """Every framework of one frozen inventory: how complete, and where to go on."""
    check_reader(request)
    known = inventories.frozen_choices(actor_of(request))
    page: dict[str, Any] = {**site.each_context(request), "title": _("Disclosures by framework")}
    if not known:
        return render(request, LIST, {**page, "inventories": [], "rows": []})
    chosen = request.GET.get("frozen") or known[0][0]
    frozen = _frozen(request, chosen)
    rows = showing.overview_rows(composing.overview(frozen), frozen)
    return render(request, LIST, {**page, "inventories": known, "chosen": chosen, "rows": rows})


def _frozen(request: HttpRequest, frozen_id: Any) -> Any:
    try:
        by = actor_of(request)
        return inventories.get_frozen(UUID(str(frozen_id)), None if by.has(Role.AUDITOR) else by)
    except (NotFound, ValueError) as error:
        raise Http404 from error


def _draft(request: HttpRequest, frozen: Any) -> dict[str, Any]:
    """The statement as it would be now, of the framework that is asked for.

    :raises DomainError: there is no such framework, or it is for another year
    """
    codes = [one.code for one in queries.fitting(composing.period_of(frozen))]
    code = request.GET.get("framework") or codes[0]
    return operations.draft_statement(frozen=frozen, framework=code, at=timezone.now())


def completeness(request: HttpRequest, frozen_id: UUID) -> HttpResponse:
    """One framework point by point; comments are added here."""
    check_reader(request)
    frozen = _frozen(request, frozen_id)
    page: dict[str, Any] = {**site.each_context(request), "title": _("Completeness")}
    try:
        content = _draft(request, frozen)
        if request.method == "POST":
            return _comment(request, frozen, content)
    except DomainError as error:
        page["refusal"] = refusal_text(error)
        return render(request, PAGE, page, status=409)
    return render(request, PAGE, {**page, **_page(request, frozen, content)})


def _page(request: HttpRequest, frozen: Any, content: dict[str, Any]) -> dict[str, Any]:
    actor, code = actor_of(request), content["framework"]["code"]
    here = reverse("disclosures_completeness", args=[frozen.id])
    period = composing.period_of(frozen)
    comments = queries.comments_on(frozen.park_id, period.start)
    may_tell = actor.has(Role.CARBON_MANAGER, Role.DATA_OFFICER, Role.APPROVER)
    form = forms.CommentForm()
    form.fields["point"].choices = showing.point_choices(content)  # type: ignore[attr-defined]
    export = reverse("disclosures_export", args=[frozen.id, "FORM"])
    return {
        "frameworks": [
            (f"{here}?framework={one.code}", one.short, one.code == code)
            for one in queries.fitting(period)
        ],
        "content": content,
        "period": wording.period(period.start, period.end),
        "reasons": showing.draft_reasons(content),
        "counts": showing.counts(content),
        "groups": showing.grouped(content, comments, frozen.id if may_tell else None),
        "comment_form": dressed(form) if _may_comment(request) else None,
        "key": str(uuid4()),
        "export_links": [
            (form.upper(), f"{export.replace('FORM', form)}?framework={code}") for form in FORMS
        ],
        "request_url": _request_url(request, frozen, code),
        "overview_url": f"{reverse('disclosures_overview')}?frozen={frozen.id}",
    }


def _may_comment(request: HttpRequest) -> bool:
    return not actor_of(request).roles.isdisjoint(MAY["disclosures.comment_point"])


def _request_url(request: HttpRequest, frozen: Any, code: str) -> str:
    if actor_of(request).roles.isdisjoint(MAY["packages.request_report"]):
        return ""
    page = reverse("admin:reporting_packages_report_do", args=["request"])
    return f"{page}?frozen={frozen.id}&framework={code}"


def _comment(request: HttpRequest, frozen: Any, content: dict[str, Any]) -> HttpResponse:
    form = forms.CommentForm(request.POST)
    form.fields["point"].choices = showing.point_choices(content)  # type: ignore[attr-defined]
    if form.is_valid():
        operations.comment_point(
            frozen_inventory_id=frozen.id,
            point=form.cleaned_data["point"],
            text=form.cleaned_data["text"],
            by=actor_of(request),
            at=timezone.now(),
            idempotency_key=request.POST.get("key") or str(uuid4()),
        )
        messages.success(request, _("The comment was added."))
    here = reverse("disclosures_completeness", args=[frozen.id])
    return redirect(f"{here}?framework={content['framework']['code']}")


def export(request: HttpRequest, frozen_id: UUID, form: str) -> HttpResponse:
    """The data points of the framework as a table."""
    check_reader(request)
    if form not in FORMS:
        raise Http404
    frozen = _frozen(request, frozen_id)
    try:
        content = _draft(request, frozen)
    except DomainError as error:
        raise Http404 from error
    return as_file(
        request,
        form,
        headings=showing.headings(),
        rows=showing.table(content),
        title=content["framework"]["code"],
        subject=f"inventories.FrozenInventory:{frozen.id}",
    )
