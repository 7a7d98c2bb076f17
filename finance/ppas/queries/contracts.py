"""Contracts and the terms that hold in a month."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from finance.ppas.models import Contract, DeviationRule, Point, PricePart, Slice, Volume
from finance.ppas.rules.money import Price, Rule
from finance.ppas.rules.statement import Terms
from finance.ppas.rules.terms import whats_missing
from finance.ppas.states import ContractState, Side
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.kernel.periods import Period
from ledger.parameters import queries as parameters
from ledger.parties import queries as parties


def contracts_of(party_id: UUID) -> QuerySet[Contract]:
    """Contracts in which a party sells, buys or keeps the book."""
    return Contract.objects.filter(
        Q(party_id=party_id) | Q(seller_id=party_id) | Q(buyer_id=party_id)
    )


def contracts_visible_to(actor: Actor) -> QuerySet[Contract]:
    if actor.has(Role.SYSTEM, Role.AUDITOR):
        return Contract.objects.all()
    return contracts_of(actor.party_id) if actor.party_id else Contract.objects.none()


def get_contract(contract_id: UUID, *, by: Actor) -> Contract:
    """:raises NotFound: not there, or not yours"""
    found = contracts_visible_to(by).filter(pk=contract_id).first()
    if found is None:
        raise NotFound(str(contract_id))
    return found


def lock_contract(contract_id: UUID, *, by: Actor) -> Contract:
    """A contract that the actor's party keeps, its row locked.

    :raises NotFound: not there, or kept by another party
    """
    found = Contract.objects.select_for_update().filter(pk=contract_id).first()
    if found is None or (not by.is_machine and found.party_id != by.party_id):
        raise NotFound(str(contract_id))
    return found


def term_of(contract: Contract) -> Period:
    return Period(contract.valid_from, contract.valid_to)


def months_of(contract: Contract, period: Period) -> list[date]:
    """The months of a period that lie in the contract's term."""
    common = term_of(contract).intersection(period)
    return [one.start for one in common.months()] if common else []


def contract_choices(actor: Actor, *, state: str = ContractState.SIGNED) -> list[tuple[str, str]]:
    found = contracts_visible_to(actor).filter(state=state).order_by("number")
    return [(str(one.pk), str(one)) for one in found]


# --- terms


def prices_in(rows: Iterable[PricePart], month: date) -> tuple[Price, ...]:
    """The newest price that has begun, of each part and hours of use; later told wins a tie."""
    newest: dict[tuple[str, str], PricePart] = {}
    for row in sorted(rows, key=lambda one: (one.valid_from, one.recorded_at, one.pk)):
        if row.valid_from <= month:
            newest[row.kind, row.tariff] = row
    return tuple(
        Price(str(row.pk), row.kind, row.tariff, row.cny_per_kwh.normalize())
        for _key, row in sorted(newest.items())
    )


def rules_in(rows: Iterable[DeviationRule], month: date) -> tuple[Rule, ...]:
    newest: dict[str, DeviationRule] = {}
    for row in sorted(rows, key=lambda one: (one.valid_from, one.recorded_at, one.pk)):
        if row.valid_from <= month:
            newest[row.of] = row
    return tuple(
        Rule(
            id=str(row.pk),
            of=row.of,
            kind=row.kind,
            rate_bps=row.rate_bps,
            tolerance_bps=row.tolerance_bps,
            price_cny_per_kwh=row.cny_per_kwh or Decimal(0),
        )
        for _of, row in sorted(newest.items())
    )


def terms_in(contract: Contract, month: date) -> Terms:
    """Asks for related rows once when they were prefetched."""
    return Terms(
        contract_id=str(contract.pk),
        month=f"{month:%Y-%m}",
        quantity_rule=contract.quantity_rule,
        is_bundled=contract.is_bundled,
        prices=prices_in(contract.prices.all(), month),
        rules=rules_in(contract.deviations.all(), month),
    )


def newest_volumes(contract_ids: Sequence[UUID]) -> dict[tuple[UUID, date], Volume]:
    rows = Volume.objects.filter(contract__in=contract_ids).order_by("version")
    return {(row.contract_id, row.month): row for row in rows}


def points_of(contract: Contract) -> list[tuple[Point, int]]:
    """The contract's meters, with its share of each in basis points."""
    shares: dict[UUID, int] = {}
    points: dict[UUID, Point] = {}
    for row in Slice.objects.filter(contract=contract).select_related("point", "point__plant"):
        points[row.point_id] = row.point
        shares[row.point_id] = shares.get(row.point_id, 0) + row.share_bps
    found = sorted(points.values(), key=lambda one: (one.side != Side.GENERATION, one.code))
    return [(point, shares[point.pk]) for point in found]


def reasons_not_to_sign(contract: Contract) -> list[str]:
    """In the reader's language."""
    points = [point for point, _share in points_of(contract)]
    facts: dict[str, Any] = {
        "generation_points": [one for one in points if one.side == Side.GENERATION],
        "consumption_points": [one for one in points if one.side == Side.CONSUMPTION],
        "quantity_rule": contract.quantity_rule,
        "prices": prices_in(contract.prices.all(), contract.valid_from),
        "months": [month for _id, month in newest_volumes([contract.pk])],
        "is_direct": contract.is_direct,
        "agreement": contract.agreement,
        "line": contract.line,
    }
    return [_(reason) for reason in whats_missing(facts, term=term_of(contract))]


def terms_row(contract: Contract) -> dict[str, Any]:
    """Everything that was agreed, for the hash that an approval is bound to."""
    return {
        "contract": str(contract.pk),
        "state": str(contract.state),
        "prices": sorted(str(pk) for pk in contract.prices.values_list("pk", flat=True)),
        "deviations": sorted(str(pk) for pk in contract.deviations.values_list("pk", flat=True)),
        "volumes": sorted(str(pk) for pk in contract.volumes.values_list("pk", flat=True)),
        "slices": sorted(str(pk) for pk in contract.slices.values_list("pk", flat=True)),
    }


def party_names(contract: Contract) -> tuple[str, str]:
    """Seller and buyer."""
    known = parties.names_of([contract.seller_id, contract.buyer_id])
    return known[contract.seller_id], known[contract.buyer_id]


PROVINCE_RULES = ("ppa.shortfall.rate", "ppa.shortfall.tolerance")


def province_rules(region: str) -> list[parameters.ParameterValue]:
    """What is known of a province's deviation rules: to be compared with what was agreed (R8.4)."""
    if not region:
        return []
    found = [row for key in PROVINCE_RULES for row in parameters.parameters_of(key)]
    return [row for row in found if row.scope == region]
