"""A claim taken back, with its retirement."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import F

from ledger.claims import queries, rules
from ledger.claims.models import Claim, ClaimedRange, Generation, GenerationSlice
from ledger.claims.operations.making import record
from ledger.claims.states import TRANSITIONS, ClaimState
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.transitions import check_transition
from ledger.units import operations as units


@operation(retry=True)
def reverse_claim(
    *,
    claim_id: UUID,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    reason: str,
    happened_on: date | None = None,
    approval_id: UUID | None = None,
) -> Claim:
    """Take a claim back together with its retirement: linked, whole, at most once (I18).

    :raises NotFound: not there, or not yours
    :raises IllegalTransition: taken back already
    :raises ReversalWindowClosed: the scheme's days are over
    """
    queries.get_visible_claim(claim_id, by=by)
    claim = Claim.objects.select_for_update().get(pk=claim_id)
    check_transition(TRANSITIONS, claim.state, ClaimState.REVERSED)
    if claim.entry_id is not None:
        claim.reversal_entry_id = units.reverse_entry(
            entry_id=claim.entry_id,
            happened_on=happened_on or rules.beijing_day(at),
            by=by,
            at=at,
            idempotency_key=f"unclaim:{claim.pk}:{idempotency_key}",
            reason=reason,
            approval_id=approval_id,
        ).entry_id
    claim.state = ClaimState.REVERSED
    claim.reversed_at, claim.reversed_by = at, by.user_id
    claim.save(update_fields=["state", "reversal_entry_id", "reversed_at", "reversed_by"])
    ClaimedRange.objects.filter(claim=claim).update(stands=False)
    for part in GenerationSlice.objects.filter(claim=claim).order_by("generation__month"):
        Generation.objects.filter(pk=part.generation_id).update(
            remaining_mwh=F("remaining_mwh") + part.mwh
        )
    GenerationSlice.objects.filter(claim=claim).update(stands=False)
    record("claim.reversed", claim, by=by, at=at, reason=reason)
    return claim
