"""Saved plans and typed prices, as they were kept."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from finance.planner import models
from finance.planner.rules.keeping import read_problem
from finance.planner.rules.planning import Act, Line, Plan, Why, YearOutcome
from finance.planner.rules.problem import Price, Problem
from finance.planner.rules.scenarios import Scenario
from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.kernel.actors import Actor, Role
from ledger.kernel.canonical import digest
from ledger.kernel.errors import NotFound

SEES_ALL = (Role.SYSTEM, Role.AUDITOR)


def hash_of(*, inputs: Any, steps: Any, result: Any) -> str:
    """SHA-256 of the canonical form of a plan."""
    return digest({"inputs": inputs, "steps": steps, "result": result}).hex()


def get_plan(plan_id: UUID, *, by: Actor) -> models.Plan:
    """:raises NotFound: not there, or not yours"""
    row = models.Plan.objects.filter(pk=plan_id).first()
    if row is None or (row.party_id != by.party_id and not by.has(*SEES_ALL)):
        raise NotFound
    return row


def plans_of(party_id: UUID) -> QuerySet[models.Plan]:
    return models.Plan.objects.filter(party_id=party_id)


def prices_of(party_id: UUID) -> QuerySet[models.Price]:
    return models.Price.objects.filter(party_id=party_id)


def prices_on(party_id: UUID, on: date) -> tuple[Price, ...]:
    """The newest price of each instrument and vintage, as known on a day."""
    rows = prices_of(party_id).filter(quoted_on__lte=on)
    newest: dict[tuple[str, int | None], models.Price] = {}
    for row in rows.order_by("quoted_on", "recorded_at", "id"):
        newest[row.scheme, row.vintage_year] = row
    return tuple(
        Price(
            scheme=row.scheme,
            vintage=row.vintage_year,
            buy_fen=row.buy_fen,
            sell_fen=row.sell_fen,
            quoted_on=row.quoted_on,
            source=row.source,
            available=row.available,
            price_id=str(row.pk),
        )
        for _key, row in sorted(newest.items(), key=lambda one: (one[0][0], one[0][1] or 0))
    )


# --- a saved plan, read back


def problem_of(row: models.Plan) -> Problem:
    """What a saved plan was made from."""
    return read_problem(row.inputs)


def _line(raw: Mapping[str, Any]) -> Line:
    day = date.fromisoformat(raw["by_on"]) if raw["by_on"] else None
    return Line(**{**raw, "act": Act(raw["act"]), "why": Why(raw["why"]), "by_on": day})


def _year(raw: Mapping[str, Any]) -> YearOutcome:
    return YearOutcome(**{**raw, "due_on": date.fromisoformat(raw["due_on"])})


def plan_of(row: models.Plan) -> Plan:
    """The plan as it was saved; it is not made again."""
    raw = row.result["plan"]
    plain = {item.name: raw[item.name] for item in fields(Plan)}
    return Plan(
        **{
            **plain,
            "lines": tuple(_line(one) for one in raw["lines"]),
            "years": tuple(_year(one) for one in raw["years"]),
        }
    )


def scenarios_of(row: models.Plan) -> list[Scenario]:
    return [Scenario(**one) for one in row.result["scenarios"]]


# --- verification


def content_of(row: models.Plan | models.Price) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def subject_of(row: models.Plan | models.Price) -> str:
    return f"planner.{type(row).__name__}:{row.pk}"


def check_rows_match_events() -> Iterator[Fault]:
    """Every price and plan as its event tells it, and a plan's hash over what it holds."""
    yield from compare_rows_with_events(
        ((subject_of(row), content_of(row)) for row in models.Price.objects.iterator()),
        kind="planner.price",
        verbs=["price.told"],
    )
    yield from compare_rows_with_events(
        ((subject_of(row), content_of(row)) for row in models.Plan.objects.iterator()),
        kind="planner.plan",
        verbs=["plan.saved"],
    )
    for row in models.Plan.objects.iterator():
        found = hash_of(inputs=row.inputs, steps=row.steps, result=row.result)
        if found != row.content_hash:
            yield Fault("planner.hash", subject_of(row), "its hash is not that of its content")
