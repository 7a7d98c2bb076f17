"""Capture: a creditor enforces, an order deducts, a reservation is delivered."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from ledger.accounts import queries as accounts
from ledger.doors.operation import operation
from ledger.holds import rules
from ledger.holds.models import Hold
from ledger.holds.operations.leaving import Act, legs_of, post
from ledger.holds.operations.placing import Ranges, facts_of, record
from ledger.holds.operations.resolving import (
    check_may_resolve,
    find_done,
    finish,
    lock_hold,
    resolution_of,
)
from ledger.holds.states import LIVE, TRANSITIONS, HoldKind, HoldState
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.keys import key_of
from ledger.kernel.transitions import check_transition
from ledger.units import operations as units
from ledger.units import queries as unit_queries
from ledger.units.queries import LotView
from ledger.units.states import UnitState

ENDS = {UnitState.SURRENDERED: "SURRENDER", UnitState.CANCELLED: "CANCEL"}
CAPTURE_INTO = frozenset({UnitState.FREE, *ENDS})


def lapse(stack: Sequence[Hold], act: Act) -> None:
    """What an earlier hold took, nobody can wait for any more."""
    for hold in stack:
        if hold.state not in LIVE:
            continue
        behind = sum(other.controlled_count for other in stack if other.pk != hold.pk)
        waits = hold.remaining_count - hold.controlled_count
        if waits <= behind:
            continue
        hold.remaining_count -= waits - behind
        if not hold.remaining_count:
            check_transition(TRANSITIONS, hold.state, HoldState.LAPSED)
            hold.state, hold.resolved_at, hold.resolved_by = (
                HoldState.LAPSED,
                act.at,
                act.by.user_id,
            )
        hold.save(update_fields=["state", "remaining_count", "resolved_at", "resolved_by"])
        record("hold.lapsed", hold, by=act.by, at=act.at, reason=act.reason)


def _check_capture(hold: Hold, stack: Sequence[Hold], to_state: UnitState) -> None:
    """:raises FreezeInForce: I13
    :raises TerminalState: not a place where captured units go
    """
    frozen = any(o.kind == HoldKind.FREEZE and o.state in LIVE and o.pk != hold.pk for o in stack)
    if frozen and hold.kind != HoldKind.FREEZE:
        raise rules.FreezeInForce
    if to_state not in CAPTURE_INTO:
        raise rules.NotACaptureTarget(state=str(to_state))


def _check_target(hold: Hold, to_account_id: UUID, to_state: UnitState, act: Act) -> int | None:
    """The matrix and the scheme speak; answers how often such units may change hands."""
    target = accounts.get_account(to_account_id)
    accounts.check_open(target)
    lot = unit_queries.get_lot(hold.lot_id)
    scheme = instruments.get_scheme(lot.scheme)
    on = rules.beijing_day(act.at)
    facts = facts_of(lot)
    if to_state in ENDS:
        accounts.check_movement(ENDS[to_state], hold.account, target)
        instruments.check_usable(scheme, facts, on=on, purpose=ENDS[to_state])
        return None
    if target.pk == hold.account_id:
        return None
    accounts.check_movement("TRANSFER" if hold.kept_by else "CAPTURE", hold.account, target)
    if hold.kind == HoldKind.RESERVE:
        _check_delivery(hold, target.pk, lot, act)
    instruments.check_usable(scheme, facts, on=on, purpose="TRANSFER")
    return instruments.max_transfers(scheme, on)


def _check_delivery(hold: Hold, to_account_id: UUID, lot: LotView, act: Act) -> None:
    """The owner delivers what she had set aside: to her it is a transfer like any other.

    :raises CounterpartyNotTrusted: a delivery past the days that a new counterparty waits
    :raises DomainError: a guard of a room above
    """
    on = rules.beijing_day(act.at)
    units.check_guards(
        kind="TRANSFER", account_id=hold.account_id, lot=lot, on=on, by=act.by, at=act.at
    )
    if not (hold.kept_by or act.by.is_machine):
        accounts.check_trusted(hold.account_id, to_account_id, on=on)


@operation(retry=True)
def capture_hold(
    *,
    hold_id: UUID,
    to_account_id: UUID,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    to_state: UnitState = UnitState.FREE,
    unit_count: int | None = None,
    ranges: Ranges = (),
    order_number: str = "",
    reason: str = "",
    approval_id: UUID | None = None,
    kept_by: str = "",
) -> Hold:
    """Take held units: a creditor enforces, an order deducts, a reservation is delivered.

    They go free into another account, or end as surrendered or cancelled. Holds that waited for
    them lapse by as much.

    :raises NotFound: not there, or not yours to see
    :raises IllegalTransition: it controls nothing, or is resolved already
    :raises FreezeInForce, NotYoursToRelease, OrderNeeded, MoreThanHeld, KeptByAnother: refused
    :raises TransactionNotAllowed, WrongEndUse, NotTransferable: the matrix, or the scheme
    """
    asked: dict[str, Any] = {
        "hold": hold_id,
        "units": unit_count,
        "ranges": [list(run) for run in ranges],
        "to": [to_account_id, to_state],
    }
    key = key_of(by, idempotency_key)
    act = Act(
        HoldState.CAPTURED, by, at, key, reason, order_number, ranges, asked, approval_id, kept_by
    )
    hold, stack = lock_hold(hold_id, by)
    if done := find_done(act):
        return done
    check_transition(TRANSITIONS, hold.state, HoldState.CAPTURED)
    check_may_resolve(hold, act)
    _check_capture(hold, stack, to_state)
    most = _check_target(hold, to_account_id, to_state, act)
    count = hold.controlled_count if unit_count is None else unit_count
    rules.check_count(count, held=hold.controlled_count)
    resolution = resolution_of(hold, count, act)
    legs = legs_of(hold, [(to_account_id, to_state, count, None)], ranges)
    changes_hands = to_account_id != hold.account_id and to_state is UnitState.FREE
    kind = "TRANSFER" if changes_hands else "HOLD_CAPTURED"
    legs = [replace(leg, max_transfers=most) for leg in legs] if changes_hands else legs
    resolution.entry_id = post(hold, legs, kind, resolution.pk, act)
    finish(hold, count, count, resolution, act)
    lapse(stack, act)
    return hold
