"""A mapping's content: which column is which field, and what is the same for every line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.imports.mapping import values
from ledger.imports.mapping.words import CONSTANTS, FIELDS, TOLD_IN
from ledger.imports.records import Act, DateOrder
from ledger.imports.rules import ConstantUnfit, MappingIncomplete, ToldInUnfit


@dataclass(frozen=True, slots=True)
class Spec:
    """`scheme`, `measure` and `registry` are those of lines that name no scheme of their own."""

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
            constants={name: text for name, text in told.get("constants", {}).items() if text},
            dates=DateOrder(told.get("dates", DateOrder.ISO)),
            key=tuple(told.get("key", ())),
            registry=told.get("registry", ""),
            told_in=told.get("told_in", ""),
        )
        named = {*spec.columns, *spec.constants}
        missing = [] if "quantity" in named else [FIELDS["quantity"]]
        missing += [] if spec.scheme or "scheme" in spec.columns else [FIELDS["scheme"]]
        if missing:
            raise MappingIncomplete(fields=", ".join(missing))
        # where a column names the scheme, each line is judged by its own
        same = "scheme" in spec.columns or spec.told_in in {"", spec.measure}
        if not same and (spec.told_in, spec.measure) not in TOLD_IN:
            raise ToldInUnfit(told_in=spec.told_in, measure=spec.measure)
        return spec

    def check_constants(self) -> None:
        """:raises ConstantUnfit: a value for every line that no line could have"""
        for name, text in self.constants.items():
            try:
                if name not in CONSTANTS:
                    raise ValueError(name)
                _read(name, text, self.dates)
            except ValueError:
                raise ConstantUnfit(fields=FIELDS.get(name, name), text=text) from None

    @property
    def headings(self) -> frozenset[str]:
        return frozenset([*self.columns.values(), *self.key])


def _read(name: str, text: str, dates: DateOrder) -> object:
    """:raises ValueError:"""
    if name in {"period_from", "period_to", "happened_on"}:
        return values.day(text, dates)
    parsers = {
        "quantity": values.exact,
        "vintage_year": values.year,
        "period": values.month_or_year,
        "state": values.state,
    }
    return parsers[name](text) if name in parsers else text
