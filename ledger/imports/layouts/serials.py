"""Serial numbers as the registries print them. Each parser says which space its numbers live in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ledger.imports.layouts.days import NotADay, days_together
from ledger.imports.records import Space
from ledger.kernel.serials import InvalidSerialRange, SerialRange


@dataclass(frozen=True, slots=True)
class Serial:
    """First and last number, both inside, and what else the text tells."""

    space: Space
    first: int
    last: int
    country: str = ""
    project: str = ""
    vintage_year: int | None = None
    period_from: date | None = None
    period_to: date | None = None
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return self.last - self.first + 1

    @property
    def key(self) -> str:
        return f"{'/'.join(self.space)}:{self.first}-{self.last}"


VERRA_PARTS = (
    "batch", "first", "last", "standard", "unit", "holder", "verification", "country", "sector",
    "project", "start", "end", "flag",
)  # fmt: skip
GOLD_STANDARD = re.compile(
    r"(?P<prefix>GS\d+-\d+-(?P<country>[A-Z]{2})-(?P<project>(?:GS)?\d+)-(?P<product>\d+)-"
    r"(?P<vintage>\d{4})-(?P<batch>\d+))-(?P<first>\d+)-(?P<last>\d+)"
)
KYOTO = re.compile(
    r"(?P<party>[A-Z]{2})-(?P<unit>\d+)-(?P<first>\d+)-(?P<original>\d+)-(?P<applicable>\d+)-"
    r"(?P<activity>\d+)-(?P<project>\d+)-?"
    r"(?P=party)-(?P=unit)-(?P<last>\d+)-(?P=original)-(?P=applicable)-(?P=activity)-(?P=project)"
)
FROM_TO = re.compile(r"(?P<prefix>.+)-(?P<first>\d+)\s+to\s+(?P<last>\d+)", re.IGNORECASE)


MOST_DIGITS = 18  # what the ledger's ranges hold; longer texts are no numbers of any registry


def _ordered(first: str, last: str, text: str) -> tuple[int, int]:
    if max(len(first), len(last)) > MOST_DIGITS or int(last) < int(first):
        raise InvalidSerialRange(text=text)
    return int(first), int(last)


def verra(text: str) -> Serial:
    """batch-first-last-VCS-VCU-holder-VER-country-sector-project-start-end-flag.

    :raises InvalidSerialRange:
    """
    parts = text.strip().split("-")
    if len(parts) != len(VERRA_PARTS) or not all(part.isdigit() for part in parts[:3]):
        raise InvalidSerialRange(text=text)
    told = dict(zip(VERRA_PARTS, parts, strict=True))
    first, last = _ordered(told["first"], told["last"], text)
    try:
        start, end = days_together(told["start"]), days_together(told["end"])
    except NotADay:
        raise InvalidSerialRange(text=text) from None
    space = ("VERRA", f"{told['standard']}-{told['unit']}", told["batch"])
    return Serial(
        space, first, last, told["country"], told["project"], start.year, start, end, told
    )


def gold_standard(text: str) -> Serial:
    """GS1-1-country-project-product-vintage-batch-first-last; or a Kyoto block (labelled CERs).

    :raises InvalidSerialRange:
    """
    told = GOLD_STANDARD.fullmatch(text.strip())
    if not told:
        return kyoto(text)
    first, last = _ordered(told["first"], told["last"], text)
    space = ("GOLD_STANDARD", "GS", told["prefix"])
    parts = {"product": told["product"], "batch": told["batch"]}
    vintage = int(told["vintage"])
    return Serial(space, first, last, told["country"], told["project"], vintage, parts=parts)


def kyoto(text: str) -> Serial:
    """party-unit-first-CP-CP-0-project - the same with the last number; stray blanks are ignored.

    :raises InvalidSerialRange:
    """
    told = KYOTO.fullmatch("".join(text.split()))
    if not told:
        raise InvalidSerialRange(text=text)
    first, last = _ordered(told["first"], told["last"], text)
    space = ("CDM", f"CP{told['original']}", f"{told['party']}-{told['unit']}")
    parts = {name: told[name] for name in ("unit", "original", "applicable", "activity")}
    return Serial(space, first, last, told["party"], told["project"], parts=parts)


def from_to(text: str, *, registry: str) -> Serial:
    """ACR-FR-1129-2025-2917-30932 to 35143: the last hyphen part begins the range.

    One unit is "… -5516 to 5516": without "to" the last part would be the batch.

    :raises InvalidSerialRange:
    """
    told = FROM_TO.fullmatch(text.strip())
    if not told:
        raise InvalidSerialRange(text=text)
    first, last = _ordered(told["first"], told["last"], text)
    return Serial((registry, registry, told["prefix"]), first, last)


def two_ends(start: str, end: str, *, registry: str, programme: str) -> Serial:
    """First and last in two cells, each with the same prefix or none.

    :raises InvalidSerialRange:
    """
    if max(len(start), len(end)) > 60:
        raise InvalidSerialRange(text=f"{start} – {end}")
    low, high = SerialRange.parse(start), SerialRange.parse(end)
    if low.count != 1 or high.count != 1 or low.prefix != high.prefix or high.last < low.first:
        raise InvalidSerialRange(text=f"{start} – {end}")
    return Serial((registry, programme, low.prefix), low.first, high.last)
