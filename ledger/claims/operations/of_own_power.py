"""Claims of power that has no certificate."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ledger.claims import queries, rules
from ledger.claims.models import Claim
from ledger.claims.operations.making import find_made, record
from ledger.claims.operations.metering import take_generation, write_slices
from ledger.claims.states import ClaimUse
from ledger.doors.operation import operation
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest
from ledger.kernel.errors import NotFound
from ledger.kernel.keys import key_of
from ledger.kernel.periods import Period


@operation(retry=True)
def claim_self_use(
    *,
    plant_id: UUID,
    period: Period,
    mwh: Decimal,
    claimant_id: UUID,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    instrument: str = rules.SELF_USE,
    purpose: str = "",
    answers: Mapping[int, str] | None = None,
    reason: str = "",
) -> Claim:
    """Claim power used without a certificate: from one's own plant, or (PPA) by direct contract.

    Only whole months, only what the meter recorded, only what nobody else claims or may claim:
    certificates issued for these months stand in the way (R5.10).

    :raises NotFound: no such plant, or another party's
    :raises CertificatesIssued, AlreadyClaimed, NoGeneration: refused
    :raises NotWholeMonths, NotPositive, KeyUsedOtherwise: refused
    """
    asked: dict[str, Any] = {
        "plant": plant_id,
        "period": [period.start, period.end],
        "mwh": rules.plain(mwh),
        "claimant": claimant_id,
        "instrument": instrument,
        "purpose": purpose,
    }
    request, key = digest(asked), key_of(by, idempotency_key)
    plant = instruments.get_plant(plant_id)
    is_own = by.is_machine or by.party_id in {plant.owner_id, claimant_id} - {None}
    if instrument not in rules.WITHOUT_CERTIFICATE or not is_own:
        raise NotFound
    if made := find_made(key=key, request=request):
        return made
    rules.check_months(period)
    rules.check_mwh(mwh)
    taken = take_generation(plant_id=plant_id, period=period, mwh=mwh)
    left = sum(
        (row.remaining_mwh for row in queries.lock_generation(plant_id=plant_id, period=period)),
        Decimal(0),
    )
    outstanding = queries.certificates_outstanding(plant_id=plant_id, period=period)
    if outstanding > left:
        name = f"{period.start:%Y-%m}"
        raise rules.CertificatesIssued(mwh=rules.plain(outstanding), month=name)
    grounds = rules.Grounds(
        is_certificate=False,
        has_generation_slice=True,
        generation=period,
        period=period,
        is_same_market=True,
    )
    claim = Claim.objects.create(
        instrument=instrument,
        claimant_id=claimant_id,
        use=ClaimUse.SCOPE_2,
        purpose=purpose,
        period_from=period.start,
        period_to=period.end,
        mwh=mwh,
        plant_id=plant_id,
        generated_from=period.start,
        generated_to=period.end,
        answers=rules.quality_answers(grounds, answers),
        claimed_at=at,
        claimed_by=by.user_id,
        idempotency_key=key,
        request_digest=request,
    )
    write_slices(claim, taken)
    record("claim.made", claim, by=by, at=at, reason=reason)
    return claim
