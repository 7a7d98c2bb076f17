from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from ledger.kernel.actors import Actor, Role
from ledger.kernel.canonical import digest
from ledger.kernel.errors import IllegalTransition, NotFound
from ledger.kernel.measures import Measure
from ledger.kernel.periods import Period
from ledger.kernel.quantities import Quantity
from reporting.activity import operations as activity
from reporting.inventories import models, operations, queries, rules
from reporting.inventories.engine.values import MissingGwp
from reporting.inventories.states import Consolidation
from reporting.parks import operations as parks
from reporting.parks.rules import FrozenDependsOnIt
from reporting.parks.states import SourceKind
from tests.reporting.inventories.conftest import NOON, START, YEAR, build, person

D = Decimal


def freeze(inventory, manager):
    return operations.freeze_inventory(inventory_id=inventory.id, by=manager, at=NOON)


def correct(dataset, operator, manager, code="GRID", amount="900"):
    activity.reopen_dataset(dataset_id=dataset.pk, reason="bill", by=manager, at=NOON)
    activity.correct_row(
        dataset_id=dataset.pk,
        source_code=code,
        month=date(2025, 1, 1),
        quantity=Quantity(D(amount), Measure.MWH),
        reason="bill",
        by=person(operator, Role.DATA_OFFICER),
        at=NOON,
    )


def test_a_year_of_data_becomes_scopes_1_and_2(dataset, park, manager):
    totals = freeze(build(park, manager), manager).content["result"]["totals"]
    # grid: Zhejiang 2023, the newest published by the day of the report; heat: 0.11 tCO2/GJ
    assert D(totals["power_location_tco2e"]) == D("12000") * D("0.4974")
    assert D(totals["heat_tco2e"]) == D("132")
    # nothing claimed: all of it at the residual mix of 2023; roof power at zero
    assert D(totals["power_market_tco2e"]) == D("12000") * D("0.6096")
    # 60 kg of R-410A refilled under AR5
    assert D(totals["category_1_by_gas_tco2e"]["HFCs"]) == D("115.41")
    stationary = D("120") * D("389.310") * D("56.1") / 1000
    gases = {
        line["gas"]: D(line["mass_t"])
        for line in _lines_of(park, "BOILER")
        if line["source"] == "BOILER"
    }
    assert sum(gases[one] for one in ("CO2",)) * 12 == stationary


def _lines_of(park, source):
    frozen = queries.frozen_of(park.id, YEAR.start)[0]
    return [line for line in frozen.content["result"]["lines"] if line["source"] == source]


def test_a_factor_of_an_earlier_year_is_flagged_with_both_years(dataset, park, manager):
    frozen = freeze(build(park, manager), manager)
    notes = [one["about"] for one in frozen.content["result"]["flags"]]
    assert any("2025 → 2023" in note for note in notes)


def test_direct_emissions_are_told_by_gas_and_energy_by_carrier(dataset, park, manager):
    result = freeze(build(park, manager), manager).content["result"]
    by_gas = result["totals"]["category_1_by_gas_tco2e"]
    assert set(by_gas) == {"CO2", "CH4", "N2O", "HFCs", "PFCs", "SF6", "NF3"}
    assert by_gas["SF6"] == "0"
    assert D(by_gas["CH4"]) > 0
    gas = next(one for one in result["energy"] if one["carrier"] == "NATURAL_GAS")
    assert D(gas["gj"]) == D(120) * D("389.310")
    assert abs(D(gas["tce"]) - D(120) * D("13.2836")) < D("0.01")


def test_every_line_says_its_formula_and_what_it_is_made_of(dataset, park, manager):
    built = build(park, manager)
    line = models.InventoryLine.objects.get(
        inventory_id=built.id, source_code="GRID", month=date(2025, 3, 1)
    )
    assert line.formula == "1000000 kWh × 0.4974 kg/kWh"
    assert line.emission_tco2e == D("497.4")
    assert len(line.activity_digest) == len(line.factor_digest) == 64


def test_the_lines_add_up_to_the_totals(dataset, park, manager):
    built = build(park, manager)
    row = models.Inventory.objects.get(pk=built.id)
    direct = row.lines.filter(category=1).values_list("emission_tco2e", flat=True)
    assert sum(direct) == row.scope_1_tco2e


def test_the_frozen_content_hashes_as_it_says_and_is_not_rewritten(dataset, park, manager):
    frozen = freeze(build(park, manager), manager)
    assert digest(queries.get_frozen(frozen.id).content).hex() == frozen.content_hash
    with pytest.raises(DatabaseError), transaction.atomic():
        models.FrozenInventory.objects.filter(pk=frozen.id).update(content_hash="0" * 64)
    assert list(queries.rows_match_events()) == []


def test_the_same_data_give_the_same_result(dataset, park, manager):
    first, second = (freeze(build(park, manager), manager).content for _ in range(2))
    assert first["result"] == second["result"]
    assert first["dataset_hash"] == second["dataset_hash"]


def test_a_later_correction_makes_it_stale(dataset, park, operator, manager):
    frozen = freeze(build(park, manager), manager)
    assert queries.stale_reasons(frozen.id) == []
    correct(dataset, operator, manager)
    assert queries.stale_reasons(frozen.id) == ["ACTIVITY"]
    assert queries.is_stale(frozen.id)


def test_it_cannot_be_frozen_after_the_data_changed(dataset, park, operator, manager):
    built = build(park, manager)
    correct(dataset, operator, manager)
    with pytest.raises(rules.DataChangedSinceCalculation):
        freeze(built, manager)
    assert models.FrozenInventory.objects.count() == 0
    again = operations.calculate_inventory(inventory_id=built.id, by=manager, at=NOON)
    assert again.calculation == 2
    assert freeze(again, manager).content_hash


def test_a_frozen_one_is_neither_calculated_nor_frozen_again(dataset, park, manager):
    built = build(park, manager)
    freeze(built, manager)
    with pytest.raises(IllegalTransition):
        freeze(built, manager)
    with pytest.raises(IllegalTransition):
        operations.calculate_inventory(inventory_id=built.id, by=manager, at=NOON)


def test_a_restatement_names_what_it_replaces_and_leaves_it_as_it_was(
    dataset, park, operator, manager
):
    built = build(park, manager)
    old = freeze(built, manager)
    correct(dataset, operator, manager)
    new = operations.restate_inventory(
        inventory_id=built.id, reason="账单更正", by=manager, at=NOON
    )
    frozen = freeze(new, manager)
    assert frozen.content["replaces"] == str(built.id)
    assert frozen.content_hash != old.content_hash
    assert queries.get_frozen(old.id).content == old.content
    assert "RESTATED" in queries.stale_reasons(old.id)
    with pytest.raises(rules.ReasonMissing):
        operations.restate_inventory(inventory_id=new.id, reason=" ", by=manager, at=NOON)


def test_sold_certificates_of_roof_power_count_at_the_residual_mix(dataset, park, manager):
    built = build(park, manager, sold_certificates_mwh=D(600))
    row = models.Inventory.objects.get(pk=built.id)
    power = D(12600) * D("0.6096")
    assert row.scope_2_market_tco2e == power + 132
    assert row.scope_2_location_tco2e == D(12000) * D("0.4974") + 132


def test_an_exclusion_needs_its_reason(dataset, park, manager):
    with pytest.raises(rules.ExclusionWithoutReason):
        build(park, manager, exclusions=[{"what": "绿化", "reason": ""}])
    assert models.Inventory.objects.count() == 0


def test_a_period_of_half_months_and_an_empty_year_are_refused(dataset, park, manager):
    with pytest.raises(rules.NotWholeMonths):
        build(park, manager, period=Period(date(2025, 1, 15), date(2026, 1, 1)))
    with pytest.raises(rules.NothingToCalculate):
        build(park, manager, period=Period.year(2024))
    assert models.Inventory.objects.count() == 0


def test_another_party_neither_builds_nor_sees(dataset, park, manager):
    stranger = Actor(uuid4(), uuid4(), manager.roles)
    with pytest.raises(NotFound):
        build(park, stranger)
    frozen = freeze(build(park, manager), manager)
    with pytest.raises(NotFound):
        queries.get_frozen(frozen.id, stranger)


def test_a_facility_of_gases_is_frozen_like_any_other(facility):
    totals = facility.content["result"]["totals"]
    assert abs(D(totals["scope_1_tco2e"]) - D("1584517.89025225")) < D("0.5")
    assert facility.content["result"]["gwp_set"]["name"] == "SAR"
    assert not queries.is_stale(facility.id)


def test_a_gas_without_a_gwp_stops_it(reference, park, manager):
    with pytest.raises(MissingGwp):
        operations.build_from_gases(
            park_id=park.id,
            period=YEAR,
            gwp_set="SAR",
            tonnes={"NF3": D(1)},
            source="measured",
            by=manager,
            at=NOON,
        )


def test_consolidation_weighs_what_a_tenant_uses(dataset, park, operator, manager):
    tenant = parks.admit_tenant(
        park_id=park.id,
        code="T1",
        name_zh="甲",
        equity_share=D("0.4"),
        has_operational_control=False,
        valid_from=START,
        by=manager,
        at=NOON,
    )
    source = parks.add_source(
        park_id=park.id,
        code="T1-GRID",
        name_zh="甲用电",
        kind=SourceKind.PURCHASED_POWER,
        carrier="ELECTRICITY",
        unit="MWh",
        tenant_id=tenant,
        valid_from=START,
        by=manager,
        at=NOON,
    )
    correct(dataset, operator, manager, code=source.code, amount="1000")
    for way, counted in ((Consolidation.OPERATIONAL_CONTROL, 0), (Consolidation.EQUITY_SHARE, 400)):
        built = build(park, manager, consolidation=way)
        row = models.Inventory.objects.get(pk=built.id)
        assert row.scope_2_location_tco2e == (12000 + counted) * D("0.4974") + 132


def test_each_month_counts_by_the_terms_it_stood_under_and_frozen_months_keep_theirs(
    dataset, park, operator, manager
):
    act = {"by": manager, "at": NOON}
    tenant = parks.admit_tenant(
        park_id=park.id, code="T1", name_zh="甲", equity_share=D("0.4"), valid_from=START, **act
    )
    for code, month in (("T1-JAN", 1), ("T1-JUN", 6)):
        parks.add_source(
            park_id=park.id, code=code, name_zh=code, kind=SourceKind.PURCHASED_POWER,
            carrier="ELECTRICITY", unit="MWh", tenant_id=tenant, valid_from=START, **act,
        )  # fmt: skip
        if month == 1:
            correct(dataset, operator, manager, code=code, amount="1000")
            continue
        activity.correct_row(
            dataset_id=dataset.pk, source_code=code, month=date(2025, month, 1), reason="bill",
            quantity=Quantity(D("1000"), Measure.MWH), by=person(operator, Role.DATA_OFFICER),
            at=NOON,
        )  # fmt: skip
    terms = {"has_operational_control": True, "has_financial_control": True, **act}
    later = parks.change_terms(
        tenant_id=tenant, valid_from=date(2025, 4, 1), equity_share=D("0.6"), **terms
    )
    built = build(park, manager, consolidation=Consolidation.EQUITY_SHARE)
    row = models.Inventory.objects.get(pk=built.id)
    assert row.scope_2_location_tco2e == (12000 + 400 + 600) * D("0.4974") + 132
    operations.freeze_inventory(inventory_id=built.id, **act)
    with pytest.raises(FrozenDependsOnIt):
        parks.change_terms(
            tenant_id=later, valid_from=date(2025, 12, 1), equity_share=D(1), **terms
        )
    parks.change_terms(tenant_id=later, valid_from=date(2026, 1, 1), equity_share=D(1), **terms)
    assert not queries.is_stale(queries.frozen_of(park.id, date(2025, 1, 1))[0].id)


def test_its_uncertainty_is_told_by_part_and_for_the_whole(facility):
    told = facility.content["result"]["uncertainty"]
    # one part alone: ±5 % activity and ±10 % factor in quadrature
    assert [(one["subcategory"], one["combined"]) for one in told["parts"]] == [
        ("PROCESS", "0.111803")
    ]
    assert told["whole"] == "0.111803"
    assert told["not_assessed"] == []
