"""Reading `seeds/parameters/`: rule numbers as TOML, calendars as CSV."""

import csv
import tomllib
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from ledger.parameters.rules import CalendarFact, ParameterFact, read_fact


def read_parameters(folder: Path) -> list[ParameterFact]:
    """All rows of all TOML files; a file's [defaults] fill what its rows leave out.

    :raises OddParameter: a row that cannot be read
    """
    facts = []
    for file in sorted(folder.glob("*.toml")):
        document = tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
        defaults = document.get("defaults", {})
        facts += [read_fact(row, defaults) for row in document["parameter"]]
    return facts


def read_calendars(folder: Path) -> list[CalendarFact]:
    """Calendar years from `calendar_<name>.csv`: columns day, kind (OFF | WORKED), name, source."""
    facts = []
    for file in sorted(folder.glob("calendar_*.csv")):
        name = file.stem.removeprefix("calendar_").upper()
        years: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
        sources: dict[int, str] = {}
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(line for line in lines if not line.startswith("#")):
                year = int(row["day"][:4])
                years[year].append((row["day"], row["kind"], row["name"]))
                sources[year] = row["source"]
        facts += [
            CalendarFact(name, year, tuple(sorted(days)), sources[year], "B")
            for year, days in sorted(years.items())
        ]
    return facts
