"""Loading schemes from seeds; entering projects and plants."""

import tomllib
from collections.abc import Mapping
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
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest
from ledger.kernel.errors import N_, DomainError


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


def _record(verb: str, row: django_models.Model, *, by: Actor, at: datetime) -> None:
    subject = queries.subject_of(row)
    audit.record(verb=verb, subject=subject, by=by, at=at, data={"row": queries.content_of(row)})


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
    """Enter a project of a scheme.

    :raises NoSuchScheme: the scheme is not loaded
    :raises NumberTaken: the scheme has a project of this number
    """
    rules = queries.get_scheme(scheme)
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
    return project
