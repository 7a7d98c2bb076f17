"""What was told of an entity, and the state and standing that follow from it at a moment (I27)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet

from ledger.compliance import models
from ledger.compliance.queries.regimes import get_regime, history
from ledger.compliance.rules.regimes import RegimeRules
from ledger.compliance.rules.standing import Fact, NotEntered, Step, enter
from ledger.compliance.states import FactKind
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound

BEIJING = ZoneInfo("Asia/Shanghai")
SEES_ALL = (Role.SYSTEM, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class SurrenderTold:
    """Units handed in for a year; `reversed_at` once a linked entry took them back."""

    year: int
    unit_count: int
    is_offset: bool
    recorded_at: datetime
    reversed_at: datetime | None

    def counts_at(self, at: datetime) -> bool:
        gone = self.reversed_at is not None and self.reversed_at <= at
        return self.recorded_at <= at and not gone


def get_entity(entity_id: UUID, *, by: Actor) -> models.Entity:
    """An entity of the actor's party; machines and auditors see all.

    :raises NotFound: not there, or not yours
    """
    entity = models.Entity.objects.filter(pk=entity_id).first()
    if entity is None or (entity.party_id != by.party_id and not by.has(*SEES_ALL)):
        raise NotFound
    return entity


def entities_of(party_id: UUID) -> QuerySet[models.Entity]:
    return models.Entity.objects.filter(party_id=party_id).order_by("regime_id", "code")


def entities_seen_by(by: Actor) -> QuerySet[models.Entity]:
    """Of the actor's party; auditors see all."""
    rows = models.Entity.objects.all()
    return rows if by.has(*SEES_ALL) else rows.filter(party_id=by.own_party)


def facts_of(entity_id: UUID) -> QuerySet[models.Fact]:
    """What was told of an entity; who may see it, the caller has asked."""
    return models.Fact.objects.filter(entity_id=entity_id)


def entities_to_reckon(at: datetime) -> list[UUID]:
    """Every entity that had entered by then: a day may have changed what follows of its facts."""
    return list(models.Entity.objects.filter(entered_at__lte=at).values_list("pk", flat=True))


# Read by name: entries belong to a room below, and so do their reversals.
_SURRENDERS = """
SELECT o.year, s.unit_count, s.is_offset, s.recorded_at, r.recorded_at
FROM ledger_compliance_surrender s
JOIN ledger_compliance_obligation o ON o.id = s.obligation_id
LEFT JOIN ledger_units_entry r ON r.reverses_id = s.entry_id
WHERE o.entity_id = %s ORDER BY s.recorded_at, s.id
"""


def surrenders_of(entity_id: UUID) -> list[SurrenderTold]:
    with connection.cursor() as cursor:
        cursor.execute(_SURRENDERS, [entity_id])
        return [SurrenderTold(*row) for row in cursor.fetchall()]


def _told(rows: list[models.Fact]) -> Iterator[Fact]:
    for row in rows:
        yield Fact(FactKind(row.kind), row.year, row.tonnes, row.recorded_at)


def _handed_in(surrenders: list[SurrenderTold]) -> Iterator[Fact]:
    for one in surrenders:
        yield Fact(FactKind.SURRENDERED, one.year, one.unit_count, one.recorded_at)
        if one.reversed_at is not None:
            kind = FactKind.SURRENDER_REVERSED
            yield Fact(kind, one.year, one.unit_count, one.reversed_at)


def _new_years(start: datetime, end: datetime) -> Iterator[Fact]:
    """The calendar's own facts: each first of January in Beijing."""
    for year in range(start.astimezone(BEIJING).year + 1, end.astimezone(BEIJING).year + 1):
        moment = datetime(year, 1, 1, tzinfo=BEIJING)
        yield Fact(FactKind.NEW_YEAR, year, None, moment)


def _moment(fact: Fact) -> Any:
    return fact.moment


def steps_until(entity: models.Entity, at: datetime, *, regime: RegimeRules) -> list[Step]:
    """Every state from the entry to a moment, that moment included.

    :raises NotEntered: nothing was told by then
    """
    rows = list(entity.facts.filter(recorded_at__lte=at).order_by("recorded_at", "id"))
    # told with it at one moment, a last year may have the smaller id
    rows.sort(key=lambda row: row.kind != FactKind.ENTERED)
    if not rows:
        raise NotEntered
    first, rest = rows[0], rows[1:]
    facts = [
        *_new_years(first.recorded_at, at),
        *_told(rest),
        *_handed_in(surrenders_of(entity.pk)),
    ]
    state = enter(
        first_year=first.year or 0, current_year=first.recorded_at.astimezone(BEIJING).year
    )
    known = sorted((fact for fact in facts if _moment(fact) <= at), key=_moment)
    return history(regime, state, known, moment=first.recorded_at)


def standing_at(entity_id: UUID, at: datetime, *, by: Actor) -> Step:
    """How an entity stood at a moment, by what was known then (I27).

    :raises NotFound: not there, or not yours
    :raises NotEntered: nothing was told by then
    """
    entity = get_entity(entity_id, by=by)
    return steps_until(entity, at, regime=get_regime(entity.regime_id))[-1]
