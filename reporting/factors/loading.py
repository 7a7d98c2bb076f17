"""Reading `seeds/factors/`: every CSV but gwp.csv and blends.csv holds factor rows."""

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from reporting.factors.rules import BlendFact, FactorFact, GwpFact, read_fact
from reporting.factors.states import GwpSet


def _lines(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(line for line in lines if not line.startswith("#"))


def read_factors(folder: Path) -> list[FactorFact]:
    """:raises OddFactor: a row that cannot be read"""
    files = sorted({*folder.glob("*.csv")} - {folder / "gwp.csv", folder / "blends.csv"})
    return [read_fact(row) for file in files for row in _lines(file)]


def read_gwps(folder: Path) -> list[GwpFact]:
    """One fact per gas and edition; an empty cell is no fact."""
    return [
        GwpFact(edition.value, row["gas"], Decimal(row[edition]), row["confidence"], row["source"])
        for row in _lines(folder / "gwp.csv")
        for edition in GwpSet
        if row[edition]
    ]


def read_blends(folder: Path) -> list[BlendFact]:
    return [
        BlendFact(
            row["blend"], row["gas"], Decimal(row["mass_percent"]), row["confidence"], row["source"]
        )
        for row in _lines(folder / "blends.csv")
    ]
