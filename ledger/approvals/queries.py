"""What waits for whom, and whether a given approval covers a given act."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ledger.approvals import rules
from ledger.approvals.models import Approval, Consent, Threshold
from ledger.approvals.states import ApprovalState
from ledger.doors.permissions import may_approve
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import DomainError, NotFound
from ledger.parties import queries as parties

_approvables: dict[str, rules.Approvable] = {}


def register(approvable: rules.Approvable) -> None:
    """Put an operation on the list of those that can be approved; called through `operations`."""
    _approvables[approvable.name] = approvable


def get_approvable(operation: str) -> rules.Approvable:
    """:raises UnknownOperation: nobody registered it"""
    try:
        return _approvables[operation]
    except KeyError as error:
        raise rules.UnknownOperation(operation=operation) from error


def approvables() -> list[str]:
    """The names of all operations that can be approved."""
    return sorted(_approvables)


def approvers_needed(
    operation: str, payload: Mapping[str, Any], *, party_id: UUID, at: datetime
) -> int:
    """How many approvers a party's act needs today; 0: its maker carries it out alone.

    :raises UnknownOperation: nobody registered it
    """
    approvable = get_approvable(operation)
    size = approvable.size
    names = [operation] if size is None else [operation, ""]
    rows = Threshold.objects.filter(
        party_id=party_id, operation__in=names, valid_from__lte=rules.beijing_day(at)
    )
    # an operation's own line before the line for all
    row = rows.order_by("-operation", "-valid_from", "-set_at", "-id").first()
    tiers = row.tiers if row is not None else rules.USUAL
    asked = rules.approvers_from(tiers, size(payload) if size is not None else None)
    return max(asked, approvable.fewest)


def describe(operation: str, payload: Mapping[str, Any]) -> list[str]:
    """What would happen, in the reader's language.

    :raises UnknownOperation: nobody registered it
    """
    return get_approvable(operation).describe(payload)


def title_of(operation: str) -> str:
    """What an act is called in the reader's language."""
    found = _approvables.get(operation)
    return str(found.title) if found is not None and found.title else operation


def movable() -> list[tuple[str, str]]:
    """The approvable acts that move units, which thresholds can tell apart: name and title."""
    found = [(name, title_of(name)) for name, one in _approvables.items() if one.size is not None]
    return sorted(found, key=lambda pair: pair[1])


def never_alone(operation: str = "") -> list[str]:
    """The titles of the moving acts (or of this one) that no threshold leaves to one person."""
    found = [title for name, title in movable() if _approvables[name].fewest]
    return [one for one in found if not operation or one == title_of(operation)]


def who_decides(operation: str, payload: Mapping[str, Any], *, by: Actor, at: datetime) -> str:
    """For the page before the act: whether somebody else has to agree, and how many."""
    count = approvers_needed(operation, payload, party_id=by.own_party, at=at)
    return {
        0: _("Nobody else need agree: it happens at once when you confirm."),
        1: _("Nothing moves yet: this asks for an approval, and another person decides."),
    }.get(count) or _("Nothing moves yet: this asks for the approval of two other persons.")


def what_came_of(is_done: bool) -> str:
    """For the page after the act."""
    if is_done:
        return _("It is done; your party's thresholds ask for no approval.")
    return _("The request waits for an approver. Nothing has moved yet.")


def consents_of(approval: Approval) -> list[Consent]:
    """Who has agreed so far, where one is not enough."""
    return list(approval.consents.order_by("given_at", "id"))


def find_asked(*, operation: str, key: str, by: Actor) -> Approval | None:
    """What the actor's party has asked for under this key already."""
    found = Approval.objects.filter(operation=operation, requested_party_id=by.party_id)
    return found.filter(payload__key=key).first()


def visible_to(actor: Actor) -> QuerySet[Approval]:
    """What the actor's party decides or has asked for."""
    mine = Q(party_id=actor.party_id) | Q(requested_party_id=actor.party_id)
    return Approval.objects.filter(mine) if actor.party_id else Approval.objects.none()


def seen_by(actor: Actor) -> QuerySet[Approval]:
    """The same for the door of machines: an auditor reads all."""
    return Approval.objects.all() if actor.has(Role.AUDITOR) else visible_to(actor)


def get_approval(approval_id: UUID, actor: Actor) -> Approval:
    """:raises NotFound: not there, or not yours"""
    found = seen_by(actor).filter(id=approval_id).first()
    if found is None:
        raise NotFound(f"approval {approval_id}")
    return found


def open_for(actor: Actor) -> list[Approval]:
    """The requests that this person may decide now, the oldest first; never her own."""
    if actor.party_id is None:
        return []
    person = parties.person_of(actor.user_id)
    waiting = (
        Approval.objects.filter(party_id=actor.party_id, state=ApprovalState.REQUESTED)
        .exclude(requested_person=person)
        .exclude(consents__given_person=person)
        .order_by("requested_at", "id")
    )
    return [one for one in waiting if may_approve(actor, one.operation)]


def count_open(actor: Actor) -> int:
    return len(open_for(actor))


def requested_by(actor: Actor) -> QuerySet[Approval]:
    """What this person has asked for and nobody has decided yet."""
    mine = Approval.objects.filter(requested_by=actor.user_id, state=ApprovalState.REQUESTED)
    return mine.order_by("requested_at", "id")


def sentences(approval: Approval) -> list[str]:
    """What will happen, in the reader's language; afterwards, what the maker had read."""
    if approval.state == ApprovalState.REQUESTED and approval.operation in _approvables:
        try:
            return _approvables[approval.operation].describe(approval.payload)
        except DomainError:  # no longer possible: it is still to be read, and to be rejected
            pass
    return list(approval.summary)


def check_granted(*, approval_id: UUID | None, operation: str, payload: dict[str, Any]) -> None:
    """For operations that may only run approved: the approval stands, and for exactly this.

    :raises NotApproved: none, another operation, other content, or not given
    """
    found = Approval.objects.filter(
        id=approval_id or UUID(int=0), operation=operation, state=ApprovalState.APPROVED
    ).first()
    if found is None:
        raise rules.NotApproved
    asked = rules.binding_digest(
        operation=operation,
        party_id=found.party_id,
        payload=payload,
        state_digest=bytes(found.state_digest),
    )
    if asked != bytes(found.payload_digest):
        raise rules.NotApproved
