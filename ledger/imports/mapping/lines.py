"""Lines of a file by a mapping: what each of them says, or every reason why it says nothing."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ledger.imports.layouts import Layout
from ledger.imports.mapping import values
from ledger.imports.mapping.spec import Spec
from ledger.imports.mapping.words import FIELDS, TOLD_IN
from ledger.imports.records import Record, Row, RowFault, RowFaults
from ledger.imports.rules import SchemeChoice
from ledger.kernel.errors import N_

TEXTS = (
    "project_code", "project_name", "account", "counter_account", "beneficiary", "reason",
)  # fmt: skip


def layout_of(
    spec: Spec,
    *,
    name: str,
    normalise: Callable[[str], str],
    schemes: Iterable[SchemeChoice] = (),
) -> Layout:
    """A mapping as a layout: the reading engine knows no difference.

    `schemes`: what a line may name in its own column; registry and measure are then theirs.
    """
    columns = {name: normalise(heading) for name, heading in spec.columns.items()}
    key = tuple(normalise(heading) for heading in spec.key) or tuple(sorted(set(columns.values())))
    known = {_plain(said): one for one in schemes for said in (*one.names, one.code) if said}
    return Layout(
        code="",
        name=name,
        scheme=spec.scheme,
        required_headers=frozenset([*columns.values(), *key]),
        read=_Reader(spec, columns, key, known).read,
        dates=spec.dates,
    )


def _plain(said: str) -> str:
    return unicodedata.normalize("NFKC", said).strip().casefold()


@dataclass(slots=True)
class _Reader:
    spec: Spec
    columns: Mapping[str, str]
    key: tuple[str, ...]
    known: Mapping[str, SchemeChoice]

    def read(self, row: Row) -> list[Record]:
        """:raises RowFaults: every cell of the row that cannot be"""
        if not any(row.cells.get(heading) for heading in self.columns.values()):
            return []
        line = _Line(self.columns, self.spec, row, [])
        scheme = self._scheme(line)
        record = line.record(scheme, _units(line, scheme))
        natural = [self.spec.act, *(row.cells.get(heading, "") for heading in self.key)]
        return [replace(record, natural_key=" | ".join(natural))]

    def _scheme(self, line: "_Line") -> SchemeChoice:
        """Of this line: what its own column names, else the mapping's for all.

        What nobody knows stays as it is; the check of the file says so.
        """
        spec, said = self.spec, line.text("scheme") if "scheme" in self.columns else ""
        if found := self.known.get(_plain(said)):
            return found
        measure = spec.measure if said in {"", spec.scheme} else ""
        return SchemeChoice(said or spec.scheme, "", spec.registry, measure)


@dataclass(slots=True)
class _Line:
    """One row, and what is wrong with it so far."""

    columns: Mapping[str, str]
    spec: Spec
    row: Row
    faults: list[RowFault]

    def text(self, name: str) -> str:
        heading = self.columns.get(name)
        text = self.row.cells.get(heading, "") if heading else ""
        return unicodedata.normalize("NFKC", text).strip() or self.spec.constants.get(name, "")

    def take(self, name: str, parse: Callable[[str], Any]) -> Any:
        text = self.text(name)
        if not text:
            return None
        try:
            return parse(text)
        except ValueError:
            self.faults.append(_unreadable(self.heading(name), text))
            return None

    def heading(self, name: str) -> str:
        """The file's own, or what the field is called where every line has the same."""
        return self.columns.get(name, FIELDS[name])

    def record(self, scheme: SchemeChoice, quantity: int | None) -> Record:
        """:raises RowFaults: every cell of the row that cannot be"""
        period = self.take("period", values.month_or_year)
        made: dict[str, Any] = {name: self.text(name) for name in TEXTS} | {
            "period_from": self._day("period_from"),
            "period_to": self._day("period_to"),
            "happened_on": self._day("happened_on"),
            "vintage_year": self.take("vintage_year", values.year),
            "state": self.take("state", values.state) or "",
        }
        serial = self.take("serial", lambda text: values.serial_range(text, quantity or 1))
        first, last = self.take("first", values.whole), self.take("last", values.whole)
        if self.faults or quantity is None:
            raise RowFaults(tuple(self.faults))
        if period is not None:
            made["period_from"], made["period_to"] = period
        if made["vintage_year"] is None and (since := made["period_from"]):
            made["vintage_year"] = since.year
        prefix, first, last = serial or (self.text("prefix"), first, last)
        if first is not None and last is None:
            last = first + quantity - 1
        return Record(
            act=self.spec.act,
            scheme=scheme.code,
            measure=scheme.measure or self.spec.measure,
            quantity=quantity,
            space=None if first is None else (scheme.registry, scheme.code, prefix),
            first=first,
            last=last,
            **made,
        )

    def _day(self, name: str) -> Any:
        return self.take(name, lambda text: values.day(text, self.row.dates))


def _units(line: _Line, scheme: SchemeChoice) -> int | None:
    """Whole units of the line's own scheme, also where it tells kilograms or kilowatt-hours.

    None where they cannot be counted: its faults say why.
    """
    said = line.take("told_in", values.measure)
    if not line.text("quantity"):
        line.faults.append(_unreadable(line.heading("quantity"), ""))
    if line.faults:
        return None
    told_in = line.spec.told_in if said is None else said
    # of a scheme that nobody knows nothing is counted over
    if told_in in {"", scheme.measure} or not scheme.measure:
        counted: int | None = line.take("quantity", values.whole)
        return counted
    one = TOLD_IN.get((told_in, scheme.measure))
    if one is None:
        line.faults.append(_other_measure(line, told_in, scheme))
        return None
    return _counted_over(line, told_in, one)


def _counted_over(line: _Line, told_in: str, one: Fraction) -> int | None:
    """`one` of what is told is so many units; the whole must come out even."""
    found = line.take("quantity", values.exact)
    if found is None:
        return None
    if (found * one).denominator == 1:
        return int(found * one)
    message = N_("%(text)s %(told_in)s are no whole number of units.")
    about = {"text": line.text("quantity"), "told_in": told_in}
    line.faults.append(RowFault(line.heading("quantity"), "not_whole_units", message, about))
    return None


def _other_measure(line: _Line, told_in: str, scheme: SchemeChoice) -> RowFault:
    """Kilograms of a certificate of megawatt-hours."""
    named = "told_in" if line.text("told_in") else "quantity"
    message = N_("%(scheme)s counts %(wanted)s; %(text)s %(told_in)s cannot be counted so.")
    about = {
        "text": line.text("quantity"),
        "told_in": told_in,
        "scheme": scheme.code,
        "wanted": scheme.measure,
    }
    return RowFault(line.heading(named), "other_measure", message, about)


def _unreadable(column: str, text: str) -> RowFault:
    if not text:
        return RowFault(column, "cell_empty", N_("The cell is empty."))
    return RowFault(column, "cell_not_readable", N_("“%(text)s” cannot be read."), {"text": text})
