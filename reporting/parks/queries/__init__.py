"""What other rooms may ask about parks. Answers are frozen values, never rows to change."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Max, Model, Q, QuerySet

from ledger.audit import queries as audit
from ledger.doors.wording import in_language
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.kernel.measures import Measure
from ledger.kernel.periods import Period
from reporting.parks import models, rules
from reporting.parks.queries.placing import Places, inner_choices, inner_parks, places_of
from reporting.parks.states import BoundaryKind, PowerClass, SourceKind, Subcategory

__all__ = ["Places", "inner_choices", "inner_parks", "places_of"]


@dataclass(frozen=True, slots=True)
class ParkView:
    id: UUID
    operator_id: UUID
    code: str
    name_zh: str
    name_en: str
    province: str
    region: str
    address: str
    description_zh: str
    description_en: str


@dataclass(frozen=True, slots=True)
class BoundaryView:
    id: UUID
    kind: BoundaryKind
    name: str
    description_zh: str
    description_en: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class TenantView:
    id: UUID
    party_id: UUID | None
    code: str
    name_zh: str
    name_en: str
    equity_share: Decimal
    has_operational_control: bool
    has_financial_control: bool
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class SourceView:
    id: UUID
    park_id: UUID
    tenant_id: UUID | None
    code: str
    name_zh: str
    name_en: str
    kind: SourceKind
    carrier: str
    unit: str
    iso_category: int
    subcategory: Subcategory
    scope: int
    valid_from: date
    valid_to: date | None

    @property
    def pk(self) -> UUID:
        return self.id

    @property
    def measure(self) -> Measure:
        """What its activity is kept in."""
        return Measure.parse(self.unit)


@dataclass(frozen=True, slots=True)
class MeterView:
    id: UUID
    source_id: UUID
    source_code: str
    number: str
    multiplier: Decimal
    unit: Measure
    source_unit: Measure
    step_minutes: int
    fed_by_id: UUID | None
    replaces_id: UUID | None
    valid_from: date
    valid_to: date | None

    def stands_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def _park(row: models.Park) -> ParkView:
    return ParkView(**{name: getattr(row, name) for name in ParkView.__slots__})


def _boundary(row: models.Boundary) -> BoundaryView:
    values = {name: getattr(row, name) for name in BoundaryView.__slots__}
    return BoundaryView(**{**values, "kind": BoundaryKind(row.kind)})


def _tenant(row: models.Tenant) -> TenantView:
    return TenantView(**{name: getattr(row, name) for name in TenantView.__slots__})


def _source(row: models.Source) -> SourceView:
    values = {name: getattr(row, name) for name in SourceView.__slots__}
    kinds = {"kind": SourceKind(row.kind), "subcategory": Subcategory(row.subcategory)}
    return SourceView(**{**values, **kinds})


def _during(period: Period) -> Q:
    return Q(valid_from__lt=period.end) & (Q(valid_to=None) | Q(valid_to__gt=period.start))


def may_see(actor: Actor, operator_id: UUID) -> bool:
    """A park is its operator's; auditors, administrators and machines see all."""
    if actor.is_machine or actor.has(Role.AUDITOR, Role.ADMINISTRATOR):
        return True
    return actor.party_id == operator_id


def get_park(park_id: UUID, actor: Actor | None = None) -> ParkView:
    """The park; with an actor, only one that her party runs.

    :raises NotFound: not there, or not hers
    """
    row = models.Park.objects.filter(pk=park_id).first()
    if row is None or (actor is not None and not may_see(actor, row.operator_id)):
        raise NotFound
    return _park(row)


def find_park(code: str) -> ParkView | None:
    row = models.Park.objects.filter(code=code).first()
    return None if row is None else _park(row)


# Filled in by config/wiring.py: names of carriers by their codes, in the reader's language.
carrier_names: list[Callable[[], Mapping[str, str]]] = []


def carrier_words() -> Callable[[str], str]:
    """What a carrier is called; its code if nobody names it."""
    names = {code: name for told in carrier_names for code, name in told().items()}
    return lambda code: names.get(code, code)


def kind_names(park_id: UUID) -> list[tuple[str, str]]:
    """The kinds of source that a park has, with their words."""
    words = {str(value): str(word) for value, word in models.SourceKindChoice.choices}
    kinds = models.Source.objects.filter(park_id=park_id).order_by("kind").values_list("kind")
    return [(kind, words[kind]) for (kind,) in kinds.distinct()]


def part_names() -> dict[str, str]:
    """The parts of the categories in the reader's words."""
    return {str(value): str(word) for value, word in models.SubcategoryChoice.choices}


def park_choices(actor: Actor) -> list[tuple[str, str]]:
    """For a select: the code and the name of each park that the actor's party runs."""
    return [(park.code, shown_name(park)) for park in parks_of(actor.own_party)]


def shown_name(named: "ParkView | TenantView | SourceView") -> str:
    """A name in the reader's language, or in Chinese where there is no English one."""
    return in_language(named.name_zh, named.name_en)


def parks_of(operator_id: UUID) -> list[ParkView]:
    return [_park(row) for row in models.Park.objects.filter(operator_id=operator_id)]


def sources_of(park_id: UUID, period: Period | None = None) -> list[SourceView]:
    """The park's sources by code; with a period, those that stood on one of its days."""
    rows: QuerySet[models.Source] = models.Source.objects.filter(park_id=park_id)
    if period is not None:
        rows = rows.filter(_during(period))
    return [_source(row) for row in rows]


def find_source(park_id: UUID, code: str) -> SourceView | None:
    row = models.Source.objects.filter(park_id=park_id, code=code).first()
    return None if row is None else _source(row)


def get_source(source_id: UUID) -> SourceView:
    """:raises NotFound: no such source"""
    row = models.Source.objects.filter(pk=source_id).first()
    if row is None:
        raise NotFound
    return _source(row)


def tenants_of(park_id: UUID, period: Period | None = None) -> list[TenantView]:
    rows: QuerySet[models.Tenant] = models.Tenant.objects.filter(park_id=park_id)
    rows = rows.order_by("code", "valid_from")
    if period is not None:
        rows = rows.filter(_during(period))
    return [_tenant(row) for row in rows]


def terms_on(tenants: Sequence[TenantView], code: str, day: date) -> TenantView | None:
    """The terms under which a tenant of this code stands on a day; where there are none then, the
    nearest that there are.
    """
    own = sorted((one for one in tenants if one.code == code), key=lambda one: one.valid_from)
    if not own:
        return None
    began = [one for one in own if one.valid_from <= day]
    return began[-1] if began else own[0]


# Filled in by config/wiring.py: until when (exclusive) a park's frozen inventories reach; those of
# a park within it alone, where one is named.
frozen_until: list[Callable[[UUID], date | None]] = []
inner_frozen_until: list[Callable[[UUID, str], date | None]] = []


def frozen_reach(park_id: UUID) -> date | None:
    """The day up to which (exclusive) inventories of the park are frozen."""
    return max((day for told in frozen_until if (day := told(park_id))), default=None)


def inner_frozen_reach(park_id: UUID, inner: str) -> date | None:
    """The same of a park within the park, by its name."""
    reached = (told(park_id, inner) for told in inner_frozen_until)
    return max((day for day in reached if day), default=None)


def boundaries_of(park_id: UUID, period: Period) -> list[BoundaryView]:
    rows = models.Boundary.objects.filter(park_id=park_id).filter(_during(period))
    return [_boundary(row) for row in rows.order_by("kind", "valid_from")]


def find_inner_park(park_id: UUID, name: str) -> BoundaryView | None:
    """The park within the park of this name, as it stands."""
    rows = models.Boundary.objects.filter(park_id=park_id, kind=BoundaryKind.SUB_PARK, name=name)
    row = rows.filter(valid_to=None).first()
    return None if row is None else _boundary(row)


def meter_numbers(source_ids: Sequence[UUID], on: date) -> dict[UUID, list[str]]:
    """The meters of sources on a day."""
    found: dict[UUID, list[str]] = {}
    standing = Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gt=on))
    for row in models.Meter.objects.filter(source_id__in=source_ids).filter(standing):
        found.setdefault(row.source_id, []).append(row.number)
    return found


USUAL_STEP = 60  # minutes


def _meter(row: models.Meter) -> MeterView:
    return MeterView(
        id=row.pk,
        source_id=row.source_id,
        source_code=row.source.code,
        number=row.number,
        multiplier=row.multiplier,
        unit=Measure.parse(row.unit or row.source.unit),
        source_unit=Measure.parse(row.source.unit),
        step_minutes=row.step_minutes or USUAL_STEP,
        fed_by_id=row.fed_by_id,
        replaces_id=row.replaces_id,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _meters() -> QuerySet[models.Meter]:
    return models.Meter.objects.select_related("source")


def meters_of(park_id: UUID) -> list[MeterView]:
    """Every meter that the park has or had, by number."""
    return [_meter(row) for row in _meters().filter(source__park_id=park_id)]


def parks_of_meters() -> dict[UUID, UUID]:
    """In whose park each meter stands."""
    return dict(models.Meter.objects.values_list("pk", "source__park_id"))


def virtual_parts(park_id: UUID, period: Period) -> dict[UUID, list[tuple[MeterView, int]]]:
    """The virtual meters of a park: of which meters each is made, added (1) or taken off (-1)."""
    rows = models.MeterPart.objects.filter(virtual__source__park_id=park_id)
    known = {meter.id: meter for meter in meters_of(park_id)}
    found: dict[UUID, list[tuple[MeterView, int]]] = {}
    for row in rows.filter(_during(period)).order_by("part__number"):
        found.setdefault(row.virtual_id, []).append((known[row.part_id], row.sign))
    return found


def calibrated_until(park_id: UUID) -> dict[UUID, date]:
    """Until when (exclusive) each meter that was ever calibrated is so."""
    rows = models.Calibration.objects.filter(meter__source__park_id=park_id)
    return dict(rows.order_by("meter_id").values_list("meter_id").annotate(until=Max("valid_to")))


def supply_gaps(source_id: UUID, period: Period) -> list[str] | None:
    """What evidence of direct supply (R1.31) is missing through a period: [] when none is, None
    when nothing was ever recorded for all of it.
    """
    whole = Q(valid_from__lte=period.start) & (Q(valid_to=None) | Q(valid_to__gte=period.end))
    gaps = [
        rules.missing_evidence(
            {name: getattr(row, name) for name in rules.TOLD_EVIDENCE},
            has_user_meter=row.user_meter_id is not None,
        )
        for row in models.DirectSupply.objects.filter(source_id=source_id).filter(whole)
    ]
    return min(gaps, key=len, default=None)


def missing_words(told: Mapping[str, Any], *, has_user_meter: bool) -> list[str]:
    """What evidence of direct supply is missing, in the reader's words."""
    names = rules.missing_evidence(told, has_user_meter=has_user_meter)
    words = {field.name: str(field.verbose_name) for field in models.DirectSupply._meta.fields}
    return [words[name] for name in names]


def power_class(source: SourceView, period: Period) -> PowerClass:
    """Where a source's power counts through a period: without its evidence, direct power is the
    grid's. What certificates cover of the grid's is told by claims, not by the source.
    """
    if source.kind is SourceKind.SELF_GENERATED_POWER:
        return PowerClass.SELF_GENERATED
    if source.kind is SourceKind.DIRECT_GREEN_POWER and supply_gaps(source.id, period) == []:
        return PowerClass.DIRECT
    return PowerClass.GRID


def get_meter(meter_id: UUID, *, park_id: UUID) -> MeterView:
    """:raises NotFound: no such meter in this park"""
    row = _meters().filter(pk=meter_id, source__park_id=park_id).first()
    if row is None:
        raise NotFound
    return _meter(row)


def plain(number: Decimal) -> str:
    """A decimal without padding: the same text whatever the column adds to it."""
    digits = format(number, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def row_facts(row: Model) -> dict[str, Any]:
    """A row's columns as an event seals them."""
    facts = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {
        name: plain(value) if isinstance(value, Decimal) else value for name, value in facts.items()
    }


def sealed_rows(model: type[Model], room: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row of a table with the subject of its events."""
    for row in model._default_manager.iterator():
        yield f"{room}.{model.__name__}:{row.pk}", row_facts(row)


SEALED_BY = {
    models.Park: ("park.registered",),
    models.Boundary: ("boundary.drawn", "boundary.redrawn", "boundary.ended"),
    models.BoundaryMember: ("boundary_member.placed", "boundary_member.ended"),
    models.Tenant: ("tenant.admitted", "tenant.terms_changed", "tenant.ended"),
    models.Source: ("source.added", "source.ended"),
    models.Meter: ("meter.added", "meter.ended"),
    models.Calibration: ("meter.calibrated",),
    models.MeterPart: ("meter_part.set", "meter_part.ended"),
    models.DirectSupply: ("direct_supply.proved", "direct_supply.ended"),
}


def rows_match_events() -> Iterator[audit.Fault]:
    """Each park, boundary, tenant, source and meter is as its newest event says."""
    for model, verbs in SEALED_BY.items():
        rows = sealed_rows(model, "parks")
        yield from audit.compare_rows_with_events(rows, kind=f"parks.{model.__name__}", verbs=verbs)
