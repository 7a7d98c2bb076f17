"""One table says which role may call which operation. Here it is walked, pair by pair."""

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from inspect import getmembers, signature
from itertools import product
from uuid import UUID

import pytest

from ledger.doors.permissions import MAY
from ledger.kernel.actors import GRANTABLE, Actor, Role
from ledger.kernel.errors import NotAllowed

STOREYS = ("ledger", "finance", "reporting", "config.start")
NOBODY = UUID(int=7)
# Rooms that move or bind units, sign, or state what was emitted.
NOT_FOR_ADMINISTRATORS = (
    "units", "holds", "claims", "accounts", "approvals",
    "activity", "inventories", "verification", "disclosures", "packages",
)  # fmt: skip


def _modules() -> Iterator[str]:
    for storey in STOREYS:
        package = import_module(storey)
        for found in pkgutil.walk_packages(package.__path__, f"{storey}."):
            if ".migrations" not in found.name and ".templatetags" not in found.name:
                yield found.name


def _operations() -> dict[str, Callable[..., object]]:
    found = {}
    for name in _modules():
        for _name, member in getmembers(import_module(name)):
            if callable(member) and isinstance(getattr(member, "operation_name", None), str):
                found[member.operation_name] = member
    return found


OPERATIONS = _operations()
DENIED = [
    (name, role)
    for name, role in product(sorted(OPERATIONS), Role)
    if role not in MAY.get(name, frozenset())
]


def test_every_operation_has_a_row():
    assert sorted(set(OPERATIONS) - set(MAY)) == []


def test_every_row_has_an_operation():
    assert sorted(set(MAY) - set(OPERATIONS)) == []


def test_every_operation_takes_who_and_when_by_keyword():
    for name, operation in OPERATIONS.items():
        parameters = signature(operation).parameters
        assert {"by", "at"} <= set(parameters), name
        kinds = {one.kind.name for one in parameters.values()}
        assert kinds <= {"KEYWORD_ONLY"}, f"{name} takes {kinds}"


@pytest.mark.parametrize(("name", "role"), DENIED)
def test_a_role_without_a_row_is_refused_before_anything_else(name, role):
    # No other argument is given and no database is open: nothing can have happened before.
    with pytest.raises(NotAllowed):
        OPERATIONS[name](by=Actor(user_id=NOBODY, party_id=NOBODY, roles=frozenset({role})))


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_somebody_without_a_role_may_do_nothing(name):
    with pytest.raises(NotAllowed):
        OPERATIONS[name](by=Actor(user_id=NOBODY))


def test_an_administrator_of_the_system_moves_no_units_and_signs_nothing():
    hers = {name for name, roles in MAY.items() if Role.ADMINISTRATOR in roles}
    assert sorted(one for one in hers if one.split(".")[0] in NOT_FOR_ADMINISTRATORS) == []


def test_an_auditor_writes_nothing_but_her_own_deputy():
    hers = {name for name, roles in MAY.items() if Role.AUDITOR in roles}
    # taking a document writes nothing but that it was taken, and a token is how she reads by API
    takes = {
        "packages.download_report",
        "attestations.take_away",
        "verification.take_reply_file",
    }
    assert hers <= {"parties.appoint_deputy", "parties.issue_token", "parties.revoke_token"} | takes


def test_nobody_is_ever_granted_to_be_the_machine():
    assert Role.SYSTEM not in GRANTABLE
    assert Role.PERSON not in GRANTABLE
