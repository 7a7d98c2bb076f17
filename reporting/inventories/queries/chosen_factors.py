"""Which factor an activity takes: the one place that knows how the factors room is asked."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from ledger.kernel.canonical import digest
from ledger.kernel.measures import Measure
from ledger.kernel.periods import Period
from ledger.kernel.quantities import Quantity, exact
from reporting.entries.queries import EntryView, Worked
from reporting.factors import queries as factors
from reporting.inventories.engine.values import (
    CO2E,
    ONE,
    Factor,
    Gwp,
    GwpSet,
    UnknownGas,
    gas_group,
)
from reporting.inventories.rules import PURPOSE
from reporting.parks.queries import ParkView, SourceView
from reporting.parks.states import SourceKind

GRID_AVERAGE = "POWER_GRID_AVERAGE"
RESIDUAL_MIX = "POWER_RESIDUAL_MIX"
FUELS = frozenset({SourceKind.STATIONARY_FUEL, SourceKind.MOBILE_FUEL})
POWER = frozenset(
    {SourceKind.PURCHASED_POWER, SourceKind.DIRECT_GREEN_POWER, SourceKind.SELF_GENERATED_POWER}
)


def factors_of(source: SourceView, park: ParkView, year: int, on: date) -> list[Factor]:
    """One factor per gas, as published by a day (R4.1); none for power that bypasses the grid.

    :raises NoFactor: the carrier has none for a corporate inventory
    """
    if source.kind is SourceKind.PURCHASED_POWER:
        # R5.5: province, else grid region, else nation; a wider one is flagged
        row = factors.get_factor(
            purpose=PURPOSE, carrier=GRID_AVERAGE, region=park.province, year=year, on=on
        )
        return [_factor(row, year)]
    if source.kind in POWER:
        return []
    if source.kind is SourceKind.REFRIGERANT:
        return _refilled(source.carrier)
    if _is_gas(source.carrier):
        return [_measured(source.carrier)]
    rows = factors.factors_for(
        purpose=PURPOSE, carrier=source.carrier, year=year, on=on, per=source.measure
    )
    return [_factor(row, year) for row in rows]


def factors_of_entry(entry: EntryView, worked: Worked, park: ParkView, on: date) -> list[Factor]:
    """For what a method made: none but one for a gas itself, a blend's parts, given or library's.

    :raises NoFactor: the library has none
    """
    if worked.gas:
        return [replace(_measured(worked.gas), id=f"told:{worked.gas}", source=entry.evidence)]
    if entry.is_refrigerant:
        return _refilled(entry.carrier)
    if entry.given:
        return [_given(entry)]
    rows = factors.factors_for(
        purpose=PURPOSE,
        carrier=entry.carrier,
        region=entry.region or park.province,
        year=entry.year,
        on=on,
        per=worked.quantity.measure,
    )
    return [_factor(row, entry.year) for row in rows]


def _given(entry: EntryView) -> Factor:
    """A factor that came with the entry, and where it is from."""
    given = entry.given
    return Factor(
        id=f"given:{entry.id}",
        gas=given.get("gas") or CO2E,
        value=exact(given["value"]),
        mass=Measure.parse(given["mass"]),
        per=Measure.parse(given["per"]),
        source=given["source"],
        digest=digest(dict(given)).hex(),
        name_zh=entry.title,
        name_en=entry.title,
        is_in_co2e=given.get("is_in_co2e") == "true",
    )


def _is_gas(carrier: str) -> bool:
    try:
        gas_group(carrier)
    except UnknownGas:
        return False
    return True


def _measured(gas: str) -> Factor:
    """A process that reports the gas itself needs no factor."""
    return Factor(f"measured:{gas}", gas, ONE, Measure.T, Measure.T, "measured", name_en=gas)


def _refilled(carrier: str) -> list[Factor]:
    """R4.5: what was refilled had leaked; a blend leaks its components."""
    return [
        Factor(
            id=f"composition:{carrier}:{gas}",
            gas=gas,
            value=share,
            mass=Measure.KG,
            per=Measure.KG,
            source="composition by mass",
            digest=digest({"blend": carrier, "gas": gas, "share": share}).hex(),
            name_zh=carrier,
            name_en=carrier,
        )
        for gas, share in factors.components(carrier)
    ]


def _factor(row: factors.FactorRow, year: int) -> Factor:
    """The chosen row; with a calorific value in it, both are named."""
    is_compound = row.ncv_id is not None
    return Factor(
        id=f"{row.id}+{row.ncv_id}" if is_compound else str(row.id),
        gas=row.gas,
        value=row.value,
        mass=row.mass,
        per=row.per,
        source=f"{row.legal_basis or row.source}",
        year=row.factor_year,
        digest=digest([row.digest, row.ncv_digest]).hex() if is_compound else row.digest,
        name_zh=row.name_zh,
        name_en=row.name_en,
        confidence=row.confidence,
        region=row.region,
        asked_year=year if row.year_differs else None,
        asked_region=row.asked_region,
    )


def energy_of(source: SourceView, quantity: Quantity, year: int, on: date) -> Quantity | None:
    """The heat value of what was used: power and heat are energy, fuels have one by table."""
    if source.kind in POWER or source.kind is SourceKind.PURCHASED_HEAT:
        return quantity.to(Measure.GJ)
    if source.kind not in FUELS:
        return None
    try:
        content = factors.get_energy_content(
            purpose=PURPOSE, carrier=source.carrier, year=year, on=on
        )
    except factors.NoFactor:
        return None  # the table of energy use leaves it out; the emissions do not need it
    return content.energy(quantity)


def residual_mix(period: Period, on: date) -> Factor | None:
    """R5.7: the national average without market-traded non-fossil power, where published."""
    year = period.last_day.year
    try:
        row = factors.get_factor(purpose=PURPOSE, carrier=RESIDUAL_MIX, year=year, on=on)
    except factors.NoFactor:
        return None
    return _factor(row, year)


def gwp_set(name: str, gases: Iterable[str]) -> GwpSet:
    """One edition, with its rows' ids and digests.

    :raises NoGwp: no such edition
    :raises MissingGwp: it has no value for one of the gases
    """
    rows = factors.gwp_values(name)
    values = {
        gas: Gwp(gas, row.value, row.id, row.digest, row.confidence) for gas, row in rows.items()
    }
    edition = GwpSet(name, values)
    for gas in gases:
        edition.of(gas)
    return edition
