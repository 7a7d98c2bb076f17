"""Every public set in the folder of cases, or in `--golden-dir`, through the product."""

import os
from decimal import Decimal
from pathlib import Path

import pytest

from tests.golden.running import (
    Case,
    GoldenSet,
    differences,
    find_sets,
    judge,
    serves,
)

CASES = Path(__file__).parent / "cases"
FOLDER = Path(os.environ.get("TANZHANG_GOLDEN_DIR") or CASES)
SETS = find_sets(FOLDER)


@pytest.mark.django_db
@pytest.mark.parametrize("golden", SETS, ids=lambda one: one.name)
def test_a_public_set_comes_out_as_published(golden, record_property):
    outcome = judge(golden)
    record_property("golden", outcome.line())
    assert outcome.failed == []
    if not outcome.passed:
        pytest.skip("not covered: no room of the product answers it")


@serves("made_up_for_the_runner", prose=["note"])
def _made_up(case):
    if case.inputs["n"] < 0:
        raise ValueError("below zero")
    return {"double": 2 * case.inputs["n"], "more": "than asked"}


def made_up(number, double):
    return Case(f"n{number}", {"n": number}, {"double": double, "note": "read me"})


@pytest.mark.django_db
def test_a_wrong_answer_a_broken_one_and_none_at_all_are_told_apart():
    cases = (made_up(1, 2), made_up(2, 5), made_up(-1, -2))
    outcome = judge(GoldenSet("made_up_for_the_runner_too", cases))
    assert outcome.line().endswith("1 passed, 2 failed, 0 not covered")
    assert outcome.failed == ["n2: double: 4, not 5", "n-1: ValueError: below zero"]

    outcome = judge(GoldenSet("nobody_serves_this", cases))
    assert outcome.line().endswith("0 passed, 0 failed, 3 not covered")


def test_a_missing_answer_is_a_wrong_one_and_true_is_not_1():
    exact = Decimal(0), Decimal(0)
    assert differences({}, {"a": 1}, *exact) == ["a is missing"]
    assert differences({"a": 1}, {"a": True}, *exact) == []
    assert differences({"a": [1, 2]}, {"a": [1]}, *exact) == ["a: [1, 2], not [1]"]
    assert differences({"a": Decimal("1.05")}, {"a": 1}, Decimal("0.1"), Decimal(0)) == []
