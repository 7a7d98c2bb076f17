"""Short set-ups: a manager with accounts, a file read, taken in."""

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from ledger.accounts import operations as accounts
from ledger.imports import operations as imports
from ledger.imports.models import Import
from ledger.instruments import operations as instruments
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.ids import new_id
from ledger.parties import operations as parties

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
DAY = date(2026, 1, 5)
SPEC: Mapping[str, Any] = {
    "act": "ISSUED",
    "scheme": "VCS",
    "measure": "t",
    "columns": {
        "quantity": "units",
        "vintage_year": "vintage",
        "project_code": "project",
        "serial": "serial",
        "happened_on": "day",
    },
    "key": ["serial"],
    "registry": "VERRA",
}
HEADINGS = "project,vintage,units,serial,day\n"


def still(done: int, total: int, note: str = "") -> None:
    """Nobody watches the progress."""


def manager() -> Actor:
    """Of a party of her own; the schemes are loaded."""
    instruments.load_schemes(by=SYSTEM, at=NOON)
    party = parties.register_party(
        kind="COMPANY", name_zh="进口企业", name_en="Importer", uscc="", region="110000",
        by=SYSTEM, at=NOON,
    )  # fmt: skip
    roles = frozenset({Role.CARBON_MANAGER, Role.APPROVER})
    return Actor(user_id=new_id(), party_id=party.pk, roles=roles)


def account(by: Actor, *, registry: str = "VERRA", number: str = "") -> UUID:
    return accounts.open_account(
        holder_id=by.own_party, type="HOLDING", registry=registry,
        number=number or f"{registry}-{by.own_party.hex[-6:]}", by=by, at=NOON,
    ).pk  # fmt: skip


def spec(act: str, **changes: Any) -> dict[str, Any]:
    return {**SPEC, "act": act, **changes}


def read(
    lines: str | bytes,
    *,
    by: Actor,
    account_id: UUID | None,
    act: str = "ISSUED",
    content: Mapping[str, Any] | None = None,
    layout: str = "",
    name: str = "file.csv",
    is_one_account: bool = False,
) -> Import:
    """A file uploaded and checked; by a layout, or by a mapping of the usual columns."""
    body = lines if isinstance(lines, bytes) else (HEADINGS + lines).encode()
    mapping_id = None
    if not layout:
        # the same mapping for the same content: a longer export continues an earlier one
        mapping_id = _mapping(dict(content or spec(act)), by=by)
    made = imports.upload_file(
        content=io.BytesIO(body), name=name, target="units", as_of=DAY, account_id=account_id,
        is_one_account=is_one_account, mapping_id=mapping_id, layout=layout, by=by, at=NOON,
    )  # fmt: skip
    return check(made.import_id)


def _mapping(content: dict[str, Any], *, by: Actor) -> UUID:
    from ledger.imports.mapping import Spec
    from ledger.imports.models import Mapping as Kept

    content = Spec.from_json(content).to_json()
    found = Kept.objects.filter(party_id=by.party_id, content=content).first()
    if found is not None:
        return found.pk
    return imports.save_mapping(
        name=f"{content['act']} {new_id()}", content=content, by=by, at=NOON
    ).pk


def check(import_id: UUID) -> Import:
    imports.run_stage(import_id=import_id, progress=still, at=NOON)
    return Import.objects.get(pk=import_id)


def take_in(row: Import, *, by: Actor) -> Import:
    """:raises DomainError: refused; nothing was written"""
    imports.commit_import(import_id=row.pk, by=by, at=NOON)
    imports.run_commit(import_id=row.pk, progress=still, at=NOON)
    return Import.objects.get(pk=row.pk)


def undo(row: Import, *, by: Actor) -> Import:
    """:raises DomainError: refused; nothing was reversed"""
    imports.undo_import(import_id=row.pk, reason="wrong file", by=by, at=NOON)
    imports.run_undo(import_id=row.pk, progress=still, at=NOON)
    return Import.objects.get(pk=row.pk)


def taken_in_with_a_line_set_aside() -> None:
    by = manager()
    lines = "P1,2022,100,A-1 to 100,2023-01-05\nP1,2022,50,A-90 to 139,2023-02-05\n"
    row = read(lines, by=by, account_id=account(by))
    imports.set_aside_lines(import_id=row.pk, lines=[(3, 1)], reason="a misprint", by=by, at=NOON)
    take_in(check(row.pk), by=by)
