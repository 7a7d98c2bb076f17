"""VSME B3: what is named is a name of EFRAG's taxonomy, asked where EFRAG asks it.

`tests/golden/vsme_concepts.csv` holds the names, item types, units and paragraphs as they stand in
the published schema and references of 2025-07-30.
"""

import csv
import tomllib
from pathlib import Path

from django.conf import settings

from ledger.kernel.actors import SYSTEM
from reporting.disclosures import operations as disclosures
from reporting.disclosures.frameworks import data_points, frameworks, get_framework
from tests.reporting.inventories.conftest import NOON
from tests.reporting.packages.making import frozen_year

PUBLISHED = Path(__file__).parents[2] / "golden" / "vsme_concepts.csv"
UTR = {"tCO2e": "utr:tCO2e"}


def seed():
    path = Path(settings.BASE_DIR) / "seeds" / "frameworks" / "vsme-b3.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def published():
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def test_every_name_is_published_in_our_unit_and_at_the_paragraph_that_we_tell():
    told, theirs, references = seed()["concepts"], published(), seed()["references"]
    assert told == {
        "scope_1": "GrossScope1GreenhouseGasEmissions",
        "scope_2_location": "GrossLocationBasedScope2GreenhouseGasEmissions",
        "scope_2_market": "GrossMarketBasedScope2GreenhouseGasEmissions",
        "energy_total": "TotalEnergyConsumption",
    }
    for key, name in told.items():
        row, unit = theirs[name], data_points()[key].unit
        assert row["paragraph"] == references[key], key
        assert not unit or UTR[unit] == row["unit"], key


def test_each_data_point_has_one_name_or_a_reason_why_it_has_none():
    asked = {one.key for one in get_framework("VSME-B3").asked}
    named, without = set(seed()["concepts"]), set(seed()["without_concept"])
    assert named | without == asked
    assert not named & without
    assert all(len(reason) > 20 for reason in seed()["without_concept"].values())


def test_the_framework_tells_names_with_their_prefix_and_no_other_framework_invents_any():
    told = {one.key: one.concept for one in get_framework("VSME-B3").asked if one.concept}
    assert told["scope_1"] == "vsme:GrossScope1GreenhouseGasEmissions"
    assert len(told) == 4
    others = [one for one in frameworks().values() if one.code != "VSME-B3"]
    assert not any(point.concept for one in others for point in one.asked)


def test_where_the_names_were_read_and_how_sure_that_is_stands_beside_them():
    told = seed()["taxonomy"]
    assert told["confidence"] == "B"
    assert told["schema"].startswith(told["namespace"].rpartition("/")[0])
    assert "2025-07-30" in told["source"] and "not opened" in told["source"]


def test_a_statement_carries_the_names_and_other_frameworks_statements_do_not(
    dataset, park, manager
):
    frozen = frozen_year(park, manager)

    def concepts(framework):
        told = disclosures.freeze_statement(
            frozen_inventory_id=frozen.id, framework=framework, by=SYSTEM, at=NOON
        ).content["asked"]
        return {one["key"]: one["concept"] for one in told if "concept" in one}

    assert concepts("VSME-B3")["energy_total"] == "vsme:TotalEnergyConsumption"
    assert concepts("ISO14064-1") == {}
