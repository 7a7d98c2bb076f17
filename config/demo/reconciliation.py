"""A registry's statement of one account, taken in and held against the books: breaks to work on."""

import io
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from config.demo.people import Cast
from ledger.imports import operations as imports
from ledger.kernel.actors import SYSTEM
from ledger.reconciliation import operations as reconciliation
from ledger.reconciliation import queries


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
    # what the worker will find done
    imports.run_stage(import_id=uploaded.import_id, progress=_quiet, at=at)
    imports.commit_import(import_id=uploaded.import_id, by=manager, at=at)
    imports.run_commit(import_id=uploaded.import_id, progress=_quiet, at=at)
    for statement_id in queries.statements_to_compare(account_id):
        reconciliation.compare_statement(statement_id=statement_id, by=SYSTEM, at=at)
    _take_up(facts, cast=cast, at=at)


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
