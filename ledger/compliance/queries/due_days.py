"""What is due when, per entity and sector (R2.39), and what to remind of today."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ledger.compliance import models
from ledger.compliance.queries.regimes import day_of, get_regime
from ledger.compliance.rules.regimes import DueDay
from ledger.doors.wording import in_language
from ledger.parameters import queries as parameters
from ledger.parameters.queries import ParameterValue

SURRENDER = "SURRENDER"
LEADS = "ets.reminder.days"


@dataclass(frozen=True, slots=True)
class Due:
    """One event of an entity's compliance year. `is_done`: known to be settled."""

    party_id: UUID
    obligation_id: UUID
    entity_id: UUID
    entity: str
    entity_zh: str
    entity_en: str
    year: int
    event: str
    name_zh: str
    name_en: str
    due_on: date
    days_left: int
    is_done: bool
    open_t: int | None
    is_unverified: bool

    @property
    def name(self) -> str:
        return in_language(self.name_zh, self.name_en)


def _due(row: models.Obligation, event: DueDay, day: date, number: ParameterValue, on: date) -> Due:
    surrenders = event.event == SURRENDER
    return Due(
        party_id=row.entity.party_id,
        obligation_id=row.pk,
        entity_id=row.entity_id,
        entity=str(row.entity),
        entity_zh=f"{row.entity.code} {row.entity.name}".strip(),
        entity_en=f"{row.entity.code} {row.entity.name_en or row.entity.name}".strip(),
        year=row.year,
        event=event.event,
        name_zh=event.name_zh,
        name_en=event.name_en,
        due_on=day,
        days_left=(day - on).days,
        is_done=surrenders and row.owed_t is not None and row.open_t == 0,
        open_t=row.open_t if surrenders and row.owed_t is not None else None,
        is_unverified=number.is_unverified,
    )


def _dues(rows: Iterable[models.Obligation], on: date) -> Iterator[Due]:
    days: dict[tuple[str, int], tuple[date, ParameterValue] | None] = {}
    for row in rows:
        for event in get_regime(row.entity.regime_id).calendar:
            place = (event.key, row.year)
            if place not in days:
                days[place] = day_of(event, row.year)
            found = days[place]
            if found is not None and event.concerns(row.entity.sector):
                yield _due(row, event, *found, on)


def due_dates(party_id: UUID, on: date, *, past: bool = False) -> list[Due]:
    """What a party's entities have before them, the next first.

    What is over is left out, but a surrender that is still open stays. `past`: leave nothing out.
    """
    rows = models.Obligation.objects.select_related("entity").filter(entity__party_id=party_id)
    dues = (due for due in _dues(rows, on) if past or _stands(due))
    return sorted(dues, key=lambda due: (due.due_on, due.entity, due.year))


def _stands(due: Due) -> bool:
    return not due.is_done and (due.days_left >= 0 or bool(due.open_t))


def deadlines_of(party_id: UUID, on: date) -> list[date]:
    """The days on which something is due from now on."""
    return [due.due_on for due in due_dates(party_id, on)]


def lead_days(on: date) -> frozenset[int]:
    """So many days before a due day it is reminded of.

    :raises NoParameter: the rule book says nothing
    """
    said = parameters.get_parameter(LEADS, on=on).value
    return frozenset(int(one) for one in str(said).split())


def dues_near(on: date, *, within_days: int) -> list[Due]:
    """What stands before every party's entities within so many days, and what is late and open."""
    rows = models.Obligation.objects.select_related("entity")
    return [due for due in _dues(rows, on) if _stands(due) and due.days_left <= within_days]


def reminders_due(on: date) -> list[Due]:
    """What to remind of on a day, over all parties: some days before, and daily when late."""
    leads = lead_days(on)
    rows = models.Obligation.objects.select_related("entity")
    return [
        due
        for due in _dues(rows, on)
        if not due.is_done and (due.days_left in leads or (due.days_left < 0 and due.open_t))
    ]
