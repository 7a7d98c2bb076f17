"""Frozen years side by side, and the enterprises of a park."""

from decimal import Decimal

from ledger.kernel.periods import Period
from reporting.disclosures.queries import years
from reporting.inventories import operations as inventories
from tests.reporting.inventories.conftest import NOON, build


def year(park, manager, number, tonnes):
    built = inventories.build_from_gases(
        park_id=park.id, period=Period.year(number), gwp_set="AR5",
        tonnes={"CO2": Decimal(tonnes)}, source="measured", by=manager, at=NOON,
    )  # fmt: skip
    return inventories.freeze_inventory(inventory_id=built.id, by=manager, at=NOON)


def test_an_appraisal_tells_every_year_and_its_change(reference, park, manager):
    for number, tonnes in ((2022, 2000), (2023, 1500), (2024, 1200)):
        year(park, manager, number, tonnes)
    found = years.years_of(park.id, manager)
    assert [one.number for one in found] == [2022, 2023, 2024]
    row = next(one for one in years.appraise(found) if one["point"] == "scope_1")
    assert row["amounts"] == [Decimal(2000), Decimal(1500), Decimal(1200)]
    assert (row["change"], row["overall"]) == (Decimal("-20.00"), Decimal("-40.00"))


def test_accounts_of_enterprises_add_up_to_the_park(dataset, park, manager):
    built = build(park, manager)
    inventories.freeze_inventory(inventory_id=built.id, by=manager, at=NOON)
    (found,) = years.years_of(park.id, manager)
    accounts = years.accounts_of_year(found, None)
    whole = sum((one.total_tco2e for one in accounts), Decimal(0))
    assert whole == Decimal(found.content["totals"]["total_location_tco2e"])
    assert all(one.change is None for one in accounts)
    power, heat = years.average_factors(found)
    assert Decimal("0.1") < power < 1 and Decimal("0.05") < heat < Decimal("0.2")
