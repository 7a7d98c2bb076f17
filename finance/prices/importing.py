"""The `prices` target of imports: what a source's file says of days becomes marks or rates.

Each file is a whole picture: what is told already is passed over, another figure of the same day is
a correction and needs its reason. Undoing says again what was said before, and withdraws what
nobody had said before. Staged rows are read by name.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from finance.prices import operations, queries
from finance.prices.operations import checking
from finance.prices.operations.telling import MOST_ROWS, keeps_marks
from finance.prices.rules.facts import (
    Fact,
    MarkFact,
    NotOneOf,
    NotTheKeeper,
    Problem,
    RateFact,
    TooManyRows,
)
from finance.prices.states import Mode
from ledger.imports import queries as imports
from ledger.imports import reading
from ledger.imports.operations import RowProblem, SchemeChoice
from ledger.imports.queries import ImportView, stream
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.errors import N_, DomainError

PRICED, RATED = "PRICED", "RATED"
ACTS = (PRICED, RATED)
NOT_A_PRICE = N_("The line tells no price and no exchange rate of a day.")
KNOWN = N_("Told already, just so.")
REPLACES = N_("It is told as version %(version)s; the older one stays readable.")
CORRECTED = "CORRECTED"
# a column of a fact → the field of an import that it came from
FIELDS = {
    "vintage": "vintage_year",
    "day": "happened_on",
    "from": "priced_currency",
    "to": "currency",
    "rate": "price",
    "volume": "quantity",
}
MODES = {mode.value: mode for mode in Mode} | {
    "挂牌协议": Mode.LISTED, "大宗协议": Mode.BLOCK, "单向竞价": Mode.AUCTION, "场外协议": Mode.OTC,
}  # fmt: skip
Progress = Callable[[int, int, str], None]
Place = tuple[int, int]  # row and line of the file


@dataclass(frozen=True, slots=True)
class _Read:
    """The facts of a file, where each stands, and what could not be one."""

    facts: list[Fact]
    places: list[Place]
    problems: list[RowProblem]


def _read(view: ImportView) -> _Read:
    read, codes = _Read([], [], []), _codes()
    rows = f"SELECT row_number, line, record FROM ({imports.STANDING_ROWS}) AS f ORDER BY 1, 2"  # noqa: S608
    for row_number, line, told in stream(rows, {"import": view.id}):
        record = told if isinstance(told, dict) else json.loads(told)
        if record["act"] not in ACTS:
            problem = RowProblem(row_number, "act", "not_a_price", NOT_A_PRICE, {}, True, line)
            read.problems.append(problem)
            continue
        try:
            read.facts.append(_fact(record, codes))
            read.places.append((row_number, line))
        except DomainError as refusal:
            read.problems.append(_problem((row_number, line), "mode", refusal))
    return read


def _codes() -> Mapping[str, str]:
    """Sources by what people call them: code, Chinese and English name."""
    return {
        reading.normalise(said): one.code
        for one in queries.sources()
        for said in (one.name_en, one.name_zh, one.code)
    }


def _fact(record: Mapping[str, Any], codes: Mapping[str, str]) -> Fact:
    """:raises NotOneOf: no mode of trading"""
    extra = record["extra"]
    source = codes.get(reading.normalise(extra["source"]), extra["source"])
    day = date.fromisoformat(record["happened_on"])
    currency, reason = extra.get("currency", "CNY").upper(), extra.get("reason", "")[:300]
    if record["act"] == RATED:
        priced = extra["priced_currency"].upper()
        return RateFact(priced, currency, source, day, Decimal(extra["price"]), reason)
    return MarkFact(
        scheme=record.get("scheme", "").upper(),
        vintage_year=record.get("vintage_year"),
        source=source,
        marked_on=day,
        price=Decimal(extra["price"]),
        currency=currency,
        mode=_mode(extra.get("mode", "")),
        volume=int(extra["volume"]) if "volume" in extra else None,
        reason=reason,
    )


def _mode(text: str) -> str:
    """:raises NotOneOf:"""
    if not text:
        return Mode.LISTED.value
    named = MODES | {str(mode.label).upper(): mode for mode in Mode}
    if (found := named.get(text.upper())) is None:
        raise NotOneOf(text=text, accepted=", ".join(MODES))
    return found.value


def _facts(read: _Read, view: ImportView) -> list[Fact]:
    """What was withdrawn and is told again gives the file as its reason, if it gives none."""
    withdrawn = queries.withdrawn_among(read.facts)
    return [
        replace(one, reason=view.file_name[:300]) if one in withdrawn and not one.reason else one
        for one in read.facts
    ]


# --- the check


def check(import_id: UUID) -> Iterator[RowProblem]:
    """Every line that can be no mark or rate, and what would be passed over or corrected."""
    view = imports.get_import(import_id)
    if not keeps_marks(Actor(user_id=view.party_id, party_id=view.party_id)):
        yield _problem((0, 0), "", NotTheKeeper())
        return
    read = _read(view)
    yield from read.problems
    if not read.facts:
        return
    if len(read.facts) > MOST_ROWS:
        yield _problem((0, 0), "", TooManyRows(limit=MOST_ROWS))
        return
    looked = checking.look(_facts(read, view), reason="", today=checking.beijing_day(view.at))
    for one in looked.problems:
        yield _at_its_row(one, read.places)
    if not looked.problems:
        yield from _news(read, looked.checked)


def _problem(place: Place, column: str, refusal: DomainError) -> RowProblem:
    row, line = place
    return RowProblem(row, column, refusal.code, refusal.message, refusal.params, True, line)


def _at_its_row(one: Problem, places: list[Place]) -> RowProblem:
    return _problem(places[one.row - 1], FIELDS.get(one.column, one.column), one.error)


def _news(read: _Read, checked: checking.Checked) -> Iterator[RowProblem]:
    """Lines that are known already, and lines that correct what is told."""
    new = {(*row.fact.series, row.fact.day): row.version for row in checked.rows}
    for fact, (row, line) in zip(read.facts, read.places, strict=True):
        version = new.get((*fact.series, fact.day))
        if version is None:
            yield RowProblem(row, "price", "told_already", KNOWN, {}, False, line)
        elif version > 1:
            told = {"version": version}
            yield RowProblem(row, "price", "told_anew", REPLACES, told, False, line)


def summarise(import_id: UUID) -> dict[str, Any]:
    """What would be told: by kind, instrument or pair, and vintage, with its days."""
    view = imports.get_import(import_id)
    read = _read(view)
    if not read.facts or len(read.facts) > MOST_ROWS:
        return {"records": 0, "written": []}
    facts = _facts(read, view)
    rows = checking.look(facts, reason="", today=checking.beijing_day(view.at)).checked.rows
    days: dict[tuple[str, str, int | None], list[date]] = {}
    for row in rows:
        days.setdefault(_kind(row), []).append(row.fact.day)
    return {
        "records": len(rows),
        "written": [
            {
                "kind": kind, "scheme": scheme, "vintage": vintage, "movements": len(told),
                "units": 0, "days": f"{min(told).isoformat()} – {max(told).isoformat()}",
            }
            for (kind, scheme, vintage), told in sorted(days.items(), key=str)
        ],
    }  # fmt: skip


def _kind(row: checking.Row) -> tuple[str, str, int | None]:
    fact = row.fact
    is_rate = isinstance(fact, RateFact)
    told = RATED if is_rate else PRICED
    kind = CORRECTED if row.version > 1 else told
    return kind, fact.what if is_rate else fact.scheme, None if is_rate else fact.vintage_year


# --- taking in, and back


def commit(
    import_id: UUID, *, by: Actor, at: datetime, approval_id: UUID | None, progress: Progress
) -> dict[str, Any]:
    """Tell every line as one telling, or none.

    :raises DomainError: as `tell_marks` and `tell_rates`
    """
    view = imports.get_import(import_id)
    read = _read(view)
    progress(0, len(read.facts), "")
    told = _tell(_facts(read, view), view, by=by, at=at, approval_id=approval_id)
    progress(len(read.facts), len(read.facts), "")
    return {"tellings": [str(told.telling_id)], "rows": told.row_count}


def _tell(facts: list[Fact], view: ImportView, **who: Any) -> operations.Told:
    given = {"idempotency_key": f"import:{view.id}", "file_id": view.file_id, **who}
    marks = [one for one in facts if isinstance(one, MarkFact)]
    if marks:
        return operations.tell_marks(facts=marks, **given)
    return operations.tell_rates(
        facts=[one for one in facts if isinstance(one, RateFact)], **given
    )  # fmt: skip


def undo(
    import_id: UUID, *, by: Actor, at: datetime, reason: str, progress: Progress
) -> dict[str, Any]:
    """Say again what was said before the file, and withdraw what nobody had said before.

    :raises ToldSince: one of its days was told again since
    """
    made = [
        operations.withdraw_telling(
            telling_id=UUID(telling), reason=reason, by=by, at=at,
            idempotency_key=f"undo:{import_id}:{telling}",
        )
        for telling in imports.get_import(import_id).result.get("tellings", [])
    ]  # fmt: skip
    rows = sum(one.row_count for one in made)
    progress(rows, rows, "")
    return {"withdrawals": [str(one.telling_id) for one in made], "rows": rows}


# --- for pages


def leads_to(import_id: UUID) -> list[tuple[str, str]]:
    """The telling that a file became, and the one that took it back."""
    result = imports.get_import(import_id).result
    said = {"tellings": _("What was told"), "withdrawals": _("What took it back")}
    return [
        (words, reverse("admin:finance_prices_telling_change", args=[telling]))
        for name, words in said.items()
        for telling in result.get(name, [])
    ]


def schemes_to_choose() -> list[SchemeChoice]:
    """Every scheme, by its name in the reader's language."""
    return [
        SchemeChoice(one.code, str(one), one.registry_id, one.measure, (one.name_zh, one.name_en))
        for one in instruments.schemes()
    ]


def constants() -> dict[str, list[tuple[str, str]]]:
    """What a source's own list leaves out, because it is the same in each line."""
    return {
        "source": [(one.code, str(one)) for one in queries.sources()],
        "currency": [(code, code) for code in ("CNY", "EUR", "USD")],
        "mode": [(mode.value, str(mode.label)) for mode in Mode],
    }


__all__ = [
    "ACTS", "check", "commit", "constants", "leads_to", "schemes_to_choose", "summarise", "undo",
]  # fmt: skip
