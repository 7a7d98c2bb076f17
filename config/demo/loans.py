"""Pledge loans: agreed, secured by allowances, drawn, used; the last month valued day by day."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from config.demo.people import Cast, both
from finance.facilities import operations as facilities
from finance.pledges import operations as pledges
from finance.pledges import queries as pledge_queries
from finance.pledges.operations import Wanted
from finance.prices.queries import TradingDays
from ledger.kernel.actors import SYSTEM, Actor

A_MONTH = timedelta(days=30)


def load(
    facts: Mapping[str, Any],
    *,
    accounts_made: Mapping[str, UUID],
    lots: Mapping[str, UUID],
    cast: Cast,
    on: date,
    at: datetime,
) -> list[UUID]:
    """As the people of the operator and the bank would, in the order in which they would.

    Gives the ids of the pledges.
    """
    return [
        _loan(loan, accounts_made=accounts_made, lots=lots, cast=cast, on=on, at=at)
        for loan in facts["loans"]
    ]


def _loan(
    facts: Mapping[str, Any],
    *,
    accounts_made: Mapping[str, UUID],
    lots: Mapping[str, UUID],
    cast: Cast,
    on: date,
    at: datetime,
) -> UUID:
    by = both(cast)
    began_on = on - timedelta(days=facts["facility"]["began_ago"])
    moment: dict[str, Any] = {"by": by, "at": at}
    facility_id = _facility(facts, cast=cast, began_on=began_on, on=on, **moment)
    wanted = facts["pledge"]
    units = Wanted(accounts_made[wanted["account"]], lots[wanted["lot"]], wanted["units"])
    pledge_id = _pledge(wanted, units, facility_id, began_on=began_on, on=on, **moment)
    _draw(facts["drawdown"], facility_id, began_on=began_on, **moment)
    if "asked" in facts:
        _ask(facts["asked"], pledge_id, **moment)
    for day in TradingDays(on - A_MONTH, on).days:
        pledges.value_pledge(pledge_id=pledge_id, valued_on=day, by=SYSTEM, at=at)
    return pledge_id


def _ask(told: Mapping[str, Any], pledge_id: UUID, *, by: Actor, at: datetime) -> None:
    """A release of some units, which the bank has not decided yet."""
    row = pledge_queries.get_pledge(pledge_id)
    pledges.ask(
        pledge_id=pledge_id,
        kind=told["kind"],
        part_id=pledge_queries.parts_of(row)[0].pk,
        unit_count=told["units"],
        reason=told["reason"],
        by=by,
        at=at,
        idempotency_key=f"demo-{row.number}-ask",
    )


def _facility(
    facts: Mapping[str, Any], *, cast: Cast, began_on: date, on: date, by: Actor, at: datetime
) -> UUID:
    told, step = facts["facility"], facts.get("step")
    row = facilities.enter_facility(
        code=told["code"],
        lender_id=cast.parties[told["lender"]],
        limit_amount=Decimal(told["limit"]),
        rate_kind=told["rate_kind"],
        rate_bps=told["rate_bps"],
        day_count=told["day_count"],
        plan=told["plan"],
        period_months=told["period_months"],
        starts_on=began_on,
        matures_on=on + timedelta(days=told["matures_in"]),
        purpose=told["purpose"],
        evidence=told["evidence"],
        by=by,
        at=at,
        idempotency_key=f"demo-{told['code']}",
    )
    facilities.agree_facility(
        facility_id=row.pk, by=by, at=at, idempotency_key=f"demo-{row.code}-agree"
    )
    if step is not None:
        facilities.set_margin_step(
            facility_id=row.pk,
            **{**step, "target": Decimal(step["target"])},
            year=on.year,
            applies_on=on + timedelta(days=facts["facility"]["matures_in"] // 2),
            evidence=told["evidence"],
            by=by,
            at=at,
            idempotency_key=f"demo-{row.code}-step",
        )
    return row.pk


def _pledge(
    told: Mapping[str, Any],
    units: Wanted,
    facility_id: UUID,
    *,
    began_on: date,
    on: date,
    by: Actor,
    at: datetime,
) -> UUID:
    row = pledges.submit_pledge(
        facility_id=facility_id,
        number=told["number"],
        collateral=[units],
        loan_share=Decimal(told["loan_share"]),
        reference="LOWER",
        target_ltv=Decimal("0.60"),
        warning_ltv=Decimal("0.70"),
        top_up_ltv=Decimal("0.80"),
        close_out_ltv=Decimal("0.90"),
        evidence=told["evidence"],
        by=by,
        at=at,
        idempotency_key=f"demo-{told['number']}",
    )
    agreed = f"demo-{row.number}-agreed"
    pledges.approve_pledge(pledge_id=row.pk, by=by, at=at, idempotency_key=agreed)
    ends_on = on + timedelta(days=told["registered_for"])
    for register, number, end in (
        ("ZDW", told["zdw_number"], ends_on),
        ("REGISTRY", told["letter_number"], None),
    ):
        pledges.register(
            pledge_id=row.pk,
            register=register,
            number=number,
            registered_on=began_on,
            expires_on=end,
            document=number,
            by=by,
            at=at,
            idempotency_key=f"demo-{row.number}-{register}",
        )
    return row.pk


def _draw(
    told: Mapping[str, Any], facility_id: UUID, *, began_on: date, by: Actor, at: datetime
) -> None:
    facilities.draw(
        facility_id=facility_id,
        amount=Decimal(told["amount"]),
        drawn_on=began_on,
        evidence=told["evidence"],
        by=by,
        at=at,
        idempotency_key=f"demo-draw-{facility_id}",
    )
    facilities.record_line(
        facility_id=facility_id,
        kind="USED",
        amount=Decimal(told["used"]),
        happened_on=began_on + timedelta(days=7),
        payee=told["payee"],
        evidence=told["used_evidence"],
        by=by,
        at=at,
        idempotency_key=f"demo-used-{facility_id}",
    )
