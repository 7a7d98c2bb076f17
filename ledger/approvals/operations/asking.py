"""Asking for an approval; or carrying out at once what a party's thresholds leave to the maker."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from ledger.approvals import queries, rules
from ledger.approvals.models import Approval
from ledger.approvals.operations.recording import record
from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.doors.permissions import MAY, approvers_of
from ledger.kernel.actors import Actor, Role
from ledger.kernel.canonical import canonical_json, digest
from ledger.kernel.errors import NotAllowed
from ledger.kernel.keys import check_told
from ledger.parties import queries as parties


@dataclass(frozen=True, slots=True)
class Proposal:
    """A request that waits, or what came of an act that needed no approval."""

    approval: Approval | None = None
    result: Mapping[str, Any] | None = None


def register(
    name: str,
    *,
    execute: Callable[..., Mapping[str, Any]],
    describe: Callable[[Any], list[str]],
    fingerprint: Callable[[Any], Mapping[str, Any]],
    size: Callable[[Any], int | None] | None = None,
    title: Any = "",
    fewest: int = 0,
) -> None:
    """Make an operation approvable; called from `config/wiring.py` at start.

    execute(payload, *, by, at, approval_id): carries it out, `by` the maker with the authority of
        both; returns what came of it, in plain values
    describe(payload): sentences of what will happen, translated when it is called
    fingerprint(payload): the facts that must still be the same when it is approved
    title: what the act is called, where thresholds are set
    size(payload): how many units it moves, for the party's thresholds; without it, it moves none
    fewest: so many approvers at least, whatever the party's thresholds say

    The payload arrives in plain JSON: decimals, dates and ids as strings.
    """
    queries.register(
        rules.Approvable(
            name=name,
            execute=execute,
            describe=describe,
            fingerprint=fingerprint,
            size=size,
            title=title,
            fewest=fewest,
        )
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

    It expires after seven days unless said otherwise. How many approvers it needs follows from
    the party's thresholds on this day, and stays: at least one.

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
        needed_count=max(1, queries.approvers_needed(operation, plain, party_id=party_id, at=at)),
    )
    record("approval.requested", approval, by=by, at=at)
    return approval


@operation(retry=True)
def propose(
    *,
    operation: str,
    payload: Mapping[str, Any],
    summary: Sequence[str],
    party_id: UUID,
    by: Actor,
    at: datetime,
) -> Proposal:
    """Ask for an approval; where the party's thresholds ask for none, carry it out now.

    What was asked for under the payload's `key` before is answered again.

    :raises KeyUnfit: the key is empty or too long
    :raises UnknownOperation, NotAllowed, NothingToRead, TypeError: as `request_approval`
    :raises DomainError: whatever an operation that is carried out at once refuses
    """
    check_told(payload["key"])
    if asked := queries.find_asked(operation=operation, key=payload["key"], by=by):
        return Proposal(approval=asked)
    plain = json.loads(canonical_json(dict(payload)))
    if queries.approvers_needed(operation, plain, party_id=party_id, at=at):
        made = request_approval(
            operation=operation, payload=payload, summary=summary, party_id=party_id, by=by, at=at
        )
        return Proposal(approval=made)
    one = queries.get_approvable(operation)
    result = one.execute(plain, by=_alone(operation, by), at=at, approval_id=None)
    audit.record(
        verb="approval.not_needed",
        subject=f"parties.Party:{party_id}",
        by=by,
        at=at,
        data={"operation": operation, "payload": digest(plain).hex(), "result": dict(result)},
    )
    return Proposal(result=result)


def _alone(name: str, by: Actor) -> Actor:
    """The maker of an act that her party's thresholds leave to one person.

    What lists approvers alone lists them for being a second pair of eyes; none is wanted here. It
    is a carbon manager's to do then, and nobody else's.
    """
    if by.has(Role.CARBON_MANAGER) and Role.APPROVER in MAY.get(name, frozenset()):
        return replace(by, roles=by.roles | {Role.APPROVER})
    return by


def _check_within_reach(name: str, by: Actor) -> None:
    """Say at once what would be refused at the end."""
    if name in MAY and (by.roles | approvers_of(name)).isdisjoint(MAY[name]):
        raise NotAllowed(name)
