"""Each trading day a pledge is valued; a line that is reached calls for units until a day."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from finance.pledges import models, queries
from finance.pledges.operations import keeping, telling
from finance.pledges.rules import cover as rules
from finance.pledges.rules import refusals
from finance.pledges.states import PERFECT, CallState, PledgeState
from ledger.audit.keeping import find_kept, keep
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.parameters import queries as parameters
from ledger.parameters.queries import NoCalendar


@operation(retry=True)
def value_pledge(*, pledge_id: UUID, valued_on: date, by: Actor, at: datetime) -> models.Valuation:
    """Value a pledge for a day, once; call for units, or say that a call is met.

    :raises NotFound: no such pledge
    :raises NoParameter: the house's valuation numbers do not reach that day
    """
    row = keeping.lock(pledge_id, by=by)
    key = f"pledge-value:{row.pk}:{valued_on:%Y-%m-%d}"
    if done := find_kept(models.Valuation, key, by=by):
        return done
    cover = queries.cover_of(row, valued_on)
    made = models.Valuation(
        pledge=row,
        valued_on=valued_on,
        owed_amount=cover.owed,
        value_amount=cover.value,
        market_amount=cover.market,
        ltv=cover.ltv,
        level=cover.level,
        is_stale=cover.is_stale,
        top_up_count=cover.top_up,
        headroom_count=cover.headroom,
        marks=[one.plain() for one in cover.marks],
        alerts=[one.plain() for one in queries.alerts_of(row, cover, valued_on)],
    )
    before = row.valuations.filter(valued_on__lt=valued_on).first()
    keep(made, "pledge.valued", key=key, by=by, at=at)
    telling.tell_of_price(row, made, before, by=by, at=at)
    _follow(row, cover, by=by, at=at)
    return made


def _follow(row: models.Pledge, cover: queries.Cover, *, by: Actor, at: datetime) -> None:
    if row.state == PledgeState.TOPPING_UP:
        if cover.ltv is not None and cover.ltv < row.warning_ltv:
            keeping.end_calls(row, CallState.MET, by=by, at=at)
            keeping.move(row, PledgeState.PERFECTED, by=by, at=at)
        return
    if row.state == PledgeState.PERFECTED and cover.level in {"TOP_UP", "CLOSE_OUT"}:
        _call(row, cover, by=by, at=at)
        keeping.move(row, PledgeState.TOPPING_UP, by=by, at=at)


def _call(row: models.Pledge, cover: queries.Cover, *, by: Actor, at: datetime) -> None:
    call = models.MarginCall(
        pledge=row, called_on=cover.on, due_on=_due(cover.on, row.cure_days), ltv=cover.ltv,
        unit_count=cover.top_up,
    )  # fmt: skip
    keep(call, "pledge.called", key=f"pledge-call:{row.pk}:{cover.on:%Y-%m-%d}", by=by, at=at)
    telling.tell_of_call(call, telling.CALLED, by=by, at=at)


def _due(on: date, days: int) -> date:
    """So many working days later; where no calendar is loaded, days of the week."""
    try:
        return parameters.next_working_day(on, days)
    except NoCalendar:
        return _weekday_after(on, days)


def _weekday_after(on: date, days: int) -> date:
    while days > 0:
        on = date.fromordinal(on.toordinal() + 1)
        days -= on.weekday() < 5
    return on


def check_drawdown(facility: Any, amount: Decimal, on: date) -> None:
    """R7.16, R7.18: what a facility draws is secured first, and carried by what secures it.

    :raises NotPerfect: no pledge of it is registered twice
    :raises Insolvent: a court has opened proceedings over the debtor
    :raises BeyondTheCollateral: more would be owed than the pledges carry
    :raises NoPriceYet: units have no price
    """
    if not facility.is_secured:
        return
    found = models.Proceeding.objects.filter(pledge__debtor_id=facility.borrower_id).first()
    if found is not None:
        raise refusals.Insolvent(number=found.number)
    pledges = list(queries.pledges_of_facility(facility.pk).filter(state__in=sorted(PERFECT)))
    if not pledges:
        raise refusals.NotPerfect(code=facility.code)
    most = sum(
        (rules.max_loan(queries.reference_value(one, on), one.loan_share) for one in pledges),
        Decimal(0),
    )
    owed = queries.cover_of(pledges[0], on).debt + amount
    if owed > most:
        raise refusals.BeyondTheCollateral(limit=f"{most:f}", wanted=f"{owed:f}")
