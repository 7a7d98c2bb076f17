"""Files of a talk, for the desk's readers."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from ledger.doors.admin import actor_of, download
from ledger.kernel.errors import NotFound
from reporting.verification import operations


def reply_file(request: HttpRequest, request_id: UUID, file_id: UUID) -> HttpResponse:
    """A file that came with the talk about a request. That it was taken is on record."""
    try:
        name, content = operations.take_reply_file(
            request_id=request_id, file_id=file_id, by=actor_of(request), at=timezone.now()
        )
    except NotFound as error:
        raise Http404 from error
    return download(content, "application/octet-stream", name)
