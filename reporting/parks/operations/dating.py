"""Boundaries and tenants dated anew: the old version ends, the next begins. Nothing is edited."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from reporting.parks import models, queries, rules
from reporting.parks.operations.placing import place
from reporting.parks.operations.registering import end_members, record


def _standing(model: Any, item_id: UUID, valid_from: date, by: Actor) -> Any:
    """The row that a newer one takes the place of, locked.

    :raises NotFound: not there, or not the actor's
    :raises AlreadyEnded, EndsBeforeItStarts, FrozenDependsOnIt: as they say
    """
    row = model.objects.select_for_update().filter(pk=item_id).first()
    if row is None:
        raise NotFound
    queries.get_park(row.park_id, by)
    if row.valid_to is not None:
        raise rules.AlreadyEnded(name=str(row), day=row.valid_to.isoformat())
    rules.check_dated(row.valid_from, valid_from)
    rules.check_after_frozen(valid_from, queries.frozen_reach(row.park_id))
    return row


def _end(row: Any, verb: str, valid_to: date, by: Actor, at: datetime) -> None:
    row.valid_to = valid_to
    row.save(update_fields=["valid_to"])
    record(verb, row, by, at)


@operation
def redraw_boundary(
    *,
    boundary_id: UUID,
    valid_from: date,
    by: Actor,
    at: datetime,
    name: str = "",
    description_zh: str = "",
    description_en: str = "",
) -> UUID:
    """From a day something else belongs to the park, or to the park within it. What stood in the
    park within the park stands in it still.

    :raises NotFound: not there, or not the actor's
    :raises AlreadyEnded, EndsBeforeItStarts, FrozenDependsOnIt: as they say
    """
    old = _standing(models.Boundary, boundary_id, valid_from, by)
    stood = end_members(old, valid_from, by, at)
    _end(old, "boundary.ended", valid_from, by, at)
    new = models.Boundary.objects.create(
        park_id=old.park_id,
        kind=old.kind,
        name=name or old.name,
        description_zh=description_zh,
        description_en=description_en,
        valid_from=valid_from,
    )
    record("boundary.redrawn", new, by, at)
    for one in stood:
        told: dict[str, Any] = {"source_id": one.source_id, "tenant_code": one.tenant_code}
        place(new, **told, valid_from=valid_from, by=by, at=at)
    return new.pk


@operation
def change_terms(
    *,
    tenant_id: UUID,
    valid_from: date,
    equity_share: Decimal,
    has_operational_control: bool,
    has_financial_control: bool,
    by: Actor,
    at: datetime,
) -> UUID:
    """From the first day of a month a tenant counts by another share, or under other control.

    Its sources stay its own: each month counts by the terms that stood on its first day.

    :raises NotFound: not there, or not the actor's
    :raises NotAFirstDay, ShareOutOfRange: as they say
    :raises AlreadyEnded, EndsBeforeItStarts, FrozenDependsOnIt: as they say
    """
    rules.check_first_day(valid_from)
    rules.check_share(equity_share)
    old = _standing(models.Tenant, tenant_id, valid_from, by)
    _end(old, "tenant.ended", valid_from, by, at)
    new = models.Tenant.objects.create(
        park_id=old.park_id,
        party_id=old.party_id,
        code=old.code,
        name_zh=old.name_zh,
        name_en=old.name_en,
        equity_share=equity_share,
        has_operational_control=has_operational_control,
        has_financial_control=has_financial_control,
        valid_from=valid_from,
    )
    record("tenant.terms_changed", new, by, at)
    return new.pk
