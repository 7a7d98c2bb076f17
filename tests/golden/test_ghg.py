"""Public cases of gas masses, GWP sets and uncertainty, through the inventory engine."""

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ledger.kernel.quantities import Quantity
from reporting.inventories.engine.calculation import calculate
from reporting.inventories.engine.facility import measured_gases
from reporting.inventories.engine.uncertainty import Part, combine, combine_with_one_factor
from reporting.inventories.engine.values import Gwp, GwpSet, MissingGwp

CASES = Path(__file__).parent / "cases"
D = Decimal


def cases(name):
    file = json.loads((CASES / f"{name}.json").read_text(), parse_float=D, parse_int=D)
    return file["cases"]


def by_id(case):
    return case["id"]


def published_sets():
    with (CASES / "gwp_ipcc.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name != "Species"]
    return {
        name: GwpSet(
            name, {r["Species"]: Gwp(r["Species"], D(r[name])) for r in rows if r[name].strip()}
        )
        for name in names
    }


SETS = published_sets()
FACILITY_SETS = {"IPCC SAR 100-yr": "SARGWP100", "IPCC AR4 100-yr": "AR4GWP100"}


def totals(tonnes, gwp_set):
    gases = measured_gases(tonnes, on=date(2025, 1, 1))
    return calculate(gases, gwp_set=gwp_set, biogenic_inside=True).totals


@pytest.mark.parametrize("case", cases("ghg_gwp_sets"), ids=by_id)
def test_masses_under_a_gwp_set_weigh_what_was_published(case):
    given, expected = case["inputs"], case["expected"]
    gwp_set = SETS[given["gwp_set"]]
    if expected.get("must_fail_closed"):
        with pytest.raises(MissingGwp) as refused:
            totals(given["tonnes"], gwp_set)
        assert refused.value.params["gas"] in expected["missing_gwp"]
        return
    found = totals(given["tonnes"], gwp_set)
    whole = found.scope_1 + found.not_kyoto_tco2e
    assert abs(whole - expected["total_tco2e"]) <= D("1e-4")


def test_every_californian_facility_weighs_what_its_regulator_published():
    wrong = []
    facilities = cases("ghg_arb_mrr_facility_co2e")
    for case in facilities:
        given, expected = case["inputs"], case["expected"]["total_co2e_t"]
        gwp_set = SETS[FACILITY_SETS[given["gwp_set"]]]
        masses = {"CO2": given["co2_t"], "CH4": given["ch4_t"], "N2O": given["n2o_t"]}
        found = totals(masses, gwp_set).scope_1
        if abs(found - expected) > max(D("0.5"), abs(expected) * D("1e-6")):
            wrong.append((case["id"], found, expected))
    assert len(facilities) == 805
    assert wrong == []


@pytest.mark.parametrize("case", cases("ghg_uncertainty_approach1"), ids=by_id)
def test_uncertainty_combines_as_published(case):
    given, expected = case["inputs"], case["expected"]
    if "items" not in given:
        half_width = Part(given["value"], D(0), given["relative"]).combined * given["value"]
        assert abs(half_width - expected["absolute"]) <= abs(expected["absolute"]) * D("0.02")
        return
    parts = [
        Part(one["activity"] * one["ef"], one["u_activity"], one["u_ef"]) for one in given["items"]
    ]
    assert abs(combine(parts) - expected["total_uncertainty_independent"]) < D("1e-6")
    together = expected["total_uncertainty_if_all_factors_fully_correlated"]
    assert abs(combine_with_one_factor(parts) - together) < D("1e-6")


def test_a_mass_is_a_quantity():
    gas = measured_gases({"CO2": D("1.5")}, on=date(2025, 1, 1))[0]
    assert gas.quantity == Quantity.parse("1.5 t")
