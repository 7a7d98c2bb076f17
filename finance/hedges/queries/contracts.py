"""Contracts, their days and margin, and what of the compliance gap they hedge."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models as django_models
from django.db.models import Case, F, QuerySet, Sum, When

from finance.hedges import models
from finance.hedges.rules.options import Option, Right, Valued, payoff
from finance.hedges.rules.options import value as value_option
from finance.hedges.rules.positions import hedge_ratio
from finance.hedges.states import ContractKind, ContractState, MarginKind, Side
from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.compliance import queries as compliance
from ledger.kernel.actors import Actor, Role
from ledger.kernel.day_counts import DayCount, year_fraction
from ledger.kernel.errors import NotFound
from ledger.kernel.money import Money

SEES_ALL = (Role.SYSTEM, Role.AUDITOR)
NOUGHT = Decimal(0)


def contracts_of(party_id: UUID) -> QuerySet[models.Contract]:
    return models.Contract.objects.filter(party_id=party_id)


def contracts_seen_by(actor: Actor) -> QuerySet[models.Contract]:
    if actor.has(*SEES_ALL):
        return models.Contract.objects.all()
    return contracts_of(actor.own_party) if actor.party_id else models.Contract.objects.none()


def open_contracts(party_id: UUID) -> QuerySet[models.Contract]:
    """Those still running, the soonest to end first."""
    rows = contracts_of(party_id).filter(state=ContractState.OPEN)
    return rows.order_by("last_day", "id")


def get_contract(contract_id: UUID, *, by: Actor) -> models.Contract:
    """:raises NotFound: not there, or not yours"""
    row = contracts_seen_by(by).filter(pk=contract_id).first()
    if row is None:
        raise NotFound
    return row


def lock_contract(contract_id: UUID, *, by: Actor) -> models.Contract:
    """:raises NotFound: not there, or not yours"""
    row = contracts_seen_by(by).select_for_update().filter(pk=contract_id).first()
    if row is None:
        raise NotFound
    return row


def newest_settlements(contract: models.Contract) -> list[models.DailySettlement]:
    """One row a day, of its newest version, oldest day first."""
    rows = contract.settlements.order_by("settled_on", "-version").distinct("settled_on")
    return list(rows)


def last_settlement(
    contract: models.Contract, *, before: date | None = None
) -> models.DailySettlement | None:
    rows = contract.settlements.all()
    if before is not None:
        rows = rows.filter(settled_on__lt=before)
    return rows.order_by("-settled_on", "-version").first()


@dataclass(frozen=True, slots=True)
class Standing:
    """How a contract stands: all variation so far, margin paid, and what is missing of it."""

    gained: Money
    paid_in: Money
    required: Money
    value: Money | None  # of an option: what it is worth to its holder
    is_margined: bool = True  # not a bought option: its premium is all that can be lost

    @property
    def balance(self) -> Money:
        """Margin paid in, with the variation that is settled every day."""
        return self.paid_in + self.gained if self.is_margined else self.paid_in

    @property
    def call(self) -> Money:
        """What has to be paid in now."""
        missing = self.required - self.balance
        return (
            missing
            if missing.amount > 0 and self.is_margined
            else Money(NOUGHT, self.required.currency)
        )


def standing_of(contract: models.Contract) -> Standing:
    """Three queries."""
    days = newest_settlements(contract)
    signed = Case(When(kind=MarginKind.DEPOSIT, then=F("amount")), default=-F("amount"))
    paid = contract.payments.aggregate(sum=Sum(signed))["sum"] or NOUGHT
    newest = days[-1] if days else None
    gained = sum((day.variation for day in days), NOUGHT)
    worth = None
    if newest is not None and newest.unit_value is not None:
        sign = 1 if contract.side == Side.LONG else -1
        worth = Money(newest.unit_value * contract.unit_count * sign, contract.currency).rounded()
    is_open = contract.state == ContractState.OPEN
    required = newest.margin_required if newest and is_open else NOUGHT
    return Standing(
        Money(gained, contract.currency), Money(paid, contract.currency),
        Money(required, contract.currency), worth,
        is_margined=not contract.is_option or contract.side == Side.SHORT,
    )  # fmt: skip


def option_of(contract: models.Contract, *, price: Decimal, on: date) -> Option | None:
    """The option of a day by Black 1976 (ACT/365F); None on its last day, or of another contract.

    :raises NotAnOption: a price of nought
    """
    if not contract.is_option or contract.volatility is None or on >= contract.last_day:
        return None
    return Option(
        right=Right(contract.kind),
        underlying=price,
        strike=contract.price,
        years=year_fraction(DayCount.ACT_365F, on, contract.last_day),
        volatility=contract.volatility,
        rate=contract.interest_rate or NOUGHT,
    )


def unit_value_of(
    contract: models.Contract, *, price: Decimal, on: date
) -> tuple[Decimal | None, Valued | None]:
    """What one unit of an option is worth on a day: by the formula, or its payoff on the last."""
    if not contract.is_option:
        return None, None
    option = option_of(contract, price=price, on=on)
    if option is None:
        return payoff(Right(contract.kind), underlying=price, strike=contract.price), None
    found = value_option(option)
    return found.value, found


# --- what is hedged


@dataclass(frozen=True, slots=True)
class Hedged:
    """An obligation year's gap, and the units of open contracts that stand against it.

    `hedged` counts an option by its delta of the last settled day. `ratio` None: nothing missing.
    """

    entity: str
    year: int
    obligation_id: UUID
    exposure: int
    hedged: Decimal
    ratio: Decimal | None


def hedged_of(party_id: UUID, on: date) -> list[Hedged]:
    """Every year with an open obligation, against the contracts that name it."""
    rows = compliance.obligations_of(party_id).filter(open_t__gt=0).select_related("entity")
    by_year = _hedged_units(party_id)
    found = []
    for row in rows.order_by("year", "id"):
        gap = compliance.gap_of(row, compliance.holdings_for(row, on))
        regime = compliance.get_regime(row.entity.regime_id)
        units = sum((by_year.get((one, row.year), NOUGHT) for one in regime.allowances), NOUGHT)
        ratio = hedge_ratio(units, gap.to_acquire)
        found.append(Hedged(str(row.entity), row.year, row.pk, gap.to_acquire, units, ratio))
    return found


@dataclass(frozen=True, slots=True)
class Counted:
    """An open contract that names an obligation year, and how many of its units count for it.

    `weight`: 1 for a future or forward, an option's delta of its last settled day; below nought
    for what was sold.
    """

    contract: models.Contract
    weight: Decimal

    @property
    def units(self) -> Decimal:
        return self.weight * self.contract.unit_count


def counted_of(party_id: UUID) -> list[Counted]:
    """Every open contract of a party that names an obligation year; two queries."""
    rows = contracts_of(party_id).filter(state=ContractState.OPEN, for_year__isnull=False)
    newest = models.DailySettlement.objects.filter(contract__in=rows).order_by(
        "contract_id", "-settled_on", "-version"
    )
    deltas = {
        one.contract_id: Decimal(one.greeks["delta"])
        for one in newest.distinct("contract_id")
        if one.greeks
    }
    return [Counted(row, _weight(row, deltas.get(row.pk))) for row in rows.order_by("number")]


def _weight(row: models.Contract, delta: Decimal | None) -> Decimal:
    sign = 1 if row.side == Side.LONG else -1
    if not row.is_option:
        return Decimal(sign)
    whole = Decimal(1 if row.kind != ContractKind.PUT else -1)
    return sign * (whole if delta is None else delta)


def _hedged_units(party_id: UUID) -> dict[tuple[str, int], Decimal]:
    """Net units bought forward, by instrument and year."""
    found: dict[tuple[str, int], Decimal] = {}
    for one in counted_of(party_id):
        key = (one.contract.scheme, one.contract.for_year or 0)
        found[key] = found.get(key, NOUGHT) + one.units
    return found


# --- rows against their events


def content_of(row: django_models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def subject_of(row: django_models.Model) -> str:
    return f"hedges.{type(row).__name__}:{row.pk}"


def check_rows_match_events() -> Iterator[Fault]:
    """Every contract as its newest event tells it, every settled day and payment as its own."""
    tables: list[tuple[type[Any], str, list[str]]] = [
        (models.Contract, "hedges.contract", ["hedge.opened", "hedge.ended"]),
        (models.DailySettlement, "hedges.settlement", ["hedge.settled"]),
        (models.MarginPayment, "hedges.payment", ["hedge.margin_paid"]),
    ]
    for table, kind, verbs in tables:
        yield from compare_rows_with_events(
            ((subject_of(row), content_of(row)) for row in table.objects.iterator()),
            kind=kind,
            verbs=verbs,
        )
