"""How a pledge ends without being released: enforced by its creditor, or lapsed."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from finance.facilities import queries as facilities
from finance.facilities.states import FacilityState
from finance.pledges import models, queries
from finance.pledges.operations import keeping
from finance.pledges.rules import refusals
from finance.pledges.rules.cover import Claim, waterfall
from finance.pledges.states import STAYED, TRANSITIONS, CallState, PartState, PledgeState
from ledger.audit.keeping import find_kept, keep
from ledger.doors.operation import operation
from ledger.holds import operations as holds
from ledger.kernel.actors import Actor
from ledger.kernel.transitions import check_transition


def check_may_enforce(row: models.Pledge, *, order_number: str) -> None:
    """:raises NotInDefault, Stayed, IllegalTransition: see `enforce`"""
    check_transition(TRANSITIONS, row.state, PledgeState.ENFORCED)
    if row.facility.state != FacilityState.DEFAULTED:
        raise refusals.NotInDefault
    court = queries.proceeding_of(row)
    if court is not None and court.kind in STAYED and not order_number.strip():
        raise refusals.Stayed


def paid_from(row: models.Pledge, proceeds: Decimal, costs: Decimal, on: date) -> list[Claim]:
    """Who is paid from the proceeds: costs, fees, interest, principal, those behind, the debtor.

    :raises ProceedsOdd: costs are negative, or more than the proceeds
    """
    now = facilities.standing_on(row.facility, on)
    claims = [
        Claim("FEES", now.fees_owed),
        Claim("INTEREST", now.interest_owed),
        Claim("PRINCIPAL", now.principal),
    ]
    behind = row.after.exclude(state__in=["DRAFT", "RELEASED", "ENFORCED", "LAPSED"])
    for one in behind.select_related("facility").order_by("rank"):
        claims.append(Claim(one.number, facilities.standing_on(one.facility, on).owed))
    return waterfall(proceeds, costs=costs, claims=claims)


@operation(retry=True)
def enforce(
    *,
    pledge_id: UUID,
    to_account_id: UUID,
    sold_on: date,
    proceeds_amount: Decimal,
    costs_amount: Decimal,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    order_number: str = "",
    approval_id: UUID | None = None,
) -> models.Enforcement:
    """The creditor sells: the units go to the buyer's account, the proceeds down the waterfall.

    :raises NotFound: not there, or not yours
    :raises OnlyTheCreditor: any other party
    :raises NotInDefault: the lender has not declared default
    :raises Stayed: during a reorganisation, without the court's leave
    :raises FreezeInForce: an order stands on the units
    :raises IllegalTransition: not perfect, or ended
    """
    row = keeping.lock(pledge_id, by=by)
    keeping.check_creditor(row, by)
    if done := find_kept(models.Enforcement, idempotency_key, by=by):
        return done
    check_may_enforce(row, order_number=order_number)
    paid = paid_from(row, proceeds_amount, costs_amount, sold_on)
    for part in queries.parts_of(row):
        _take(row, part, to_account_id, by=by, at=at, key=idempotency_key, order=order_number)
    made = models.Enforcement(
        pledge=row,
        to_account_id=to_account_id,
        sold_on=sold_on,
        proceeds_amount=proceeds_amount,
        costs_amount=costs_amount,
        paid=[{"to": one.name, "amount": f"{one.amount:f}"} for one in paid],
        order_number=order_number,
        evidence=evidence,
        approval_id=approval_id,
    )
    keep(made, "pledge.enforced", key=idempotency_key, by=by, at=at)
    keeping.end_calls(row, CallState.ENDED, by=by, at=at)
    keeping.move(row, PledgeState.ENFORCED, by=by, at=at, reason=evidence)
    return made


def _take(
    row: models.Pledge, part: models.Part, to_account_id: UUID, *, by: Actor, at: datetime,
    key: str, order: str,
) -> None:  # fmt: skip
    if part.state == PartState.RESERVED:
        keeping.give_back(row, part, by=by, at=at, key=f"{key}:back")
        return
    assert part.hold_id is not None  # noqa: S101  a pledged part has its hold
    holds.capture_hold(
        hold_id=part.hold_id,
        to_account_id=to_account_id,
        order_number=order,
        kept_by=keeping.kept_by(row),
        reason=row.number,
        by=by,
        at=at,
        idempotency_key=f"pledge-part:{part.pk}:{key}",
    )
    keeping.shrink(part, part.unit_count, by=by, at=at)


@operation(retry=True)
def lapse_pledge(
    *,
    pledge_id: UUID,
    reason: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Pledge:
    """The creditor gives her right up, or a court has set it aside: the units are free.

    :raises NotFound: not there, or not yours
    :raises OnlyTheCreditor: any other party
    :raises IllegalTransition: it has ended
    """
    row = keeping.lock(pledge_id, by=by)
    keeping.check_creditor(row, by)
    if row.state == PledgeState.LAPSED:
        return row
    _lapse(row, reason, by=by, at=at)
    return row


def _lapse(row: models.Pledge, reason: str, *, by: Actor, at: datetime) -> None:
    for part in queries.parts_of(row):
        keeping.give_back(row, part, by=by, at=at, key="lapsed", reason=reason)
    keeping.end_calls(row, CallState.ENDED, by=by, at=at)
    keeping.move(row, PledgeState.LAPSED, by=by, at=at, reason=reason)


@operation(retry=True)
def lapse_when_due(*, pledge_id: UUID, by: Actor, at: datetime, reason: str = "") -> models.Pledge:
    """End a pledge whose contract's last day has come; a draft that nobody approved, too.

    :raises NotOver: in force on this day
    :raises IllegalTransition: it has ended
    """
    row = keeping.lock(pledge_id, by=by)
    over = row.ends_on is not None and row.ends_on <= keeping.day_of(at)
    if row.state != PledgeState.DRAFT and not over:
        raise refusals.NotOver(day=row.ends_on.isoformat() if row.ends_on else "—")
    _lapse(row, reason, by=by, at=at)
    return row
