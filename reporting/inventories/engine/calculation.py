"""Activity × factor → gas → CO2e; then the sums. Nothing is rounded before it is added."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from ledger.kernel.measures import Measure
from ledger.kernel.quantities import WIDE, Quantity
from reporting.inventories.engine.market import climb
from reporting.inventories.engine.values import (
    INSIDE,
    KYOTO,
    ONE,
    ZERO,
    Activity,
    Energy,
    Factor,
    GwpSet,
    Line,
    NegativeMass,
    NoFactors,
    PowerMarket,
    Result,
    Totals,
    gas_group,
)
from reporting.inventories.states import GasGroup
from reporting.parks.states import SourceKind, Subcategory

K = TypeVar("K", bound=Hashable)
OWN = frozenset({1, 2})  # categories of ISO 14064-1 that are Scopes 1 and 2; the rest is Scope 3
# Power that reaches the user without the grid emits what its own plant emits, not the grid's mix.
WITHOUT_GRID = frozenset({SourceKind.DIRECT_GREEN_POWER, SourceKind.SELF_GENERATED_POWER})


def total_of(values: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    whole = ZERO
    for value in values:
        whole = WIDE.add(whole, value)
    return whole


def grouped(
    items: Iterable[Line], key: Callable[[Line], K], value: Callable[[Line], Decimal]
) -> dict[K, Decimal]:
    """Exact sums by key, in the order of first sight."""
    sums: dict[K, Decimal] = {}
    for item in items:
        sums[key(item)] = WIDE.add(sums.get(key(item), ZERO), value(item))
    return sums


def calculate(
    activities: Sequence[Activity],
    *,
    gwp_set: GwpSet,
    market: PowerMarket | None = None,
    biogenic_inside: bool = False,
) -> Result:
    """The inventory of the activities under one GWP set.

    Biogenic CO2 stands apart (R5.13) unless a programme's convention puts it inside the totals.
    Credits are no input: they never change a scope total (R5.1).

    :raises NoFactors: activity without a factor
    :raises MissingGwp: the set has no value for a gas that is emitted
    :raises MeasureMismatch: activity and factor do not fit
    """
    counted = [activity for activity in activities if activity.share != 0]
    lines = [line for activity in counted for line in lines_of(activity, gwp_set)]
    climbed = climb(counted, market or PowerMarket(), _grid_average(lines))
    power_market = total_of(line.tco2e for line in climbed.lines)
    totals = _totals(lines, power_market, biogenic_inside)
    result = Result(
        lines=lines,
        market=climbed.lines,
        claims=climbed.claims,
        totals=totals,
        energy=energy_use(counted),
        flags=climbed.flags,
    )
    return replace(result, flags=[*_weak_factors(result.factors()), *climbed.flags])


def lines_of(activity: Activity, gwp_set: GwpSet) -> list[Line]:
    """One line per gas.

    :raises NoFactors: nothing says what the activity emits
    """
    if not activity.factors and activity.kind not in WITHOUT_GRID:
        raise NoFactors(source=activity.source_code)
    lines = []
    for factor in activity.factors:
        mass = WIDE.multiply(factor.emission(activity.quantity), activity.share)
        if mass < 0:
            raise NegativeMass(gas=factor.gas)
        group = gas_group(factor.gas)
        gwp = ONE if factor.is_in_co2e else gwp_set.of(factor.gas)
        lines.append(Line(activity, factor, group, mass, gwp, WIDE.multiply(mass, gwp)))
    return lines


def _inside(line: Line, biogenic_inside: bool) -> bool:
    return line.group in INSIDE or (biogenic_inside and line.group is GasGroup.BIOGENIC_CO2)


def _totals(lines: Sequence[Line], power_market: Decimal, biogenic_inside: bool) -> Totals:
    removed = [line for line in lines if line.activity.is_removal]
    lines = [line for line in lines if not line.activity.is_removal]
    counted = [line for line in lines if _inside(line, biogenic_inside)]
    inside = [line for line in counted if line.activity.category in OWN]
    chain = [line for line in counted if line.activity.category not in OWN]
    direct = [line for line in inside if line.activity.category == 1]
    by_part = grouped(inside, lambda one: one.activity.subcategory, lambda one: one.tco2e)
    power = by_part.get(Subcategory.IMPORTED_ELECTRICITY, ZERO)
    heat = by_part.get(Subcategory.IMPORTED_HEAT, ZERO)
    by_group = grouped(direct, lambda one: one.group, lambda one: one.tco2e)
    biogenic = [line for line in lines if line.group is GasGroup.BIOGENIC_CO2]
    return Totals(
        scope_1=total_of(line.tco2e for line in direct),
        scope_2_location=WIDE.add(power, heat),
        scope_2_market=WIDE.add(power_market, heat),
        scope_2_heat=heat,
        scope_2_power_location=power,
        scope_2_power_market=power_market,
        direct_by_group={**dict.fromkeys(KYOTO, ZERO), **by_group},
        direct_mass_by_gas=grouped(
            [line for line in direct if not line.factor.is_in_co2e],
            lambda one: one.factor.gas,
            lambda one: one.mass_t,
        ),
        by_subcategory=by_part,
        by_tenant=grouped(inside, lambda one: one.activity.tenant_code, lambda one: one.tco2e),
        by_month=grouped(inside, lambda one: one.activity.month, lambda one: one.tco2e),
        biogenic_co2_t=total_of(line.mass_t for line in biogenic),
        not_kyoto_tco2e=total_of(x.tco2e for x in lines if x.group is GasGroup.NOT_KYOTO),
        by_value_chain=grouped(chain, lambda one: one.activity.subcategory, lambda one: one.tco2e),
        by_category=grouped(counted, lambda one: one.activity.category, lambda one: one.tco2e),
        removals_tco2e=total_of(line.tco2e for line in removed),
    )


def _grid_average(lines: Sequence[Line]) -> Decimal:
    """tCO2e per MWh of the grid power bought: the last rung of the ladder."""
    bought = [line for line in lines if line.activity.kind is SourceKind.PURCHASED_POWER]
    rows = {line.activity.id: line.activity for line in bought}
    mwh = total_of(power_mwh(activity) for activity in rows.values())
    tco2e = total_of(line.tco2e for line in bought)
    return WIDE.divide(tco2e, mwh) if mwh else ZERO


def power_mwh(activity: Activity) -> Decimal:
    """The MWh that count, after the tenant's share."""
    return WIDE.multiply(activity.quantity.to(Measure.MWH).amount, activity.share)


def _weak_factors(factors: Sequence[Factor]) -> list[tuple[str, str]]:
    """Factors of another year or place than asked for (R4.1), and those nobody has verified."""
    return [
        *(("factor_fallback", factor.id) for factor in factors if factor.is_fallback),
        *(("factor_unverified", factor.id) for factor in factors if factor.is_unverified),
    ]


def energy_use(activities: Sequence[Activity]) -> list[Energy]:
    """GJ and tce by carrier, of what has a heat value."""
    sums: dict[str, tuple[Quantity, Quantity]] = {}
    for activity in activities:
        if activity.energy is None:
            continue
        used = activity.quantity * activity.share
        heat = activity.energy.to(Measure.GJ) * activity.share
        if activity.carrier in sums:
            before = sums[activity.carrier]
            used, heat = before[0] + used, before[1] + heat
        sums[activity.carrier] = used, heat
    return [
        Energy(carrier, used, heat.amount, heat.to(Measure.TCE).amount)
        for carrier, (used, heat) in sums.items()
    ]


def weigh(tonnes: Mapping[str, Decimal], gwp_set: GwpSet) -> dict[str, Decimal]:
    """tCO2e of masses by gas.

    :raises MissingGwp: the set has no value for one of them
    """
    return {gas: WIDE.multiply(mass, gwp_set.of(gas)) for gas, mass in tonnes.items()}


def gwp_in_scope(parts: Iterable[tuple[str, Decimal]], gwp_set: GwpSet) -> Decimal:
    """What one mass of a blend counts inside the scopes: its Kyoto gases alone (R4.4).

    :raises MissingGwp: the set has no value for a Kyoto component
    """
    inside = ((gas, share) for gas, share in parts if gas_group(gas) in KYOTO)
    return total_of(WIDE.multiply(gwp_set.of(gas), share) for gas, share in inside)
