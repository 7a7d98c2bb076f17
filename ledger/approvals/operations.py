"""Asking, giving and refusing. Whoever checks sees what will happen, and exactly that happens."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ledger.approvals import queries, rules
from ledger.approvals.models import Approval
from ledger.approvals.states import TRANSITIONS, ApprovalState
from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.doors.permissions import MAY, approvers_of, check_may_approve
from ledger.kernel.actors import Actor, Role
from ledger.kernel.canonical import canonical_json, digest
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.transitions import check_transition
from ledger.parties import queries as parties


def register(
    name: str,
    *,
    execute: Callable[..., Mapping[str, Any]],
    describe: Callable[[Any], list[str]],
    fingerprint: Callable[[Any], Mapping[str, Any]],
) -> None:
    """Make an operation approvable; called from `config/wiring.py` at start.

    execute(payload, *, by, at, approval_id): carries it out, `by` the maker with the authority of
        both; returns what came of it, in plain values
    describe(payload): sentences of what will happen, translated when it is called
    fingerprint(payload): the facts that must still be the same when it is approved

    The payload arrives in plain JSON: decimals, dates and ids as strings.
    """
    queries.register(
        rules.Approvable(name=name, execute=execute, describe=describe, fingerprint=fingerprint)
    )


@operation
def request_approval(
    *,
    operation: str,
    payload: Mapping[str, Any],
    summary: Sequence[str],
    party_id: UUID,
    by: Actor,
    at: datetime,
    expires_at: datetime | None = None,
) -> Approval:
    """Ask the approvers of a party to let an operation happen, with exactly this content.

    It expires after seven days unless said otherwise.

    :raises UnknownOperation: nobody registered it
    :raises NotAllowed: neither the maker nor those who approve it could ever do it
    :raises NothingToRead: there is no sentence to show
    :raises OddExpiry: it would expire before it begins
    :raises TypeError: the payload has no canonical form (a float, an object)
    """
    approvable = queries.get_approvable(operation)
    _check_within_reach(operation, by)
    if not any(sentence.strip() for sentence in summary):
        raise rules.NothingToRead
    if expires_at is not None and expires_at <= at:
        raise rules.OddExpiry
    plain = json.loads(canonical_json(dict(payload)))
    state_digest = digest(approvable.fingerprint(plain))
    bound = rules.binding_digest(
        operation=operation, party_id=party_id, payload=plain, state_digest=state_digest
    )
    approval = Approval.objects.create(
        operation=operation,
        party_id=party_id,
        requested_party_id=by.party_id,
        payload=plain,
        payload_digest=bound,
        state_digest=state_digest,
        summary=list(summary),
        requested_at=at,
        requested_by=by.user_id,
        requested_person=parties.person_of(by.user_id),
        requested_roles=sorted(by.roles),
        expires_at=expires_at or at + rules.LIFETIME,
    )
    _record("approval.requested", approval, by=by, at=at)
    return approval


@operation
def approve(
    *, approval_id: UUID, by: Actor, at: datetime, seen_digest: str = "", reason: str = ""
) -> Approval:
    """Give the approval and carry the operation out, both or neither.

    `seen_digest`: the hexadecimal digest that was on the page which the checker read.

    :raises IllegalTransition: decided already
    :raises MakerIsChecker: the same natural person asked for it
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
    _decide(approval, ApprovalState.APPROVED, by=by, at=at, reason=reason)
    _record("approval.granted", approval, by=by, at=at, reason=reason)
    result = approvable.execute(
        approval.payload, by=_both(approval, by), at=at, approval_id=approval.id
    )
    approval.result = json.loads(canonical_json(dict(result or {})))
    approval.save(update_fields=["result"])
    _record("approval.executed", approval, by=by, at=at, result=approval.result)
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
    _record("approval.rejected", approval, by=by, at=at, reason=reason)
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
    _record("approval.withdrawn", approval, by=by, at=at, reason=reason)
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
        _record("approval.expired", approval, by=by, at=at)
        count += 1
    return count


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


def _check_within_reach(name: str, by: Actor) -> None:
    """Say at once what would be refused at the end."""
    if name in MAY and (by.roles | approvers_of(name)).isdisjoint(MAY[name]):
        raise NotAllowed(name)


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


def _record(
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
        "decided": [approval.decided_at, approval.decided_by, approval.decided_person],
        "reason": approval.reason,
        "result": approval.result,
    }
