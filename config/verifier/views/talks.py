"""Requests and findings: asked, answered, asked again, closed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.verifier.door import ACT, act, actor, page, verifier_page
from config.verifier.views.engagements import get, home_of, looked
from config.verifier.views.samples import get_item
from ledger.doors.admin import download
from ledger.kernel.transitions import allows, check_transition
from reporting.verification import forms, operations, queries, showing
from reporting.verification.models import Finding, Request, SampleItem
from reporting.verification.states import (
    FINDING_MOVES,
    REQUEST_MOVES,
    FindingKind,
    FindingState,
    RequestState,
)


def get_request(request: HttpRequest, request_id: UUID) -> Request:
    """:raises NotFound: not there, or not of an engagement of hers"""
    found = queries.get_request(request_id, actor(request))
    get(request, found.engagement_id)
    return found


def get_finding(request: HttpRequest, finding_id: UUID) -> Finding:
    """:raises NotFound: not there, or not of an engagement of hers"""
    found = queries.get_finding(finding_id, actor(request))
    get(request, found.engagement_id)
    return found


@verifier_page(ACT)
def ask(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    """Ask for something in general."""
    return _ask(request, get(request, engagement_id), None)


@verifier_page(ACT)
def ask_of_item(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Ask for something about a drawn row."""
    row = get_item(request, item_id)
    return _ask(request, row.sample.engagement, row)


def _ask(request: HttpRequest, engagement: Any, item: SampleItem | None) -> HttpResponse:
    def do(data: dict[str, Any]) -> str:
        key = operations.ask(
            engagement_id=engagement.pk,
            item_id=item.pk if item else None,
            text=data["text"],
            due_on=data["due_on"],
            by=actor(request),
            at=timezone.now(),
        )
        return reverse("verifier_request", args=[key])

    about = [f"{item.source_code} {item.month[:7]}"] if item else []
    return act(
        request,
        forms.AskForm(request.POST or None),
        do,
        done=_("The operator was asked."),
        title=_("Ask for evidence"),
        sentences=[*about, _("The operator will see this request and answers it with files.")],
        button=_("Ask"),
        back=reverse("verifier_item", args=[item.pk]) if item else home_of(engagement),
    )


@verifier_page()
def request_page(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """A request and the talk about it."""
    row = get_request(request, request_id)
    looked(request, [row.engagement], "request")
    context = {
        "row": row,
        "back": home_of(row.engagement),
        "engagement_title": showing.title_of(row.engagement),
        "talk": showing.talk_of(row),
        "may": {
            state.value.lower(): allows(check_transition, REQUEST_MOVES, row.state, state)
            for state in RequestState
        },
        "is_answered": row.state == RequestState.ANSWERED,
    }
    return page(request, "request", context)


@verifier_page(ACT)
def ask_again(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """The answer does not do."""
    row = get_request(request, request_id)
    here = reverse("verifier_request", args=[row.pk])

    def do(data: dict[str, Any]) -> str:
        operations.ask_again(
            request_id=row.pk,
            text=data["text"],
            attachments=forms.attachments_in(data),
            by=actor(request),
            at=timezone.now(),
        )
        return here

    return act(
        request,
        forms.ReplyForm(request.POST or None, request.FILES or None),
        do,
        done=_("The operator was asked again."),
        title=_("Ask again"),
        sentences=[_("The request is open again, and the operator sees why.")],
        button=_("Ask again"),
        back=here,
    )


@verifier_page(ACT)
def close_request(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """The answer does."""
    return _end_request(
        request, request_id, operations.close_request, _("Close the request"), _("Close")
    )


@verifier_page(ACT)
def withdraw_request(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """It is no longer needed."""
    return _end_request(
        request,
        request_id,
        operations.withdraw_request,
        _("Withdraw the request"),
        _("Withdraw"),
    )


def _end_request(
    request: HttpRequest, request_id: UUID, end: Callable[..., None], title: str, button: str
) -> HttpResponse:
    row = get_request(request, request_id)
    here = reverse("verifier_request", args=[row.pk])

    def do(_data: dict[str, Any]) -> str:
        end(request_id=row.pk, by=actor(request), at=timezone.now())
        return here

    return act(
        request,
        None,
        do,
        done=_("Recorded."),
        title=title,
        sentences=[row.text, _("It stays readable for both sides.")],
        button=button,
        back=here,
    )


@verifier_page()
def reply_file(request: HttpRequest, request_id: UUID, file_id: UUID) -> HttpResponse:
    """A file of the talk. That she took it is on record."""
    row = get_request(request, request_id)
    name, content = operations.take_reply_file(
        request_id=row.pk, file_id=file_id, by=actor(request), at=timezone.now()
    )
    return download(content, "application/octet-stream", name)


@verifier_page(ACT)
def raise_finding(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    """Write down a finding."""
    row = get(request, engagement_id)

    def do(data: dict[str, Any]) -> str:
        key = operations.raise_finding(
            engagement_id=row.pk,
            kind=FindingKind(data["kind"]),
            text=data["text"],
            effect_tco2e=data["effect_tco2e"],
            by=actor(request),
            at=timezone.now(),
        )
        return reverse("verifier_finding", args=[key])

    return act(
        request,
        forms.FindingForm(request.POST or None, initial={"text": request.GET.get("about", "")}),
        do,
        done=_("The finding was raised."),
        title=_("Raise a finding"),
        sentences=[
            _("The operator will see this finding and must answer it."),
            _("The effect is what is stated less what is right: plus is an overstatement."),
        ],
        button=_("Raise"),
        back=home_of(row),
    )


@verifier_page()
def finding(request: HttpRequest, finding_id: UUID) -> HttpResponse:
    """A finding and its answer."""
    row = get_finding(request, finding_id)
    looked(request, [row.engagement], "finding")
    context = {
        "row": row,
        "back": home_of(row.engagement),
        "engagement_title": showing.title_of(row.engagement),
        "effect": "–" if row.effect_tco2e is None else showing.tonnes(row.effect_tco2e, 4),
        "may": {
            state.value.lower(): allows(check_transition, FINDING_MOVES, row.state, state)
            for state in FindingState
        },
    }
    return page(request, "finding", context)


@verifier_page(ACT)
def close_finding(request: HttpRequest, finding_id: UUID) -> HttpResponse:
    """Corrected, or left as it is."""
    row = get_finding(request, finding_id)
    here = reverse("verifier_finding", args=[row.pk])

    def do(data: dict[str, Any]) -> str:
        operations.close_finding(
            finding_id=row.pk,
            is_corrected=data["is_corrected"],
            conclusion=data["conclusion"],
            by=actor(request),
            at=timezone.now(),
        )
        return here

    return act(
        request,
        forms.CloseForm(request.POST or None),
        do,
        done=_("Closed."),
        title=_("Close the finding"),
        sentences=[row.text, _("Uncorrected, its effect is weighed against materiality.")],
        button=_("Close"),
        back=here,
    )


@verifier_page(ACT)
def send_back(request: HttpRequest, finding_id: UUID) -> HttpResponse:
    """The answer does not do."""
    row = get_finding(request, finding_id)
    return _with_reason(
        request, row, operations.send_finding_back, _("Send the answer back"), _("Send back")
    )


@verifier_page(ACT)
def withdraw_finding(request: HttpRequest, finding_id: UUID) -> HttpResponse:
    """It was none."""
    row = get_finding(request, finding_id)
    return _with_reason(
        request, row, operations.withdraw_finding, _("Withdraw the finding"), _("Withdraw")
    )


def _with_reason(
    request: HttpRequest, row: Finding, do_it: Callable[..., None], title: str, button: str
) -> HttpResponse:
    here = reverse("verifier_finding", args=[row.pk])

    def do(data: dict[str, Any]) -> str:
        do_it(finding_id=row.pk, reason=data["reason"], by=actor(request), at=timezone.now())
        return here

    return act(
        request,
        forms.ReasonForm(request.POST or None),
        do,
        done=_("Recorded."),
        title=title,
        sentences=[row.text],
        button=button,
        back=here,
    )
