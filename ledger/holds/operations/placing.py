"""Setting units aside, or standing in line for them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from ledger.accounts import queries as accounts
from ledger.audit import operations as audit
from ledger.doors.operation import Overtaken, operation
from ledger.holds import queries, rules
from ledger.holds.models import Hold
from ledger.holds.states import LIVE, HoldKind, HoldState
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest
from ledger.kernel.errors import DomainError, NotFound
from ledger.kernel.keys import KeyUsedOtherwise, key_of
from ledger.units import operations as units
from ledger.units import queries as unit_queries
from ledger.units.states import UnitState

Ranges = Sequence[tuple[int, int]]


def record(verb: str, hold: Hold, *, by: Actor, at: datetime, reason: str = "") -> None:
    audit.record(
        verb=verb,
        subject=f"holds.Hold:{hold.pk}",
        by=by,
        at=at,
        data={"row": queries.content_of(hold)},
        reason=reason,
    )


def _find_placed(*, key: str, request: bytes) -> Hold | None:
    """:raises KeyUsedOtherwise: the key stands for another request"""
    hold = Hold.objects.filter(idempotency_key=key).first()
    if hold is not None and bytes(hold.request_digest) != request:
        raise KeyUsedOtherwise
    return hold


def facts_of(lot: unit_queries.LotView) -> instruments.LotFacts:
    """What the scheme's rules need to know of a lot."""
    return instruments.LotFacts(
        scheme=lot.scheme,
        vintage_year=lot.vintage_year,
        generated_from=lot.generated_from,
        generated_to=lot.generated_to,
        expires_on=lot.expires_on,
        plant_id=lot.plant_id,
        traits=lot.traits,
    )


def _check_units(lot: unit_queries.LotView, hold: Hold, *, on: date) -> None:
    """The scheme's own refusals, and I22."""
    units_end_on = None
    if hold.kind == HoldKind.PLEDGE:
        scheme, facts = instruments.get_scheme(lot.scheme), facts_of(lot)
        instruments.check_usable(scheme, facts, on=on, purpose="PLEDGE")
        last = instruments.last_usable_on(scheme, facts)
        units_end_on = last + timedelta(days=1) if last else None
    rules.check_end(hold.kind, expires_on=hold.expires_on, units_end_on=units_end_on, on=on)


def _wait_our_turn(hold: Hold) -> None:
    """Until the transaction ends, nobody else is given serials of this account and lot here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"serials:{hold.account_id}:{hold.lot_id}"],
        )


def _take(
    hold: Hold, lot: unit_queries.LotView, ranges: Ranges, *, on: date, by: Actor, at: datetime
) -> None:
    """Move the units from free into the hold's state.

    :raises NotEnoughUnits, RangeNotHeld: refused by the engine
    :raises Overtaken: we chose the serials, and somebody else took them first
    """
    if lot.space and not ranges:
        _wait_our_turn(hold)
    legs = unit_queries.legs_of_units(
        lot=lot,
        source=(hold.account_id, UnitState.FREE),
        target=(hold.account_id, queries.state_of(hold)),
        unit_count=hold.unit_count,
        ranges=ranges,
    )
    try:
        receipt = units.post_entry(
            kind=f"HOLD_{hold.kind}",
            legs=[replace(leg, hold_id=hold.pk) for leg in legs],
            happened_on=on,
            by=by,
            at=at,
            idempotency_key=f"hold:{hold.pk}",
            subject=f"holds.Hold:{hold.pk}",
            data={"hold": hold.pk},
        )
    except DomainError as refusal:
        if refusal.code == "range_not_held" and not ranges:
            raise Overtaken from refusal
        raise
    hold.entry_id = receipt.entry_id
    hold.controlled_count, hold.state = hold.unit_count, HoldState.ACTIVE


def _stand_behind(hold: Hold, behind: UUID, *, by: Actor) -> None:
    """Take the next rank in the stack of the hold that stands before it.

    :raises NotFound: that hold is not on this account and lot, or not to be seen
    :raises NothingToQueueBehind: the stack has fewer units
    :raises ConsentNeeded: I10
    """
    stack = queries.lock_stack(queries.get_visible_hold(behind, by=by).stack_id)
    if (stack[0].account_id, stack[0].lot_id) != (hold.account_id, hold.lot_id):
        raise NotFound
    held = sum(other.controlled_count for other in stack)
    if hold.unit_count > held:
        raise rules.NothingToQueueBehind(wanted=hold.unit_count, held=held)
    pledged = any(o.kind == HoldKind.PLEDGE and o.state in LIVE for o in stack)
    if hold.kind == HoldKind.PLEDGE and pledged and not hold.consent_number.strip():
        raise rules.ConsentNeeded
    hold.stack_id, hold.rank = stack[0].stack_id, stack[-1].rank + 1


@operation(retry=True)
def place_hold(
    *,
    kind: str,
    account_id: UUID,
    lot_id: UUID,
    unit_count: int,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    ranges: Ranges = (),
    in_favour_of: UUID | None = None,
    purpose: str = "",
    order_number: str = "",
    consent_number: str = "",
    order_body: str = "",
    begins_on: date | None = None,
    evidence: str = "",
    kept_by: str = "",
    expires_on: date | None = None,
    behind: UUID | None = None,
    reason: str = "",
    happened_on: date | None = None,
) -> Hold:
    """Set free units aside, or (with `behind`) stand in line for units held already.

    `expires_on` is the first day on which the hold is over. Without ranges the lowest serials are
    taken. Same key and same request: the same hold. A hold in line moves nothing (ledger.md 2.6).
    `kept_by`: the subject of the act of ours that keeps it; only that act ends it. `happened_on`:
    the day since which the units are set aside, where that is told later; else today.

    :raises NotFound: the account is not the actor's
    :raises TransactionNotAllowed: nothing is set aside in such an account
    :raises NotEnoughUnits, RangeNotHeld: fewer are free (R3.5-6, I9)
    :raises CreditorNeeded, OrderNeeded, ConsentNeeded, NothingToQueueBehind: refused
    :raises Expired, PledgeOutlivesUnits, EndsInThePast: I22
    :raises KeyUsedOtherwise: I40
    """
    asked = {key: value for key, value in locals().items() if key not in {"by", "at"}}
    request, key = (
        digest({**asked, "ranges": [list(run) for run in ranges]}),
        key_of(by, idempotency_key),
    )
    account = accounts.get_open_account(account_id, by=by)
    if placed := _find_placed(key=key, request=request):
        return placed
    accounts.check_movement("HOLD", account, account)
    rules.check_parties(kind, has_creditor=in_favour_of is not None, order_number=order_number)
    lot = unit_queries.get_lot(lot_id)
    hold = Hold(
        kind=HoldKind(kind).value,
        state=HoldState.WAITING,
        account_id=account_id,
        lot_id=lot_id,
        rank=1,
        unit_count=unit_count,
        remaining_count=unit_count,
        controlled_count=0,
        in_favour_of=in_favour_of,
        purpose=purpose,
        order_number=order_number,
        consent_number=consent_number,
        order_body=order_body,
        begins_on=begins_on,
        evidence=evidence,
        kept_by=kept_by,
        expires_on=expires_on,
        placed_at=at,
        placed_by=by.user_id,
        idempotency_key=key,
        request_digest=request,
    )
    hold.stack_id = hold.pk
    _check_units(lot, hold, on=rules.beijing_day(at))
    if hold.kind == HoldKind.PLEDGE:
        on = rules.beijing_day(at)
        units.check_guards(kind=hold.kind, account_id=account_id, lot=lot, on=on, by=by, at=at)
    if behind is None:
        _take(hold, lot, ranges, on=happened_on or rules.beijing_day(at), by=by, at=at)
    else:
        _stand_behind(hold, behind, by=by)
    hold.save(force_insert=True)
    record("hold.queued" if behind else "hold.placed", hold, by=by, at=at, reason=reason)
    return hold
