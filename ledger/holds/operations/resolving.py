"""Release and expire: units leave a hold, once, each time by a movement."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.holds import queries, rules
from ledger.holds.models import Hold, Resolution
from ledger.holds.operations.leaving import Act, legs_of, post
from ledger.holds.operations.placing import Ranges, record
from ledger.holds.states import TRANSITIONS, HoldKind, HoldState
from ledger.kernel.actors import Actor
from ledger.kernel.ids import new_id
from ledger.kernel.keys import KeyUsedOtherwise, key_of
from ledger.kernel.transitions import check_transition
from ledger.units.states import UnitState


def check_may_resolve(hold: Hold, act: Act) -> None:
    """I12, I13: the creditor gives a pledge back; an order lifts a freeze; a reservation is ours.

    :raises KeptByAnother: another act of ours keeps the hold
    :raises NotYoursToRelease, OrderNeeded: refused
    """
    if hold.kept_by:
        if act.kept_by != hold.kept_by:
            raise rules.KeptByAnother
        return
    if act.by.is_machine:
        return
    owner = hold.account.holder_id == act.by.party_id
    favoured = hold.in_favour_of is not None and hold.in_favour_of == act.by.party_id
    if hold.kind == HoldKind.FREEZE:
        if not (favoured or owner):
            raise rules.NotYoursToRelease
        if not act.order_number.strip():
            raise rules.OrderNeeded
        return
    captured_by_other = (
        hold.in_favour_of is not None and act.outcome is HoldState.CAPTURED and not favoured
    )
    if captured_by_other or (hold.kind == HoldKind.PLEDGE and not favoured):
        raise rules.NotYoursToRelease


def _give_back(
    hold: Hold, stack: Sequence[Hold], count: int, resolution_id: UUID, act: Act
) -> UUID:
    """Post units to the waiting holds in rank order, and the rest to free."""
    waiting = [
        other
        for other in stack
        if other.pk != hold.pk and other.remaining_count > other.controlled_count
    ]
    needs = [other.remaining_count - other.controlled_count for other in waiting]
    shares, free = rules.share_in_rank_order(count, needs)
    targets: list[tuple[UUID, UnitState, int, UUID | None]] = [
        (hold.account_id, queries.state_of(other), share, other.pk)
        for other, share in zip(waiting, shares, strict=True)
        if share
    ]
    if free:
        targets.append((hold.account_id, UnitState.FREE, free, None))
    entry_id = post(
        hold, legs_of(hold, targets, act.ranges), f"HOLD_{act.outcome}", resolution_id, act
    )
    for other, share in zip(waiting, shares, strict=True):
        if share:
            _take_control(other, share, entry_id, act)
    return entry_id


def _take_control(hold: Hold, share: int, entry_id: UUID, act: Act) -> None:
    if hold.state == HoldState.WAITING:
        check_transition(TRANSITIONS, hold.state, HoldState.ACTIVE)
        hold.state, hold.entry_id = HoldState.ACTIVE, entry_id
    hold.controlled_count += share
    hold.save(update_fields=["state", "entry_id", "controlled_count"])
    record("hold.took_control", hold, by=act.by, at=act.at, reason=act.reason)


def finish(hold: Hold, count: int, moved: int, resolution: Resolution, act: Act) -> None:
    hold.remaining_count -= count
    hold.controlled_count -= moved
    if not hold.remaining_count:
        hold.state, hold.resolved_at, hold.resolved_by = act.outcome, act.at, act.by.user_id
    hold.save(
        update_fields=["state", "remaining_count", "controlled_count", "resolved_at", "resolved_by"]
    )
    resolution.is_last = not hold.remaining_count
    resolution.save(force_insert=True)
    record(f"hold.{act.outcome.lower()}", hold, by=act.by, at=act.at, reason=act.reason)
    audit.record(
        verb="hold.resolved",
        subject=f"holds.Resolution:{resolution.pk}",
        by=act.by,
        at=act.at,
        data={"row": queries.content_of(resolution)},
        reason=act.reason,
    )


def find_done(act: Act) -> Hold | None:
    """:raises KeyUsedOtherwise: the key stands for another request"""
    done = Resolution.objects.select_related("hold").filter(idempotency_key=act.key).first()
    if done is None:
        return None
    if bytes(done.request_digest) != act.request:
        raise KeyUsedOtherwise
    return done.hold


def lock_hold(hold_id: UUID, by: Actor) -> tuple[Hold, list[Hold]]:
    seen = queries.get_visible_hold(hold_id, by=by)
    stack = queries.lock_stack(seen.stack_id)
    return next(hold for hold in stack if hold.pk == hold_id), stack


def resolution_of(hold: Hold, count: int, act: Act) -> Resolution:
    return Resolution(
        pk=new_id(),
        hold=hold,
        state=act.outcome,
        unit_count=count,
        order_number=act.order_number,
        reason=act.reason,
        resolved_at=act.at,
        resolved_by=act.by.user_id,
        idempotency_key=act.key,
        request_digest=act.request,
    )


def _let_go(hold_id: UUID, unit_count: int | None, act: Act) -> Hold:
    """Release or expire: what waits goes first, what is controlled goes to the next in rank."""
    hold, stack = lock_hold(hold_id, act.by)
    if done := find_done(act):
        return done
    check_transition(TRANSITIONS, hold.state, act.outcome)
    check_may_resolve(hold, act)
    count = hold.remaining_count if unit_count is None else unit_count
    rules.check_count(count, held=hold.remaining_count)
    moved = max(0, count - (hold.remaining_count - hold.controlled_count))
    resolution = resolution_of(hold, count, act)
    if moved:
        resolution.entry_id = _give_back(hold, stack, moved, resolution.pk, act)
    finish(hold, count, moved, resolution, act)
    return hold


@operation(retry=True)
def release_hold(
    *,
    hold_id: UUID,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    unit_count: int | None = None,
    ranges: Ranges = (),
    order_number: str = "",
    reason: str = "",
    approval_id: UUID | None = None,
    kept_by: str = "",
    happened_on: date | None = None,
) -> Hold:
    """Give held units back: to the next hold in rank, else to free. All of them, or a part.

    `happened_on`: the day on which they were free again, where that is told later; else today.

    :raises NotFound: not there, or not yours to see
    :raises IllegalTransition: resolved already
    :raises NotYoursToRelease, OrderNeeded: I12, I13
    :raises MoreThanHeld, RangeNotHeld: fewer are held
    """
    asked = {"hold": hold_id, "units": unit_count, "ranges": [list(run) for run in ranges]}
    key = key_of(by, idempotency_key)
    act = Act(
        HoldState.RELEASED,
        by,
        at,
        key,
        reason,
        order_number,
        ranges,
        asked,
        approval_id,
        kept_by,
        happened_on,
    )
    return _let_go(hold_id, unit_count, act)


@operation(retry=True)
def expire_hold(*, hold_id: UUID, by: Actor, at: datetime) -> Hold:
    """End a hold whose day has come; safe to call twice.

    :raises NotDueYet: in force today, or without an end
    :raises IllegalTransition: resolved otherwise already
    """
    hold = queries.get_hold(hold_id)
    if hold.expires_on is None or rules.beijing_day(at) < hold.expires_on:
        raise rules.NotDueYet(day=hold.expires_on.isoformat() if hold.expires_on else "—")
    key = f"expiry:{hold_id}"
    act = Act(HoldState.EXPIRED, by, at, key, "", "", (), {"hold": hold_id})
    return _let_go(hold_id, None, act)
