"""Units by their definitions, published conversion factors, and files full of them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ledger.kernel.measures import Measure
from ledger.kernel.quantities import Quantity
from reporting.factors import reading
from reporting.inventories.engine.calculation import calculate
from reporting.inventories.engine.values import Activity, Factor, GwpSet
from reporting.parks.states import SourceKind, Subcategory
from tests.golden.running import Case, Dataset, serves

D = Decimal


@serves(
    "unit_conversions_desnz",
    relative="0.000000001",
    prose=["published", "published_relative_deviation"],
)
def conversion(case: Case) -> dict[str, object]:
    told = case.inputs
    source, target = (reading.read_unit(told[name]) for name in ("from", "to"))
    return {"exact_definition": Quantity(D(told["quantity"]), source).to(target).amount}


GASES = {"co2": "CO2", "ch4": "CH4", "n2o": "N2O"}


@serves("ghg_defra_activity", absolute="0.000001")
def activity(case: Case) -> dict[str, object]:
    """The gas columns are CO2e of each gas: the inventory applies no GWP again."""
    told = case.inputs
    line = reading.read_unit(told["uom"])
    quantity = Quantity(D(told["activity_quantity"]), line)
    whole = _run(quantity, {"CO2e": told["factor_kg_co2e"]})
    parts = {
        f"kg_co2e_of_{name}": _run(quantity, {gas: told[f"factor_kg_co2e_of_{name}"]})
        for name, gas in GASES.items()
    }
    factors = {gas: D(told[f"factor_kg_co2e_of_{name}"]) for name, gas in GASES.items()}
    assert reading.gases_sum({**factors, "CO2e": D(told["factor_kg_co2e"])})
    return {"kg_co2e": whole, **parts}


def _run(quantity: Quantity, factors: Mapping[str, Any]) -> Decimal:
    """Kilograms of CO2e by the engine of inventories."""
    told = [
        Factor(f"told:{gas}", gas, D(value), Measure.KG, quantity.measure, "told", is_in_co2e=True)
        for gas, value in factors.items()
    ]
    one = Activity(
        "a", "", "A", SourceKind.PROCESS, "", 1, Subcategory.PROCESS, date(2025, 1, 1),
        quantity, told,
    )  # fmt: skip
    totals = calculate([one], gwp_set=GwpSet("none", {})).totals
    return totals.scope_1 * 1000


@serves("defra_factors")
def factor_file(dataset: Dataset) -> dict[str, object]:
    """A flat file goes through the reader of published factors, which says what is odd."""
    read = reading.read_flat_file(dataset.rows(".csv"))
    found = {
        "rows": read.row_count,
        "blank": len(read.blank),
        "nonnumeric": len(read.not_numbers),
        "groups": len(read.groups),
        "duplicate_keys": len(read.repeated),
        "complete_groups_ok": len(read.complete) - len(read.not_summing),
        "complete_groups_not_summing": len(read.not_summing),
        "groups_where_gases_do_not_sum_to_co2e": [str(key) for key in read.not_summing],
        "rows_by_scope": dict(read.rows_by_scope),
        "distinct_level1": sorted(read.headings),
        "distinct_uom": sorted(read.units),
    }
    return {"expected": found}
