"""Writing what a park is made of. Every row is sealed by the event that made it."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models as django_models

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.measures import Measure
from ledger.kernel.quantities import Quantity
from reporting.parks import models, queries, rules
from reporting.parks.states import BoundaryKind, SourceKind


def record(verb: str, row: django_models.Model, by: Actor, at: datetime) -> None:
    """The event that seals a row of this room."""
    subject = f"parks.{type(row).__name__}:{row.pk}"
    audit.record(verb=verb, subject=subject, by=by, at=at, data={"row": queries.row_facts(row)})


def _check_code_free(rows: Any, code: str) -> None:
    if rows.filter(code=code).exists():
        raise rules.CodeTaken(code=code)


def _check_days_free(rows: Any, valid_from: date, valid_to: date | None) -> None:
    """:raises DatesOverlap: one of these rows stands on one of the days"""
    later = rows.exclude(valid_to__lte=valid_from)
    row = (later.filter(valid_from__lt=valid_to) if valid_to else later).first()
    if row is not None:
        raise rules.DatesOverlap(name=str(row))


@operation
def register_park(
    *,
    code: str,
    name_zh: str,
    province: str,
    by: Actor,
    at: datetime,
    operator_id: UUID | None = None,
    name_en: str = "",
    address: str = "",
    description_zh: str = "",
    description_en: str = "",
) -> queries.ParkView:
    """Enter a park of the actor's party (a machine names the operator). Its grid region follows.

    :raises UnknownProvince: not a GB/T 2260 province code
    :raises CodeTaken: a park has this code
    """
    operator = operator_id if by.is_machine else by.party_id
    if operator is None:
        raise NotFound
    _check_code_free(models.Park.objects, code)
    park = models.Park.objects.create(
        operator_id=operator,
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        province=province,
        region=rules.region_of(province),
        address=address,
        description_zh=description_zh,
        description_en=description_en,
        registered_at=at,
        registered_by=by.user_id,
    )
    record("park.registered", park, by, at)
    return queries.get_park(park.pk)


@operation
def draw_boundary(
    *,
    park_id: UUID,
    kind: BoundaryKind,
    name: str,
    valid_from: date,
    by: Actor,
    at: datetime,
    valid_to: date | None = None,
    description_zh: str = "",
    description_en: str = "",
) -> UUID:
    """Say what belongs to the park from a day: the whole, or a park within it.

    :raises NotFound: the park is not there or not the actor's
    :raises EndsBeforeItStarts, DatesOverlap: the dates
    """
    queries.get_park(park_id, by)
    rules.check_dated(valid_from, valid_to)
    same = models.Boundary.objects.filter(park_id=park_id, kind=kind)
    if kind == BoundaryKind.SUB_PARK:
        same = same.filter(name=name)
    _check_days_free(same, valid_from, valid_to)
    boundary = models.Boundary.objects.create(
        park_id=park_id,
        kind=kind,
        name=name,
        description_zh=description_zh,
        description_en=description_en,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    record("boundary.drawn", boundary, by, at)
    return boundary.pk


@operation
def admit_tenant(
    *,
    park_id: UUID,
    code: str,
    name_zh: str,
    valid_from: date,
    by: Actor,
    at: datetime,
    name_en: str = "",
    party_id: UUID | None = None,
    equity_share: Decimal = Decimal(1),
    has_operational_control: bool = True,
    has_financial_control: bool = True,
    valid_to: date | None = None,
) -> UUID:
    """Enter a tenant and how much of it counts when the park consolidates (R5.2).

    :raises NotFound: the park is not there or not the actor's
    :raises CodeTaken, EndsBeforeItStarts, ShareOutOfRange: as they say
    """
    queries.get_park(park_id, by)
    rules.check_dated(valid_from, valid_to)
    rules.check_share(equity_share)
    _check_code_free(models.Tenant.objects.filter(park_id=park_id), code)
    tenant = models.Tenant.objects.create(
        park_id=park_id,
        party_id=party_id,
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        equity_share=equity_share,
        has_operational_control=has_operational_control,
        has_financial_control=has_financial_control,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    record("tenant.admitted", tenant, by, at)
    return tenant.pk


@operation
def add_source(
    *,
    park_id: UUID,
    code: str,
    name_zh: str,
    kind: SourceKind,
    carrier: str,
    unit: str,
    valid_from: date,
    by: Actor,
    at: datetime,
    name_en: str = "",
    tenant_id: UUID | None = None,
    valid_to: date | None = None,
) -> queries.SourceView:
    """Enter an emission source; category and scope follow from its kind.

    :raises NotFound: the park or tenant is not there or not the actor's
    :raises CodeTaken, EndsBeforeItStarts, UnknownMeasure: as they say
    """
    queries.get_park(park_id, by)
    rules.check_dated(valid_from, valid_to)
    _check_code_free(models.Source.objects.filter(park_id=park_id), code)
    if tenant_id and not models.Tenant.objects.filter(pk=tenant_id, park_id=park_id).exists():
        raise NotFound
    place = rules.PLACES[SourceKind(kind)]
    source = models.Source.objects.create(
        park_id=park_id,
        tenant_id=tenant_id,
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        kind=kind,
        carrier=carrier,
        unit=Measure.parse(unit).value,
        iso_category=place.category,
        subcategory=place.subcategory,
        scope=place.scope,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    record("source.added", source, by, at)
    return queries.get_source(source.pk)


@operation
def add_meter(
    *,
    source_id: UUID,
    number: str,
    valid_from: date,
    by: Actor,
    at: datetime,
    multiplier: Decimal = Decimal(1),
    unit: str = "",
    step_minutes: int | None = None,
    fed_by_id: UUID | None = None,
    replaces_id: UUID | None = None,
    valid_to: date | None = None,
) -> UUID:
    """Enter a meter of a source; readings times its multiplier are the activity.

    `unit`: what it is read in, if that is not what its source is recorded in. `fed_by_id`: the
    main meter that counts the same flow once more, further up.

    :raises NotFound: the source or the main meter is not there or not the actor's
    :raises CodeTaken, EndsBeforeItStarts, NotAMultiplier, NotAStep: as they say
    :raises UnknownMeasure, MeasureMismatch: its unit cannot be turned into the source's
    """
    source = queries.get_source(source_id)
    queries.get_park(source.park_id, by)
    rules.check_dated(valid_from, valid_to)
    rules.check_multiplier(multiplier)
    rules.check_step(step_minutes)
    if unit:
        one = Quantity(Decimal(1), Measure.parse(unit))
        one.to(source.measure)
        unit = one.measure.value
    if fed_by_id:
        queries.get_meter(fed_by_id, park_id=source.park_id)
    meters = models.Meter.objects.filter(source_id=source_id, number=number)
    if meters.filter(valid_from=valid_from).exists():
        raise rules.CodeTaken(code=number)
    meter = models.Meter.objects.create(
        source_id=source_id,
        number=number,
        multiplier=multiplier,
        unit=unit or None,
        step_minutes=step_minutes,
        fed_by_id=fed_by_id,
        replaces_id=replaces_id,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    record("meter.added", meter, by, at)
    return meter.pk


_DATED: Mapping[str, type[django_models.Model]] = {
    "boundary": models.Boundary,
    "boundary_member": models.BoundaryMember,
    "tenant": models.Tenant,
    "source": models.Source,
    "meter": models.Meter,
    "meter_part": models.MeterPart,
    "direct_supply": models.DirectSupply,
}


REPORTED = frozenset({"boundary", "tenant", "source"})  # an inventory tells of them by their dates


def _park_of(row: Any) -> UUID:
    if isinstance(row, models.MeterPart):
        row = row.virtual
    of_source = isinstance(row, models.Meter | models.DirectSupply)
    park_id: UUID = row.source.park_id if of_source else row.park_id
    return park_id


@operation
def end_validity(*, kind: str, item_id: UUID, valid_to: date, by: Actor, at: datetime) -> None:
    """Say from which day something dated no longer stands: a boundary, a tenant, a meter …

    :raises NotFound: not there, or not the actor's
    :raises EndsBeforeItStarts: the day is not after its start
    :raises FrozenDependsOnIt: a frozen inventory was made with it on later days

    With a park within the park ends that anything stands in it.
    """
    row: Any = _DATED[kind].objects.select_for_update().filter(pk=item_id).first()  # type: ignore[attr-defined]
    if row is None:
        raise NotFound
    park_id = _park_of(row)
    queries.get_park(park_id, by)
    rules.check_dated(row.valid_from, valid_to)
    if kind in REPORTED:
        rules.check_after_frozen(valid_to, queries.frozen_reach(park_id))
    if kind == "boundary_member":
        reach = queries.inner_frozen_reach(park_id, row.boundary.name)
        rules.check_after_frozen(valid_to, reach)
    if kind == "boundary":
        end_members(row, valid_to, by, at)
    row.valid_to = valid_to
    row.save(update_fields=["valid_to"])
    record(f"{kind}.ended", row, by, at)


def end_members(
    boundary: models.Boundary, valid_to: date, by: Actor, at: datetime
) -> list[models.BoundaryMember]:
    """Nothing stands in a boundary that is no more; what stood in it to the end."""
    standing = boundary.members.select_for_update(of=("self",)).filter(valid_to=None)
    members = list(standing.order_by("pk"))
    for one in members:
        rules.check_dated(one.valid_from, valid_to)
        one.valid_to = valid_to
        one.save(update_fields=["valid_to"])
        record("boundary_member.ended", one, by, at)
    return members
