"""What the statement of a use says: certificates written off, a redemption, credits retired."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from ledger.claims import queries
from ledger.claims.models import Claim, ClaimedRange
from ledger.claims.states import ClaimState
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.parties import queries as parties
from ledger.units import queries as units

# Where a claim's page finds its documents: the rooms that make them stand above (config/wiring.py).
links: list[Callable[[UUID], list[tuple[str, str]]]] = []


def use_statement(claim_id: UUID, *, by: Actor) -> dict[str, Any]:
    """A standing use of units in plain values: who, what for, which units, by which entry.

    :raises NotFound: no such claim, not yours to see, taken back, or of power without units
    """
    claim = queries.get_visible_claim(claim_id, by=by)
    if claim.state != ClaimState.STANDING or claim.entry_id is None or claim.lot is None:
        raise NotFound
    scheme = instruments.get_scheme(claim.instrument)
    entry = units.get_entry(claim.entry_id)
    ranges = ClaimedRange.objects.filter(claim=claim).order_by("space", "first_serial")
    return {
        "number": str(claim.pk),
        "kind": "REDEMPTION" if scheme.is_redeemed else "CLAIM" if scheme.is_energy else "RETIRED",
        "scheme": {"code": scheme.code, "zh-hans": scheme.name_zh, "en": scheme.name_en},
        "measure": scheme.measure.value,
        "unit_count": claim.unit_count,
        "beneficiary": parties.name_of(claim.claimant_id),
        "purpose": claim.purpose,
        "period": _days(claim.period_from, claim.period_to),
        "country": claim.country,
        "lot": claim.lot.code,
        "vintage_year": claim.lot.vintage_year,
        "plant": str(claim.plant) if claim.plant else "",
        "generated": _generated(claim),
        "serials": [[row.space, row.first_serial, row.last_serial] for row in ranges],
        "used_on": entry.happened_on.isoformat(),
        "entry": str(claim.entry_id),
        "approval": str(entry.approval_id or ""),
        "claimed_at": claim.claimed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def has_statement(claim: Claim) -> bool:
    return claim.state == ClaimState.STANDING and claim.lot_id is not None


def _days(first: date, after: date) -> list[str]:
    return [first.isoformat(), (after - timedelta(days=1)).isoformat()]


def _generated(claim: Claim) -> list[str]:
    if claim.generated_from is None or claim.generated_to is None:
        return []
    return _days(claim.generated_from, claim.generated_to)
