"""Files without a layout: a person says which column is which field. Pure.

A mapping is data: `columns` (field → heading), `constants` (field → value for every line), `dates`
(how the file writes days), `told_in` (kilograms of what we count in tonnes, say), `key` (headings
that together name a line). Drafts stand in `seeds/imports/drafts.toml`: headings that somebody saw
in public, not confirmed by the registry.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from ledger.imports.layouts import Layout
from ledger.imports.records import (
    Act,
    DateOrder,
    Record,
    Row,
    RowFault,
    RowFaults,
    record_of_a_day,
)
from ledger.imports.rules import MappingIncomplete, ToldInUnfit
from ledger.kernel.errors import N_

DRAFTS = Path(__file__).resolve().parents[2] / "seeds" / "imports" / "drafts.toml"
# field → what it is called on the page
FIELDS: Mapping[str, str] = {
    "quantity": N_("Units"),
    "scheme": N_("Scheme"),
    "vintage_year": N_("Vintage year"),
    "period": N_("Month or year of generation or reduction"),
    "period_from": N_("Period from"),
    "period_to": N_("Period to (last day)"),
    "serial": N_("Serial number or range"),
    "prefix": N_("Serial prefix"),
    "first": N_("First serial"),
    "last": N_("Last serial"),
    "project_code": N_("Project or plant code"),
    "project_name": N_("Project or plant name"),
    "happened_on": N_("Day"),
    "account": N_("Account number"),
    "counter_account": N_("Other account"),
    "state": N_("State of the units"),
    "beneficiary": N_("Beneficiary"),
    "reason": N_("Reason or purpose"),
    "price": N_("Price or rate"),
    "currency": N_("Currency of the price"),
    "priced_currency": N_("Currency that the rate is of"),
    "source": N_("Source of the price"),
    "mode": N_("Mode of trading"),
}
# what a check may name beside these
OTHER_FIELDS: Mapping[str, str] = {
    "act": N_("What a line says"),
    "measure": N_("Measure"),
    "year": N_("Year"),
}
MOVES: Mapping[Act, str] = {
    Act.HELD: N_("Units held (opening position or statement)"),
    Act.ISSUED: N_("Units issued"),
    Act.RETIRED: N_("Units retired"),
    Act.CANCELLED: N_("Units cancelled"),
    Act.SURRENDERED: N_("Units surrendered"),
    Act.TRANSFERRED: N_("Units transferred"),
}
OF_DAYS: Mapping[Act, str] = {
    Act.PRICED: N_("Prices of days"),
    Act.RATED: N_("Exchange rates of days"),
}
ACTS: Mapping[Act, str] = {**MOVES, **OF_DAYS}
# Fields that only prices and rates have, and those that they share with units.
OF_PRICES = frozenset({"price", "currency", "priced_currency", "source", "mode"})
SHARED = frozenset({"quantity", "scheme", "vintage_year", "happened_on", "reason"})
# The fields without which a line says nothing; a column or a constant tells them.
NEEDED: Mapping[Act, tuple[str, ...]] = {
    Act.PRICED: ("scheme", "source", "happened_on", "price"),
    Act.RATED: ("priced_currency", "source", "happened_on", "price"),
}
ALL_ACTS: Mapping[Act, str] = {
    **ACTS,
    Act.CONVERTED: N_("Units converted"),
    Act.BUFFERED: N_("Units put into a buffer"),
    Act.ALLOCATED: N_("Units allocated free"),
    Act.VERIFIED: N_("Verified emissions"),
    Act.TRADED: N_("A deal"),
}
# (what the file tells, what the scheme counts) → units of one
TOLD_IN: Mapping[tuple[str, str], Fraction] = {
    ("kg", "t"): Fraction(1, 1000),
    ("t", "kg"): Fraction(1000),
    ("kWh", "MWh"): Fraction(1, 1000),
    ("Wh", "MWh"): Fraction(1, 1_000_000),
}
STATES = {
    "FREE": ("free", "available", "可用", "可交易", "正常", "持有"),
    "PLEDGED": ("pledged", "质押", "质押中"),
    "FROZEN": ("frozen", "blocked", "冻结", "冻结中", "司法冻结"),
    "RETIRED": ("retired", "核销", "注销使用"),
    "CANCELLED": ("cancelled", "canceled", "注销", "自愿注销"),
    "SURRENDERED": ("surrendered", "清缴", "履约", "履约清缴"),
}
RANGE = re.compile(r"\s*(?:\bto\b|~|～|至|—|–|\.\.\.|…)\s*")
Take = Callable[[str, Callable[[str], Any]], Any]  # a field's cell, read; a fault if it cannot be
PRICE = re.compile(r"^-?[0-9]{1,30}(\.[0-9]{1,30})?$")
AMOUNT = re.compile(r"^[0-9]{1,18}(\.[0-9]{1,9})?$")
NUMBERED = re.compile(r"(?P<prefix>.*?)(?P<number>[0-9]{1,18})$")
MONTH = re.compile(r"^(\d{4})[-/.年]?(\d{1,2})月?$")
YEAR = re.compile(r"^(\d{4})(?:年度?)?$")
# CEA25, CEA2025, CEA 19-20: a label of two years is known by its last
LABEL = re.compile(r"^[A-Z_]{2,20}[- ]?(?:\d{2}(?:\d{2})?[-–—])?(\d{2}|20\d{2})$", re.IGNORECASE)
DAY = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?$")
OTHER_DAY = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[T ].*)?$")


@dataclass(frozen=True, slots=True)
class Spec:
    """A mapping's content."""

    act: Act
    scheme: str
    measure: str
    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    dates: DateOrder = DateOrder.ISO
    key: tuple[str, ...] = ()
    registry: str = ""
    told_in: str = ""  # empty: as the scheme counts

    def to_json(self) -> dict[str, Any]:
        told = {"told_in": self.told_in} if self.told_in else {}
        return told | {
            "act": self.act.value,
            "scheme": self.scheme,
            "measure": self.measure,
            "columns": dict(self.columns),
            "constants": dict(self.constants),
            "dates": self.dates.value,
            "key": list(self.key),
            "registry": self.registry,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Spec":
        """:raises MappingIncomplete: nothing says how many units of what
        :raises ToldInUnfit: what the file tells cannot be counted as the scheme does
        """
        spec = cls(
            act=Act(told["act"]),
            scheme=told.get("scheme", ""),
            measure=told.get("measure", "t"),
            columns={name: told["columns"][name] for name in FIELDS if told["columns"].get(name)},
            constants=dict(told.get("constants", {})),
            dates=DateOrder(told.get("dates", DateOrder.ISO)),
            key=tuple(told.get("key", ())),
            registry=told.get("registry", ""),
            told_in=told.get("told_in", ""),
        )
        said = {*spec.columns, *spec.constants, *(["scheme"] if spec.scheme else [])}
        missing = [FIELDS[name] for name in needed_by(spec.act) if name not in said]
        if missing:
            raise MappingIncomplete(fields=", ".join(missing))
        if spec.told_in not in {"", spec.measure} and spec.one is None:
            raise ToldInUnfit(told_in=spec.told_in, measure=spec.measure)
        return spec

    @property
    def one(self) -> Fraction | None:
        """So many units is one of what the file tells; None: it counts units."""
        return TOLD_IN.get((self.told_in, self.measure))

    @property
    def headings(self) -> frozenset[str]:
        return frozenset([*self.columns.values(), *self.key])


def needed_by(act: Act) -> tuple[str, ...]:
    return NEEDED.get(act, ("quantity", "scheme"))


def fields_of(acts: Iterable[str]) -> list[str]:
    """The fields that lines of these kinds can have, in the page's order."""
    of_days = {Act(act) in OF_DAYS for act in acts}
    names = set(SHARED)
    names |= OF_PRICES if True in of_days else set()
    names |= set(FIELDS) - OF_PRICES if False in of_days else set()
    return [name for name in FIELDS if name in names]


@dataclass(frozen=True, slots=True)
class Draft:
    """A mapping to begin with. Unconfirmed: the source says where the headings were seen."""

    code: str
    name_zh: str
    name_en: str
    source: str
    source_zh: str
    spec: Spec


ABOUT = ("code", "name_zh", "name_en", "source", "source_zh")


@cache
def drafts() -> tuple[Draft, ...]:
    """The ready drafts, as `seeds/imports/drafts.toml` has them."""
    told = tomllib.loads(DRAFTS.read_text("utf-8"))["drafts"]
    return tuple(
        Draft(**{name: one[name] for name in ABOUT}, spec=Spec.from_json(one)) for one in told
    )


def fitting_drafts(headings: Iterable[str], normalise: Callable[[str], str]) -> list[Draft]:
    """Drafts whose every column the file has, the most demanding first."""
    there = frozenset(headings)
    fit = [one for one in drafts() if {normalise(h) for h in one.spec.headings} <= there]
    return sorted(fit, key=lambda one: -len(one.spec.headings))


def nearest_draft(headings: Iterable[str], normalise: Callable[[str], str]) -> Draft | None:
    """The draft of which the file has the most columns, if it has half of them."""
    there = frozenset(headings)

    def share(draft: Draft) -> Fraction:
        names = {normalise(heading) for heading in draft.spec.headings}
        return Fraction(len(names & there), len(names))

    best = max(drafts(), key=share)
    return best if 2 * share(best) >= 1 else None


def layout_of(spec: Spec, *, name: str, normalise: Callable[[str], str]) -> Layout:
    """A mapping as a layout: the reading engine knows no difference."""
    columns = {name: normalise(heading) for name, heading in spec.columns.items()}
    key = tuple(normalise(heading) for heading in spec.key) or tuple(sorted(set(columns.values())))
    return Layout(
        code="",
        name=name,
        scheme=spec.scheme,
        required_headers=frozenset([*columns.values(), *key]),
        read=_Reader(spec, columns, key).read,
        dates=spec.dates,
    )


@dataclass(slots=True)
class _Reader:
    spec: Spec
    columns: Mapping[str, str]
    key: tuple[str, ...]

    def read(self, row: Row) -> list[Record]:
        """:raises RowFaults: every cell of the row that cannot be"""
        if not any(row.cells.get(heading) for heading in self.columns.values()):
            return []
        faults: list[RowFault] = []

        def take(name: str, parse: Callable[[str], Any]) -> Any:
            text = self._text(row, name)
            if not text:
                return None
            try:
                return parse(text)
            except ValueError:
                faults.append(_unreadable(self.columns.get(name, name), text))
                return None

        told = self._told_of_a_day if self.spec.act in OF_DAYS else self._told_of_units
        return told(row, faults, take)

    def _told_of_units(self, row: Row, faults: list[RowFault], take: Take) -> list[Record]:
        quantity = self._quantity(row, faults, take)
        if quantity is None and not faults:
            faults.append(_unreadable(self.columns["quantity"], ""))
        period = take("period", month_or_year)
        made = {
            "period_from": take("period_from", lambda text: day(text, row.dates)),
            "period_to": take("period_to", lambda text: day(text, row.dates)),
            "happened_on": take("happened_on", lambda text: day(text, row.dates)),
            "vintage_year": take("vintage_year", year),
            "state": take("state", state) or "",
        }
        serial = take("serial", lambda text: serial_range(text, quantity or 1))
        first, last = take("first", whole), take("last", whole)
        if faults:
            raise RowFaults(tuple(faults))
        if period is not None:
            made["period_from"], made["period_to"] = period
        if made["vintage_year"] is None and (since := made["period_from"]):
            made["vintage_year"] = since.year
        prefix, first, last = serial or (self._text(row, "prefix"), first, last)
        if first is not None and last is None:
            last = first + quantity - 1
        run = {"quantity": quantity, "first": first, "last": last}
        return [self._record(row, prefix, {**made, **run})]

    def _told_of_a_day(self, row: Row, faults: list[RowFault], take: Take) -> list[Record]:
        """A price or a rate; `extra` has what the columns or the mapping's constants say."""
        on = take("happened_on", lambda text: day(text, row.dates))
        price = take("price", decimal)
        vintage, volume = take("vintage_year", year), take("quantity", whole)
        told = {
            name: self._text(row, name)
            for name in ("source", "currency", "priced_currency", "mode", "reason")
        }
        scheme = self._text(row, "scheme") or self.spec.scheme
        for name in needed_by(self.spec.act):
            column = self.columns.get(name, name)
            if not (scheme if name == "scheme" else self._text(row, name)):
                faults.append(_unreadable(column, ""))
        if faults:
            raise RowFaults(tuple(faults))
        record = record_of_a_day(
            self.spec.act, price=price, happened_on=on, told=told, scheme=scheme,
            vintage_year=vintage, volume=volume,
        )  # fmt: skip
        return [record]

    def _quantity(self, row: Row, faults: list[RowFault], take: Take) -> int | None:
        """Units, also where the file tells kilograms or kilowatt-hours."""
        one = self.spec.one
        if one is None:
            counted: int | None = take("quantity", whole)
            return counted
        found: Fraction | None = take("quantity", exact)
        if found is None or (found * one).denominator == 1:
            return None if found is None else int(found * one)
        about = {"text": self._text(row, "quantity"), "told_in": self.spec.told_in}
        message = N_("%(text)s %(told_in)s are no whole number of units.")
        faults.append(RowFault(self.columns["quantity"], "not_whole_units", message, about))
        return None

    def _record(self, row: Row, prefix: str, made: Mapping[str, Any]) -> Record:
        scheme = self._text(row, "scheme") or self.spec.scheme
        texts = {
            name: self._text(row, name)
            for name in (
                "project_code", "project_name", "account", "counter_account", "beneficiary",
                "reason",
            )
        }  # fmt: skip
        space = None if made["first"] is None else (self.spec.registry, scheme, prefix)
        return Record(
            act=self.spec.act,
            scheme=scheme,
            measure=self.spec.measure,
            space=space,
            natural_key=" | ".join([self.spec.act, *(row.cells.get(h, "") for h in self.key)]),
            **{**texts, **made},
        )

    def _text(self, row: Row, name: str) -> str:
        heading = self.columns.get(name)
        text = row.cells.get(heading, "") if heading else ""
        return unicodedata.normalize("NFKC", text).strip() or self.spec.constants.get(name, "")


def _unreadable(column: str, text: str) -> RowFault:
    if not text:
        return RowFault(column, "cell_empty", N_("The cell is empty."))
    return RowFault(column, "cell_not_readable", N_("“%(text)s” cannot be read."), {"text": text})


def whole(text: str) -> int:
    """Whole and positive; thousands commas and a trailing .0 are no matter.

    :raises ValueError:
    """
    plain = re.sub(r"\.0+$", "", text.replace(",", "").replace(" ", ""))
    if not plain.isdigit() or len(plain) > 18:
        raise ValueError(text)
    return int(plain)


def exact(text: str) -> Fraction:
    """Of a quantity that is not told in units: decimals are allowed.

    :raises ValueError:
    """
    plain = text.replace(",", "").replace(" ", "")
    if not AMOUNT.match(plain):
        raise ValueError(text)
    return Fraction(plain)


def decimal(text: str) -> str:
    """Of a price: the digits as they stand, without commas between thousands.

    :raises ValueError:
    """
    plain = text.replace(",", "").replace(" ", "")
    if not PRICE.match(plain):
        raise ValueError(text)
    return plain


def year(text: str) -> int:
    """Of 2025, 2025年度, 2025-03-31, CEA25.

    :raises ValueError:
    """
    found = YEAR.match(text) or MONTH.match(text) or DAY.match(text) or LABEL.match(text)
    said = int(found[1]) if found else 0
    said += 2000 if found and len(found[1]) == 2 else 0
    if not 1990 <= said <= 2200:
        raise ValueError(text)
    return said


def month_or_year(text: str) -> tuple[date, date]:
    """First and last day of 2025-03, 202503, 2025年3月 or 2025.

    :raises ValueError:
    """
    if found := YEAR.match(text):
        return date(int(found[1]), 1, 1), date(int(found[1]), 12, 31)
    found = MONTH.match(text) or DAY.match(text)
    if not found:
        raise ValueError(text)
    start = date(int(found[1]), int(found[2]), 1)
    following = (start + timedelta(days=32)).replace(day=1)
    return start, following - timedelta(days=1)


def day(text: str, order: DateOrder) -> date:
    """A day in ISO or Chinese form, or in the order the file was declared to have.

    :raises ValueError: none, or one that could be two
    """
    if found := DAY.match(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    found = OTHER_DAY.match(text)
    if not found or order is DateOrder.ISO:
        raise ValueError(text)
    one, two, of_year = int(found[1]), int(found[2]), int(found[3])
    return date(of_year, two, one) if order is DateOrder.DAY_FIRST else date(of_year, one, two)


def state(text: str) -> str:
    """:raises ValueError: no state that we know"""
    plain = text.strip().lower().removeprefix("已")
    for known, words in STATES.items():
        if plain == known.lower() or plain in words:
            return known
    raise ValueError(text)


def serial_range(text: str, quantity: int) -> tuple[str, int, int]:
    """Prefix, first and last of `A-1 to 100`, `A1～A100`, or of one number and its quantity.

    :raises ValueError:
    """
    parts = RANGE.split(text.strip())
    found = NUMBERED.match(parts[0])
    if not found or len(parts) > 2:
        raise ValueError(text)
    prefix, first = found["prefix"], int(found["number"])
    if len(parts) == 1:
        return prefix, first, first + quantity - 1
    rest = parts[1].removeprefix(prefix)
    if not rest.isdigit() or int(rest) < first:
        raise ValueError(text)
    return prefix, first, int(rest)
