"""What was raised, allocated, spent and left, and what it did."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from finance.proceeds import models, rules
from finance.proceeds.states import Stance
from ledger.audit.keeping import rows_match_events
from ledger.audit.queries import Fault
from ledger.doors.admin import SEES_ALL
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.kernel.money import Money
from ledger.parameters import queries as parameters

NOUGHT = Decimal(0)
ALL = (*SEES_ALL, Role.SYSTEM)
LOWEST, HIGHEST = "finance.investment_multiplier.low", "finance.investment_multiplier.high"

VERBS: dict[Any, list[str]] = {
    models.Raising: ["raising.registered"],
    models.Project: ["financed_project.registered"],
    models.Allocation: ["proceeds.allocated"],
    models.Spending: ["proceeds.spent", "proceeds.taken_back"],
    models.Impact: ["impact.recorded"],
    models.Subsidy: ["subsidy.granted"],
    models.Rating: ["rating.recorded"],
}


def check_rows_match_events() -> Iterator[Fault]:
    yield from rows_match_events(VERBS)


def raisings_of(party_id: UUID) -> QuerySet[models.Raising]:
    return models.Raising.objects.filter(party_id=party_id)


def projects_of(party_id: UUID) -> QuerySet[models.Project]:
    return models.Project.objects.filter(party_id=party_id)


def subsidies_seen_by(party_id: UUID) -> QuerySet[models.Subsidy]:
    """Granted by the party, or to it."""
    return models.Subsidy.objects.filter(Q(raising__party_id=party_id) | Q(beneficiary_id=party_id))


def visible_raisings(by: Actor) -> QuerySet[models.Raising]:
    if by.has(*ALL):
        return models.Raising.objects.all()
    return raisings_of(by.party_id) if by.party_id else models.Raising.objects.none()


def visible_projects(by: Actor) -> QuerySet[models.Project]:
    if by.has(*ALL):
        return models.Project.objects.all()
    return projects_of(by.party_id) if by.party_id else models.Project.objects.none()


def get_raising(raising_id: UUID, *, by: Actor) -> models.Raising:
    """:raises NotFound: not there, or not yours"""
    found = visible_raisings(by).filter(pk=raising_id).first()
    if found is None:
        raise NotFound
    return found


def get_project(project_id: UUID, *, by: Actor) -> models.Project:
    """:raises NotFound: not there, or not yours"""
    found = visible_projects(by).filter(pk=project_id).first()
    if found is None:
        raise NotFound
    return found


def sum_of(rows: QuerySet[Any]) -> Decimal:
    return rows.aggregate(total=Sum("amount"))["total"] or NOUGHT


@dataclass(frozen=True, slots=True)
class Use:
    """Where one money stands; all in its currency."""

    raised: Decimal
    allocated: Decimal
    subsidies: Decimal
    spent: Decimal

    @property
    def unallocated(self) -> Decimal:
        return self.raised - self.allocated - self.subsidies

    @property
    def unspent(self) -> Decimal:
        return self.allocated - self.spent


def use_of(raising: models.Raising) -> Use:
    return Use(
        raised=raising.raised_amount,
        allocated=sum_of(raising.allocations.all()),
        subsidies=sum_of(raising.subsidies.all()),
        spent=sum_of(raising.spendings.all()),
    )


def unspent_of(party_id: UUID) -> list[Money]:
    """Of each money that a party raised: what is neither spent nor granted as a subsidy yet."""
    rows = raisings_of(party_id).filter(stance=Stance.RAISED)
    spent = _by_raising(models.Spending.objects.filter(raising__in=rows))
    granted = _by_raising(models.Subsidy.objects.filter(raising__in=rows))
    left = (
        Money(
            one.raised_amount - spent.get(one.pk, NOUGHT) - granted.get(one.pk, NOUGHT),
            one.currency,
        )
        for one in rows
    )
    return [one for one in left if one.amount]


def _by_raising(rows: QuerySet[Any]) -> dict[UUID, Decimal]:
    return dict(rows.order_by().values_list("raising_id").annotate(total=Sum("amount")))


@dataclass(frozen=True, slots=True)
class ProjectUse:
    """One project's part of one money, and of its effect in each recorded period."""

    project: models.Project
    allocated: Decimal
    spent: Decimal
    reduced_tco2e: Decimal
    saved_tce: Decimal


def projects_of_raising(raising: models.Raising) -> list[ProjectUse]:
    allocated = _by_project(raising.allocations.all())
    spent = _by_project(raising.spendings.all())
    projects = models.Project.objects.filter(pk__in=allocated).order_by("code")
    effects = effects_of(projects)
    return [
        _use(one, allocated[one.pk], spent.get(one.pk, NOUGHT), effects.get(one.pk, []))
        for one in projects
    ]


def _use(
    project: models.Project, allocated: Decimal, spent: Decimal, impacts: list[models.Impact]
) -> ProjectUse:
    def part(effects: Iterable[Decimal]) -> Decimal:
        whole = sum(effects, NOUGHT)
        return rules.attributed(whole, spent=spent, investment=project.investment_amount)

    return ProjectUse(
        project=project,
        allocated=allocated,
        spent=spent,
        reduced_tco2e=part(one.reduced_tco2e for one in impacts),
        saved_tce=part(one.saved_tce for one in impacts),
    )


def _by_project(rows: QuerySet[Any]) -> dict[UUID, Decimal]:
    found = rows.order_by().values_list("project_id").annotate(total=Sum("amount"))
    return dict(found)


def effects_of(projects: QuerySet[models.Project]) -> dict[UUID, list[models.Impact]]:
    """The newest version of every period, by project."""
    rows = models.Impact.objects.filter(project__in=projects.order_by().values("pk"))
    keys = ("project_id", "period_start", "period_end")
    newest = rows.order_by(*keys, "-version").distinct(*keys)
    found: dict[UUID, list[models.Impact]] = {}
    for row in newest:
        found.setdefault(row.project_id, []).append(row)
    return found


def left_for(raising_id: UUID, project_id: UUID) -> Decimal:
    """What of a project's allocation is not spent yet."""
    mine = {"raising_id": raising_id, "project_id": project_id}
    allocated = sum_of(models.Allocation.objects.filter(**mine))
    return allocated - sum_of(models.Spending.objects.filter(**mine))


@dataclass(frozen=True, slots=True)
class Multipliers:
    low: Decimal
    high: Decimal
    is_unverified: bool


def multipliers_on(on: date) -> Multipliers:
    """Between what an investment may be multiplied.

    :raises NoParameter: the rule book does not reach that day
    """
    low, high = (parameters.get_parameter(key, on) for key in (LOWEST, HIGHEST))
    unverified = "C" in {low.confidence, high.confidence}
    return Multipliers(low.number, high.number, unverified)


def counted_investment(project: models.Project) -> Decimal:
    return rules.counted(project.investment_amount, project.multiplier)


def rating_on(party_id: UUID, on: date) -> models.Rating | None:
    """The newest rating of a party that is valid on a day."""
    rows = models.Rating.objects.filter(party_id=party_id, valid_from__lte=on)
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on)).first()
