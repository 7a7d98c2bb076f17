"""Giving and refusing. Whoever checks sees what will happen, and exactly that happens."""

import json
from datetime import datetime
from uuid import UUID

from ledger.approvals import queries, rules
from ledger.approvals.models import Approval, Consent
from ledger.approvals.operations.recording import consent_row, record
from ledger.approvals.states import TRANSITIONS, ApprovalState
from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.doors.permissions import approvers_of, check_may_approve
from ledger.kernel.actors import Actor, Role
from ledger.kernel.canonical import canonical_json, digest
from ledger.kernel.errors import NotFound
from ledger.kernel.transitions import check_transition
from ledger.parties import queries as parties


@operation
def approve(
    *, approval_id: UUID, by: Actor, at: datetime, seen_digest: str = "", reason: str = ""
) -> Approval:
    """Give the approval; the last one that is needed carries the operation out, both or neither.

    `seen_digest`: the hexadecimal digest that was on the page which the checker read.

    :raises IllegalTransition: decided already
    :raises MakerIsChecker: the same natural person asked for it
    :raises AlreadyAgreed: she has agreed before, and others are needed
    :raises NotAllowed: the checker's role does not cover this operation
    :raises ApprovalExpired, MakerHasLeft, PayloadChanged, StateChanged
    :raises NotFound: not there, or another party's
    :raises DomainError: whatever the operation itself refuses; then nothing has happened
    """
    approval = _lock(approval_id, by)
    check_transition(TRANSITIONS, approval.state, ApprovalState.APPROVED)
    _check_checker(approval, by)
    rules.check_not_expired(expires_at=approval.expires_at, at=at)
    if parties.has_left(approval.requested_by):
        raise rules.MakerHasLeft
    approvable = queries.get_approvable(approval.operation)
    _check_unchanged(approval, approvable, seen=seen_digest)
    if _waits_for_more(approval, by):
        _agree(approval, by=by, at=at, reason=reason)
        return approval
    _decide(approval, ApprovalState.APPROVED, by=by, at=at, reason=reason)
    record("approval.granted", approval, by=by, at=at, reason=reason)
    result = approvable.execute(
        approval.payload, by=_both(approval, by), at=at, approval_id=approval.id
    )
    approval.result = json.loads(canonical_json(dict(result or {})))
    approval.save(update_fields=["result"])
    record("approval.executed", approval, by=by, at=at, result=approval.result)
    return approval


@operation
def reject(*, approval_id: UUID, by: Actor, at: datetime, reason: str) -> Approval:
    """Refuse the request, and say why.

    :raises ReasonMissing: no reason
    :raises IllegalTransition, MakerIsChecker, NotAllowed, NotFound: as when approving
    """
    if not reason.strip():
        raise rules.ReasonMissing
    approval = _lock(approval_id, by)
    check_transition(TRANSITIONS, approval.state, ApprovalState.REJECTED)
    _check_checker(approval, by)
    _decide(approval, ApprovalState.REJECTED, by=by, at=at, reason=reason)
    record("approval.rejected", approval, by=by, at=at, reason=reason)
    return approval


@operation
def withdraw(*, approval_id: UUID, by: Actor, at: datetime, reason: str = "") -> Approval:
    """Take one's own request back.

    :raises OnlyTheMaker: somebody else asked for it
    :raises IllegalTransition: decided already
    :raises NotFound: not there, or another party's
    """
    approval = _lock(approval_id, by)
    if parties.person_of(by.user_id) != approval.requested_person:
        raise rules.OnlyTheMaker
    check_transition(TRANSITIONS, approval.state, ApprovalState.WITHDRAWN)
    _decide(approval, ApprovalState.WITHDRAWN, by=by, at=at, reason=reason)
    record("approval.withdrawn", approval, by=by, at=at, reason=reason)
    return approval


@operation
def expire_due_approvals(*, by: Actor, at: datetime) -> int:
    """Close what nobody has decided in time; returns how many."""
    due = Approval.objects.select_for_update(skip_locked=True).filter(
        state=ApprovalState.REQUESTED, expires_at__lte=at
    )
    count = 0
    for approval in due.order_by("id"):
        _decide(approval, ApprovalState.EXPIRED, by=by, at=at, reason="")
        record("approval.expired", approval, by=by, at=at)
        count += 1
    return count


def _waits_for_more(approval: Approval, by: Actor) -> bool:
    """:raises AlreadyAgreed: the same natural person counts once"""
    persons = set(approval.consents.values_list("given_person", flat=True))
    if parties.person_of(by.user_id) in persons:
        raise rules.AlreadyAgreed
    return len(persons) + 1 < approval.needed_count


def _agree(approval: Approval, *, by: Actor, at: datetime, reason: str) -> None:
    consent = Consent.objects.create(
        approval=approval,
        given_at=at,
        given_by=by.user_id,
        given_person=parties.person_of(by.user_id),
        reason=reason,
    )
    audit.record(
        verb="approval.seconded",
        subject=f"approvals.Consent:{consent.pk}",
        by=by,
        at=at,
        data={"row": consent_row(consent)},
        reason=reason,
    )


def _lock(approval_id: UUID, by: Actor) -> Approval:
    seen = queries.visible_to(by).select_for_update(of=("self",))
    approval = seen.filter(id=approval_id).first()
    if approval is None:
        raise NotFound(f"approval {approval_id}")
    return approval


def _check_checker(approval: Approval, by: Actor) -> None:
    rules.check_checker(maker=approval.requested_person, checker=parties.person_of(by.user_id))
    if by.party_id != approval.party_id:
        raise NotFound(f"approval {approval.id}")
    check_may_approve(by, approval.operation)


def _check_unchanged(approval: Approval, approvable: rules.Approvable, *, seen: str) -> None:
    now = rules.binding_digest(
        operation=approval.operation,
        party_id=approval.party_id,
        payload=approval.payload,
        state_digest=bytes(approval.state_digest),
    )
    rules.check_digests(bound=bytes(approval.payload_digest), now=now, seen=seen)
    if digest(approvable.fingerprint(approval.payload)) != bytes(approval.state_digest):
        raise rules.StateChanged


def _both(approval: Approval, checker: Actor) -> Actor:
    """The maker, with the authority of the two: hers when she asked, the checker's now.

    Roles that the maker has gained since do not help (I34).
    """
    return Actor(
        user_id=approval.requested_by,
        party_id=approval.requested_party_id,
        roles=frozenset(Role(role) for role in approval.requested_roles)
        | (checker.roles & approvers_of(approval.operation)),
    )


def _decide(
    approval: Approval, state: ApprovalState, *, by: Actor, at: datetime, reason: str
) -> None:
    approval.state, approval.decided_at, approval.decided_by = state, at, by.user_id
    approval.decided_person, approval.reason = parties.person_of(by.user_id), reason
    approval.save(update_fields=["state", "decided_at", "decided_by", "decided_person", "reason"])
