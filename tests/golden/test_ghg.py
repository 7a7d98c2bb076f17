"""Measured gases are quantities like any other (the published sets are run by `test_sets.py`)."""

from datetime import date
from decimal import Decimal

from ledger.kernel.quantities import Quantity
from reporting.inventories.engine.facility import measured_gases


def test_a_mass_is_a_quantity():
    gas = measured_gases({"CO2": Decimal("1.5")}, on=date(2025, 1, 1))[0]
    assert gas.quantity == Quantity.parse("1.5 t")
