"""Taken back: a claim with its retirement, an issue of certificates with its remainder."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import F

from ledger.audit import operations as audit
from ledger.claims import queries, rules
from ledger.claims.models import Claim, ClaimedRange, Generation, GenerationSlice, Issuance
from ledger.claims.operations.making import record
from ledger.claims.states import ISSUANCES, TRANSITIONS, ClaimState, IssuanceState
from ledger.doors.operation import operation
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.periods import Period
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


@operation(retry=True)
def reverse_issuance(
    *,
    issuance_id: UUID,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    reason: str,
    happened_on: date | None = None,
    approval_id: UUID | None = None,
) -> Issuance:
    """Take an issue of certificates back: linked, whole, at most once (I18).

    What it carried in is carried on by the month before it again, and the month can be issued
    anew. A later month stands on the remainder, so the newest goes first. A month of less than
    one MWh moved no units: no window closes over it.

    :raises NotFound: not there, or of another party's plant
    :raises IllegalTransition: taken back already
    :raises LaterMonthIssued: a later month of the kind stands on its remainder
    :raises CertificatesMovedOn: some are sold, claimed, held or ended
    :raises ReversalWindowClosed: the scheme's days are over
    """
    seen = queries.get_issuance(issuance_id)
    instruments.check_own_plant(seen.generation.plant_id, by=by)
    month = seen.generation.month
    queries.lock_generation(
        plant_id=seen.generation.plant_id, period=Period.month(month.year, month.month)
    )
    row = Issuance.objects.select_for_update().get(pk=issuance_id)
    check_transition(ISSUANCES, row.state, IssuanceState.REVERSED)
    rules.check_order_of_months(
        earlier_open=None,
        later_issued=queries.later_issued(seen.generation, scheme=row.scheme, kind=row.kind),
    )
    if row.entry_id is not None:
        rules.check_all_there(queries.free_of_issuance(row), issued=row.unit_count)
        row.reversal_entry_id = units.reverse_entry(
            entry_id=row.entry_id,
            happened_on=happened_on or rules.beijing_day(at),
            by=by,
            at=at,
            idempotency_key=f"unissue:{row.pk}:{idempotency_key}",
            reason=reason,
            approval_id=approval_id,
            act=f"claims.Issuance:{row.pk}",
        ).entry_id
    row.state = IssuanceState.REVERSED
    row.reversed_at, row.reversed_by = at, by.user_id
    row.save(update_fields=["state", "reversal_entry_id", "reversed_at", "reversed_by"])
    audit.record(
        verb="certificates.issue_reversed",
        subject=f"claims.Issuance:{row.pk}",
        by=by,
        at=at,
        data={"row": queries.content_of_issuance(row)},
        reason=reason,
    )
    return row
