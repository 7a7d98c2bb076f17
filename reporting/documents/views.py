"""Documents that are made on the spot, of what the rooms below say."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language

from ledger.audit import operations as audit
from ledger.claims.queries import statements
from ledger.doors.admin import actor_of
from ledger.kernel.errors import DomainError
from reporting.documents import queries


def use_statement(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """The PDF of a standing claim of units, in the reader's language; downloads are on record."""
    by = actor_of(request)
    try:
        told = statements.use_statement(claim_id, by=by)
    except DomainError as error:
        raise Http404 from error
    language = "zh-hans" if (get_language() or "").startswith("zh") else "en"
    content = queries.get_use_pdf(told, language=language)
    audit.record_read(
        subject=f"claims.Claim:{claim_id}", by=by, at=timezone.now(), what="downloaded"
    )
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{told['scheme']['code']}-{claim_id}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
