"""How cost is found, and what units cost that came without a trade."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from finance.trades import models
from finance.trades.operations.writing import record
from finance.trades.queries.flows import flows_of
from finance.trades.rules import refusals
from finance.trades.rules.book import Cause
from finance.trades.rules.days import beijing_day
from finance.trades.rules.lots import to_fen
from finance.trades.states import Method, Order
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.keys import key_of


def check_policy(*, party_id: UUID, year: int, today: date) -> None:
    """A policy begins with a year (R7.3).

    :raises PolicyThere: the year has one
    :raises PolicyFixed: the year has begun, and units have left by the rule before
    """
    if models.CostPolicy.objects.filter(party_id=party_id, year=year).exists():
        raise refusals.PolicyThere(year=year)
    begins = date(year, 1, 1)
    if begins > today:
        return
    later = models.CostPolicy.objects.filter(party_id=party_id, year__gt=year).exists()
    left = any(not flow.is_in and flow.day >= begins for flow in flows_of(party_id))
    if later or left:
        raise refusals.PolicyFixed(year=year)


@operation
def set_policy(
    *,
    year: int,
    method: str,
    order: str,
    reason: str,
    by: Actor,
    at: datetime,
    approval_id: UUID | None = None,
) -> models.CostPolicy:
    """From a year's start on, cost is found so; until another year begins with another policy.

    :raises PolicyThere, PolicyFixed: see `check_policy`
    """
    check_policy(party_id=by.own_party, year=year, today=beijing_day(at))
    row = models.CostPolicy.objects.create(
        party_id=by.own_party,
        year=year,
        method=Method(method).value,
        order=Order(order).value,
        reason=reason,
        approval_id=approval_id,
        set_at=at,
        set_by=by.user_id,
    )
    record("cost_policy.set", row, by=by, at=at, reason=reason)
    return row


@operation(retry=True)
def tell_cost(
    *,
    entry_id: UUID,
    lot_id: UUID,
    is_free: bool,
    cost_cny: Decimal,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
) -> models.ToldCost:
    """What units cost that an entry brought without a trade. Told again, the last counts.

    :raises CostNotHere: the entry brought none of this lot to the actor's party
    :raises CostFollowsTrade: it did so for a trade, a carry-over or a reversal
    :raises NegativeAmount: below zero, or not zero for units allocated free
    """
    key = key_of(by, idempotency_key)
    if found := models.ToldCost.objects.filter(idempotency_key=key).first():
        return found
    if cost_cny < 0 or (is_free and cost_cny):
        raise refusals.NegativeAmount
    flows = [
        flow
        for flow in flows_of(by.own_party)
        if flow.is_in and (flow.entry_id, flow.lot_id) == (entry_id, lot_id)
    ]
    if not flows:
        raise refusals.CostNotHere
    if flows[0].cause not in {Cause.ALLOCATED, Cause.ISSUED, Cause.RECEIVED}:
        raise refusals.CostFollowsTrade
    row = models.ToldCost.objects.create(
        party_id=by.own_party,
        entry_id=entry_id,
        lot_id=lot_id,
        is_free=is_free,
        cost_cny=to_fen(cost_cny),
        evidence=evidence,
        told_at=at,
        told_by=by.user_id,
        idempotency_key=key,
    )
    record("cost.told", row, by=by, at=at)
    return row
