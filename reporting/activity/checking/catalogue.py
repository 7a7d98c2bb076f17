"""The checks as data: `seeds/checks/activity_data.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.conf import settings

from ledger.doors.wording import in_language

FILE = settings.BASE_DIR / "seeds" / "checks" / "activity_data.toml"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at. Unverified limits are shown as such."""

    code: str
    severity: str
    name_zh: str
    name_en: str
    limits: Mapping[str, Decimal]

    @property
    def name(self) -> str:
        return in_language(self.name_zh, self.name_en)


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text())


@cache
def catalogue() -> Mapping[str, Check]:
    """Every check by its code."""
    return {
        one["code"]: Check(
            code=one["code"],
            severity=one["severity"],
            name_zh=one["name_zh"],
            name_en=one["name_en"],
            limits={name: Decimal(value) for name, value in one.get("limits", {}).items()},
        )
        for one in _content()["check"]
    }


def check_names() -> dict[str, str]:
    return {code: check.name for code, check in catalogue().items()}


def limits() -> dict[str, Decimal]:
    """Every limit of every check, by its name."""
    return {name: value for check in catalogue().values() for name, value in check.limits.items()}


def scores() -> dict[str, Decimal]:
    """What an amount of each grade counts."""
    return {grade: Decimal(value) for grade, value in _content()["scores"].items()}


def about() -> tuple[str, str]:
    """Where the checks come from, and how sure that is."""
    return _content()["source"], _content()["confidence"]
