"""The one table that says which role may call which operation. What is not listed is denied.

A machine (Role.SYSTEM) may call what lists it. An administrator of the system keeps users and
settings; she moves no units and signs nothing.
"""

from collections.abc import Mapping

from ledger.doors.permissions import of_finance, of_ledger, of_reporting
from ledger.doors.permissions.roles import CHECKERS, R
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotAllowed

MAY: Mapping[str, frozenset[Role]] = {**of_ledger.MAY, **of_finance.MAY, **of_reporting.MAY}


# Who may give the approval of an operation; not listed here means: the party's approvers.
# A bank's second officer is its second pair of eyes on what it holds.
MAY_APPROVE: Mapping[str, frozenset[Role]] = {
    "holds.capture_hold": CHECKERS,
    "holds.release_hold": CHECKERS,
    "pledges.enforce": CHECKERS,
    "pledges.lapse_pledge": CHECKERS,
}


def approvers_of(name: str) -> frozenset[Role]:
    """The roles that are a second pair of eyes for an operation."""
    return MAY_APPROVE.get(name, frozenset({R.APPROVER}))


def may_approve(by: Actor, name: str) -> bool:
    """Whether the actor holds one of them."""
    return not by.roles.isdisjoint(approvers_of(name))


def check_may_approve(by: Actor, name: str) -> None:
    """:raises NotAllowed: none of the actor's roles may approve the operation"""
    if not may_approve(by, name):
        raise NotAllowed(f"approval of {name}")


def check_may(by: Actor, name: str) -> None:
    """:raises NotAllowed: none of the actor's roles may call the operation"""
    if by.roles.isdisjoint(MAY.get(name, frozenset())):
        raise NotAllowed(name)
