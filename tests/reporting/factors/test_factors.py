"""Factors: chosen by purpose, year and place; a fallback is flagged; a gap is refused."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, transaction

from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import NotAllowed
from ledger.kernel.gases import GasAmount
from ledger.kernel.ids import new_id
from ledger.kernel.measures import Measure, MeasureMismatch
from ledger.kernel.quantities import Quantity
from reporting.factors import loading, models, operations, queries, rules
from tests.conftest import superuser_url

ROOT = Path(__file__).resolve().parents[3]
SEEDS = ROOT / "seeds"
GOLDEN = ROOT / "tests" / "golden" / "cases" / "ghg_gwp_sets.json"
AT = datetime(2026, 11, 21, 2, tzinfo=UTC)
TODAY = date(2026, 11, 21)


@pytest.fixture
def seeds(db):
    operations.load_seeds(folder=SEEDS, by=SYSTEM, at=AT)


def power(region="330000", year=2023, on=TODAY, **more):
    return queries.get_factor(
        purpose="CORPORATE", carrier="POWER_GRID_AVERAGE", region=region, year=year, on=on, **more
    )


def tonnes(amount: GasAmount) -> Decimal:
    return amount.mass.to(Measure.T).amount


# --- test vectors of the rule book


@pytest.mark.parametrize(("year", "emitted"), [(2022, "5.153"), (2023, "4.974")])
def test_tv_4_1_ten_megawatt_hours_in_zhejiang(seeds, year, emitted):
    amount = power(year=year).emission(Quantity(Decimal(10000), Measure.KWH))
    assert tonnes(amount) == Decimal(emitted)


@pytest.mark.parametrize(
    ("purpose", "emitted"), [("ETS", "309.59"), ("910", "316.05"), ("CORPORATE", "316.05")]
)
def test_tv_4_2_a_hundred_tonnes_of_diesel(seeds, purpose, emitted):
    factor = queries.get_factor(
        purpose=purpose, carrier="DIESEL", year=2025, on=TODAY, per=Measure.T
    )
    amount = factor.emission(Quantity(Decimal(100), Measure.T))
    assert tonnes(amount).quantize(Decimal("0.01")) == Decimal(emitted)


@pytest.mark.parametrize(
    ("gwp_set", "emitted"), [("AR4", "10.4375"), ("AR5", "9.6175"), ("AR6", "11.2775")]
)
def test_tv_4_3_five_kilograms_of_r410a(seeds, gwp_set, emitted):
    amount = GasAmount("R-410A", Quantity(Decimal(5), Measure.KG))
    assert amount.co2e(queries.gwp(gwp_set, "R-410A")).amount == Decimal(emitted)


def test_tv_4_4_a_thousand_tonnes_of_steam(seeds):
    heat = Quantity(Decimal(1000) * (Decimal(2800) - Decimal("83.74")) / 1000, Measure.GJ)
    assert heat.amount == Decimal("2716.26")
    factor = queries.get_factor(purpose="CORPORATE", carrier="HEAT", year=2025, on=TODAY)
    assert tonnes(factor.emission(heat)).quantize(Decimal("0.01")) == Decimal("298.79")


def test_tv_4_5_tibet_gets_its_region_and_a_flag(seeds):
    factor = power(region="540000")
    assert (factor.value, factor.region) == (Decimal("0.2472"), "SOUTHWEST")
    assert factor.is_fallback
    assert (factor.asked_region, factor.region) == ("540000", "SOUTHWEST")


def test_a_place_without_region_gets_the_nation_and_a_flag(seeds):
    factor = power(region="810000")
    assert (factor.value, factor.region, factor.is_fallback) == (Decimal("0.5306"), "CN", True)


# --- choice


def test_a_province_with_its_own_factor_is_no_fallback(seeds):
    factor = power()
    assert (factor.is_fallback, factor.year_differs, factor.unit) == (False, False, "kgCO2/kWh")


def test_a_city_takes_the_factor_of_its_province(seeds):
    assert power(region="330206").value == Decimal("0.4974")


def test_the_latest_published_year_stands_in_and_is_flagged(seeds):
    factor = power(year=2025)
    assert (factor.value, factor.factor_year) == (Decimal("0.4974"), 2023)
    assert factor.year_differs


def test_a_factor_published_after_the_report_is_not_used(seeds):
    assert power(year=2025, on=date(2025, 12, 30)).factor_year == 2022
    assert power(year=2025, on=date(2025, 12, 31)).factor_year == 2023


def test_a_newer_factor_is_told_of(seeds):
    then = power(year=2025, on=date(2025, 6, 1))
    assert queries.newer_factors(row=then, year=2025, on=TODAY).factor_year == 2023
    assert queries.newer_factors(row=power(year=2025), year=2025, on=TODAY) is None


@pytest.mark.parametrize("year", [2018, 2019, 2020])
def test_before_the_first_published_year_the_nearest_is_used_and_flagged(seeds, year):
    factor = power(year=year)
    assert (factor.value, factor.factor_year, factor.year_differs) == (
        Decimal("0.5422"),
        2021,
        True,
    )


def test_an_earlier_year_goes_before_a_nearer_later_one(seeds):
    published = date(2025, 6, 1)  # by then, 2021 and 2022
    assert power(year=2022, on=published).factor_year == 2022
    assert power(year=2024, on=published).factor_year == 2022
    assert power(year=2020, on=published).factor_year == 2021


def test_a_day_before_any_publication_has_no_factor(seeds):
    with pytest.raises(queries.NoFactor, match="2019"):
        power(year=2019, on=date(2019, 12, 31))


def test_a_national_figure_asked_for_in_a_province_is_no_fallback(seeds):
    factor = queries.get_factor(
        purpose="CORPORATE", carrier="POWER_RESIDUAL_MIX", region="330000", year=2023, on=TODAY
    )
    assert (factor.value, factor.is_fallback) == (Decimal("0.6096"), False)


def test_the_910_power_factor_stays_what_the_method_says(seeds):
    factor = queries.get_factor(purpose="910", carrier="POWER_OTHER", year=2026, on=TODAY)
    assert factor.value == Decimal("0.8325")


def test_one_purpose_never_takes_the_row_of_another(seeds):
    with pytest.raises(queries.NoFactor):
        queries.get_factor(purpose="910", carrier="POWER_GRID_AVERAGE", year=2023, on=TODAY)
    with pytest.raises(queries.NoFactor):
        queries.get_factor(purpose="PRODUCT", carrier="DIESEL", year=2023, on=TODAY)
    with pytest.raises(queries.WrongPurpose):
        queries.get_factor_row(power().id, purpose="910")
    assert queries.get_factor_row(power().id, purpose="CORPORATE").value == Decimal("0.4974")


def test_natural_gas_differs_between_the_park_method_and_the_carbon_market(seeds):
    values = {
        purpose: queries.get_factor(
            purpose=purpose, carrier="NATURAL_GAS", year=2025, on=TODAY, per=Measure.WAN_NM3
        ).value.quantize(Decimal("0.0001"))
        for purpose in ("910", "ETS")
    }
    assert values == {"910": Decimal("21.8403"), "ETS": Decimal("21.6502")}


def test_an_edition_gives_way_to_the_next(seeds):
    def coal(on):
        return queries.get_factor(purpose="910", carrier="POWER_COAL", year=2025, on=on).value

    assert coal(date(2026, 2, 28)) == Decimal("96.9")
    assert coal(date(2026, 3, 1)) == Decimal("96.2")


def test_a_data_set_can_be_asked_for_by_name(seeds):
    factor = queries.get_factor(
        purpose="CORPORATE", carrier="DIESEL", year=2025, on=TODAY, dataset="STEEL_GUIDE"
    )
    assert factor.value.quantize(Decimal("0.0001")) == Decimal("3.0959")


def test_a_fuel_has_one_factor_per_gas(seeds):
    rows = queries.factors_for(
        purpose="CORPORATE", carrier="LNG", year=2025, on=TODAY, per=Measure.T
    )
    assert [row.gas for row in rows] == ["CO2", "CH4", "N2O"]
    assert all(row.per is Measure.T for row in rows)
    methane = rows[1].emission(Quantity(Decimal(1000), Measure.T))
    assert methane == GasAmount("CH4", Quantity(Decimal("51.498"), Measure.KG))
    assert rows[1].ncv_value == Decimal("51.498")


def test_the_energy_in_a_fuel(seeds):
    ncv = queries.get_energy_content(
        purpose="CORPORATE", carrier="NATURAL_GAS", year=2025, on=TODAY
    )
    energy = ncv.energy(Quantity(Decimal(200), Measure.WAN_NM3))
    assert energy == Quantity(Decimal("77862"), Measure.GJ)
    assert energy.to(Measure.TCE).amount.quantize(Decimal("0.01")) == Decimal("2656.72")


def test_litres_are_no_tonnes(seeds):
    factor = queries.get_factor(
        purpose="CORPORATE", carrier="DIESEL", year=2025, on=TODAY, per=Measure.T
    )
    with pytest.raises(MeasureMismatch):
        factor.emission(Quantity(Decimal(100), Measure.L))


def test_every_province_has_three_years_and_every_fuel_a_calorific_value(seeds):
    rows = models.Factor.objects
    provinces = rows.filter(carrier="POWER_GRID_AVERAGE", purpose="CORPORATE", region__regex=r"^\d")
    assert provinces.count() == 30 * 3
    fuels = rows.filter(purpose="ETS").exclude(ncv_gj=None)
    assert fuels.count() == 25 == rows.filter(purpose="ETS", kind="NCV").count()


@pytest.mark.parametrize(
    ("carrier", "emitted"),
    [("ANTHRACITE", "2.4971"), ("BITUMINOUS", "2.2557"), ("COKE", "3.0367"), ("LNG", "3.1829"),
     ("CRUDE_OIL", "3.0172"), ("CONVERTER_GAS", "15.1240"), ("OTHER_COAL_PRODUCTS", "2.1270")],
)  # fmt: skip
def test_the_sector_guide_column_comes_out_as_printed(seeds, carrier, emitted):
    factor = queries.get_factor(purpose="ETS", carrier=carrier, year=2025, on=TODAY)
    assert factor.value.quantize(Decimal("0.0001")) == Decimal(emitted)


# --- warming potentials


def cases():
    document = json.loads(GOLDEN.read_text(), parse_float=Decimal, parse_int=Decimal)
    return [pytest.param(case, id=case["id"]) for case in document["cases"]]


@pytest.mark.parametrize("case", cases())
def test_golden_gwp_sets(seeds, case):
    edition = case["inputs"]["gwp_set"].removesuffix("GWP100")
    missing, total = [], Decimal(0)
    for gas, mass in case["inputs"]["tonnes"].items():
        try:
            amount = GasAmount(gas, Quantity(Decimal(mass), Measure.T))
            total += amount.co2e(queries.gwp(edition, gas)).amount
        except queries.NoGwp:
            missing.append(gas)
    assert missing == case["expected"].get("missing_gwp", [])
    if not missing:
        wanted = case["expected"]["total_tco2e"]
        assert abs(total - wanted) <= Decimal(case["tolerance"]) * max(1, abs(wanted))


@pytest.mark.parametrize(
    ("gas", "ar4", "ar5", "ar6"),
    [("R-410A", "2087.5", "1923.5", "2255.5"), ("R404A", "3921.6", "3942.8", "4728"),
     ("r-407c", "1773.85", "1624.21", "1907.93"), ("R-507A", "3985", "3985", "4775"),
     ("HFC-134a", "1430", "1300", "1530"), ("R-134a", "1430", "1300", "1530"),
     ("SF6", "22800", "23500", "25200"), ("CO2", "1", "1", "1"), ("R-22", "1810", "1760", "1960")],
)  # fmt: skip
def test_a_gas_by_any_of_its_names(seeds, gas, ar4, ar5, ar6):
    assert [queries.gwp(one, gas) for one in ("AR4", "AR5", "AR6")] == [
        Decimal(ar4), Decimal(ar5), Decimal(ar6),
    ]  # fmt: skip


def test_a_missing_warming_potential_stops(seeds):
    with pytest.raises(queries.NoGwp, match=r"SAR has no .* NF3"):
        queries.gwp("SAR", "NF3")
    with pytest.raises(queries.NoGwp):
        queries.gwp("AR5", "unobtainium")
    with pytest.raises(queries.NoGwp):
        queries.gwp("AR7", "CH4")


def test_fossil_methane_is_of_ar6_alone(seeds):
    assert queries.gwp("AR6", "CH4_FOSSIL") == Decimal("29.8")
    with pytest.raises(queries.NoGwp):
        queries.gwp("AR5", "CH4_FOSSIL")


# --- the table


def fact(**more):
    row = {
        "purpose": "CORPORATE", "kind": "EMISSION", "carrier": "PEAT", "name_zh": "泥炭",
        "name_en": "Peat", "region": "CN", "gas": "CO2", "value": "1.5", "numerator": "t",
        "per": "t", "factor_year": "", "dataset": "OWN", "rank": "1", "valid_from": "2024-01-01",
        "valid_to": "", "published_on": "", "confidence": "C", "source": "s", "legal_basis": "l",
        "ncv_gj": "", "carbon_tc_per_gj": "", "oxidation": "", "note": "", **more,
    }  # fmt: skip
    return rules.read_fact(row)


def load(*facts, by=SYSTEM):
    return operations.load_factors(facts=facts, by=by, at=AT)


def test_a_second_load_changes_nothing(seeds):
    again = operations.load_seeds(folder=SEEDS, by=SYSTEM, at=AT)
    assert [(one.new_count, one.ended_count) for one in again] == [(0, 0)] * 3
    assert list(queries.check_rows_against_events()) == []


def test_a_change_is_a_new_row_and_an_end_of_the_old(db):
    load(fact())
    done = load(fact(valid_to="2026-01-01"), fact(valid_from="2026-01-01", value="1.6"))
    assert (done.new_count, done.ended_count) == (1, 1)
    assert list(queries.check_rows_against_events()) == []


def test_a_loaded_factor_cannot_be_loaded_otherwise(db):
    load(fact())
    with pytest.raises(rules.FactorChanged):
        load(fact(value="1.7"))
    assert models.Factor.objects.get().value == Decimal("1.5")


def test_an_overlap_is_refused_by_the_database(db):
    with pytest.raises(IntegrityError, match="factor_holds_alone"), transaction.atomic():
        load(fact(), fact(valid_from="2025-01-01"))
    assert not models.Factor.objects.exists()


def test_the_database_refuses_another_value(db):
    load(fact())
    with pytest.raises(DatabaseError), transaction.atomic():
        models.Factor.objects.update(value=9)


def test_only_the_machine_loads(db):
    with pytest.raises(NotAllowed):
        load(fact(), by=Actor(user_id=new_id(), roles=frozenset({Role.CARBON_MANAGER})))


@pytest.mark.parametrize(
    "odd",
    [{"purpose": "FUN"}, {"value": "1,5"}, {"numerator": "kWh"}, {"per": "barrel"}, {"gas": ""},
     {"valid_from": "soon"}, {"value": "", "ncv_gj": ""}],
)  # fmt: skip
def test_an_odd_row_is_refused(odd):
    with pytest.raises(rules.OddFactor):
        fact(**odd)


def test_a_blend_must_be_whole(db):
    part = rules.BlendFact("R-1", "HFC32", Decimal(99), "C", "s")
    with pytest.raises(rules.OddFactor, match="99 percent"):
        operations.load_gwps(gwps=[], blends=[part], by=SYSTEM, at=AT)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("factor", "value", "1.6"), ("factor", "per", "'kg'"), ("factor", "digest", "'00'"),
     ("factor", "published_on", "'2024-01-01'"), ("gwp", "value", "99"), ("gwp", "source", "'x'"),
     ("blend", "mass_percent", "99"), ("blend", "digest", "'x'")],
)  # fmt: skip
def test_a_row_altered_by_a_superuser_is_named(committed_db, table, column, value):
    load(fact())
    operations.load_gwps(
        gwps=[rules.GwpFact("AR5", "CH4", Decimal(28), "B", "s")],
        blends=[rules.BlendFact("R-1", "HFC32", Decimal(100), "C", "s")],
        by=SYSTEM,
        at=AT,
    )
    assert list(queries.check_rows_against_events()) == []
    with psycopg.connect(superuser_url(committed_db), autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(f"UPDATE reporting_factors_{table} SET {column} = {value}")
    (fault,) = queries.check_rows_against_events()
    assert column in fault.text


def test_every_seed_says_where_it_comes_from():
    for row in loading.read_factors(SEEDS / "factors"):
        assert row.source
        assert row.legal_basis
        assert row.name_zh
        assert row.name_en
