"""Tables of tenants, sources and meters, taken in whole or not at all."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import DomainError
from reporting.parks import importer, queries
from reporting.parks.operations.placing import place_within
from reporting.parks.operations.registering import add_meter, add_source, admit_tenant


@operation
def import_rows(*, park_id: UUID, what: str, content: bytes, by: Actor, at: datetime) -> int:
    """Take in a table of "tenants", "sources" or "meters", whole or not at all; returns how many.

    :raises NotFound: the park is not there or not the actor's
    :raises TableNotReadable, HeadingsMissing: the file as a whole is no good
    :raises ImportHasProblems: lists every bad row
    """
    queries.get_park(park_id, by)
    take = {"tenants": _take_tenant, "sources": _take_source, "meters": _take_meter}[what]
    rows = importer.read_table(content, what)
    problems = []
    for number, cells in rows:
        try:
            with transaction.atomic():
                take(park_id, cells, by, at)
        except DomainError as refusal:
            found = importer.Problem(number, refusal.code, refusal.message, refusal.params)
            problems.append(found)
    if problems:
        raise importer.ImportHasProblems(problems)
    return len(rows)


def _take_tenant(park_id: UUID, cells: Mapping[str, str], by: Actor, at: datetime) -> None:
    valid_from = importer.day(cells, "valid_from")
    admit_tenant(
        park_id=park_id,
        **importer.names(cells),
        equity_share=importer.number(cells, "equity_share", Decimal(1)),
        has_operational_control=importer.yes(cells, "has_operational_control"),
        has_financial_control=importer.yes(cells, "has_financial_control"),
        valid_from=valid_from,
        by=by,
        at=at,
    )
    _place(park_id, cells, valid_from, by, at, tenant_code=cells["code"])


def _take_source(park_id: UUID, cells: Mapping[str, str], by: Actor, at: datetime) -> None:
    tenant = cells.get("tenant", "")
    found = {one.code: one.id for one in queries.tenants_of(park_id)} if tenant else {}
    if tenant and tenant not in found:
        raise importer.OddCell(text=tenant, column="tenant")
    valid_from = importer.day(cells, "valid_from")
    source = add_source(
        park_id=park_id,
        **importer.names(cells),
        kind=importer.kind(cells),
        carrier=cells["carrier"],
        unit=cells["unit"],
        tenant_id=found.get(tenant),
        valid_from=valid_from,
        by=by,
        at=at,
    )
    _place(park_id, cells, valid_from, by, at, source_id=source.id)


def _place(
    park_id: UUID,
    cells: Mapping[str, str],
    valid_from: date,
    by: Actor,
    at: datetime,
    *,
    source_id: UUID | None = None,
    tenant_code: str = "",
) -> None:
    """In the park within the park that the row names, for all the months that it has there."""
    name = cells.get("inner_park", "")
    if not name:
        return
    boundary = queries.find_inner_park(park_id, name)
    if boundary is None:
        raise importer.OddCell(text=name, column="inner_park")
    place_within(
        boundary_id=boundary.id,
        source_id=source_id,
        tenant_code=tenant_code,
        valid_from=max(valid_from.replace(day=1), boundary.valid_from),
        by=by,
        at=at,
    )


def _take_meter(park_id: UUID, cells: Mapping[str, str], by: Actor, at: datetime) -> None:
    source = queries.find_source(park_id, cells["source"])
    if source is None:
        raise importer.OddCell(text=cells["source"], column="source")
    add_meter(
        source_id=source.id,
        number=cells["number"],
        multiplier=importer.number(cells, "multiplier", Decimal(1)),
        valid_from=importer.day(cells, "valid_from"),
        by=by,
        at=at,
    )
