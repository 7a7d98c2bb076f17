"""Gathering what an inventory is calculated from: activity, factors, GWP values, claims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from ledger.kernel.canonical import digest
from ledger.kernel.measures import Measure
from ledger.kernel.periods import Period
from ledger.kernel.quantities import WIDE, whole
from ledger.parameters import queries as parameters
from reporting.activity import queries as activity
from reporting.entries import queries as entries
from reporting.entries.states import Part, ValueChain
from reporting.inventories import models
from reporting.inventories.engine.calculation import calculate
from reporting.inventories.engine.content import result_content, text
from reporting.inventories.engine.facility import measured_gases
from reporting.inventories.engine.judging import intensity_content, significance_content
from reporting.inventories.engine.montecarlo import STATED, by_factor, simulate
from reporting.inventories.engine.uncertainty import HalfWidths, combine, uncertainty_content
from reporting.inventories.engine.values import (
    CO2E,
    Activity,
    Factor,
    GwpSet,
    Place,
    PowerMarket,
    Result,
    Supplier,
)
from reporting.inventories.queries import chosen_factors, instruments
from reporting.inventories.queries.instruments import share
from reporting.inventories.states import Answer, Consolidation
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
    half_widths: Mapping[Place, HalfWidths]
    # Shown apart. No result has seen them (R5.1), so that offsetting what was verified does not
    # make it stale.
    credits: Sequence[Mapping[str, Any]] = ()
    sold: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Any] = field(default_factory=dict)
    entries_hash: str = ""

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
        totals = result.totals
        told = self.choices.get("significance_by_part", ())
        return result, {
            **content,
            "uncertainty": self._uncertainty(result),
            "intensity": intensity_content(self.choices.get("denominators", ()), totals),
            **significance_content(told, totals),
        }

    def _uncertainty(self, result: Result) -> dict[str, Any]:
        """By approach 1, independent and with shared factors, and by drawing."""
        parts = {**result.totals.by_subcategory, **result.totals.by_value_chain}
        assessed = uncertainty_content(parts, self.half_widths)
        shared = list(by_factor(result.lines, self.half_widths).values())
        drawn = simulate(shared, seed=int(self.dataset_hash[:8], 16))
        whole = f"{combine(shared).quantize(STATED, rounding=ROUND_HALF_UP):f}"
        return {**assessed, "whole_with_shared_factors": whole, "monte_carlo": drawn.content()}


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
    claimed = instruments.energy_claims(reporters, period)
    elsewhere = instruments.claims_of_other_parks(inventory, [one.id for one in claimed])
    market = PowerMarket(
        claims=[one for one in claimed if one.id not in elsewhere],
        claimed_elsewhere=elsewhere,
        residual_mix=chosen_factors.residual_mix(period, on),
        sold_certificates_mwh=sold,
        suppliers=[_supplier(one) for one in inventory.choices.get("suppliers", ())],
    )
    entered = entries_hash(inventory.park_id, period)
    gases = {factor.gas for one in activities for factor in one.factors}
    state = activity.state_of(inventory.park_id, period)
    return Inputs(
        activities=activities,
        gwp_set=chosen_factors.gwp_set(inventory.gwp_set, gases),
        market=market,
        dataset_hash=dataset_hash(inventory.park_id, period),
        data_state=str(state.value) if state else "",
        biogenic_inside=False,
        half_widths=_half_widths(period),
        credits=instruments.credits_used(reporters, period),
        sold={
            "entered_mwh": text(sold),
            "ledger_mwh": text(instruments.certificates_passed_on(reporters, period)),
        },
        choices=inventory.choices,
        entries_hash=entered,
    )


def entries_hash(park_id: UUID, period: Period) -> str:
    """Of every whole year in the period; nothing where nothing was entered."""
    found = [entries.entries_hash(park_id, year) for year in whole_years(period)]
    return digest(found).hex() if any(found) else ""


def dataset_hash(park_id: UUID, period: Period) -> str:
    """One hash over the current rows and entries: any later correction changes it."""
    rows, entered = activity.dataset_hash(park_id, period), entries_hash(park_id, period)
    return digest([rows, entered]).hex() if entered else rows


def whole_years(period: Period) -> list[int]:
    """Entries are of years: a part of a year has none."""
    years = range(period.start.year, period.last_day.year + 1)
    return [
        year for year in years
        if period.start <= date(year, 1, 1) and date(year, 12, 31) <= period.last_day
    ]  # fmt: skip


def _supplier(told: Mapping[str, Any]) -> Supplier:
    """A supplier's factor as the builder was told it, with its answers to the criteria."""
    name, value = str(told["name"]), Decimal(str(told["tco2e_per_mwh"]))
    factor = Factor(
        id=f"supplier:{name}",
        gas=CO2E,
        value=value,
        mass=Measure.T,
        per=Measure.MWH,
        source=str(told["evidence"]),
        digest=digest(dict(told)).hex(),
        name_zh=name,
        name_en=name,
    )
    answers = {int(number): Answer(said) for number, said in told.get("answers", {}).items()}
    return Supplier(name, Decimal(str(told["mwh"])), factor, answers)


def _half_widths(period: Period) -> dict[Place, HalfWidths]:
    """How far activity and factors of each part may be off; a part without rows is left out."""
    found: dict[Place, HalfWidths] = {}
    for part in (*Subcategory, *ValueChain):
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
    places, inner = parks.places_of(park.id), inventory.inner_park
    sources = {source.id: source for source in parks.sources_of(park.id)}
    tenants = parks.tenants_of(park.id)
    codes = {tenant.id: tenant.code for tenant in tenants}
    way = Consolidation(inventory.consolidation)
    chosen: dict[tuple[UUID, int], list[Factor]] = {}
    found = []
    for row in activity.rows_for(park.id, period):
        source = sources[row.source_id]
        code = codes.get(source.tenant_id, "") if source.tenant_id else ""
        if not places.holds(inner, source.code, code, row.month):
            continue
        tenant = parks.terms_on(tenants, code, row.month)
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
                tenant_code=code,
                share=share(way, tenant),
                energy=chosen_factors.energy_of(source, row.quantity, row.month.year, on),
            )
        )
    entered = _entered(park, tenants, way, period, on)
    return [*found, *(one for one in entered if _is_within(one, places, inner))]


def _is_within(entry: Activity, places: parks.Places, inner: str) -> bool:
    return places.holds(inner, entry.source_code, entry.tenant_code, entry.month)


def _entered(
    park: parks.ParkView,
    tenants: Sequence[parks.TenantView],
    way: Consolidation,
    period: Period,
    on: date,
) -> list[Activity]:
    """What no meter reads: value chain, processes, refrigerants, removals."""
    return [
        Activity(
            id=f"{one.id}:{number}" if number else str(one.id),
            digest=one.digest,
            source_code=one.code,
            kind=None,
            carrier=one.carrier,
            category=one.category,
            subcategory=_place(one.part),
            month=date(year, 1, 1),
            quantity=worked.quantity,
            factors=chosen_factors.factors_of_entry(one, worked, park, on),
            tenant_code=one.tenant_code,
            share=share(way, parks.terms_on(tenants, one.tenant_code, date(year, 1, 1))),
            is_removal=one.part is Part.REMOVALS,
            method=one.method.value,
            formula=worked.formula,
        )
        for year in whole_years(period)
        for one in entries.entries_of(park.id, year)
        for number, worked in enumerate(one.worked)
    ]


def _place(part: Part) -> Place:
    """The same place under the name that meters' emissions have, where they have one."""
    for places in (Subcategory, ValueChain):
        if part.value in {one.value for one in places}:
            return places(part.value)
    return part


def power_used_mwh(activities: list[Activity]) -> Decimal:
    """All electricity used, however it came (R5.9)."""
    kinds = {
        SourceKind.PURCHASED_POWER,
        SourceKind.DIRECT_GREEN_POWER,
        SourceKind.SELF_GENERATED_POWER,
    }
    used = (one for one in activities if one.kind in kinds)
    return whole(WIDE.multiply(x.quantity.to(Measure.MWH).amount, x.share) for x in used)
