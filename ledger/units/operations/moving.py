"""Issue, transfer, retire, surrender, cancel, expire: each one entry, decided, then posted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ledger.doors.operation import Overtaken, operation
from ledger.kernel.actors import Actor
from ledger.kernel.keys import key_of
from ledger.units import engine
from ledger.units.operations.bodies import Draft, Stamp, compose
from ledger.units.operations.decisions import check_decision
from ledger.units.queries import find_receipt, get_lot, legs_of_units
from ledger.units.rules import RangeNotHeld, Receipt
from ledger.units.states import EntryKind, UnitState

Ranges = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Move:
    kind: EntryKind
    lot_id: UUID
    source: tuple[UUID, UnitState]
    target: tuple[UUID, UnitState]
    unit_count: int
    ranges: Ranges
    happened_on: date
    data: Mapping[str, Any]

    def asked(self) -> dict[str, Any]:
        """What the key stands for: the serials chosen by us would be others tomorrow."""
        return {
            "lot": self.lot_id,
            "from": list(self.source),
            "to": list(self.target),
            "units": self.unit_count,
            "ranges": [list(run) for run in self.ranges],
            "happened_on": self.happened_on,
            "data": dict(self.data),
        }


def _move(
    move: _Move,
    *,
    by: Actor,
    at: datetime,
    key: str,
    reason: str,
    approval_id: UUID | None,
    is_going_out: bool = True,
) -> Receipt:
    draft = Draft(
        kind=move.kind,
        legs=(),
        happened_on=move.happened_on,
        idempotency_key=key,
        data=move.data,
        reason=reason,
        approval_id=approval_id,
        asked={**move.asked(), "reason": reason},
    )
    if receipt := find_receipt(full_key=key_of(by, key), digest=draft.digest()):
        return receipt
    lot = get_lot(move.lot_id)
    decision = check_decision(
        kind=move.kind,
        lot=lot,
        from_account_id=move.source[0],
        to_account_id=move.target[0],
        on=move.happened_on,
        by=by,
        at=at,
        is_going_out=is_going_out,
    )
    legs = legs_of_units(
        lot=lot,
        source=move.source,
        target=move.target,
        unit_count=move.unit_count,
        ranges=move.ranges,
        max_transfers=decision.max_transfers,
    )
    data = {**move.data, "transaction": decision.transaction}
    made = replace(draft, legs=legs, data=data, posted_as=decision.posted_as)
    body = compose(made, Stamp.of(by, at))
    try:
        return engine.post([body])[0]
    except RangeNotHeld as refusal:
        if move.ranges:
            raise
        raise Overtaken from refusal  # we chose the serials, and somebody else took them first


@operation(retry=True)
def issue_units(
    *,
    lot_id: UUID,
    from_account_id: UUID,
    to_account_id: UUID,
    unit_count: int,
    happened_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    ranges: Ranges = (),
    reason: str = "",
    approval_id: UUID | None = None,
) -> Receipt:
    """Units come into being: out of the issuer's source side into free. Serials are named.

    :raises SerialsOverlap: some of them exist already (R3.5-1)
    :raises MalformedLeg: serials where the lot has none, or none where it has
    """
    move = _Move(
        EntryKind.ISSUE,
        lot_id,
        (from_account_id, UnitState.UNISSUED),
        (to_account_id, UnitState.FREE),
        unit_count,
        ranges,
        happened_on,
        {},
    )
    return _move(move, by=by, at=at, key=idempotency_key, reason=reason, approval_id=approval_id)


@operation(retry=True)
def transfer_units(
    *,
    lot_id: UUID,
    from_account_id: UUID,
    to_account_id: UUID,
    unit_count: int,
    happened_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    ranges: Ranges = (),
    reason: str = "",
    approval_id: UUID | None = None,
    is_to_market: bool = False,
) -> Receipt:
    """Free units go to another account; without ranges the lowest serials go.

    `is_to_market`: a trade is delivered to its exchange, which names no counterparty to think over.

    :raises NotEnoughUnits, RangeNotHeld, TransferLimit, Expired: refused
    :raises CounterpartyNotTrusted: it would have to wait (`holds.send_units`)
    """
    move = _Move(
        EntryKind.TRANSFER,
        lot_id,
        (from_account_id, UnitState.FREE),
        (to_account_id, UnitState.FREE),
        unit_count,
        ranges,
        happened_on,
        {},
    )
    return _move(
        move,
        by=by,
        at=at,
        key=idempotency_key,
        reason=reason,
        approval_id=approval_id,
        is_going_out=not is_to_market,
    )


def _end(kind: EntryKind, state: UnitState, asked: Mapping[str, Any], **data: Any) -> Receipt:
    """The four ways in which free units end. Without another account they end where they are."""
    account_id = asked["account_id"]
    move = _Move(
        kind,
        asked["lot_id"],
        (account_id, UnitState.FREE),
        (asked["to_account_id"] or account_id, state),
        asked["unit_count"],
        asked["ranges"],
        asked["happened_on"],
        data,
    )
    return _move(
        move,
        by=asked["by"],
        at=asked["at"],
        key=asked["idempotency_key"],
        reason=asked["reason"],
        approval_id=asked["approval_id"],
    )


@operation(retry=True)
def retire_units(
    *,
    lot_id: UUID,
    account_id: UUID,
    unit_count: int,
    beneficiary_id: UUID,
    purpose: str,
    happened_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    to_account_id: UUID | None = None,
    ranges: Ranges = (),
    reason: str = "",
    approval_id: UUID | None = None,
) -> Receipt:
    """Used once, for one beneficiary and one purpose (I19); never used again.

    :raises NotEnoughUnits, RangeNotHeld, Expired: refused
    """
    asked = dict(locals())
    beneficiary = str(asked.pop("beneficiary_id"))
    return _end(
        EntryKind.RETIRE, UnitState.RETIRED, asked, beneficiary=beneficiary, purpose=purpose
    )


@operation(retry=True)
def surrender_units(
    *,
    lot_id: UUID,
    account_id: UUID,
    unit_count: int,
    obligation: str,
    happened_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    to_account_id: UUID | None = None,
    ranges: Ranges = (),
    reason: str = "",
    approval_id: UUID | None = None,
) -> Receipt:
    """Handed in against an obligation (its subject, as an opaque reference).

    :raises NotEnoughUnits, RangeNotHeld, Expired: refused
    """
    return _end(EntryKind.SURRENDER, UnitState.SURRENDERED, dict(locals()), obligation=obligation)


@operation(retry=True)
def cancel_units(
    *,
    lot_id: UUID,
    account_id: UUID,
    unit_count: int,
    reason: str,
    happened_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    to_account_id: UUID | None = None,
    ranges: Ranges = (),
    approval_id: UUID | None = None,
) -> Receipt:
    """Destroyed without a claim.

    :raises NotEnoughUnits, RangeNotHeld: refused
    """
    return _end(EntryKind.CANCEL, UnitState.CANCELLED, dict(locals()))


@operation(retry=True)
def expire_units(
    *,
    lot_id: UUID,
    account_id: UUID,
    unit_count: int,
    happened_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    to_account_id: UUID | None = None,
    ranges: Ranges = (),
    reason: str = "",
    approval_id: UUID | None = None,
) -> Receipt:
    """The lot's validity is over: what is still free ends.

    :raises NotExpiredYet: the lot is valid that day, or without an end
    :raises NotEnoughUnits, RangeNotHeld: refused
    """
    return _end(EntryKind.EXPIRE, UnitState.EXPIRED, dict(locals()))
