"""What other rooms may ask about schemes, registries, projects and plants."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from django.db import models as django_models
from django.db.models import Q, QuerySet

from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.instruments import models
from ledger.instruments.rules import (
    EXCLUDES,
    AlreadyTransferred,
    Expired,
    Family,
    LotFacts,
    Measure,
    NoGenerationPeriod,
    NoSuchScheme,
    NotTransferable,
    Purpose,
    SchemeRules,
    VintageAxis,
    VintageNotUsable,
    WrongEndUse,
    check_end_use,
    check_not_expired,
    check_transferable,
    check_vintage,
    is_tradable,
    last_usable_day,
    whole_certificates,
)
from ledger.instruments.states import ProjectState
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.parameters import queries as parameters

__all__ = [
    "AlreadyTransferred",
    "Expired",
    "Family",
    "LotFacts",
    "Measure",
    "NoGenerationPeriod",
    "NoSuchScheme",
    "NotTransferable",
    "Purpose",
    "SchemeRules",
    "VintageAxis",
    "VintageNotUsable",
    "WrongEndUse",
    "is_tradable",
    "whole_certificates",
]

LOADED = "instruments.reference_loaded"


def get_scheme(code: str) -> SchemeRules:
    """The rules of a scheme.

    :raises NoSuchScheme: not loaded
    """
    row = models.Scheme.objects.filter(code=code).values_list("digest", flat=True).first()
    if row is None:
        raise NoSuchScheme(scheme=code)
    return _rules(code, row)


@cache
def _rules(code: str, digest: str) -> SchemeRules:
    """One frozen value per content: a scheme loaded anew has another digest."""
    row = models.Scheme.objects.get(code=code)
    given: dict[str, Any] = {
        item.name: getattr(row, "registry_id" if item.name == "registry" else item.name)
        for item in fields(SchemeRules)
    }
    return SchemeRules(
        **{
            **given,
            "family": Family(row.family),
            "measure": Measure(row.measure),
            "vintage_axis": VintageAxis(row.vintage_axis),
            "end_uses": frozenset(Purpose(use) for use in row.end_uses),
            "non_tradable_kinds": frozenset(row.non_tradable_kinds),
        }
    )


def schemes() -> QuerySet[models.Scheme]:
    return models.Scheme.objects.order_by("code")


def measures() -> dict[str, str]:
    """What one unit of each scheme stands for: t, MWh or kg."""
    return dict(models.Scheme.objects.values_list("code", "measure"))


def schemes_with_validity() -> list[str]:
    """Schemes whose units can be used until a day that a parameter says."""
    return list(schemes().exclude(validity_key="").values_list("code", flat=True))


def registry_choices() -> list[tuple[str, str]]:
    """For a select: every registry by its name in the reader's language."""
    return [(row.code, str(row)) for row in registries()]


def scheme_name(code: str) -> str:
    """What a scheme is called in the reader's language; the code itself if there is none."""
    row = models.Scheme.objects.filter(code=code).first()
    return str(row) if row else code


def short_names() -> dict[str, str]:
    """For a chart: a trade mark (CEA, CCER) by itself; a code of our own in words."""
    return {row.code: str(row) if "_" in row.code else row.code for row in schemes()}


def registries() -> QuerySet[models.Registry]:
    return models.Registry.objects.order_by("code")


def get_plant(plant_id: UUID) -> models.Plant:
    """:raises NotFound: no such plant"""
    plant = models.Plant.objects.filter(pk=plant_id).first()
    if plant is None:
        raise NotFound
    return plant


def find_plant(code: str) -> models.Plant | None:
    return models.Plant.objects.filter(code=code).first()


def plants() -> QuerySet[models.Plant]:
    return models.Plant.objects.order_by("code")


def get_project(project_id: UUID) -> models.Project:
    """:raises NotFound: no such project"""
    project = models.Project.objects.filter(pk=project_id).first()
    if project is None:
        raise NotFound
    return project


def check_own_plant(plant_id: UUID, *, by: Actor) -> None:
    """:raises NotFound: another party's plant, or none"""
    owner_id = get_plant(plant_id).owner_id
    if owner_id not in {None, by.party_id} and not by.is_machine:
        raise NotFound


def check_own_project(project_id: UUID, *, by: Actor) -> None:
    """:raises NotFound: no such project, or of another party's plant"""
    plant_id = get_project(project_id).plant_id
    if plant_id is not None:
        check_own_plant(plant_id, by=by)


def certificate_schemes_excluded_by(project: models.Project) -> tuple[str, ...]:
    """The schemes whose certificates of its plant a registered project keeps frozen (R3.10)."""
    if project.plant_id is None or project.state != ProjectState.REGISTERED:
        return ()
    return EXCLUDES.get(project.scheme_id, ())


def projects_of_plants(*, owner_id: UUID) -> QuerySet[models.Project]:
    """Projects of a party's own plants."""
    return models.Project.objects.filter(plant__owner_id=owner_id).order_by("code")


def plants_of(owner_id: UUID) -> QuerySet[models.Plant]:
    return models.Plant.objects.filter(owner_id=owner_id).order_by("code")


def plants_to_meter(party_id: UUID) -> QuerySet[models.Plant]:
    """A party's own, and those of nobody here: buyers tell what such a plant generated."""
    rows = models.Plant.objects.filter(Q(owner_id=party_id) | Q(owner_id=None))
    return rows.order_by("code")


def projects_excluding(*, plant_id: UUID, scheme: str) -> list[models.Project]:
    """Registered projects of a plant that keep its certificates of a scheme frozen."""
    rows = models.Project.objects.filter(plant_id=plant_id).order_by("registered_at", "id")
    return [row for row in rows if scheme in certificate_schemes_excluded_by(row)]


def projects() -> QuerySet[models.Project]:
    return models.Project.objects.order_by("scheme_id", "code")


# --- may these units be used?


def last_usable_on(scheme: SchemeRules, lot: LotFacts) -> date | None:
    """The last day on which a lot may be used, or None when the scheme sets no end (R3.14).

    A lot's own `expires_on` (its first expired day) wins: it was fixed at issue and never changes.

    :raises NoGenerationPeriod: the scheme counts from generation and the lot has none
    :raises NoParameter: no validity is known for that month
    """
    if lot.expires_on is not None:
        return date.fromordinal(lot.expires_on.toordinal() - 1)
    if not scheme.has_validity:
        return None
    if lot.generated_from is None:
        raise NoGenerationPeriod(scheme=scheme.code)
    return _end_of_validity(scheme, lot.generated_from)


def _end_of_validity(scheme: SchemeRules, generated_on: date) -> date:
    old_before = scheme.validity_old_before
    if old_before is not None and generated_on < old_before:
        value = parameters.get_parameter(scheme.validity_old_key, on=generated_on).value
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    months = parameters.get_parameter(scheme.validity_key, on=generated_on).number
    return last_usable_day(generated_on, months=int(months))


HYDRO_SINCE = "gec.hydro.tradable_since"
OLD_HYDRO = "OLD_HYDRO"


def kind_of_certificates(plant_id: UUID, *, on: date) -> str:
    """The kind that a plant's certificates are of by its own facts; empty: ordinary (R3.13).

    Hydro whose day of commissioning is not known counts as old: what is missing never passes.

    :raises NotFound: no such plant
    :raises NoParameter: for hydro, no day is known
    """
    plant = get_plant(plant_id)
    if plant.technology != "HYDRO":
        return ""
    value = parameters.get_parameter(HYDRO_SINCE, on=on).value
    since = value if isinstance(value, date) else date.fromisoformat(str(value))
    is_new = plant.commissioned_on is not None and plant.commissioned_on >= since
    return "" if is_new else OLD_HYDRO


def max_transfers(scheme: SchemeRules, on: date) -> int | None:
    """How often a unit may change hands, on a day; None is without end (R3.17)."""
    if not scheme.max_transfers_key:
        return scheme.max_transfers
    return int(parameters.get_parameter(scheme.max_transfers_key, on=on).number)


def check_usable(scheme: SchemeRules, lot: LotFacts, *, on: date, purpose: str) -> None:
    """May these units be used for this on this day? Speaks kindly before the engine does.

    `purpose` is a `Purpose`: TRANSFER, PLEDGE, RETIRE, SURRENDER, CANCEL, CLAIM.

    :raises WrongEndUse: the scheme knows no such end
    :raises Expired: after the last usable day (R3.14)
    :raises NotTransferable, AlreadyTransferred: R3.13, R3.17
    :raises VintageNotUsable: R3.4, R3.6
    """
    wanted = Purpose(purpose)
    check_end_use(scheme, wanted)
    check_not_expired(last_usable_on(scheme, lot), on=on, purpose=wanted)
    if wanted is Purpose.TRANSFER:
        check_transferable(scheme, lot, max_transfers=max_transfers(scheme, on))
    if wanted in {Purpose.SURRENDER, Purpose.CLAIM, Purpose.RETIRE}:
        check_vintage(scheme, lot)


# --- rows against their events


LATER_COLUMNS = frozenset({"reversal_windows"})


def content_of(row: django_models.Model) -> dict[str, Any]:
    """A row's columns as they are sealed; decimals without padding.

    Columns that came later are left out while they are empty: earlier events stay true.
    """
    facts = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {
        name: format(value.normalize(), "f") if isinstance(value, Decimal) else value
        for name, value in facts.items()
        if value or name not in LATER_COLUMNS
    }


def subject_of(row: django_models.Model) -> str:
    return f"{row._meta.app_label.removeprefix('ledger_')}.{type(row).__name__}:{row.pk}"


def check_rows_match_events() -> Iterator[Fault]:
    """Every registry, scheme, project and plant as its newest event tells it."""
    tables: list[type[Any]] = [models.Registry, models.Scheme, models.Project, models.Plant]
    yield from compare_rows_with_events(
        (
            (subject_of(row), content_of(row))
            for table in tables
            for row in table.objects.iterator()
        ),
        kind="instruments.row",
        verbs=[LOADED, "plant.registered", "project.registered", "project.withdrawn"],
    )
