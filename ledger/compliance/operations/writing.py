"""What every write of the room does: record the row, and reckon the years anew."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models as django_models

from ledger.audit import operations as audit
from ledger.compliance import models
from ledger.compliance.queries.content import content_of, subject_of
from ledger.compliance.queries.facts import get_entity, steps_until
from ledger.compliance.queries.regimes import digest_of, get_regime
from ledger.compliance.queries.years import numbers_of, reckon
from ledger.kernel.actors import Actor

RECKONED = "obligation.reckoned"


def record(verb: str, row: django_models.Model, *, by: Actor, at: datetime, **more: Any) -> None:
    data = {"row": content_of(row), **more.pop("data", {})}
    audit.record(verb=verb, subject=subject_of(row), by=by, at=at, data=data, **more)


def lock_entity(entity_id: UUID, *, by: Actor) -> models.Entity:
    """Facts of one entity follow each other.

    :raises NotFound: not there, or not yours
    """
    get_entity(entity_id, by=by)
    return models.Entity.objects.select_for_update().get(pk=entity_id)


def years_of(entity: models.Entity, at: datetime) -> list[int]:
    """Years for which something is owed or told, and those that are kept already."""
    state = steps_until(entity, at, regime=get_regime(entity.regime_id))[-1].state
    kept = entity.obligations.values_list("year", flat=True)
    allocated = entity.allocations.values_list("year", flat=True)
    return sorted({*state.owing_years, *state.emissions, *state.excluded, *kept, *allocated})


def reckon_year(entity: models.Entity, year: int, *, by: Actor, at: datetime) -> models.Obligation:
    """Write what follows from the facts for one year."""
    regime = get_regime(entity.regime_id)
    numbers = numbers_of(regime, year)
    found = reckon(entity, year, at, numbers=numbers, regime=regime)
    columns = {
        **found.columns(),
        "numbers": numbers.document(),
        "regime_digest": digest_of(regime.code),
    }
    kept = models.Obligation.objects.filter(entity=entity, year=year).first()
    if kept and all(getattr(kept, name) == value for name, value in columns.items()):
        return kept  # nothing new to seal
    moment = {"reckoned_at": at, "reckoned_by": by.user_id}
    row, _made = models.Obligation.objects.update_or_create(
        entity=entity, year=year, defaults={**columns, **moment}
    )
    record(RECKONED, row, by=by, at=at)
    return row


def reckon_entity(
    entity: models.Entity, *, by: Actor, at: datetime, years: Iterable[int] | None = None
) -> list[models.Obligation]:
    """All its years: one fact may change the status of each."""
    wanted = years_of(entity, at) if years is None else years
    return [reckon_year(entity, year, by=by, at=at) for year in wanted]
