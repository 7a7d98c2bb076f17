"""A court's freeze: what is free at once, the rest in line behind the holds before it (轮候)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ledger.accounts import queries as accounts
from ledger.audit import operations as audit
from ledger.doors.operation import Overtaken, operation
from ledger.holds import queries, rules
from ledger.holds.models import Hold, Renewal
from ledger.holds.operations.placing import place_hold, record
from ledger.holds.operations.resolving import lock_hold
from ledger.holds.states import LIVE, HoldKind
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest
from ledger.kernel.keys import KeyUsedOtherwise, key_of
from ledger.parameters import queries as parameters
from ledger.units import queries as units
from ledger.units.queries import NotEnoughUnits
from ledger.units.states import UnitState

LONGEST = "holds.court_freeze.longest"


@dataclass(frozen=True, slots=True)
class Order:
    """What an authority ordered: its number, who, from when, until when, and what proves it.

    `expires_on` is the first day on which it is over.
    """

    number: str
    body: str
    begins_on: date
    expires_on: date
    evidence: str = ""

    def check(self, on: date) -> None:
        """:raises OrderNeeded, OrderNotBegun, EndsInThePast, OrderTooLong: see there"""
        months = int(parameters.get_parameter(LONGEST, on=on).number)
        rules.check_order(
            number=self.number,
            body=self.body,
            begins_on=self.begins_on,
            expires_on=self.expires_on,
            on=on,
            most_months=months,
        )

    def as_given(self) -> dict[str, Any]:
        return {
            "order_number": self.number,
            "order_body": self.body,
            "begins_on": self.begins_on,
            "expires_on": self.expires_on,
            "evidence": self.evidence,
        }


def _shares_of_stacks(account_id: UUID, lot_id: UUID, missing: int) -> list[tuple[UUID, int]]:
    """Behind which hold how many units wait, in the order in which the stacks were begun."""
    shares = list[tuple[UUID, int]]()
    for hold, held in queries.stacks_on(account_id, lot_id):
        share = min(missing, held)
        if share:
            shares.append((hold, share))
        missing -= share
    return shares


@operation(retry=True)
def freeze_by_order(
    *,
    account_id: UUID,
    lot_id: UUID,
    unit_count: int,
    order: Order,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    reason: str = "",
) -> list[Hold]:
    """Freeze units by order: the free ones now, the others in line behind who holds them.

    One hold for the free units, one for each stack waited for; all end on the order's day. Same
    key and same request: the same holds.

    :raises NotFound: the account is not the actor's
    :raises OrderNeeded, OrderNotBegun, EndsInThePast, OrderTooLong: of the order (I13)
    :raises NotEnoughUnits: fewer are free and held together
    :raises KeyUsedOtherwise: I40
    """
    accounts.get_own_account(account_id, by=by)
    asked = {"account": account_id, "lot": lot_id, "units": unit_count, **order.as_given()}
    key = f"{idempotency_key}:{digest(asked).hex()[:16]}"
    if placed := queries.holds_by_key(key_of(by, f"{key}:")):
        return placed
    if queries.holds_by_key(key_of(by, f"{idempotency_key}:")):
        raise KeyUsedOtherwise
    order.check(rules.beijing_day(at))
    free = units.quantity_of(account_id=account_id, lot_id=lot_id, state=UnitState.FREE)
    now = min(free, unit_count)
    shares = _shares_of_stacks(account_id, lot_id, unit_count - now)
    if now + sum(share for _hold, share in shares) < unit_count:
        found = now + sum(share for _hold, share in shares)
        raise NotEnoughUnits(wanted=unit_count, free=found)
    parts: list[tuple[UUID | None, int]] = [(None, now), *shares] if now else [*shares]
    try:
        return [
            place_hold(
                kind=HoldKind.FREEZE,
                account_id=account_id,
                lot_id=lot_id,
                unit_count=count,
                behind=behind,
                purpose=reason[:200],
                by=by,
                at=at,
                idempotency_key=f"{key}:{position}",
                reason=reason,
                **order.as_given(),
            )
            for position, (behind, count) in enumerate(parts)
        ]
    except (NotEnoughUnits, rules.NothingToQueueBehind) as moved:
        raise Overtaken from moved  # what we counted has moved on; count anew


@operation(retry=True)
def renew_hold(
    *, hold_id: UUID, order: Order, by: Actor, at: datetime, idempotency_key: str, reason: str = ""
) -> Hold:
    """Keep a freeze in force beyond its end, by a further order; it keeps its rank (I13).

    :raises NotFound: not there, or not yours to see
    :raises NotRenewable: no court's freeze, or over: then a new order stands in line anew
    :raises RenewalNotLater: it would not end later
    :raises OrderNeeded, OrderNotBegun, OrderTooLong: of the order
    """
    hold, _stack = lock_hold(hold_id, by)
    key = key_of(by, idempotency_key)
    asked = {"hold": hold_id, **order.as_given()}
    if done := Renewal.objects.filter(idempotency_key=key).first():
        if bytes(done.request_digest) != digest(asked):
            raise KeyUsedOtherwise
        return hold
    on, end = rules.beijing_day(at), hold.expires_on
    if hold.kind != HoldKind.FREEZE or not hold.order_body or hold.state not in LIVE:
        raise rules.NotRenewable
    if end is None or end <= on:
        raise rules.NotRenewable
    order.check(on)
    if order.expires_on <= end:
        raise rules.RenewalNotLater(end=end.isoformat())
    renewal = Renewal.objects.create(
        hold=hold,
        expired_on=end,
        expires_on=order.expires_on,
        order_number=order.number,
        order_body=order.body,
        evidence=order.evidence,
        renewed_at=at,
        renewed_by=by.user_id,
        idempotency_key=key,
        request_digest=digest(asked),
    )
    hold.expires_on = order.expires_on
    hold.save(update_fields=["expires_on"])
    record("hold.renewed", hold, by=by, at=at, reason=reason)
    audit.record(
        verb="hold.renewal_recorded",
        subject=f"holds.Renewal:{renewal.pk}",
        by=by,
        at=at,
        data={"row": queries.content_of(renewal)},
        reason=reason,
    )
    return hold
