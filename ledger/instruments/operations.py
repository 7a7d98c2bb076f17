"""Loading schemes from seeds; entering projects and plants."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models as django_models

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.instruments import models, queries
from ledger.instruments.states import TRANSITIONS, ProjectState
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest
from ledger.kernel.errors import N_, DomainError
from ledger.kernel.transitions import check_transition

# Holds stand above: config/wiring.py says what a project's registration and withdrawal do there.
on_registered: list[Callable[..., object]] = []
on_withdrawn: list[Callable[..., object]] = []


class NumberTaken(DomainError):
    code = "number_taken"
    message = N_("The number %(code)s is in use already.")


def _seeds() -> Path:
    return Path(settings.BASE_DIR) / "seeds" / "schemes"


def _tables(name: str) -> list[dict[str, Any]]:
    with (_seeds() / f"{name}.toml").open("rb") as file:
        tables: list[dict[str, Any]] = tomllib.load(file)[name]
    return tables


def _load(model: type[Any], row: Mapping[str, Any], *, by: Actor, at: datetime) -> int:
    """Write one row and its event, unless it stands there already. Returns how many changed."""
    found = model.objects.filter(pk=row["code"]).first()
    wanted = model(**row)
    if found is not None and queries.content_of(found) == queries.content_of(wanted):
        return 0
    wanted.save(force_insert=found is None)
    _record(queries.LOADED, wanted, by=by, at=at)
    return 1


def _record(
    verb: str, row: django_models.Model, *, by: Actor, at: datetime, reason: str = ""
) -> None:
    audit.record(
        verb=verb,
        subject=queries.subject_of(row),
        by=by,
        at=at,
        data={"row": queries.content_of(row)},
        reason=reason,
    )


@operation
def load_schemes(*, by: Actor, at: datetime) -> int:
    """Load registries and schemes from `seeds/schemes/`. Twice changes nothing.

    Returns the number of rows written; each has its audit event.
    """
    changed = sum(_load(models.Registry, row, by=by, at=at) for row in _tables("registries"))
    for row in _tables("schemes"):
        given = {**row, "registry_id": row["registry"]}
        del given["registry"]
        changed += _load(models.Scheme, {**given, "digest": digest(given).hex()}, by=by, at=at)
    return changed


@operation
def register_plant(
    *,
    code: str,
    name_zh: str,
    technology: str,
    by: Actor,
    at: datetime,
    name_en: str = "",
    owner_id: UUID | None = None,
    commissioned_on: date | None = None,
    region: str = "",
    capacity_mw: Decimal | None = None,
) -> models.Plant:
    """Enter a generator of power.

    :raises NumberTaken: a plant has this number
    """
    if models.Plant.objects.filter(code=code).exists():
        raise NumberTaken(code=code)
    plant = models.Plant.objects.create(
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        technology=technology,
        owner_id=owner_id,
        commissioned_on=commissioned_on,
        region=region,
        capacity_mw=capacity_mw,
        registered_at=at,
        registered_by=by.user_id,
    )
    _record("plant.registered", plant, by=by, at=at)
    return plant


@operation
def register_project(
    *,
    scheme: str,
    code: str,
    name_zh: str,
    by: Actor,
    at: datetime,
    name_en: str = "",
    methodology: str = "",
    methodology_version: str = "",
    region: str = "",
    crediting_from: date | None = None,
    crediting_to: date | None = None,
    plant_id: UUID | None = None,
) -> models.Project:
    """Enter a project of a scheme. Of a plant only its owner does: it may freeze certificates.

    :raises NotFound: another party's plant
    :raises NoSuchScheme: the scheme is not loaded
    :raises NumberTaken: the scheme has a project of this number
    """
    rules = queries.get_scheme(scheme)
    if plant_id is not None:
        queries.check_own_plant(plant_id, by=by)
    if models.Project.objects.filter(scheme_id=rules.code, code=code).exists():
        raise NumberTaken(code=code)
    project = models.Project.objects.create(
        scheme_id=rules.code,
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        methodology=methodology,
        methodology_version=methodology_version,
        region=region,
        crediting_from=crediting_from,
        crediting_to=crediting_to,
        plant_id=plant_id,
        registered_at=at,
        registered_by=by.user_id,
    )
    _record("project.registered", project, by=by, at=at)
    for follow in on_registered:
        follow(project_id=project.pk, by=by, at=at)
    return project


@operation
def withdraw_project(*, project_id: UUID, by: Actor, at: datetime, reason: str) -> models.Project:
    """A project is withdrawn; what it kept frozen is released (R3.10).

    :raises NotFound: no such project, or of another party's plant
    :raises IllegalTransition: withdrawn already
    """
    queries.check_own_project(project_id, by=by)
    project = models.Project.objects.select_for_update().get(pk=project_id)
    check_transition(TRANSITIONS, project.state, ProjectState.WITHDRAWN)
    project.state, project.withdrawn_at, project.withdrawn_by = (
        ProjectState.WITHDRAWN,
        at,
        by.user_id,
    )
    project.save(update_fields=["state", "withdrawn_at", "withdrawn_by"])
    _record("project.withdrawn", project, by=by, at=at, reason=reason)
    for follow in on_withdrawn:
        follow(project_id=project.pk, by=by, at=at, reason=reason)
    return project
