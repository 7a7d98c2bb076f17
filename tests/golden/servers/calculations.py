"""Fuels on every unit path, processes, heat and power, refrigerants, grids and journeys."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ledger.kernel.measures import Measure
from ledger.kernel.quantities import Quantity
from reporting.entries.rules import cogeneration, grids, journeys, processes, refrigerants
from reporting.entries.rules.fuels import Basis, Fuel
from reporting.factors.rules import gas_name
from reporting.inventories.engine.calculation import gwp_in_scope, weigh
from reporting.inventories.engine.values import Factor, Gwp, GwpSet
from tests.golden.running import Case, serves

D = Decimal


def told_set(gwp: Mapping[str, Any], name: str = "told") -> GwpSet:
    """The warming potentials that a case gives."""
    return GwpSet(name, {gas: Gwp(gas, D(value)) for gas, value in gwp.items()})


def per(value: Any, gas: str, mass: Measure, measure: Measure) -> Factor:
    return Factor(f"told:{gas}", gas, D(value), mass, measure, "told by the case")


def to(quantity: Quantity, measure: Measure) -> Decimal:
    return quantity.to(measure).amount


def kilograms(factor: Factor, activity: Quantity) -> Decimal:
    return factor.emission(activity) * 1000


@serves("ghg_defra_fuel_unit_paths", relative="0.004", prose=["kg_co2e_published_per_tonne"])
def by_energy(case: Case) -> dict[str, object]:
    """A tonne by way of its energy; the published factor per tonne is met within 0.4 percent."""
    told = case.inputs
    found = _by_volume(told) if "litres_per_tonne" in told else _by_heat(told)
    published = D(case.expected["kg_co2e_published_per_tonne"])
    assert abs(found - published) <= D("0.004") * published, (found, published)
    return {"recomputed_via_energy": found, "recomputed_via_volume": found}


def _by_heat(told: Mapping[str, Any]) -> Decimal:
    basis = Basis(told["basis"].upper())
    heat = Quantity(D(told["calorific_value_gj_per_tonne"]), Measure.GJ)
    mass = Quantity(D(told["mass_tonnes"]), Measure.T)
    energy = Fuel(heat=heat, basis=basis).energy(mass, wanted=basis)
    factor = per(told["factor_kgco2e_per_kwh"], "CO2e", Measure.KG, Measure.KWH)
    return kilograms(factor, energy)


def _by_volume(told: Mapping[str, Any]) -> Decimal:
    fuel = Fuel(density_kg_per_l=1000 / D(told["litres_per_tonne"]))
    litres = fuel.measured_in(Quantity(D(told["mass_tonnes"]), Measure.T), Measure.L)
    factor = per(told["factor_kgco2e_per_litre"], "CO2e", Measure.KG, Measure.L)
    return kilograms(factor, litres)


UNITS = {
    "t": (Measure.T, Basis.NET),
    "GJ (net)": (Measure.GJ, Basis.NET),
    "GJ (gross)": (Measure.GJ, Basis.GROSS),
    "MWh (net)": (Measure.MWH, Basis.NET),
    "m3": (Measure.M3, Basis.NET),
}


@serves("ghg_ipcc2006_stationary", absolute="0.000000005")  # as many places are printed
def stationary(case: Case) -> dict[str, object]:
    told = case.inputs
    given = told["factors"]
    measure, basis = UNITS[told["unit"]]
    density, ratio = told.get("density_kg_per_m3"), told.get("gcv_to_ncv_ratio")
    fuel = Fuel(
        heat=Quantity(D(given["ncv_gj_per_t"]), Measure.GJ),
        gross_to_net=D(ratio) if ratio else None,
        density_kg_per_l=D(density) / 1000 if density else None,
    )
    energy = fuel.energy(Quantity(D(told["quantity"]), measure), basis=basis)
    masses = {
        gas: kilograms(
            per(given[f"ef_{gas.lower()}_kg_per_tj_ncv"], gas, Measure.KG, Measure.TJ), energy
        )
        for gas in ("CO2", "CH4", "N2O")
    }
    return {
        "energy_tj_net": to(energy, Measure.TJ),
        **{f"{gas.lower()}_kg": mass for gas, mass in masses.items()},
        "co2e_kg": sum(weigh(masses, told_set(told["gwp"])).values(), D(0)),
    }


def as_printed(number: Decimal, told: Any) -> Decimal:
    """To as many places as the table prints."""
    exponent = D(told).normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return number.quantize(D(1).scaleb(min(0, exponent)), rounding=ROUND_HALF_UP)


PER = {"gallon": Measure.US_GALLON, "short ton": Measure.SHORT_TON, "scf": Measure.CU_FT}
EPA = (
    ("kg_co2_per_unit", "kg_co2_per_mmbtu", "CO2", Measure.KG),
    ("g_ch4_per_unit", "g_ch4_per_mmbtu", "CH4", Measure.G),
    ("g_n2o_per_unit", "g_n2o_per_mmbtu", "N2O", Measure.G),
)


@serves("ghg_epa_stationary_factors", absolute="0.000001")
def per_unit_of_fuel(case: Case) -> dict[str, object]:
    """Gross heat content × factor, rounded as printed; CO2e of the printed figures."""
    told, measure = case.inputs, PER[case.inputs["unit"]]
    heat = Quantity(D(told["heat_content_mmbtu_per_unit"]), Measure.MMBTU)
    fuel = Fuel(heat=heat, per=measure, basis=Basis.GROSS)
    energy = fuel.energy(Quantity(D(1), measure), wanted=Basis.GROSS)
    found = {}
    for name, rate, gas, mass in EPA:
        tonnes = per(told[rate], gas, mass, Measure.MMBTU).emission(energy)
        found[name] = as_printed(to(Quantity(tonnes, Measure.T), mass), case.expected[name])
    kg = {
        "CO2": found["kg_co2_per_unit"],
        "CH4": found["g_ch4_per_unit"] / 1000,
        "N2O": found["g_n2o_per_unit"] / 1000,
    }
    sets = told_set({"CH4": told["gwp_ch4"], "N2O": told["gwp_n2o"]})
    return {**found, "kg_co2e_per_unit": sum(weigh(kg, sets).values(), D(0))}


@serves("ghg_process_and_chp")
def process(case: Case) -> Mapping[str, object]:
    kind = next(name for name in PROCESSES if name in case.id)
    return PROCESSES[kind](case.inputs)


def shared(told: Mapping[str, Any]) -> Mapping[str, object]:
    """Combined heat and power, by the efficiency method."""
    heat, power, total = (
        D(told[name]) for name in ("steam_output_kwh", "power_output_kwh", "total_emissions_kg")
    )
    weights = cogeneration.by_efficiency(
        heat=heat,
        power=power,
        heat_efficiency=D(told["efficiency_steam"]),
        power_efficiency=D(told["efficiency_power"]),
    )
    parts = cogeneration.share_emission(total, weights)
    return {
        "steam_emissions_kg": parts[cogeneration.HEAT],
        "power_emissions_kg": parts[cogeneration.POWER],
        "steam_factor": cogeneration.per_unit(parts[cogeneration.HEAT], heat),
        "power_factor": cogeneration.per_unit(parts[cogeneration.POWER], power),
        "sum_equals_total": sum(parts.values()) == total,
    }


def anode_effects(told: Mapping[str, Any]) -> Mapping[str, object]:
    cell = processes.AnodeEffects(
        slope=D(told["slope"]),
        c2f6_per_cf4=D(told["weight_fraction"]),
        minutes_per_cell_day=D(told["anode_effect_minutes_per_cell_day"]),
    )
    gases = cell.gases(Quantity(D(told["aluminium_t"]), Measure.T))
    tonnes = {gas: to(mass, Measure.T) for gas, mass in gases.items()}
    sets = told_set({"CF4": told["gwp_cf4"], "C2F6": told["gwp_c2f6"]})
    return {
        "cf4_kg": to(gases["CF4"], Measure.KG),
        "c2f6_kg": to(gases["C2F6"], Measure.KG),
        "co2e_t": sum(weigh(tonnes, sets).values(), D(0)),
    }


def cement(told: Mapping[str, Any]) -> Mapping[str, object]:
    clinker = processes.clinker_made(
        Quantity(D(told["cement_t"]), Measure.T),
        clinker_share=D(told["clinker_fraction"]),
        imported=Quantity(D(told["clinker_imports_t"]), Measure.T),
        exported=Quantity(D(told["clinker_exports_t"]), Measure.T),
    )
    return {"co2_t": per(told["ef"], "CO2", Measure.T, Measure.T).emission(clinker)}


def glass(told: Mapping[str, Any]) -> Mapping[str, object]:
    melted = Quantity(D(told["produced_t"]), Measure.T)
    new = processes.of_new_material(melted, reused=D(told["cullet_pct"]) / 100)
    return {"co2_t": per(told["ef"], "CO2", Measure.T, Measure.T).emission(new)}


def iron(told: Mapping[str, Any]) -> Mapping[str, object]:
    made = Quantity(D(told["mass_t"]), Measure.T)
    tonnes = {
        "CO2": per(told["co2_t_per_t"], "CO2", Measure.T, Measure.T).emission(made),
        "CH4": per(told["ch4_kg_per_t"], "CH4", Measure.KG, Measure.T).emission(made),
    }
    weighed = weigh(tonnes, told_set({"CH4": told["gwp_ch4"]}))
    return {
        "co2_t": tonnes["CO2"],
        "ch4_t": tonnes["CH4"],
        "co2e_t": sum(weighed.values(), D(0)),
    }


PROCESSES = {
    "chp": shared,
    "aluminium": anode_effects,
    "cement": cement,
    "glass": glass,
    "iron": iron,
}


@serves("ghg_refrigerant_blends_ar4")
def blend(case: Case) -> dict[str, object]:
    told = case.inputs
    parts = [(gas_name(gas), D(share)) for gas, share in told["composition_mass_fraction"]]
    known = {gas_name(gas): value for gas, value in told["component_gwp"].items()}
    return {"gwp": gwp_in_scope(parts, told_set(known))}


@serves("ghg_refrigerant_screening")
def leaks(case: Case) -> dict[str, object]:
    told = {name: D(value) for name, value in case.inputs.items() if not isinstance(value, str)}
    if "serviced_kg" in told:
        balance = refrigerants.Balance(
            bought_for_new=told["purchases_for_new_kg"],
            capacity_new=told["capacity_new_kg"],
            serviced=told["serviced_kg"],
            capacity_retired=told["capacity_retired_kg"],
            recovered=told["recovered_kg"],
        )
        return {"loss_kg": balance.lost_kg, "kgco2e": balance.lost_kg * told["gwp"]}
    equipment = refrigerants.Equipment(
        charge_kg=told["charge_kg"],
        at_installation=told["installation_ef"],
        a_year=told["annual_leak_rate"],
        left_at_disposal=told["capacity_remaining_at_disposal"],
        recovered=told["refrigerant_recovered"],
    )
    lost = equipment.lost_kg(
        new_units=told["new_units_charged_on_site"],
        units=told["operating_units"],
        years=told["years"],
        disposed_units=told["units_disposed_on_site"],
    )
    stages = {f"{stage.lower()}_kgco2e": kg * told["gwp_ar5"] for stage, kg in lost.items()}
    return {**stages, "total_kgco2e": sum(stages.values(), D(0))}


@serves("ghg_uk_grid_factor_chain", absolute="0.00004", prose=["total_td_loss_published_but_wrong"])
def grid(case: Case) -> dict[str, object]:
    told = case.inputs
    if "direct_g_per_kwh" in told:
        upstream = D(told["direct_g_per_kwh"]) * D(told["wtt_ratio"])
        if "loss" not in told:
            return {"wtt_g_per_kwh": upstream}
        return {"wtt_td_g_per_kwh": grids.lost_on_the_way(upstream, D(told["loss"]))}
    by_gas = _generated(told)
    loss = D(told["total_grid_losses"])
    # From 2020 the source weighs CH4 and N2O by values it does not print: its own total goes on.
    is_whole = len(by_gas) == 3
    generated = sum(by_gas.values(), D(0)) if is_whole else D(case.expected["total_generated"])
    lost = grids.lost_on_the_way(generated, loss)
    return {
        **{f"{gas.lower()}_generated": value for gas, value in by_gas.items()},
        "total_generated": generated,
        "total_consumed": grids.as_consumed(generated, loss),
        "total_td_loss": lost,
        "total_td_loss_computed": lost,
    }


def _generated(told: Mapping[str, Any]) -> Mapping[str, Decimal]:
    gases = ("CO2", "CH4", "N2O")
    if "generation_gwh" not in told:
        return {gas: D(told[f"{gas.lower()}_generated"]) for gas in gases}
    known = gases if told["gwp"] else gases[:1]
    masses = {gas: Quantity(D(told[f"{gas.lower()}_kt"]) * 1000, Measure.T) for gas in known}
    generated = Quantity(D(told["generation_gwh"]), Measure.GWH)
    return grids.as_generated(masses, generated, told_set(told["gwp"] or {}).of)


# The chain goes on from each published step, as the method paper does.
@serves("ghg_uk_transport_chain", absolute="0.00006")
def transport(case: Case) -> dict[str, object]:
    told = case.inputs
    if "tonnes" in told:
        moved = journeys.freight(
            Quantity(D(told["tonnes"]), Measure.T), Quantity(D(told["km"]), Measure.KM)
        )
        return {"tonne_km": moved.amount}
    if "load_effect" in told:
        half, effect = D(told["co2_per_km_half_load"]), D(told["load_effect"])
        loads = [journeys.at_load(half, load=D(load), effect=effect) for load in told["loads"]]
        return {"co2_per_km": loads}
    flown = journeys.passage(
        D(1), Quantity(D(1), Measure.KM), uplift=D(told["great_circle_uplift"])
    )
    base = per(told["base_gco2_per_pkm"], "CO2", Measure.G, Measure.PKM)
    published = D(case.expected["co2_without_rf"])
    multiplier = D(told["rf_multiplier_on_co2"])
    extra = journeys.extra_warming(published, multiplier)
    return {
        "co2_without_rf": kilograms(base, flown),
        "co2_with_rf": journeys.with_radiative_forcing(published, multiplier),
        "co2e_with_rf": D(told["co2e_without_rf"]) + extra,
    }
