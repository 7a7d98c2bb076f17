"""The opinion: prepared here, signed elsewhere, given with the signature; and what comes later."""

import base64
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.verifier.door import ACT, act, actor, page, verifier_page
from config.verifier.views.engagements import get, home_of, looked
from config.verifier.views.samples import inventory_choices
from ledger.doors.admin import download
from ledger.doors.wording import moment
from ledger.files import operations as files
from ledger.kernel.errors import NotFound
from reporting.verification import forms, operations, queries, showing
from reporting.verification.models import LaterFact, Opinion, OpinionDraft
from reporting.verification.states import DraftState, FactState, OpinionKind

SIGNATURE_MB = 1


@verifier_page(ACT)
def prepare(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    """Which opinion, on which frozen inventory, in which words."""
    row = get(request, engagement_id)
    form = forms.OpinionForm(request.POST or None)
    field: Any = form.fields["content_hash"]
    field.choices = inventory_choices(row)

    def do(data: dict[str, Any]) -> str:
        key = operations.prepare_opinion(
            engagement_id=row.pk,
            kind=OpinionKind(data["kind"]),
            content_hash=data["content_hash"],
            text=data["text"],
            by=actor(request),
            at=timezone.now(),
        )
        return reverse("verifier_draft", args=[key])

    return act(
        request,
        form,
        do,
        done=_("The statement is ready to be signed."),
        title=_("Prepare the opinion"),
        sentences=[
            _("A statement is written that you sign with your own certificate, outside."),
            _("Nothing is decided before your signature is here; you may prepare it again."),
        ],
        button=_("Prepare"),
        back=home_of(row),
    )


@verifier_page()
def draft(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The statement to sign, how to sign it, and where the signature goes."""
    row = queries.get_draft(draft_id, actor(request))
    looked(request, [row.engagement], "opinion")
    context = {
        "row": row,
        "back": home_of(row.engagement),
        "engagement_title": showing.title_of(row.engagement),
        "name": _statement_name(row),
        "form": forms.SignatureForm(),
        "is_waiting": row.state == DraftState.WAITING,
        "opinion": Opinion.objects.filter(signature__draft=row).first(),
    }
    return page(request, "draft", context)


def _statement_name(row: OpinionDraft) -> str:
    return f"opinion-{row.statement_sha256[:12]}.json"


@verifier_page()
def statement(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The bytes to sign."""
    row = queries.get_draft(draft_id, actor(request))
    operations.record_download(
        row.engagement, what="statement", sha256=row.statement_sha256, by=actor(request),
        at=timezone.now(),
    )  # fmt: skip
    return download(row.statement.encode(), "application/json", _statement_name(row))


@verifier_page(ACT)
def sign(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Take the detached signature."""
    row = queries.get_draft(draft_id, actor(request))

    def do(data: dict[str, Any]) -> str:
        raw = files.read_limited(data["signature"], limit_mb=SIGNATURE_MB)
        view = operations.sign_opinion(
            draft_id=row.pk, signature=raw, by=actor(request), at=timezone.now()
        )
        return reverse("verifier_opinion", args=[view.id])

    return act(
        request,
        forms.SignatureForm(request.POST or None, request.FILES or None),
        do,
        done=_("Your opinion is given."),
        title=_("Upload the signature"),
        sentences=[
            _("With a signature that fits, your opinion is given and cannot be changed."),
            _("SHA-256 of the statement: %(hash)s") % {"hash": row.statement_sha256},
        ],
        button=_("Give the opinion"),
        back=reverse("verifier_draft", args=[row.pk]),
    )


def _get_opinion(request: HttpRequest, opinion_id: UUID) -> Opinion:
    """:raises NotFound: not there, or not of an engagement of hers"""
    mine = queries.engagements_verified_by(actor(request)).values("pk")
    rows = Opinion.objects.select_related("engagement__park")
    found = rows.filter(pk=opinion_id, engagement__in=mine).first()
    if found is None:
        raise NotFound
    return found


@verifier_page()
def opinion(request: HttpRequest, opinion_id: UUID) -> HttpResponse:
    """An opinion, what it is worth today, and whose signature it bears."""
    row = _get_opinion(request, opinion_id)
    looked(request, [row.engagement], "opinion")
    view = queries.opinion_view(row.pk)
    context = {
        "row": row,
        "view": view,
        "back": home_of(row.engagement),
        "engagement_title": showing.title_of(row.engagement),
        "worth": showing.STATUS[view.status],
        "threshold": showing.tonnes(row.threshold_tco2e),
        "misstatement": showing.tonnes(row.misstatement_tco2e),
        "given": moment(row.given_at),
        "blocks": list(showing.signature_blocks(view)),
    }
    return page(request, "opinion", context)


@verifier_page()
def opinion_file(request: HttpRequest, opinion_id: UUID, form: str) -> HttpResponse:
    """The signed statement (`json`), or the detached signature (`p7s`)."""
    row = _get_opinion(request, opinion_id)
    found = queries.opinion_view(row.pk).signature
    if found is None or form not in {"json", "p7s"}:
        raise NotFound
    operations.record_download(
        row.engagement,
        what="statement" if form == "json" else "signature",
        sha256=found.statement_sha256,
        by=actor(request),
        at=timezone.now(),
    )
    name = f"opinion-{found.statement_sha256[:12]}.json"
    if form == "json":
        return download(found.statement.encode(), "application/json", name)
    content = base64.b64decode(found.cms_base64)
    return download(content, "application/pkcs7-signature", f"{name}.p7s")


@verifier_page(ACT)
def tell_fact(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    """Something came to light after the opinion."""
    row = get(request, engagement_id)

    def do(data: dict[str, Any]) -> str:
        operations.tell_later_fact(
            engagement_id=row.pk, text=data["text"], by=actor(request), at=timezone.now()
        )
        return home_of(row) + "#later"

    return act(
        request,
        forms.FactForm(request.POST or None),
        do,
        done=_("Recorded."),
        title=_("A fact discovered later"),
        sentences=[_("It is recorded first; then you decide whether your opinion still stands.")],
        button=_("Record"),
        back=home_of(row),
    )


def _get_fact(request: HttpRequest, fact_id: UUID) -> LaterFact:
    """:raises NotFound: not there, decided, or not of an engagement of hers"""
    mine = queries.engagements_verified_by(actor(request)).values("pk")
    rows = LaterFact.objects.select_related("engagement__park")
    found = rows.filter(pk=fact_id, engagement__in=mine, state=FactState.TOLD).first()
    if found is None:
        raise NotFound
    return found


@verifier_page(ACT)
def reopen(request: HttpRequest, fact_id: UUID) -> HttpResponse:
    """The opinion no longer stands."""
    return _decide(
        request,
        fact_id,
        operations.reopen_engagement,
        title=_("Re-open the engagement"),
        sentence=_("Your opinion no longer stands, and reports that rest on it are not valid."),
        button=_("Re-open"),
    )


@verifier_page(ACT)
def dismiss(request: HttpRequest, fact_id: UUID) -> HttpResponse:
    """The opinion stands."""
    return _decide(
        request,
        fact_id,
        operations.dismiss_later_fact,
        title=_("The opinion stands"),
        sentence=_("Say why the fact changes nothing; the operator can read it."),
        button=_("Record"),
    )


def _decide(
    request: HttpRequest,
    fact_id: UUID,
    decide: Callable[..., None],
    *,
    title: str,
    sentence: str,
    button: str,
) -> HttpResponse:
    row = _get_fact(request, fact_id)

    def do(data: dict[str, Any]) -> str:
        decide(fact_id=row.pk, conclusion=data["conclusion"], by=actor(request), at=timezone.now())
        return home_of(row.engagement)

    return act(
        request,
        forms.DecisionForm(request.POST or None),
        do,
        done=_("Recorded."),
        title=title,
        sentences=[row.text, sentence],
        button=button,
        back=home_of(row.engagement),
    )
