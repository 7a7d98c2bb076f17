"""What upper rooms ask: power that contracts brought to a party, and how much came directly."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from finance.ppas.models import Contract, Settlement, SettlementPoint
from finance.ppas.queries.contracts import contracts_visible_to
from finance.ppas.queries.settlements import FINAL
from finance.ppas.rules.quantities import mwh
from finance.ppas.states import ContractState, Side
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.periods import Period


@dataclass(frozen=True, slots=True)
class DirectSupply:
    """A month of power from a named plant over a line of its own, with its evidence (R1.31)."""

    contract_id: UUID
    settlement_id: UUID
    month: date
    buyer_id: UUID
    plant_id: UUID
    plant: str
    technology: str
    mwh: Decimal
    agreement: str
    line: str
    has_evidence: bool


@dataclass(frozen=True, slots=True)
class Supply:
    """A contract over a period: what its buyer used there, and what of it was green."""

    contract_id: UUID
    title: str
    buyer_id: UUID
    region: str
    contracted_mwh: Decimal
    consumed_mwh: Decimal
    delivered_mwh: Decimal
    settled_mwh: Decimal
    is_direct: bool
    is_bundled: bool
    months: tuple[date, ...]
    settlement_ids: tuple[UUID, ...]
    is_final: bool


def direct_supply(*, buyer_ids: Collection[UUID], period: Period) -> list[DirectSupply]:
    """Directly supplied power of a period, by plant and month: finally settled contracts alone.

    Its share of a park is the sum of `mwh` over the park's consumption (R1.26). What came with
    certificates over the public grid is never in it (R1.27).
    """
    rows = (
        SettlementPoint.objects.filter(
            settlement__superseded_by=None,
            settlement__kind__in=FINAL,
            settlement__month__gte=period.start,
            settlement__month__lt=period.end,
            settlement__contract__is_direct=True,
            settlement__contract__buyer_id__in=list(buyer_ids),
            settlement__contract__state=ContractState.SIGNED,
            point__side=Side.GENERATION,
            settled_wh__gt=0,
        )
        .select_related("settlement__contract", "point__plant")
        .order_by("settlement__month", "settlement__contract__number", "point__code")
    )
    return [_direct(row) for row in rows]


def _direct(row: SettlementPoint) -> DirectSupply:
    settlement, plant = row.settlement, row.point.plant
    contract = settlement.contract
    assert plant is not None  # noqa: S101  a point of generation has its plant
    return DirectSupply(
        contract_id=contract.pk,
        settlement_id=settlement.pk,
        month=settlement.month,
        buyer_id=contract.buyer_id,
        plant_id=plant.pk,
        plant=str(plant),
        technology=plant.technology,
        mwh=mwh(row.settled_wh),
        agreement=contract.agreement,
        line=contract.line,
        has_evidence=bool(contract.agreement and contract.line and row.meter_month_id),
    )


def direct_supply_mwh(*, buyer_ids: Collection[UUID], period: Period) -> Decimal:
    """The numerator of the direct share (R1.26): MWh with their evidence."""
    found = direct_supply(buyer_ids=buyer_ids, period=period)
    return sum((one.mwh for one in found if one.has_evidence), Decimal(0))


def supply_of(contract_id: UUID, period: Period, *, by: Actor | None = None) -> Supply:
    """What a contract brought over a period, by its standing statements.

    :raises NotFound: no such contract, or not the actor's
    """
    contract = Contract.objects.filter(pk=contract_id).first()
    if contract is None or not _sees(contract, by):
        raise NotFound(str(contract_id))
    rows = list(
        Settlement.objects.filter(
            contract=contract,
            superseded_by=None,
            month__gte=period.start,
            month__lt=period.end,
        ).order_by("month")
    )
    return Supply(
        contract_id=contract.pk,
        title=str(contract),
        buyer_id=contract.buyer_id,
        region=contract.region,
        contracted_mwh=mwh(sum(row.contracted_wh for row in rows)),
        consumed_mwh=mwh(sum(row.consumed_wh for row in rows)),
        delivered_mwh=mwh(sum(row.delivered_wh for row in rows)),
        settled_mwh=mwh(sum(row.settled_wh for row in rows)),
        is_direct=contract.is_direct,
        is_bundled=contract.is_bundled,
        months=tuple(row.month for row in rows),
        settlement_ids=tuple(row.pk for row in rows),
        is_final=bool(rows) and all(row.kind in FINAL for row in rows),
    )


def _sees(contract: Contract, by: Actor | None) -> bool:
    return by is None or contracts_visible_to(by).filter(pk=contract.pk).exists()
