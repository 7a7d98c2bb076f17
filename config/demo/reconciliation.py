"""Registries' statements, held against the books: one with breaks to work on, one that agrees."""

import io
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from config.demo.people import Cast
from ledger.imports import operations as imports
from ledger.kernel.actors import SYSTEM, Actor
from ledger.reconciliation import operations as reconciliation
from ledger.reconciliation import queries
from ledger.units import queries as units


def load(
    facts: Mapping[str, Any],
    *,
    folder: Path,
    account_id: UUID,
    cast: Cast,
    year: int,
    on: date,
    at: datetime,
) -> None:
    """Import the statement as its people would, compare it, and take one break up."""
    manager = cast.actors["CARBON_MANAGER"]
    uploaded = imports.upload_file(
        content=io.BytesIO(_text(folder / facts["file"], year).encode()),
        name=f"VCU-{on:%Y%m%d}.csv",
        target="statement",
        as_of=on,
        account_id=account_id,
        is_one_account=True,
        layout=facts["layout"],
        by=manager,
        at=at,
    )
    _take_in(uploaded.import_id, account_id, by=manager, at=at)
    _take_up(facts, cast=cast, at=at)


def _take_in(import_id: UUID, account_id: UUID, *, by: Actor, at: datetime) -> None:
    """What the worker will find done."""
    imports.run_stage(import_id=import_id, progress=_quiet, at=at)
    imports.commit_import(import_id=import_id, by=by, at=at)
    imports.run_commit(import_id=import_id, progress=_quiet, at=at)
    for statement_id in queries.statements_to_compare(account_id):
        reconciliation.compare_statement(statement_id=statement_id, by=SYSTEM, at=at)


COLUMNS = {"scheme": "配额品种", "vintage_year": "配额年度", "state": "状态", "quantity": "数量"}
STATES = {"FREE": "可用", "RESERVED": "可用", "PLEDGED": "质押", "FROZEN": "冻结"}


def load_agreeing(
    facts: Mapping[str, Any], *, account_id: UUID, cast: Cast, on: date, at: datetime
) -> None:
    """A statement that agrees with the books, read by a mapping of the park's own."""
    manager = cast.actors["CARBON_MANAGER"]
    spec = {"act": "HELD", "measure": "t", "columns": COLUMNS}
    kept = imports.save_mapping(name=facts["mapping"], content=spec, by=manager, at=at)
    uploaded = imports.upload_file(
        content=io.BytesIO(_holdings(account_id).encode()),
        name=f"CEA-{on:%Y%m%d}.csv",
        target="statement",
        as_of=on,
        account_id=account_id,
        is_one_account=True,
        mapping_id=kept.pk,
        by=manager,
        at=at,
    )
    _take_in(uploaded.import_id, account_id, by=manager, at=at)


def _holdings(account_id: UUID) -> str:
    """As the registry would write it: by vintage and state; what only we reserved is free there."""
    found: dict[tuple[str, int, str], int] = {}
    for one in units.positions_in([account_id]):
        if one.state in STATES and one.unit_count > 0:
            key = one.scheme, one.vintage_year, STATES[one.state]
            found[key] = found.get(key, 0) + one.unit_count
    lines = [",".join(COLUMNS.values())]
    lines += [f"{scheme},{year},{state},{count}" for (scheme, year, state), count in
              sorted(found.items())]  # fmt: skip
    return "\n".join(lines) + "\n"


def _text(file: Path, year: int) -> str:
    """The export; `<Y2>` is the year two before the demonstration's."""
    text = file.read_text("utf-8")
    for back in (1, 2, 3):
        text = text.replace(f"<Y{back}>", str(year - back))
    return text


def _quiet(done: int, total: int, note: str = "") -> None:
    """Nobody watches."""


def _take_up(facts: Mapping[str, Any], *, cast: Cast, at: datetime) -> None:
    manager = cast.actors["CARBON_MANAGER"]
    found = queries.breaks_of(manager.own_party).get(first_serial=facts["taken_up"])
    reconciliation.assign_breaks(break_ids=[found.pk], owner_id=manager.user_id, by=manager, at=at)
    reconciliation.add_note(break_id=found.pk, text=facts["comment"], by=manager, at=at)
