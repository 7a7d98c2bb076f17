"""The `deals` target of imports: a broker's list of deals, to be held against our trades.

A line says what the broker says, and changes no trade. A longer export brings only what is new;
a deal that the broker tells otherwise than before is refused. Staged rows are read by name.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from finance.trades import models, operations
from ledger.imports import queries as imports
from ledger.imports.operations import RowProblem, SchemeChoice
from ledger.imports.queries import ImportView, stream
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.errors import N_

TRADED = "TRADED"
SAID = {
    "not_a_deal": N_("The line says what happened to units; it is no deal."),
    "no_such_scheme": N_("The instrument %(scheme)s is not known."),
    "number_twice": N_("Row %(earlier)s has the deal number %(number)s already."),
    "told_otherwise": N_("The deal %(number)s was taken in with another price, amount or day."),
}
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Line:
    """What one line of the list says."""

    row_number: int
    line: int
    act: str
    scheme: str
    vintage_year: int | None
    unit_count: int
    traded_on: date | None
    extra: Mapping[str, str]

    def told(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "row_number": self.row_number,
            "side": self.extra.get("side", ""),
            "scheme": self.scheme,
            "vintage_year": self.vintage_year,
            "unit_count": self.unit_count,
            "unit_price": Decimal(self.extra.get("price", "0")),
            "gross_amount": self._amount("amount"),
            "fee_amount": self._amount("fee"),
            "currency": self.extra.get("currency", "CNY"),
            "traded_on": self.traded_on,
            "reference": self.extra.get("number", ""),
        }

    def _amount(self, name: str) -> Decimal | None:
        return Decimal(self.extra[name]) if name in self.extra else None


def _lines(view: ImportView, rows: str) -> Iterator[Line]:
    asked = f"SELECT row_number, line, record FROM ({rows}) AS f ORDER BY 1, 2"  # noqa: S608
    for row_number, line, told in stream(asked, {"import": view.id}):
        record = told if isinstance(told, dict) else json.loads(told)
        day = record.get("happened_on")
        yield Line(
            row_number=row_number,
            line=line,
            act=record["act"],
            scheme=record.get("scheme", ""),
            vintage_year=record.get("vintage_year"),
            unit_count=record["quantity"],
            traded_on=date.fromisoformat(day) if day else None,
            extra=record.get("extra", {}),
        )


def check(import_id: UUID) -> Iterator[RowProblem]:
    """Every line that is no deal, and every deal that is told twice or otherwise than before."""
    view = imports.get_import(import_id)
    known = set(instruments.schemes().values_list("code", flat=True))
    numbers, before = dict[str, int](), _known(view)
    for one in _lines(view, imports.STANDING_ROWS):
        if one.act != TRADED:
            yield _problem(one, "not_a_deal")
            continue
        if one.scheme not in known:
            yield _problem(one, "no_such_scheme", scheme=one.scheme)
        number = one.extra.get("number", "")
        if number and number in numbers:
            yield _problem(one, "number_twice", earlier=numbers[number], number=number)
        numbers.setdefault(number, one.row_number)
        if number and _is_told_otherwise(one, before.get(number)):
            yield _problem(one, "told_otherwise", number=number)


def _problem(one: Line, code: str, **params: Any) -> RowProblem:
    return RowProblem(one.row_number, "", code, SAID[code], params, True, one.line)


def _known(view: ImportView) -> dict[str, models.StatementLine]:
    """The party's lines that count, by their deal numbers."""
    rows = models.StatementLine.objects.filter(party_id=view.party_id, withdrawn_at=None)
    return {row.reference: row for row in rows.exclude(reference="").iterator()}


def _is_told_otherwise(one: Line, before: models.StatementLine | None) -> bool:
    told = one.told()
    return before is not None and any(
        getattr(before, name) != told[name] for name in told if name != "row_number"
    )


def summarise(import_id: UUID) -> dict[str, Any]:
    """How many deals are new, and how many units they speak of."""
    found = list(_lines(imports.get_import(import_id), imports.FRESH_ROWS))
    return {"lines": len(found), "units": sum(one.unit_count for one in found)}


def commit(
    import_id: UUID, *, by: Actor, at: datetime, approval_id: UUID | None, progress: Progress
) -> dict[str, Any]:
    """Keep the new lines, and match them with the party's trades; all or nothing."""
    view = imports.get_import(import_id)
    told = [one.told() for one in _lines(view, imports.FRESH_ROWS)]
    progress(0, len(told), "")
    matched = operations.take_in_lines(import_id=import_id, lines=told, by=by, at=at)
    progress(len(told), len(told), "")
    return {"lines": len(told), "matched": matched}


def undo(
    import_id: UUID, *, by: Actor, at: datetime, reason: str, progress: Progress
) -> dict[str, Any]:
    """Withdraw the lines of an import; what was matched with them is unmatched."""
    count = operations.withdraw_lines(import_id=import_id, reason=reason, by=by, at=at)
    return {"lines": count}


def schemes_to_choose() -> list[SchemeChoice]:
    """Every scheme, by its name in the reader's language."""
    return [
        SchemeChoice(one.code, str(one), one.registry_id, one.measure, (one.name_zh, one.name_en))
        for one in instruments.schemes()
    ]


__all__ = ["check", "commit", "schemes_to_choose", "summarise", "undo"]
