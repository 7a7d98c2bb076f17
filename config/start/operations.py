"""Founding the operator, and taking the files of the start in: each whole or not at all."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.db import transaction

from config.start.rules import SHEETS, AlreadyFounded, RowsRefused, read_sheet
from ledger.accounts import operations as accounts
from ledger.accounts import queries as account_queries
from ledger.doors.admin import refusal_text
from ledger.doors.operation import operation
from ledger.instruments import queries as instruments
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import DomainError, NotFound
from ledger.kernel.ids import new_id
from ledger.parties import operations as parties
from ledger.parties import queries as party_queries
from ledger.units import operations as units
from ledger.units import queries as unit_queries
from ledger.units.operations import LotFacts
from reporting.parks import operations as parks
from reporting.parks import queries as park_queries
from reporting.parks.states import SourceKind

Row = Mapping[str, str]
FIRST_ROW = 2  # row 1 is the heading


def found(
    *,
    name_zh: str,
    name_en: str,
    uscc: str,
    region: str,
    email: str,
    person: str,
    password: str,
    at: datetime,
    on: date,
) -> UUID:
    """Enter the operator and its administrator, who invites the others.

    :raises AlreadyFounded: there is an operator
    :raises OddUscc, OddRegion, EmailTaken, WeakPassword: as they say
    """
    with transaction.atomic():
        if party_queries.parties(kind="PARK_OPERATOR").exists():
            raise AlreadyFounded
        operator = parties.register_party(
            kind="PARK_OPERATOR", name_zh=name_zh, name_en=name_en, uscc=uscc, region=region,
            by=SYSTEM, at=at,
        )  # fmt: skip
        user = parties.set_up_user(email=email, name=person, password=password, by=SYSTEM, at=at)
        parties.grant_role(
            user_id=user.pk, party_id=operator.pk, role=Role.ADMINISTRATOR, valid_from=on,
            by=SYSTEM, at=at,
        )  # fmt: skip
    return operator.pk


def import_sheet(*, kind: str, content: bytes, by: Actor, at: datetime) -> int:
    """Take a file of the start in; how many rows it had. One bad row refuses them all.

    :raises RowsRefused: lists every bad row
    :raises NotText, ColumnMissing: the file as a whole is no good
    """
    rows = read_sheet(content, SHEETS[kind])
    problems: list[tuple[int, str]] = []
    with transaction.atomic():
        for number, row in enumerate(rows, start=FIRST_ROW):
            try:
                with transaction.atomic():
                    IMPORTS[kind](row, by, at)
            except DomainError as error:
                problems.append((number, refusal_text(error)))
            except (ValueError, InvalidOperation) as error:
                problems.append((number, str(error)))
        if problems:
            raise RowsRefused(problems)
    return len(rows)


def _party(row: Row, by: Actor, at: datetime) -> None:
    parties.register_party(**row, by=by, at=at)


def _park(row: Row, by: Actor, at: datetime) -> None:
    parks.register_park(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        province=row["province"],
        address=row["address"],
        by=by,
        at=at,
    )


def _park_id(row: Row) -> UUID:
    park = park_queries.find_park(row["park"])
    if park is None:
        raise NotFound(row["park"])
    return park.id


def _tenant(row: Row, by: Actor, at: datetime) -> None:
    parks.admit_tenant(
        park_id=_park_id(row),
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        equity_share=Decimal(row["equity_share"]),
        valid_from=date.fromisoformat(row["valid_from"]),
        by=by,
        at=at,
    )


def _source(row: Row, by: Actor, at: datetime) -> None:
    since = date.fromisoformat(row["valid_from"])
    source = parks.add_source(
        park_id=_park_id(row),
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        kind=SourceKind(row["kind"]),
        carrier=row["carrier"],
        unit=row["unit"],
        valid_from=since,
        by=by,
        at=at,
    )
    if row["meter"]:
        parks.add_meter(source_id=source.id, number=row["meter"], valid_from=since, by=by, at=at)


def _account(row: Row, by: Actor, at: datetime) -> None:
    accounts.open_account(holder_id=by.own_party, **row, by=by, at=at)


IMPORTS: Mapping[str, Callable[[Row, Actor, datetime], None]] = {
    "parties": _party,
    "parks": _park,
    "tenants": _tenant,
    "sources": _source,
    "accounts": _account,
}


def read_positions(content: bytes, *, by: Actor) -> list[dict[str, Any]]:
    """The opening positions of a file as an approval's payload; nothing is written.

    :raises RowsRefused: unknown accounts or schemes, numbers that are none
    """
    made, problems = [], []
    for number, row in enumerate(read_sheet(content, SHEETS["positions"]), start=FIRST_ROW):
        try:
            made.append(_position(row, by))
        except DomainError as error:
            problems.append((number, refusal_text(error)))
        except ValueError as error:
            problems.append((number, str(error)))
    if problems:
        raise RowsRefused(problems)
    return made


def _position(row: Row, by: Actor) -> dict[str, Any]:
    own = {one.number: one for one in account_queries.accounts_of(by.own_party)}
    if row["account"] not in own:
        raise NotFound(row["account"])
    scheme = instruments.get_scheme(row["scheme"])
    count = int(row["units"])
    first = int(row["first_serial"]) if row["first_serial"] else None
    if scheme.has_serials != (first is not None) or count <= 0:
        raise ValueError(row["lot"])
    return {
        "account": str(own[row["account"]].pk),
        "registry": own[row["account"]].registry_id,
        "lot": row["lot"],
        "scheme": scheme.code,
        "vintage_year": int(row["vintage_year"]),
        "units": count,
        "prefix": row["prefix"],
        "first_serial": first,
    }


@operation
def take_opening_positions(
    *, positions: list[Mapping[str, Any]], evidence: str, by: Actor, at: datetime, on: date
) -> int:
    """Issue what was held before this ledger began, out of a source account of each registry."""
    for one in positions:
        _open_position(one, evidence=evidence, by=by, at=at, on=on)
    return len(positions)


def _open_position(
    one: Mapping[str, Any], *, evidence: str, by: Actor, at: datetime, on: date
) -> None:
    registry = str(one["registry"])
    source = account_queries.find_account(registry=registry, number=f"OPENING-{registry}")
    if source is None:
        source = accounts.open_account(
            holder_id=by.own_party, type="ISSUER", registry=registry,
            number=f"OPENING-{registry}", by=SYSTEM, at=at,
        )  # fmt: skip
    first = one["first_serial"]
    lot_id = units.open_lot(
        facts=LotFacts(
            code=one["lot"],
            scheme=one["scheme"],
            vintage_year=one["vintage_year"],
            space=None if first is None else (registry, one["scheme"], one["prefix"]),
        ),
        by=by,
        at=at,
    )
    units.issue_units(
        lot_id=lot_id,
        from_account_id=source.pk,
        to_account_id=UUID(one["account"]),
        unit_count=one["units"],
        ranges=() if first is None else ((first, first + one["units"] - 1),),
        happened_on=on,
        by=by,
        at=at,
        idempotency_key=f"opening-{new_id()}",
        reason=f"opening position, evidence {evidence}",
    )


def fingerprint(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What must not change before the approval: none of the lots exists yet."""
    codes = [one["lot"] for one in payload["positions"]]
    return {"existing": [code for code in codes if unit_queries.find_lot(code) is not None]}
