"""Gathering what an inventory is calculated from: activity, factors, GWP values, claims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from ledger.kernel.canonical import digest
from ledger.kernel.measures import Measure
from ledger.kernel.periods import Period
from ledger.parameters import queries as parameters
from reporting.activity import queries as activity
from reporting.inventories import models
from reporting.inventories.engine.calculation import calculate
from reporting.inventories.engine.content import result_content, text
from reporting.inventories.engine.facility import measured_gases
from reporting.inventories.engine.uncertainty import HalfWidths, uncertainty_content
from reporting.inventories.engine.values import (
    Activity,
    Factor,
    GwpSet,
    PowerMarket,
    Result,
)
from reporting.inventories.queries import chosen_factors, instruments
from reporting.inventories.queries.instruments import share
from reporting.inventories.states import Consolidation
from reporting.parks import queries as parks
from reporting.parks.states import SourceKind, Subcategory

UNCERTAINTY = "inventory.uncertainty"


@dataclass(frozen=True, slots=True)
class Inputs:
    activities: list[Activity]
    gwp_set: GwpSet
    market: PowerMarket
    dataset_hash: str
    data_state: str
    biogenic_inside: bool
    half_widths: Mapping[Subcategory, HalfWidths]
    # Shown apart. No result has seen them (R5.1), so that offsetting what was verified does not
    # make it stale.
    credits: Sequence[Mapping[str, Any]] = ()
    sold: Mapping[str, str] = field(default_factory=dict)

    def result(self) -> Result:
        return calculate(
            self.activities,
            gwp_set=self.gwp_set,
            market=self.market,
            biogenic_inside=self.biogenic_inside,
        )

    def content(self) -> tuple[Result, dict[str, Any]]:
        """The result and its frozen form."""
        result = self.result()
        content = result_content(result, self.gwp_set)
        parts = result.totals.by_subcategory
        return result, {**content, "uncertainty": uncertainty_content(parts, self.half_widths)}


def period_of(inventory: models.Inventory) -> Period:
    return Period(inventory.period_start, inventory.period_end)


def gather(inventory: models.Inventory, on: date) -> Inputs:
    """Everything the calculation reads, with the factors published by a day (R4.1).

    :raises NoFactor, MissingGwp: something that is needed is not there
    """
    if "gases" in inventory.choices:
        return _measured(inventory, on)
    period = period_of(inventory)
    activities = _activities(inventory, period, on)
    sold = Decimal(inventory.choices.get("sold_certificates_mwh", "0"))
    reporters = instruments.reporters_of(inventory, period)
    market = PowerMarket(
        claims=instruments.energy_claims(reporters, period),
        residual_mix=chosen_factors.residual_mix(period, on),
        sold_certificates_mwh=sold,
    )
    gases = {factor.gas for one in activities for factor in one.factors}
    state = activity.state_of(inventory.park_id, period)
    return Inputs(
        activities=activities,
        gwp_set=chosen_factors.gwp_set(inventory.gwp_set, gases),
        market=market,
        dataset_hash=activity.dataset_hash(inventory.park_id, period),
        data_state=str(state.value) if state else "",
        biogenic_inside=False,
        half_widths=_half_widths(period),
        credits=instruments.credits_used(reporters, period),
        sold={
            "entered_mwh": text(sold),
            "ledger_mwh": text(instruments.certificates_passed_on(reporters, period)),
        },
    )


def _half_widths(period: Period) -> dict[Subcategory, HalfWidths]:
    """How far activity and factors of each part may be off; a part without rows is left out."""
    found = {}
    for part in Subcategory:
        try:
            activity_row, factor_row = (
                parameters.get_parameter(f"{UNCERTAINTY}.{name}", period.last_day, part.value)
                for name in ("activity", "factor")
            )
        except parameters.NoParameter:
            continue
        ids = (str(activity_row.id), str(factor_row.id))
        weakest = max(activity_row.confidence, factor_row.confidence)
        found[part] = HalfWidths(activity_row.number, factor_row.number, ids, weakest)
    return found


def _measured(inventory: models.Inventory, on: date) -> Inputs:
    """A facility that reports masses of gases: the masses are the dataset."""
    given: Mapping[str, Any] = inventory.choices["gases"]
    period = period_of(inventory)
    tonnes = {gas: Decimal(mass) for gas, mass in sorted(given["tonnes"].items())}
    activities = measured_gases(tonnes, on=inventory.period_start, source=given["source"])
    return Inputs(
        activities=activities,
        gwp_set=chosen_factors.gwp_set(inventory.gwp_set, set(tonnes)),
        market=PowerMarket(),
        dataset_hash=digest(given).hex(),
        data_state=given["data_state"],
        biogenic_inside=given["biogenic_inside"],
        half_widths=_half_widths(period),
        credits=instruments.credits_used(instruments.reporters_of(inventory, period), period),
    )


def _activities(inventory: models.Inventory, period: Period, on: date) -> list[Activity]:
    park = parks.get_park(inventory.park_id)
    sources = {source.id: source for source in parks.sources_of(park.id)}
    tenants = {tenant.id: tenant for tenant in parks.tenants_of(park.id)}
    way = Consolidation(inventory.consolidation)
    chosen: dict[tuple[UUID, int], list[Factor]] = {}
    found = []
    for row in activity.rows_for(park.id, period):
        source = sources[row.source_id]
        tenant = tenants.get(source.tenant_id) if source.tenant_id else None
        key = source.id, row.month.year
        if key not in chosen:
            chosen[key] = chosen_factors.factors_of(source, park, row.month.year, on)
        found.append(
            Activity(
                id=str(row.row_id),
                digest=row.digest,
                source_code=source.code,
                kind=source.kind,
                carrier=source.carrier,
                category=source.iso_category,
                subcategory=source.subcategory,
                month=row.month,
                quantity=row.quantity,
                factors=chosen[key],
                tenant_code=tenant.code if tenant else "",
                share=share(way, tenant),
                energy=chosen_factors.energy_of(source, row.quantity, row.month.year, on),
            )
        )
    return found


def power_used_mwh(activities: list[Activity]) -> Decimal:
    """All electricity used, however it came (R5.9)."""
    kinds = {
        SourceKind.PURCHASED_POWER,
        SourceKind.DIRECT_GREEN_POWER,
        SourceKind.SELF_GENERATED_POWER,
    }
    used = (one for one in activities if one.kind in kinds)
    return sum((x.quantity.to(Measure.MWH).amount * x.share for x in used), Decimal(0))
