"""Requests of the verifier, and the talk about them, with files from both sides."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import IO
from uuid import UUID

from ledger.doors.operation import operation
from ledger.files import operations as files
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.transitions import check_transition
from reporting.verification import models, queries, rules
from reporting.verification.operations.common import at_work, next_number, record
from reporting.verification.states import REQUEST_MOVES, RequestState

PURPOSE = "verification"
Attachment = tuple[str, IO[bytes]]


@operation
def ask(
    *,
    engagement_id: UUID,
    text: str,
    by: Actor,
    at: datetime,
    item_id: UUID | None = None,
    due_on: date | None = None,
) -> UUID:
    """Ask the operator for evidence or an explanation, of a row of a sample or in general.

    :raises NotFound: not an engagement of the actor's, or the row is of another
    :raises TextMissing, IllegalTransition, NotDeclared: as they say
    """
    rules.check_text(text)
    engagement = at_work(engagement_id, by)
    if item_id is not None and queries.get_item(item_id, by).sample.engagement_id != engagement.pk:
        raise NotFound
    request = models.Request.objects.create(
        engagement=engagement,
        item_id=item_id,
        number=next_number(engagement.requests),
        text=text,
        due_on=due_on,
        state=RequestState.OPEN,
        asked_at=at,
        asked_by=by.user_id,
        moved_at=at,
        moved_by=by.user_id,
    )
    record("request.asked", request, by, at)
    return request.pk


@operation
def answer_request(
    *,
    request_id: UUID,
    text: str,
    by: Actor,
    at: datetime,
    attachments: Sequence[Attachment] = (),
) -> UUID:
    """The operator answers, with files if need be; all of it or nothing.

    :raises NotFound, TextMissing, IllegalTransition: as they say
    :raises FileTooLarge, FileEmpty, FileTypeRefused, FileInfected: of a file
    """
    rules.check_text(text)
    request = _lock(request_id, by)
    if request.engagement.party_id != by.party_id:
        raise NotFound
    _move(request, RequestState.ANSWERED, by, at)
    reply = _say(request, text, attachments, by, at)
    record("request.answered", request, by, at)
    return reply.pk


@operation
def ask_again(
    *,
    request_id: UUID,
    text: str,
    by: Actor,
    at: datetime,
    attachments: Sequence[Attachment] = (),
) -> UUID:
    """The answer does not do: say why; the request is open again.

    :raises NotFound, TextMissing, IllegalTransition, NotDeclared: as they say
    """
    rules.check_text(text)
    request = _of_verifier(request_id, by)
    _move(request, RequestState.OPEN, by, at)
    reply = _say(request, text, attachments, by, at)
    record("request.asked_again", request, by, at)
    return reply.pk


@operation
def close_request(*, request_id: UUID, by: Actor, at: datetime) -> None:
    """The answer does.

    :raises NotFound, IllegalTransition, NotDeclared: as they say
    """
    request = _of_verifier(request_id, by)
    _move(request, RequestState.CLOSED, by, at)
    record("request.closed", request, by, at)


@operation
def withdraw_request(*, request_id: UUID, by: Actor, at: datetime) -> None:
    """It is no longer needed.

    :raises NotFound, IllegalTransition, NotDeclared: as they say
    """
    request = _of_verifier(request_id, by)
    _move(request, RequestState.WITHDRAWN, by, at)
    record("request.withdrawn", request, by, at)


def _lock(request_id: UUID, by: Actor) -> models.Request:
    queries.get_request(request_id, by)
    return models.Request.objects.select_for_update(of=("self",)).get(pk=request_id)


def _of_verifier(request_id: UUID, by: Actor) -> models.Request:
    request = _lock(request_id, by)
    at_work(request.engagement_id, by)
    return request


def _move(request: models.Request, state: RequestState, by: Actor, at: datetime) -> None:
    check_transition(REQUEST_MOVES, request.state, state)
    request.state, request.moved_at, request.moved_by = state, at, by.user_id
    request.save(update_fields=["state", "moved_at", "moved_by"])


def _say(
    request: models.Request,
    text: str,
    attachments: Sequence[Attachment],
    by: Actor,
    at: datetime,
) -> models.Reply:
    stored = [
        files.store_file(
            content=content, name=name, purpose=PURPOSE, party_id=by.own_party, by=by, at=at
        )
        for name, content in attachments
    ]
    reply = models.Reply.objects.create(
        request=request,
        party_id=by.own_party,
        text=text,
        files=[[str(one.pk), one.sha256] for one in stored],
        said_at=at,
        said_by=by.user_id,
    )
    record("reply.said", reply, by, at)
    return reply
