"""Short set-ups: a manager, a lot, units in an account."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from ledger.kernel.actors import Actor, Role
from ledger.kernel.ids import new_id
from ledger.units.operations import Leg, LotFacts, Receipt, open_lot, post_entry
from ledger.units.states import UnitState

DAY = date(2026, 1, 5)
NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
FREE, UNISSUED = UnitState.FREE, UnitState.UNISSUED
ISSUER = UUID("00000000-0000-7000-8000-0000000000aa")


def manager() -> Actor:
    return Actor(
        user_id=new_id(), party_id=new_id(), roles=frozenset({Role.CARBON_MANAGER, Role.APPROVER})
    )


MANAGER = manager()


def lot(code: str | None = None, *, scheme: str = "CEA", space: bool = False, **facts: Any) -> UUID:
    code = code or f"LOT-{new_id()}"
    made = LotFacts(
        code=code,
        scheme=scheme,
        vintage_year=facts.pop("vintage_year", 2025),
        space=("REG", scheme, code) if space else None,
        **facts,
    )
    return open_lot(facts=made, by=MANAGER, at=NOON)


def leg(
    lot_id: UUID,
    source: tuple[UUID, UnitState],
    target: tuple[UUID, UnitState],
    count: int,
    first: int | None = None,
    **more: Any,
) -> Leg:
    last = None if first is None else first + count - 1
    return Leg(lot_id, *source, *target, count, first, last, **more)


def post(
    legs: Leg | Sequence[Leg],
    *,
    kind: str = "TRANSFER",
    key: str | None = None,
    on: date = DAY,
    **more: Any,
) -> Receipt:
    return post_entry(
        kind=kind,
        legs=[legs] if isinstance(legs, Leg) else legs,
        happened_on=on,
        by=more.pop("by", MANAGER),
        at=more.pop("at", NOON),
        idempotency_key=key or str(new_id()),
        **more,
    )


def issued(
    account: UUID, count: int, *, lot_id: UUID | None = None, first: int | None = None
) -> UUID:
    """Issue units into an account's free state; answers with the lot."""
    lot_id = lot_id or lot(space=first is not None)
    post(leg(lot_id, (ISSUER, UNISSUED), (account, FREE), count, first), kind="ISSUE")
    return lot_id
