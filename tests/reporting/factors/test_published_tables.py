"""What we seed is what public tables say, row by row."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from reporting.factors.loading import read_blends, read_factors, read_gwps
from reporting.factors.reading import read_flat_file
from reporting.factors.states import NATION

D = Decimal
ROOT = Path(__file__).resolve().parents[3]
CASES = ROOT / "tests" / "golden" / "cases"
SEEDS = ROOT / "seeds" / "factors"
PROVINCES = {
    "北京": "110000", "天津": "120000", "河北": "130000", "山西": "140000", "内蒙古": "150000",
    "辽宁": "210000", "吉林": "220000", "黑龙江": "230000", "上海": "310000", "江苏": "320000",
    "浙江": "330000", "安徽": "340000", "福建": "350000", "江西": "360000", "山东": "370000",
    "河南": "410000", "湖北": "420000", "湖南": "430000", "广东": "440000", "广西": "450000",
    "海南": "460000", "重庆": "500000", "四川": "510000", "贵州": "520000", "云南": "530000",
    "陕西": "610000", "甘肃": "620000", "青海": "630000", "宁夏": "640000", "新疆": "650000",
    "华北": "NORTH", "东北": "NORTHEAST", "华东": "EAST", "华中": "CENTRAL", "西北": "NORTHWEST",
    "南方": "SOUTH", "西南": "SOUTHWEST", "中国": NATION,
}  # fmt: skip


def table(name):
    with (CASES / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def facts():
    return read_factors(SEEDS)


def test_grid_factors_of_nation_regions_and_provinces_are_as_published(facts):
    ours = {
        (one.region, one.factor_year): one.value
        for one in facts
        if one.carrier == "POWER_GRID_AVERAGE" and one.purpose == "CORPORATE"
    }
    compared = 0
    for row in table("china_grid_factors.csv"):
        if row["kind"] not in {"province", "region", "national average"}:
            continue  # older grids of another method, and the number of the park method
        place = PROVINCES[row["name"]], int(row["year"])
        assert ours[place] == D(row["kgco2_per_kwh"]), place
        compared += 1
    assert compared >= 74


def test_the_park_methods_other_power_is_as_published(facts):
    rule = next(r for r in table("china_grid_factors.csv") if r["kind"].startswith("zero-carbon"))
    power = next(one for one in facts if (one.purpose, one.carrier) == ("910", "POWER_OTHER"))
    assert power.value == D(rule["kgco2_per_kwh"])


def test_warming_potentials_are_as_published():
    columns = {"SAR": "SARGWP100", "AR4": "AR4GWP100", "AR5": "AR5GWP100", "AR6": "AR6GWP100"}
    published = {row["Species"]: row for row in table("gwp_ipcc.csv")}
    compared = 0
    for one in read_gwps(SEEDS):
        if one.gas not in published:
            assert one.gas in {"CH4_FOSSIL", "CH4_NONFOSSIL"}
            continue
        assert one.value == D(published[one.gas][columns[one.gwp_set]]), (one.gas, one.gwp_set)
        compared += 1
    assert compared > 250
    assert read_blends(SEEDS)


FUELS = {
    "NATURAL_GAS": "Natural gas",
    "DIESEL": "Gas/Diesel oil",
    "ANTHRACITE": "Anthracite",
    "LIGNITE": "Lignite",
    "CRUDE_OIL": "Crude oil",
    "PETROLEUM_COKE": "Petroleum coke",
}


def test_the_national_database_stands_on_the_ipcc_defaults(facts):
    """Rule book 4.4: full oxidation, nearly all equal to the IPCC 2006 values."""
    published = {
        row["fuel"]: D(row["ef_co2_kg_per_tj_ncv"])
        for row in table("ipcc2006_stationary_factors.csv")
    }
    found = {}
    for carrier, fuel in FUELS.items():
        if fuel not in published:
            continue
        ours = next(
            one for one in facts
            if (one.purpose, one.carrier, one.gas, one.per) == ("910", carrier, "CO2", "TJ")
        )  # fmt: skip
        found[carrier] = (ours.value * 1000, published[fuel])
    same = [carrier for carrier, (ours, theirs) in found.items() if abs(ours - theirs) <= 250]
    assert len(same) >= 4, found


def test_process_factors_are_those_of_the_guidelines(facts):
    glass = {
        row["item"]: D(row["value"])
        for row in table("process_factors_ghgp_ipcc.csv")
        if (row["method"], row["value_name"]) == ("production/glass/generic", "massCO2PerMass")
    }
    ours = {one.carrier: one.value for one in facts if one.dataset == "IPCC2006"}
    assert ours["GLASS"] == glass["float"]
    assert ours["CLINKER"] == D("0.52")


def test_value_chain_factors_are_rows_of_the_flat_file(facts):
    rows = table("defra_factors_2025.csv")
    by_id = {row["row_id"]: row for row in rows}
    ours = [one for one in facts if one.dataset == "DESNZ"]
    assert len(ours) == 14
    for one in ours:
        row = by_id[one.note.removeprefix("Row ").split(";")[0]]
        assert one.value == D(row["factor"]), one.carrier
        assert (one.region, one.gas, row["ghg"]) == ("GB", "CO2e", "kg CO2e")


def test_a_flat_file_with_odd_lines_says_which():
    line = {"scope": "Scope 1", "level1": "Fuels", "level2": "", "level3": "", "level4": "",
            "column_text": "", "uom": "t"}  # fmt: skip
    read = read_flat_file(
        [
            {**line, "ghg": "kg CO2e", "factor": "10"},
            {**line, "ghg": "kg CO2", "factor": "9"},
            {**line, "ghg": "kg CH4", "factor": "< 1"},
            {**line, "ghg": "kg N2O", "factor": ""},
            {**line, "ghg": "kg CH4", "factor": "5"},
            {**line, "ghg": "kg N2O", "factor": "0"},
            {**line, "ghg": "kg N2O", "factor": "0"},
        ]
    )
    assert (read.not_numbers, read.blank, read.repeated) == ([4], [5], [8])
    assert len(read.not_summing) == 1
