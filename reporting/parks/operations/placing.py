"""What stands in a park within the park, from a day: a source, or all that is a tenant's."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from reporting.parks import models, queries, rules
from reporting.parks.operations.registering import record
from reporting.parks.states import BoundaryKind


@operation
def place_within(
    *,
    boundary_id: UUID,
    valid_from: date,
    by: Actor,
    at: datetime,
    source_id: UUID | None = None,
    tenant_code: str = "",
) -> UUID:
    """Say that a source, or a tenant with all its sources, stands in a park within the park.

    From the first day of a month, or from the day on which the boundary is drawn: each month
    counts where its source stood on the first day. A source's own place comes before its tenant's.

    :raises NotFound: the boundary, source or tenant is not there or not the actor's
    :raises NotAnInnerPark, AlreadyEnded, BeforeTheBoundary, NotAFirstDay: as they say
    :raises StandsElsewhere: no two parks within a park share anything
    :raises FrozenDependsOnIt: an inventory of the park within the park is frozen to a later day
    """
    boundary = models.Boundary.objects.select_for_update().filter(pk=boundary_id).first()
    if boundary is None:
        raise NotFound
    queries.get_park(boundary.park_id, by)
    _check_boundary(boundary, valid_from)
    _check_known(boundary.park_id, source_id, tenant_code)
    _check_free(boundary.park_id, source_id, tenant_code, valid_from)
    for name in {boundary.name, _where_now(boundary.park_id, source_id, valid_from)} - {""}:
        reach = queries.inner_frozen_reach(boundary.park_id, name)
        rules.check_after_frozen(valid_from, reach)
    told: dict[str, Any] = {"source_id": source_id, "tenant_code": tenant_code}
    return place(boundary, **told, valid_from=valid_from, by=by, at=at).pk


def place(
    boundary: models.Boundary,
    *,
    source_id: UUID | None,
    tenant_code: str,
    valid_from: date,
    by: Actor,
    at: datetime,
) -> models.BoundaryMember:
    """The row and its event."""
    member = models.BoundaryMember.objects.create(
        park_id=boundary.park_id,
        boundary=boundary,
        source_id=source_id,
        tenant_code=tenant_code,
        valid_from=valid_from,
    )
    record("boundary_member.placed", member, by, at)
    return member


def _check_boundary(boundary: models.Boundary, valid_from: date) -> None:
    if boundary.kind != BoundaryKind.SUB_PARK:
        raise rules.NotAnInnerPark(name=boundary.name)
    if boundary.valid_to is not None:
        raise rules.AlreadyEnded(name=boundary.name, day=boundary.valid_to.isoformat())
    if valid_from < boundary.valid_from:
        raise rules.BeforeTheBoundary(name=boundary.name, day=boundary.valid_from.isoformat())
    if valid_from != boundary.valid_from:
        rules.check_first_day(valid_from)


def _where_now(park_id: UUID, source_id: UUID | None, day: date) -> str:
    """In which park within the park a source stands already, with its tenant."""
    if source_id is None:
        return ""
    source = models.Source.objects.select_related("tenant").get(pk=source_id)
    if source.tenant is None:
        return ""
    return queries.places_of(park_id).tenant_in(source.tenant.code, day)


def _check_known(park_id: UUID, source_id: UUID | None, tenant_code: str) -> None:
    """:raises NotFound: neither or both are told, or it is not of this park"""
    sources = models.Source.objects.filter(park_id=park_id)
    tenants = models.Tenant.objects.filter(park_id=park_id)
    known = [
        source_id is not None and sources.filter(pk=source_id).exists(),
        bool(tenant_code) and tenants.filter(code=tenant_code).exists(),
    ]
    if not any(known) or bool(source_id) == bool(tenant_code):
        raise NotFound


def _check_free(park_id: UUID, source_id: UUID | None, tenant_code: str, valid_from: date) -> None:
    """:raises StandsElsewhere: in this or in another park within the park"""
    same = models.BoundaryMember.objects.filter(park_id=park_id, tenant_code=tenant_code)
    same = same.filter(source_id=source_id) if source_id else same.filter(source=None)
    later = same.exclude(valid_to__lte=valid_from).select_related("boundary", "source").first()
    if later is not None:
        what = later.source.code if later.source else later.tenant_code
        raise rules.StandsElsewhere(what=what, where=later.boundary.name)
