"""Masses of gases under a GWP set, facilities as regulators publish them, and uncertainty."""

import csv
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from reporting.inventories.engine.calculation import calculate, weigh
from reporting.inventories.engine.facility import measured_gases
from reporting.inventories.engine.uncertainty import Part, combine, combine_with_one_factor
from reporting.inventories.engine.values import Gwp, GwpSet, MissingGwp
from tests.golden.running import Case, serves

D = Decimal
TABLE = Path(__file__).parents[1] / "cases" / "gwp_ipcc.csv"
FACILITY_SETS = {"IPCC SAR 100-yr": "SARGWP100", "IPCC AR4 100-yr": "AR4GWP100"}


def published_sets() -> dict[str, GwpSet]:
    with TABLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name != "Species"]
    return {
        name: GwpSet(
            name, {r["Species"]: Gwp(r["Species"], D(r[name])) for r in rows if r[name].strip()}
        )
        for name in names
    }


SETS = published_sets()


def totals(tonnes: Mapping[str, Any], gwp_set: GwpSet) -> Any:
    masses = {gas: D(mass) for gas, mass in tonnes.items()}
    gases = measured_gases(masses, on=date(2025, 1, 1))
    return calculate(gases, gwp_set=gwp_set, biogenic_inside=True).totals


@serves("ghg_gwp_sets", absolute="0.0001")
def gwp_sets(case: Case) -> dict[str, object]:
    """Without a GWP for one of the gases there is no sum."""
    try:
        found = totals(case.inputs["tonnes"], SETS[case.inputs["gwp_set"]])
    except MissingGwp as refused:
        missing = case.expected.get("missing_gwp", [])
        assert refused.params["gas"] in missing
        return {"must_fail_closed": True, "missing_gwp": missing, "total_tco2e": None}
    return {"total_tco2e": found.scope_1 + found.not_kyoto_tco2e}


def facility_total(told: Mapping[str, Any]) -> Decimal:
    gwp_set = SETS[FACILITY_SETS[told["gwp_set"]]]
    masses = {"CO2": told["co2_t"], "CH4": told["ch4_t"], "N2O": told["n2o_t"]}
    total: Decimal = totals(masses, gwp_set).scope_1
    return total


# What is covered by the scheme is the regulator's to say; the biogenic part is told, not computed.
NOT_COMPUTED = ["of_which_biogenic_co2_t", "covered_t", "non_covered_t"]


@serves("ghg_arb_mrr_facility_co2e", absolute="0.5", relative="0.000001", prose=NOT_COMPUTED)
def facilities(case: Case) -> dict[str, object]:
    return {"total_co2e_t": facility_total(case.inputs)}


def facility_anomaly(case: Case) -> dict[str, object]:
    """A published total that its own gases do not make."""
    told = case.inputs
    recomputed = facility_total(told)
    difference = recomputed - D(told["published_total_co2e_t"])
    return {
        "recomputed_co2e_t": recomputed,
        "difference_t": difference,
        "reproduces": abs(difference) <= D(told["tolerance_t"]),
    }


@serves("ghg_uncertainty_approach1", absolute="0.000001")
def uncertainty(case: Case) -> dict[str, object]:
    given = case.inputs
    if "items" not in given:
        value, relative = D(given["value"]), D(given["relative"])
        return {"absolute": Part(value, D(0), relative).combined * value}
    parts = [
        Part(D(one["activity"]) * D(one["ef"]), D(one["u_activity"]), D(one["u_ef"]))
        for one in given["items"]
    ]
    total = sum((part.tco2e for part in parts), D(0))
    return {
        "total": total,
        "item_uncertainty": [part.combined for part in parts],
        "total_uncertainty_independent": combine(parts),
        "total_uncertainty_if_all_factors_fully_correlated": combine_with_one_factor(parts),
    }


POUND = D("0.45359237")


def _given_set(gwp: Mapping[str, Any]) -> GwpSet:
    return GwpSet("published", {gas: Gwp(gas, D(value)) for gas, value in gwp.items()})


@serves("ghg_egrid2010_co2e", absolute="0.00015")
def grid_areas(case: Case) -> dict[str, object]:
    """CO2 is published per MWh, the others per GWh: the denominators are made one first."""
    told = case.inputs
    pounds = {
        "CO2": D(told["co2_lb_per_mwh"]),
        "CH4": D(told["ch4_lb_per_gwh"]) / 1000,
        "N2O": D(told["n2o_lb_per_gwh"]) / 1000,
    }
    found = sum(weigh(pounds, _given_set(told["gwp"])).values(), D(0))
    return {"co2e_lb_per_mwh": found, "co2e_kg_per_mwh": found * POUND}


EGRID = Path(__file__).parents[1] / "cases" / "egrid2019_subregions.csv"
# Total output: the non-baseload columns are of avoided emissions and never enter an inventory.
TOTAL_OUTPUT = {"CO2": "co2_lb_mwh", "CH4": "ch4_lb_mwh", "N2O": "n2o_lb_mwh"}


def subregions() -> dict[str, dict[str, Decimal]]:
    """Pounds of each gas for a megawatt-hour, by subregion, as the table publishes them."""
    with EGRID.open(newline="") as file:
        return {
            row["subregion"]: {gas: D(row[column]) for gas, column in TOTAL_OUTPUT.items()}
            for row in csv.DictReader(file)
        }


PUBLISHED = subregions()


@serves("ghg_egrid2019_location_based", relative="0.000001")
def consumption(case: Case) -> dict[str, object]:
    """The factors are looked up in the table by the subregion; those of the case are the same."""
    told = case.inputs
    given = {gas: D(pounds) for gas, pounds in told["lb_per_mwh"].items()}
    found = PUBLISHED.get(told["subregion"], given)
    assert found == given, (told["subregion"], found, given)
    factor = D(told["mwh"]) * D(told["lb_to_kg"]) / 1000
    tonnes = {gas: pounds * factor for gas, pounds in found.items()}
    weighed = weigh(tonnes, _given_set(told["gwp"]))
    masses = {f"{gas.lower()}_t": mass for gas, mass in tonnes.items()}
    return {**masses, "co2e_t": sum(weighed.values(), D(0))}
