"""Words in both languages, and sums: what every part of a statement is written with."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from ledger.kernel.quantities import WIDE

Row = Mapping[str, Any]
PARTS = {
    "STATIONARY": ("固定燃烧", "Stationary combustion"),
    "MOBILE": ("移动燃烧", "Mobile combustion"),
    "PROCESS": ("工业过程", "Industrial processes"),
    "FUGITIVE": ("逸散", "Fugitive emissions"),
    "IMPORTED_ELECTRICITY": ("外购电力", "Imported power"),
    "IMPORTED_HEAT": ("外购热力", "Imported heat"),
}
OPERATOR = ("运营方自有", "The operator itself")


def words(pair: tuple[str, str]) -> dict[str, str]:
    return {"zh": pair[0], "en": pair[1]}


def same(text: Any) -> dict[str, str]:
    """A text that was given in one language only."""
    if isinstance(text, Mapping):
        return {"zh": str(text.get("zh", "")), "en": str(text.get("en", ""))}
    return {"zh": str(text or ""), "en": str(text or "")}


def part_name(code: str) -> dict[str, str]:
    """A part of an inventory; as it stands if a later version of us wrote it."""
    return words(PARTS[code]) if code in PARTS else same(code.replace("_", " ").lower())


def plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def total(rows: Iterable[Row], name: str = "tco2e") -> Decimal:
    whole = Decimal(0)
    for row in rows:
        whole = WIDE.add(whole, Decimal(row[name]))
    return whole


def grouped(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def name_of(row: Row) -> dict[str, str]:
    return {"zh": row["name_zh"] or row["name_en"], "en": row["name_en"] or row["name_zh"]}
