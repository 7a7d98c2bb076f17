"""Reporting frameworks as data: what a report must, should and may contain."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from reporting.disclosures.rules import UnknownFramework

FOLDER = "seeds/frameworks"
FILES = {"ISO14064-1": "iso14064-1.toml"}
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Point:
    """One content: heading, how much it is asked for, who answers whether it is there."""

    key: str
    obligation: str
    heading: Words
    query: str
    section: str
    if_absent: Words | None


@dataclass(frozen=True, slots=True)
class Framework:
    code: str
    edition: str
    title: Words
    points: tuple[Point, ...]
    methods: tuple[Mapping[str, Words], ...]
    digest: str


def _words(row: Mapping[str, Any], name: str = "") -> Words:
    stem = f"{name}_" if name else ""
    return {"zh": row[f"{stem}zh"], "en": row[f"{stem}en"]}


def _point(row: Mapping[str, Any]) -> Point:
    return Point(
        key=row["key"],
        obligation=row["obligation"],
        heading=_words(row),
        query=row["query"],
        section=row["section"],
        if_absent=_words(row, "if_absent") if "if_absent_zh" in row else None,
    )


@cache
def get_framework(code: str) -> Framework:
    """The framework as it stands in the seeds.

    :raises UnknownFramework: there is none of that code
    """
    if code not in FILES:
        raise UnknownFramework(code=code)
    source = (Path(settings.BASE_DIR) / FOLDER / FILES[code]).read_bytes()
    rows = tomllib.loads(source.decode())
    return Framework(
        code=rows["code"],
        edition=rows["edition"],
        title=_words(rows, "title"),
        points=tuple(_point(row) for row in rows["point"]),
        methods=tuple(
            {"title": _words(row, "title"), "text": _words(row, "text")} for row in rows["method"]
        ),
        digest=hashlib.sha256(source).hexdigest(),
    )
