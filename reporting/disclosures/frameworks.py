"""Reporting frameworks as data: what a report must, should and may contain.

The data points and their words stand in `data_points.toml`, who asks for which in `matrix.csv`
(the rule book's table), and each framework's own in a file of its own.
"""

import csv
import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from ledger.kernel.periods import Period
from reporting.disclosures.rules import UnknownFramework, UnknownPoint

FOLDER = "seeds/frameworks"
SHARED = ("data_points.toml", "methods.toml", "matrix.csv")
NARRATIVE = {"kind": "TEXT", "group": "NARRATIVE"}
OBLIGATIONS = {"R": "REQUIRED", "C": "CONDITIONAL"}
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DataPoint:
    """One thing that can be told: its words, what it is measured in, and which query tells it."""

    key: str
    number: int
    kind: str
    group: str
    heading: Words
    unit: str
    query: str
    section: str
    if_absent: Words | None

    @property
    def is_figure(self) -> bool:
        return self.kind == "FIGURE"


@dataclass(frozen=True, slots=True)
class Point:
    """One content of a framework: heading, how much it is asked for, and what shows it is there.

    `query` is a check of the statement's content; without one it is the data point of that key.
    """

    key: str
    obligation: str
    heading: Words
    query: str
    section: str
    if_absent: Words | None
    reference: str = ""
    concept: str = ""  # its name in the taxonomy of whoever made the framework


@dataclass(frozen=True, slots=True)
class Framework:
    """`contents` decide whether a report is complete; `asked` are the data points it tells."""

    code: str
    column: str
    short: str
    edition: str
    title: Words
    basis: Words
    valid_from: date | None
    valid_to: date | None
    early_from: date | None
    confidence: str
    contents: tuple[Point, ...]
    asked: tuple[Point, ...]
    methods: tuple[Mapping[str, Words], ...]
    digest: str

    def fits(self, period: Period) -> bool:
        """Whether this edition may be used for a period; early use where it is allowed."""
        first = self.early_from or self.valid_from
        begun = first is None or first < period.end
        return begun and (self.valid_to is None or period.start < self.valid_to)


def _words(row: Mapping[str, Any], name: str = "") -> Words:
    stem = f"{name}_" if name else ""
    return {"zh": row[f"{stem}zh"], "en": row[f"{stem}en"]}


def _if_absent(row: Mapping[str, Any]) -> Words | None:
    return _words(row, "if_absent") if "if_absent_zh" in row else None


def _folder() -> Path:
    return Path(settings.BASE_DIR) / FOLDER


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_folder() / name).read_text(encoding="utf-8"))


@cache
def matrix() -> tuple[Mapping[str, str], ...]:
    """The rows of the table: number, key, and a mark in each framework's column."""
    with (_folder() / "matrix.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def data_points() -> Mapping[str, DataPoint]:
    """Every data point by its key, in the order of the table; what no column asks for last."""
    numbers = {row["key"]: int(row["number"]) for row in matrix()}
    found = [_data_point(row, numbers) for row in _read("data_points.toml")["point"]]
    found.sort(key=lambda one: one.number or len(numbers) + 1)
    known = {one.key: one for one in found}
    for row in _own_contents():
        known.setdefault(row["key"], _data_point({**NARRATIVE, **row, "query": ""}, numbers))
    return known


def _own_contents() -> Iterator[Mapping[str, Any]]:
    """Contents that a framework lists itself and that people may tell in words."""
    for path in sorted(_folder().glob("*.toml")):
        for row in _read(path.name).get("point", []) if path.name not in SHARED else []:
            if row["query"] == "has_note" or "if_absent_zh" in row:
                yield row


def _data_point(row: Mapping[str, Any], numbers: Mapping[str, int]) -> DataPoint:
    return DataPoint(
        key=row["key"],
        number=numbers.get(row["key"], 0),
        kind=row["kind"],
        group=row["group"],
        heading=_words(row),
        unit=row.get("unit", ""),
        query=row.get("query", ""),
        section=row.get("section", "disclosures"),
        if_absent=_if_absent(row),
    )


def get_data_point(key: str) -> DataPoint:
    """:raises UnknownPoint: there is none of that key"""
    found = data_points().get(key)
    if found is None:
        raise UnknownPoint(key=key)
    return found


def _content(row: Mapping[str, Any]) -> Point:
    return Point(
        key=row["key"],
        obligation=row["obligation"],
        heading=_words(row),
        query=row["query"],
        section=row["section"],
        if_absent=_if_absent(row),
    )


def _asked(rows: Mapping[str, Any]) -> Iterator[Point]:
    """The data points of the framework's column, as its edition has them."""
    references, own = rows.get("references", {}), rows.get("obligations", {})
    concepts = _concepts(rows)
    for line in matrix():
        mark = own.get(line["key"], line[rows["column"]])
        if not mark:
            continue
        point = get_data_point(line["key"])
        yield Point(
            key=point.key,
            obligation=OBLIGATIONS[mark],
            heading=point.heading,
            query="",
            section=point.section,
            if_absent=point.if_absent,
            reference=references.get(point.key, ""),
            concept=concepts.get(point.key, ""),
        )


def _concepts(rows: Mapping[str, Any]) -> Mapping[str, str]:
    """With its prefix, as an XBRL report writes it."""
    prefix = rows.get("taxonomy", {}).get("prefix", "")
    return {key: f"{prefix}:{name}" for key, name in rows.get("concepts", {}).items()}


def _framework(name: str) -> Framework:
    rows = _read(name)
    asked = tuple(_asked(rows))
    own = tuple(_content(row) for row in rows.get("point", []))
    sources = b"".join((_folder() / one).read_bytes() for one in (name, *SHARED))
    return Framework(
        code=rows["code"],
        column=rows["column"],
        short=rows["short"],
        edition=rows["edition"],
        title=_words(rows, "title"),
        basis=_words(rows, "basis"),
        valid_from=rows.get("valid_from"),
        valid_to=rows.get("valid_to"),
        early_from=rows.get("early_from"),
        confidence=rows["confidence"],
        contents=own or asked,
        asked=asked,
        methods=tuple(
            {"title": _words(row, "title"), "text": _words(row, "text")}
            for row in _read("methods.toml")["method"]
        ),
        digest=hashlib.sha256(sources).hexdigest(),
    )


@cache
def frameworks() -> Mapping[str, Framework]:
    """Every framework by its code; the one of the inventory itself first."""
    names = sorted(one.name for one in _folder().glob("*.toml") if one.name not in SHARED)
    found = [_framework(name) for name in names]
    found.sort(key=lambda one: (one.column != "ISO", one.code))
    return {one.code: one for one in found}


def get_framework(code: str) -> Framework:
    """The framework as it stands in the seeds.

    :raises UnknownFramework: there is none of that code
    """
    found = frameworks().get(code)
    if found is None:
        raise UnknownFramework(code=code)
    return found


def fitting(period: Period) -> list[Framework]:
    """The frameworks whose edition may be used for a period."""
    return [one for one in frameworks().values() if one.fits(period)]
