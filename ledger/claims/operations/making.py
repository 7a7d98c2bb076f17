"""What every claim does, whatever it is on."""

from datetime import datetime

from ledger.audit import operations as audit
from ledger.claims import queries
from ledger.claims.models import Claim
from ledger.kernel.actors import Actor
from ledger.kernel.keys import KeyUsedOtherwise


def record(verb: str, claim: Claim, *, by: Actor, at: datetime, reason: str = "") -> None:
    audit.record(
        verb=verb,
        subject=f"claims.Claim:{claim.pk}",
        by=by,
        at=at,
        data={"row": queries.content_of_claim(claim)},
        reason=reason,
    )


def find_made(*, key: str, request: bytes) -> Claim | None:
    """:raises KeyUsedOtherwise: the key stands for another request"""
    claim = Claim.objects.filter(idempotency_key=key).first()
    if claim is not None and bytes(claim.request_digest) != request:
        raise KeyUsedOtherwise
    return claim
