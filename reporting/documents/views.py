"""Documents that are made on the spot, of what the rooms below say."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language

from ledger.accounts import queries as accounts
from ledger.audit import operations as audit
from ledger.claims.queries import statements
from ledger.doors.admin import actor_of
from ledger.kernel.errors import DomainError
from ledger.kernel.periods import Period
from ledger.reconciliation import queries as reconciliation
from ledger.units import queries as units
from reporting.documents import queries


def use_statement(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """The PDF of a standing claim of units, in the reader's language; downloads are on record."""
    by = actor_of(request)
    try:
        told = statements.use_statement(claim_id, by=by)
    except DomainError as error:
        raise Http404 from error
    told["lifted"] = blocks_lifted(told)
    language = "zh-hans" if (get_language() or "").startswith("zh") else "en"
    content = queries.get_use_pdf(told, language=language)
    audit.record_read(
        subject=f"claims.Claim:{claim_id}", by=by, at=timezone.now(), what="downloaded"
    )
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{told['scheme']['code']}-{claim_id}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def blocks_lifted(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Overrides since the period of use began that stand behind the units of this use."""
    entry_id = UUID(told["entry"])
    given_by = units.get_entry_legs(entry_id)[0].from_account_id
    numbers = dict(
        accounts.accounts_of(accounts.get_account(given_by).holder_id).values_list("pk", "number")
    )
    first, used_on = date.fromisoformat(told["period"][0]), date.fromisoformat(told["used_on"])
    days = Period(min(first, used_on), used_on + timedelta(days=1))
    found = reconciliation.overrides_behind(entry_ids=[entry_id], account_ids=numbers, period=days)
    return [
        {
            "account": numbers[one.account_id],
            "valid_from": one.valid_from.isoformat(),
            "expires_on": one.expires_on.isoformat(),
            "reason": one.reason,
        }
        for one in found
    ]
