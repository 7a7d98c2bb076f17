"""The `compliance` target of imports: what a registry's file states of a year becomes its facts.

Verified emissions and free allocations of the party's own regulated entities. Each file is a whole
picture: what the books say already is written once, what differs is recorded as a later fact. Units
that were handed in are movements, and come in by the ledger of units.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ledger.compliance import models, operations
from ledger.compliance.queries.allocating import entitlements_of
from ledger.compliance.queries.facts import entities_of, steps_until
from ledger.compliance.queries.regimes import get_regime
from ledger.compliance.rules.allocation import Entitlement
from ledger.compliance.rules.obligations import RecordedSince
from ledger.compliance.rules.standing import Fact, apply
from ledger.compliance.states import AllocationStep as Step
from ledger.compliance.states import FactKind
from ledger.imports import queries as imports
from ledger.imports.operations import RowProblem, SchemeChoice
from ledger.imports.queries import ImportView, stream
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.errors import N_, DomainError

VERIFIED, ALLOCATED = "VERIFIED", "ALLOCATED"
FINAL = "FINAL"
TABLE = re.compile(r"_(NER|NAT|NAVAT)_")  # the registry names its tables in the file's name
# code → (column, message, blocks)
SAID: Mapping[str, tuple[str, str, bool]] = {
    "not_of_a_year": (
        "act",
        N_("This line (%(act)s) moves units; it comes in by the ledger of units."),
        False,
    ),
    "no_entity": (
        "account",
        N_("You have no regulated entity %(number)s under a trading system of %(scheme)s."),
        True,
    ),
    "year_missing": ("year", N_("The line names no year."), True),
    "not_in_tonnes": ("measure", N_("Emissions and allocations are in t, not in %(found)s."), True),
    "said_twice": ("", N_("Row %(earlier)s says it of the same year already."), True),
    "known_already": ("quantity", N_("The books say so of %(year)s already."), False),
    "replaces": (
        "quantity",
        N_("The books say %(before)s of %(year)s; this is recorded as a later fact."),
        False,
    ),
}
Progress = Callable[[int, int, str], None]
Entities = Mapping[tuple[str, str], models.Entity]


@dataclass(frozen=True, slots=True)
class _Line:
    """What one line states of an entity's year."""

    row_number: int
    line: int
    act: str
    scheme: str
    number: str
    part: str
    year: int | None
    quantity: int
    measure: str
    table: str
    step: Step

    @property
    def place(self) -> tuple[Any, ...]:
        """What may be told once in a file."""
        what = self.part if self.act == VERIFIED else (self.table, self.step)
        return self.scheme, self.number, self.year, self.act, what


def _lines(view: ImportView) -> Iterator[_Line]:
    named = TABLE.search(view.file_name)
    rows = f"SELECT row_number, line, record FROM ({imports.STANDING_ROWS}) AS f ORDER BY 1, 2"  # noqa: S608
    for row_number, line, told in stream(rows, {"import": view.id}):
        record = told if isinstance(told, dict) else json.loads(told)
        number = record.get("account", "")
        yield _Line(
            row_number=row_number,
            line=line,
            act=record["act"],
            scheme=record.get("scheme", ""),
            number=number,
            part=record.get("project_code", "") or number,
            year=record.get("vintage_year"),
            quantity=record["quantity"],
            measure=record.get("measure", "t"),
            table=named[1] if named else (record.get("reason", "") or FINAL)[:20],
            step=Step(record.get("extra", {}).get("step", Step.ALLOCATED)),
        )


def _entities(view: ImportView) -> Entities:
    """The party's own, by the allowances of their trading system and their number there."""
    return {
        (scheme, entity.code): entity
        for entity in entities_of(view.party_id)
        for scheme in get_regime(entity.regime_id).allowances
    }


def _is_told(one: _Line, entities: Entities) -> bool:
    is_of_a_year = one.act in {VERIFIED, ALLOCATED} and one.year is not None
    return is_of_a_year and one.measure == "t" and (one.scheme, one.number) in entities


@dataclass(slots=True)
class _Change:
    """What is to be recorded of one entity and year; `before`: what the books say."""

    entity: models.Entity
    year: int
    act: str
    table: str
    step: Step
    parts: dict[str, int]
    rows: list[tuple[int, int]]
    before: int | None = None

    @property
    def total(self) -> int:
        return sum(self.parts.values())

    @property
    def is_known(self) -> bool:
        return self.before == self.total


def _changes(view: ImportView, at: datetime) -> list[_Change]:
    """In the order of the file's years; verified emissions of one year together."""
    entities = _entities(view)
    found: dict[tuple[Any, ...], _Change] = {}
    for one in _lines(view):
        if not _is_told(one, entities):
            continue
        entity = entities[one.scheme, one.number]
        table, step = ("", Step.ALLOCATED) if one.act == VERIFIED else (one.table, one.step)
        key = (entity.code, one.year, one.act, table, step)
        change = found.setdefault(key, _Change(entity, one.year or 0, one.act, table, step, {}, []))
        change.parts.setdefault(one.part, one.quantity)
        change.rows.append((one.row_number, one.line))
    for change in found.values():
        change.before = _in_the_books(change, at)
    return [found[key] for key in sorted(found, key=str)]


def _in_the_books(change: _Change, at: datetime) -> int | None:
    if change.act == VERIFIED:
        regime = get_regime(change.entity.regime_id)
        state = steps_until(change.entity, at, regime=regime)[-1].state
        return state.emissions.get(change.year)
    told = _entitlement(change)
    if told is None:
        return None
    return told.entitlement if change.step is Step.ENTITLED else told.net


def _entitlement(change: _Change) -> Entitlement | None:
    rows = models.Allocation.objects.filter(
        entity=change.entity, year=change.year, table=change.table
    )
    return next(iter(entitlements_of(rows)), None)


# --- the check


def check(import_id: UUID) -> Iterator[RowProblem]:
    """Every line that can be no fact of an entity's year, and what would replace what is known."""
    view = imports.get_import(import_id)
    entities = _entities(view)
    first: dict[tuple[Any, ...], int] = {}
    for one in _lines(view):
        yield from _of_line(one, entities)
        if _is_told(one, entities) and first.setdefault(one.place, one.row_number) < one.row_number:
            yield _problem(one.row_number, one.line, "said_twice", earlier=first[one.place])
    for change in _changes(view, view.at):
        yield from _of_change(change, view.at)


def _of_line(one: _Line, entities: Entities) -> Iterator[RowProblem]:
    if one.act not in {VERIFIED, ALLOCATED}:
        yield _problem(one.row_number, one.line, "not_of_a_year", act=one.act)
        return
    if (one.scheme, one.number) not in entities:
        told = {"number": one.number, "scheme": one.scheme}
        yield _problem(one.row_number, one.line, "no_entity", **told)
    if one.year is None:
        yield _problem(one.row_number, one.line, "year_missing")
    if one.measure != "t":
        yield _problem(one.row_number, one.line, "not_in_tonnes", found=one.measure)


def _of_change(change: _Change, at: datetime) -> Iterator[RowProblem]:
    row, line = change.rows[0]
    if change.is_known:
        yield _problem(row, line, "known_already", year=change.year)
    elif change.before is not None:
        yield _problem(row, line, "replaces", year=change.year, before=change.before)
    if change.act != VERIFIED:
        return
    try:
        state = steps_until(change.entity, at, regime=get_regime(change.entity.regime_id))[-1].state
        apply(state, Fact(FactKind.EMISSIONS, change.year, change.total))
    except DomainError as refusal:
        yield RowProblem(row, "year", refusal.code, refusal.message, refusal.params, True, line)


def _problem(row: int, line: int, code: str, **params: Any) -> RowProblem:
    column, message, blocks = SAID[code]
    return RowProblem(row, column, code, message, params, blocks, line)


def summarise(import_id: UUID) -> dict[str, Any]:
    """What would be recorded: facts by kind, trading system's units and year."""
    view = imports.get_import(import_id)
    sums: dict[tuple[str, str, int], list[int]] = {}
    for change in _changes(view, view.at):
        if change.is_known:
            continue
        scheme = get_regime(change.entity.regime_id).allowances[0]
        kind = change.act if change.step is Step.ALLOCATED else change.step.value
        told = sums.setdefault((kind, scheme, change.year), [0, 0])
        told[0] += 1
        told[1] += change.total
    return {
        "written": [
            {"kind": kind, "scheme": scheme, "vintage": year, "movements": n, "units": units}
            for (kind, scheme, year), (n, units) in sorted(sums.items())
        ]
    }


# --- taking in, and back


def commit(
    import_id: UUID, *, by: Actor, at: datetime, approval_id: UUID | None, progress: Progress
) -> dict[str, Any]:
    """Record what the file states of each year, all or nothing.

    :raises DomainError: as the operations that record it
    """
    view = imports.get_import(import_id)
    made: dict[str, list[str]] = {"facts": [], "allocations": []}
    changes = [one for one in _changes(view, at) if not one.is_known]
    for done, change in enumerate(changes, 1):
        if change.act == VERIFIED:
            made["facts"].append(_record_emissions(change, view, by=by, at=at))
        else:
            made["allocations"].append(_record_allocation(change, view, by=by, at=at))
        progress(done, len(changes), "")
    return made


def _evidence(change: _Change, view: ImportView) -> str:
    rows = ", ".join(str(row) for row, _line in change.rows[:20])
    return f"{view.file_name[:200]}: {rows}"


def _record_emissions(change: _Change, view: ImportView, *, by: Actor, at: datetime) -> str:
    """The registry's own record of what was verified; its bytes are what the hash is of."""
    fact = operations.record_emissions(
        entity_id=change.entity.pk,
        year=change.year,
        parts={part: Decimal(tonnes) for part, tonnes in change.parts.items()},
        purpose="ETS",
        verification=view.file_name[:120],
        content_hash=view.sha256,
        evidence=_evidence(change, view),
        told_on=view.as_of,
        by=by,
        at=at,
    )
    return str(fact.pk)


def _record_allocation(change: _Change, view: ImportView, *, by: Actor, at: datetime) -> str:
    """The file states a sum: what it is more or less than the books is what happened since."""
    difference = change.total - (change.before or 0)
    step = change.step
    if difference < 0:
        step = Step.CUT if step is Step.ENTITLED else Step.RETURNED
    made = operations.record_allocation(
        entity_id=change.entity.pk, year=change.year, step=step, table=change.table,
        unit_count=abs(difference), evidence=_evidence(change, view), by=by, at=at,
    )  # fmt: skip
    return str(made.pk)


BACK = {
    Step.ALLOCATED: Step.REVERSED,
    Step.RETURNED: Step.ALLOCATED,
    Step.ENTITLED: Step.CUT,
    Step.CUT: Step.ENTITLED,
}


def undo(
    import_id: UUID, *, by: Actor, at: datetime, reason: str, progress: Progress
) -> dict[str, Any]:
    """Take back what the import recorded, by later facts that say what the books said before.

    :raises RecordedSince: a year has emissions that were recorded after it
    :raises MoreThanAllocated: of what it allocated some went back since
    """
    told = imports.get_import(import_id).result
    for pk in reversed(told.get("facts", [])):
        _take_back(models.Fact.objects.get(pk=pk), by=by, at=at, reason=reason)
    for pk in reversed(told.get("allocations", [])):
        row = models.Allocation.objects.get(pk=pk)
        operations.record_allocation(
            entity_id=row.entity_id, year=row.year, step=BACK[Step(row.step)], table=row.table,
            unit_count=row.unit_count, evidence=reason[:300], by=by, at=at,
        )  # fmt: skip
    return {name: len(told.get(name, [])) for name in ("facts", "allocations")}


def _take_back(fact: models.Fact, *, by: Actor, at: datetime, reason: str) -> None:
    told = models.Fact.objects.filter(
        entity=fact.entity_id, kind=FactKind.EMISSIONS, year=fact.year
    ).order_by("-recorded_at", "-id")
    newest, before = (*told[:2], None)[:2]
    if newest != fact or fact.year is None:
        raise RecordedSince(year=fact.year)
    common: dict[str, Any] = {
        "entity_id": fact.entity_id, "year": fact.year, "told_on": fact.told_on, "reason": reason,
        "by": by, "at": at,
    }  # fmt: skip
    if before is None or before.tonnes is None:
        operations.withdraw_emissions(**common)
        return
    operations.record_emissions(
        **common,
        parts={part: Decimal(tonnes) for part, tonnes in before.parts.items()},
        purpose=before.purpose,
        verification=before.verification,
        content_hash=before.content_hash,
        evidence=before.evidence,
    )


def schemes_to_choose() -> list[SchemeChoice]:
    """Every scheme, by its name in the reader's language."""
    return [
        SchemeChoice(one.code, str(one), one.registry_id, one.measure, (one.name_zh, one.name_en))
        for one in instruments.schemes()
    ]


__all__ = ["check", "commit", "schemes_to_choose", "summarise", "undo"]
