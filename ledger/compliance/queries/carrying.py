"""The carry-over calculator with the rule book's numbers of the day."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ledger.compliance import models
from ledger.compliance.queries.allocating import traces
from ledger.compliance.queries.facts import entities_seen_by, get_entity
from ledger.compliance.rules.carryover import CarryOver, CarryOverClosed, carry_over
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.parameters import queries as parameters
from ledger.parameters.queries import NoParameter


def carry_over_of(
    *, sold: int, purchased: int, held: int, on: date
) -> tuple[CarryOver, list[dict[str, Any]]]:
    """How much of what is held may be carried over, and the rows of the rule book used.

    :raises CarryOverClosed: the day lies outside the window (I25)
    """
    try:
        base = parameters.get_parameter("ets.carryover.base", on=on)
        ratio = parameters.get_parameter("ets.carryover.ratio", on=on)
    except NoParameter as gap:
        raise CarryOverClosed(last_day=_last_day()) from gap
    made = carry_over(
        sold=sold, purchased=purchased, held=held, base=base.number, ratio=ratio.number
    )
    return made, traces([base, ratio])


def _last_day() -> str:
    ends = [row.valid_to for row in parameters.parameters_of("ets.carryover.base") if row.valid_to]
    return (max(ends) - timedelta(days=1)).isoformat() if ends else "–"


def find_carry_over(carry_over_id: UUID) -> models.CarryOver | None:
    return models.CarryOver.objects.filter(pk=carry_over_id).first()


def carry_overs_seen_by(by: Actor) -> QuerySet[models.CarryOver]:
    """Of the entities that the actor sees."""
    return models.CarryOver.objects.filter(entity__in=entities_seen_by(by).values("pk"))


def get_carry_over(carry_over_id: UUID, *, by: Actor) -> models.CarryOver:
    """:raises NotFound: not there, or not yours"""
    row = models.CarryOver.objects.filter(pk=carry_over_id).first()
    if row is None:
        raise NotFound
    get_entity(row.entity_id, by=by)
    return row
