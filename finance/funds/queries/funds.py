"""Who sees which fund: its manager all of it, an investor what is hers."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from finance.funds import models
from ledger.doors.admin import SEES_ALL
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound

NOUGHT = Decimal(0)
ALL = (*SEES_ALL, Role.SYSTEM)
# Who may open the pages at all; whose rows they see follows from the party.
KEEPERS = frozenset({Role.FUND_MANAGER, Role.APPROVER, *SEES_ALL})
READERS = KEEPERS | {Role.CARBON_MANAGER, Role.BANK_OFFICER}


def funds_managed_by(party_id: UUID) -> QuerySet[models.Fund]:
    return models.Fund.objects.filter(manager_id=party_id)


def funds_invested_in(party_id: UUID) -> QuerySet[models.Fund]:
    mine = models.Commitment.objects.filter(investor_id=party_id).values("fund")
    return models.Fund.objects.filter(pk__in=mine)


def funds_seen_by(party_id: UUID) -> QuerySet[models.Fund]:
    """Managed, invested in, or the party's own vehicle."""
    mine = models.Commitment.objects.filter(investor_id=party_id).values("fund")
    return models.Fund.objects.filter(
        Q(manager_id=party_id) | Q(vehicle_id=party_id) | Q(pk__in=mine)
    )


def visible_funds(by: Actor) -> QuerySet[models.Fund]:
    if by.has(*ALL):
        return models.Fund.objects.all()
    return funds_seen_by(by.party_id) if by.party_id else models.Fund.objects.none()


OfInvestors = type[models.CallLine | models.Commitment | models.DistributionLine]


def visible(by: Actor, model: OfInvestors) -> QuerySet[Any]:
    """Rows of investors: a manager sees those of her funds, an investor her own."""
    rows = model._default_manager.all()
    if by.has(*ALL):
        return rows
    return of_party(rows, by.party_id) if by.party_id else rows.none()


def of_party(rows: QuerySet, party_id: UUID) -> QuerySet:  # type: ignore[type-arg]
    return rows.filter(Q(fund__manager_id=party_id) | Q(investor_id=party_id))


def get_fund(fund_id: UUID, *, by: Actor) -> models.Fund:
    """A fund that the actor may see.

    :raises NotFound: not there, or not yours
    """
    fund = visible_funds(by).filter(pk=fund_id).first()
    if fund is None:
        raise NotFound
    return fund


def get_managed_fund(fund_id: UUID, *, by: Actor) -> models.Fund:
    """A fund whose books the actor's party keeps.

    :raises NotFound: not there, or not yours
    """
    fund = models.Fund.objects.filter(pk=fund_id).first()
    if fund is None or (fund.manager_id != by.party_id and not by.has(Role.SYSTEM)):
        raise NotFound
    return fund


def is_manager(fund: models.Fund, by: Actor) -> bool:
    """Whether the actor may see all of a fund's books."""
    return fund.manager_id == by.party_id or by.has(*ALL)


def terms_on(fund: models.Fund, on: date) -> models.Terms | None:
    return fund.terms.filter(valid_from__lte=on).order_by("-valid_from").first()


def sum_of(rows: QuerySet, column: str = "amount") -> Decimal:  # type: ignore[type-arg]
    return rows.aggregate(total=Sum(column))["total"] or NOUGHT
