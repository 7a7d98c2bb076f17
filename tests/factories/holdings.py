"""A park with an account that holds units, a bank, and short calls for holds and claims."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ledger.accounts import operations as accounts
from ledger.accounts.models import Account
from ledger.holds import operations as holds
from ledger.holds.models import Hold
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.ids import new_id
from ledger.units import queries as units
from ledger.units.states import UnitState
from tests.factories.units import MANAGER as PARK_MANAGER
from tests.factories.units import issued, lot

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
BANK_OFFICER = Actor(user_id=new_id(), party_id=new_id(), roles=frozenset({Role.BANK_OFFICER}))
STRANGER = Actor(
    user_id=new_id(), party_id=new_id(), roles=frozenset({Role.CARBON_MANAGER, Role.BANK_OFFICER})
)


def open_account(number: str, *, by: Actor = PARK_MANAGER, kind: str = "HOLDING") -> Account:
    assert by.party_id is not None
    opener = by if by.has(Role.CARBON_MANAGER) else SYSTEM
    return accounts.open_account(
        holder_id=by.party_id, type=kind, registry="CCRC", number=number, by=opener, at=NOON
    )


def holdings(count: int = 100, *, first: int | None = None, **facts: Any) -> tuple[Account, UUID]:
    """The park's account with so many free units of a new lot."""
    load_schemes(by=SYSTEM, at=NOON)
    made = open_account(f"A-{new_id()}")
    lot_id = lot(space=first is not None, **facts)
    issued(made.pk, count, lot_id=lot_id, first=first)
    return made, lot_id


def pledge(account_id: UUID, lot_id: UUID, count: int, **given: Any) -> Hold:
    wanted: dict[str, Any] = {
        "kind": "PLEDGE",
        "in_favour_of": BANK_OFFICER.party_id,
        "by": PARK_MANAGER,
        "at": NOON,
        "idempotency_key": str(new_id()),
    }
    return holds.place_hold(
        account_id=account_id, lot_id=lot_id, unit_count=count, **{**wanted, **given}
    )


def freeze(account_id: UUID, lot_id: UUID, count: int, **given: Any) -> Hold:
    wanted = {"kind": "FREEZE", "in_favour_of": None, "order_number": "(2026)浙01执7号"}
    return pledge(account_id, lot_id, count, **{**wanted, **given})


def reserve(account_id: UUID, lot_id: UUID, count: int, **given: Any) -> Hold:
    return pledge(account_id, lot_id, count, **{"kind": "RESERVE", "in_favour_of": None, **given})


def release(hold: Hold, *, by: Actor = BANK_OFFICER, **given: Any) -> Hold:
    return holds.release_hold(
        hold_id=hold.pk, by=by, **{"at": NOON, "idempotency_key": str(new_id()), **given}
    )


def quantities(account_id: UUID, lot_id: UUID) -> dict[str, int]:
    """What is where, in one account."""
    return {
        view.state.value: view.unit_count
        for view in units.positions_in([account_id])
        if view.lot_id == lot_id and view.state is not UnitState.UNISSUED
    }
