"""The portal's page of webhooks: addresses, and what became of each message."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from config.bank import forms
from config.bank.door import actor, bank_page, page
from ledger.doors.admin import refusal_text
from ledger.doors.wording import moment
from ledger.kernel.errors import DomainError, NotFound
from ledger.webhooks import operations, queries
from ledger.webhooks.states import DeliveryState

SHOWN = 50


@bank_page(("GET", "HEAD", "POST"))
def webhooks(request: HttpRequest) -> HttpResponse:
    """Addresses that are told, a form for another, and the newest deliveries."""
    form = forms.NewWebhook(request.POST if request.method == "POST" else None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        try:
            _row, secret = operations.make_endpoint(
                **form.cleaned_data, by=actor(request), at=timezone.now()
            )
        except DomainError as refusal:
            form.add_error(None, refusal_text(refusal))
        else:
            form = forms.NewWebhook()
    context = {
        "endpoints": list(queries.endpoints_of(actor(request))),
        "deliveries": [_told(one) for one in queries.deliveries_of(actor(request))[:SHOWN]],
        "form": form,
        "secret": secret,
    }
    return page(request, "webhooks", context, status=422 if form.errors else 200)


def _told(row: Any) -> dict[str, Any]:
    tries = list(row.attempts.all())
    return {
        "at": moment(row.message.told_at),
        "kind": row.message.kind,
        "url": row.endpoint.url,
        "state": row.get_state_display(),
        "tries": len(tries),
        "last": (tries[-1].error or str(tries[-1].status)) if tries else "–",
        "again": None if row.state == DeliveryState.WAITING or row.endpoint.ended_at else row.pk,
    }


def _acted(request: HttpRequest, act: Callable[..., Any], said: str, **what: Any) -> HttpResponse:
    try:
        act(**what, by=actor(request), at=timezone.now())
    except NotFound:
        raise
    except DomainError as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, said)
    return redirect("bank_webhooks")


@bank_page(("POST",))
def end(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    said = _("Nothing more goes to this address.")
    return _acted(request, operations.end_endpoint, said, endpoint_id=endpoint_id)


@bank_page(("POST",))
def rotate(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    """The new secret is shown on the page that answers, and nowhere else."""
    row, secret = operations.rotate_secret(
        endpoint_id=endpoint_id, by=actor(request), at=timezone.now()
    )
    said = _("The new secret of %(url)s, shown only now: %(secret)s. The old one fits for a day.")
    messages.success(request, said % {"url": row.url, "secret": secret})
    return redirect("bank_webhooks")


@bank_page(("POST",))
def again(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    said = _("The message is sent once more.")
    return _acted(request, operations.send_again, said, delivery_id=delivery_id)
