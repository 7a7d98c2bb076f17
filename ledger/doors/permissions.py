"""The one table that says which role may call which operation. What is not listed is denied.

A machine (Role.SYSTEM) may call what lists it. An administrator of the system keeps users and
settings; she moves no units and signs nothing.
"""

from collections.abc import Mapping

from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotAllowed

R = Role
MAY: Mapping[str, frozenset[Role]] = {
    # files
    "files.store_file": frozenset(
        {R.CARBON_MANAGER, R.DATA_OFFICER, R.APPROVER, R.VERIFIER, R.BANK_OFFICER, R.SYSTEM}
    ),
    # jobs
    "jobs.cancel_job": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.APPROVER}),
    "jobs.retry_job": frozenset({R.CARBON_MANAGER, R.DATA_OFFICER, R.APPROVER}),
    # audit
    "audit.seal_events": frozenset({R.SYSTEM}),
}


def check_may(by: Actor, name: str) -> None:
    """:raises NotAllowed: none of the actor's roles may call the operation"""
    if by.roles.isdisjoint(MAY.get(name, frozenset())):
        raise NotAllowed(name)
