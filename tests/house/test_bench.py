"""The benches are run by hand: here they are at least held to the names that they use."""

import importlib
from pathlib import Path

import pytest

BENCHES = sorted(path.stem for path in Path("tests/bench").glob("[a-z]*.py"))


@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_finds_what_it_measures(name: str) -> None:
    importlib.import_module(f"tests.bench.{name}")
