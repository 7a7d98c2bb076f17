"""What a creditor's machines are told, in the transaction in which it happens."""

from datetime import datetime
from typing import Any

from finance.pledges import models
from finance.pledges.states import Level
from ledger.kernel.actors import Actor
from ledger.webhooks import operations as webhooks

MOVED, REGISTERED = "pledge.moved", "pledge.registered"
ASKED, DECIDED = "pledge.asked", "pledge.decided"
PRICE, CALLED, CALL_SETTLED = "pledge.price_alert", "pledge.margin_call", "pledge.call_settled"
KINDS = (MOVED, REGISTERED, ASKED, DECIDED, PRICE, CALLED, CALL_SETTLED)


def tell(pledge: models.Pledge, kind: str, *, by: Actor, at: datetime, **facts: Any) -> None:
    """A draft is the debtor's alone: nothing is told of it."""
    if pledge.approved_on is None:
        return
    head = {"pledge_id": str(pledge.pk), "number": pledge.number, "state": str(pledge.state)}
    webhooks.announce(
        party_id=pledge.creditor_id, kind=kind, subject=f"pledges.Pledge:{pledge.pk}",
        data=head | facts, by=by, at=at,
    )  # fmt: skip


def tell_of_price(
    pledge: models.Pledge,
    made: models.Valuation,
    before: models.Valuation | None,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """When another line is reached than the day before, in either direction."""
    if made.level == (before.level if before else Level.FINE):
        return
    tell(
        pledge, PRICE, by=by, at=at, level=str(made.level),
        level_before=str(before.level) if before else None,
        ltv=None if made.ltv is None else f"{made.ltv:f}",
        valued_on=made.valued_on.isoformat(), is_stale=made.is_stale,
    )  # fmt: skip


def tell_of_call(call: models.MarginCall, kind: str, *, by: Actor, at: datetime) -> None:
    tell(
        call.pledge, kind, by=by, at=at, call_id=str(call.pk), call_state=str(call.state),
        called_on=call.called_on.isoformat(), due_on=call.due_on.isoformat(),
        unit_count=call.unit_count,
    )  # fmt: skip


def tell_of_request(row: models.Request, kind: str, *, by: Actor, at: datetime) -> None:
    tell(
        row.pledge, kind, by=by, at=at, request_id=str(row.pk), request=row.number,
        asked=str(row.kind), request_state=str(row.state),
    )  # fmt: skip
