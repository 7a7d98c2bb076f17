"""Approvals against what the log says of them, and against their own digest."""

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.approvals import rules
from ledger.approvals.models import Approval, Consent, Threshold
from ledger.approvals.operations import approval_row, consent_row, threshold_row
from ledger.audit import queries as audit

VERBS = (
    "approval.requested",
    "approval.granted",
    "approval.executed",
    "approval.rejected",
    "approval.withdrawn",
    "approval.expired",
)


def check_rows() -> Iterator[audit.Fault]:
    """Every approval says what its newest event says, and its payload still has its digest."""
    yield from audit.compare_rows_with_events(_rows(), kind="approval", verbs=VERBS)
    consents = Consent.objects.iterator()
    yield from audit.compare_rows_with_events(
        ((f"approvals.Consent:{one.pk}", consent_row(one)) for one in consents),
        kind="approval.consent",
        verbs=["approval.seconded"],
    )
    thresholds = Threshold.objects.iterator()
    yield from audit.compare_rows_with_events(
        ((f"approvals.Threshold:{one.pk}", threshold_row(one)) for one in thresholds),
        kind="approval.threshold",
        verbs=["approval.thresholds_set"],
    )
    for approval in Approval.objects.iterator():
        if _digest_now(approval) != bytes(approval.payload_digest):
            subject = f"approvals.Approval:{approval.id}"
            yield audit.Fault("approval", subject, "the payload is not what was approved")


def _rows() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for one in Approval.objects.iterator():
        yield f"approvals.Approval:{one.id}", _content(one)


def _content(approval: Approval) -> Mapping[str, Any]:
    try:
        return approval_row(approval)
    except TypeError:  # altered into something that has no canonical form
        return {}


def _digest_now(approval: Approval) -> bytes:
    try:
        return rules.binding_digest(
            operation=approval.operation,
            party_id=approval.party_id,
            payload=approval.payload,
            state_digest=bytes(approval.state_digest),
        )
    except TypeError:
        return b""
