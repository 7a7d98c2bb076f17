"""Proofs to take away, the history of an object, and the checkpoint that everybody may fetch."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ledger.audit import operations, queries
from ledger.audit.models import Event
from ledger.doors.admin import SEES_ALL, actor_of, refusal_text, site
from ledger.kernel.actors import Actor
from ledger.kernel.errors import DomainError, NotFound

LONGEST_HISTORY = 500


@require_safe
@never_cache
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The latest signed note, for anybody: witnesses, partners, monitors."""
    latest = queries.latest_checkpoint()
    if latest is None:
        return HttpResponse(status=404)
    return _plain(queries.shown(latest).note)


@require_safe
@never_cache
def checkpoint_of(request: HttpRequest, tree_size: int) -> HttpResponse:
    """The signed note of one size, with what witnesses signed under it since."""
    found = queries.find_checkpoint_of(tree_size)
    return _plain(queries.shown(found).note) if found else HttpResponse(status=404)


@require_safe
@never_cache
def consistency(request: HttpRequest, size1: int, size2: int) -> HttpResponse:
    """That the checkpoint of one size continues that of another, for whoever kept the first."""
    try:
        document = queries.get_consistency_proof(size1, size2)
    except DomainError:
        return HttpResponse(status=404)
    return HttpResponse(json.dumps(document, indent=1), content_type="application/json")


@require_safe
def note(request: HttpRequest, checkpoint_id: int) -> HttpResponse:
    found = queries.find_checkpoint(checkpoint_id)
    if found is None:
        return HttpResponse(status=404)
    answer = _plain(queries.shown(found).note)
    answer["Content-Disposition"] = f'attachment; filename="checkpoint-{found.tree_size}.note"'
    return answer


def _plain(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def proof(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """The inclusion proof of an event that the reader may see; taking it away is recorded."""
    actor = actor_of(request)
    try:
        event = queries.find_event(event_id)
        if event is None or not _may_see(actor, event):
            raise NotFound
        document = queries.get_inclusion_proof(event_id)
    except DomainError as refusal:
        status = 404 if isinstance(refusal, NotFound) else 409
        return HttpResponse(refusal_text(refusal), status=status, content_type="text/plain")
    operations.record_read(
        subject=f"audit.Proof:{event_id}", by=actor, at=timezone.now(), what="downloaded"
    )
    answer = HttpResponse(
        json.dumps(document, ensure_ascii=False, indent=1), content_type="application/json"
    )
    answer["Content-Disposition"] = f'attachment; filename="proof-{event_id}.json"'
    return answer


@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """Everything that ever happened to one object, oldest first."""
    actor, subject = actor_of(request), request.GET.get("subject", "").strip()
    events = queries.events_of(subject)
    if not actor.has(*SEES_ALL):
        events = events.filter(party_id=actor.party_id) if actor.party_id else events.none()
    page: dict[str, Any] = {
        **site.each_context(request),
        "title": _("History of an object"),
        "subject": subject,
        "headings": [_("time"), _("what happened"), _("actor"), _("acting for"), _("what it says")],
        "rows": [_told(event) for event in events[:LONGEST_HISTORY]],
    }
    return render(request, "ledger/audit/history.html", page)


def _told(event: Event) -> list[Any]:
    said = queries.data_of(event)
    return [
        timezone.localtime(event.happened_at).strftime("%Y-%m-%d %H:%M:%S"),
        event.verb,
        event.actor_id,
        event.party_id or "",
        json.dumps(said, ensure_ascii=False) if said else "",
    ]


def _may_see(actor: Actor, event: Event) -> bool:
    return actor.has(*SEES_ALL) or (event.party_id is not None and event.party_id == actor.party_id)
