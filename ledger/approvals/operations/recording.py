"""What the log keeps of approvals, consents and thresholds."""

from datetime import datetime
from typing import Any

from ledger.approvals.models import Approval, Consent, Threshold
from ledger.audit import operations as audit
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest


def record(
    verb: str, approval: Approval, *, by: Actor, at: datetime, reason: str = "", **more: Any
) -> None:
    audit.record(
        verb=verb,
        subject=f"approvals.Approval:{approval.id}",
        by=by,
        at=at,
        data={"row": approval_row(approval), **more},
        reason=reason,
    )


def approval_row(approval: Approval) -> dict[str, Any]:
    """What the log keeps of an approval; `checks.py` compares the table with it."""
    return {
        "operation": approval.operation,
        "party": str(approval.party_id),
        "digest": bytes(approval.payload_digest).hex(),
        "state_digest": bytes(approval.state_digest).hex(),
        "summary": digest(approval.summary).hex(),
        "state": str(approval.state),
        "requested": [
            approval.requested_at,
            approval.requested_by,
            approval.requested_party_id,
            approval.requested_person,
            list(approval.requested_roles),
        ],
        "expires_at": approval.expires_at,
        "needed": approval.needed_count,
        "decided": [approval.decided_at, approval.decided_by, approval.decided_person],
        "reason": approval.reason,
        "result": approval.result,
    }


def consent_row(consent: Consent) -> dict[str, Any]:
    return {
        "approval": str(consent.approval_id),
        "given": [consent.given_at, consent.given_by, consent.given_person],
        "reason": consent.reason,
    }


def threshold_row(threshold: Threshold) -> dict[str, Any]:
    return {
        "party": str(threshold.party_id),
        "operation": threshold.operation,
        "tiers": threshold.tiers,
        "valid_from": threshold.valid_from,
        "reason": threshold.reason,
        "approval": threshold.approval_id,
        "set": [threshold.set_at, threshold.set_by],
    }
