"""The frameworks in the seeds: complete, in both languages, and as the rule book has them."""

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from ledger.kernel.periods import Period
from reporting.disclosures.assembling.answers import ANSWERS
from reporting.disclosures.frameworks import data_points, fitting, frameworks, get_framework, matrix
from reporting.disclosures.rules import CHECKS, UnknownFramework

RULE_BOOK = Path(__file__).parents[2] / "golden" / "frameworks_matrix.csv"
COLUMNS = ("GHGP", "ISO", "GRI", "S2", "ESRS", "CNEX", "MOF", "HKEX", "ETS", "P910")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_every_cell_of_the_matrix_is_that_of_the_rule_book() -> None:
    with RULE_BOOK.open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    assert len(written) == len(matrix()) == 41
    for ours, theirs in zip(matrix(), written, strict=True):
        assert ours["number"] == theirs["number"]
        for column in COLUMNS:
            mark = theirs[column]
            wanted = "R" if "●" in mark else "C" if mark else ""
            assert ours[column] == wanted, (ours["key"], column, mark)


def test_every_column_has_a_framework_and_gri_has_one_for_each_edition() -> None:
    by_column = [one.column for one in frameworks().values()]
    assert sorted(set(by_column)) == sorted({*COLUMNS, "VSME", "GREEN"})
    assert by_column.count("GRI") == 2
    assert next(iter(frameworks())) == "ISO14064-1"


def test_gri_changes_its_standard_with_the_year_and_may_be_used_early() -> None:
    old, new = get_framework("GRI-302-305"), get_framework("GRI-102-103")
    assert [old.fits(Period.year(y)) for y in (2025, 2026, 2027)] == [True, True, False]
    assert [new.fits(Period.year(y)) for y in (2024, 2025, 2027)] == [False, True, True]
    marks = {one.key: one.obligation for one in old.asked}
    assert marks["credits_planned"] == "CONDITIONAL"  # asked for from 2027 on
    assert {one.key: one.obligation for one in new.asked}["credits_planned"] == "REQUIRED"
    assert new not in fitting(Period.year(2024))


@pytest.mark.parametrize("code", list(frameworks()))
def test_a_framework_is_told_in_both_languages_and_in_our_own_words(code: str) -> None:
    one = get_framework(code)
    for words in (one.title, one.basis, *(point.heading for point in one.asked)):
        assert CHINESE.search(words["zh"]) and words["en"].strip()
        assert not CHINESE.search(words["en"])
    assert one.contents and one.asked and len(one.digest) == 64
    assert len({point.key for point in one.contents}) == len(one.contents)
    assert {point.obligation for point in one.asked} <= {"REQUIRED", "CONDITIONAL"}


def test_every_query_that_the_seeds_name_is_there_and_every_other_point_is_for_people() -> None:
    named = {one.query for one in data_points().values() if one.query}
    assert named == set(ANSWERS)
    for one in frameworks().values():
        assert {point.query for point in one.contents if point.query} <= set(CHECKS)


def test_a_figure_says_in_which_unit_it_is() -> None:
    figures = [one for one in data_points().values() if one.is_figure]
    assert len(figures) >= 10
    assert all(one.unit for one in figures)


def test_an_unknown_framework_is_refused() -> None:
    with pytest.raises(UnknownFramework):
        get_framework("NOPE")


def test_a_period_across_the_change_may_choose() -> None:
    period = Period(date(2026, 7, 1), date(2027, 7, 1))
    assert {"GRI-302-305", "GRI-102-103"} <= {one.code for one in fitting(period)}
