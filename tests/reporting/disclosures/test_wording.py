"""Words of a statement: in the reader's language wherever we know both."""

import csv
from pathlib import Path

import pytest

from reporting.disclosures.assembling.carriers import CARRIERS, carrier_name
from reporting.disclosures.assembling.wording import part_name, same
from reporting.entries.states import Part

ROOT = Path(__file__).resolve().parents[3]


def test_every_fuel_of_the_seeds_has_a_name_in_both_languages() -> None:
    lines = (ROOT / "seeds/factors/ncv.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(one for one in lines if not one.startswith("#"))
    codes = {row["carrier"] for row in rows}
    assert codes and codes <= set(CARRIERS)
    assert carrier_name("NATURAL_GAS") == {"zh": "天然气", "en": "Natural gas"}
    assert carrier_name("MOON_DUST") == {"zh": "moon dust", "en": "moon dust"}


@pytest.mark.parametrize("code", [one.value for one in Part if one.value != "REMOVALS"])
def test_every_part_of_an_inventory_has_a_chinese_name(code: str) -> None:
    assert part_name(code)["zh"] != part_name(code)["en"]


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("售出产品 / sold products", "售出产品", "sold products"),
        ("类别 1。\nCategory 1.", "类别 1。", "Category 1."),
        ("31,000 m2 / 2025", "31,000 m2 / 2025", "31,000 m2 / 2025"),
        ("甲 / 乙", "甲 / 乙", "甲 / 乙"),
        ("a / 甲", "a / 甲", "a / 甲"),
        ("t/MWh", "t/MWh", "t/MWh"),
        ("", "", ""),
    ],
)
def test_a_text_given_in_both_languages_is_told_in_each(text: str, zh: str, en: str) -> None:
    assert same(text) == {"zh": zh, "en": en}
