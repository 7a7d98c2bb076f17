"""Prices told and plans saved. A plan moves nothing: its lines name the acts it proposes."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from finance.planner import models
from finance.planner.queries import plans
from finance.planner.rules.keeping import document
from finance.planner.rules.planning import make_plan
from finance.planner.rules.problem import Problem, fen
from finance.planner.rules.scenarios import scenarios
from finance.planner.rules.steps import check_steps
from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.keys import key_of


@operation(retry=True)
def record_price(
    *,
    scheme: str,
    vintage_year: int | None,
    buy: Decimal | None,
    sell: Decimal | None,
    quoted_on: date,
    source: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    available: int | None = None,
) -> models.Price:
    """Tell what a unit costs on a day, in CNY; asked twice, told once.

    :raises FinerThanFen, NotAPrice: no exact price in fen
    :raises NoSuchScheme: no such instrument
    """
    key = key_of(by, idempotency_key)
    if found := models.Price.objects.filter(idempotency_key=key).first():
        return found
    row = models.Price.objects.create(
        party_id=by.own_party,
        scheme=instruments.get_scheme(scheme).code,
        vintage_year=vintage_year,
        buy_fen=None if buy is None else fen(buy),
        sell_fen=None if sell is None else fen(sell),
        available=available,
        quoted_on=quoted_on,
        source=source,
        recorded_at=at,
        recorded_by=by.user_id,
        idempotency_key=key,
    )
    _record("price.told", row, by=by, at=at)
    return row


@operation(retry=True)
def save_plan(
    *,
    problem: Problem,
    title: str,
    price_steps: Sequence[int],
    emission_steps: Sequence[int],
    by: Actor,
    at: datetime,
    idempotency_key: str,
) -> models.Plan:
    """Make the cheapest plan and keep it with its inputs and their hash. Nothing moves by it.

    `price_steps`, `emission_steps`: what-if changes in basis points.

    :raises NothingToPlan, YearTwice, NegativeQuantity, ShareOutOfRange, TooManyFees: no problem
        that can be solved
    :raises OddSteps: too many what-if steps, or too large ones
    """
    check_steps(price_steps, emission_steps)
    key = key_of(by, idempotency_key)
    if found := models.Plan.objects.filter(idempotency_key=key).first():
        return found
    plan = make_plan(problem)
    grid = scenarios(problem, price_steps=price_steps, emission_steps=emission_steps)
    inputs = document(problem)
    steps = {"price_bps": list(price_steps), "emission_bps": list(emission_steps)}
    result = {"plan": document(plan), "scenarios": [document(one) for one in grid]}
    row = models.Plan.objects.create(
        party_id=by.own_party,
        title=title,
        planned_on=problem.on,
        years=", ".join(str(year.year) for year in plan.years),
        inputs=inputs,
        steps=steps,
        result=result,
        content_hash=plans.hash_of(inputs=inputs, steps=steps, result=result),
        open_t=sum(year.open for year in plan.years),
        missing_t=plan.missing,
        paid_fen=plan.paid_fen,
        total_fen=plan.total_fen,
        made_at=at,
        made_by=by.user_id,
        idempotency_key=key,
    )
    _record("plan.saved", row, by=by, at=at)
    return row


def _record(verb: str, row: models.Price | models.Plan, *, by: Actor, at: datetime) -> None:
    audit.record(
        verb=verb,
        subject=plans.subject_of(row),
        by=by,
        at=at,
        data={"row": plans.content_of(row)},
    )
