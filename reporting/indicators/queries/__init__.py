"""What other rooms may ask about the national park indicators."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from ledger.audit.keeping import rows_match_events
from ledger.audit.queries import Fault
from ledger.doors.wording import in_language
from ledger.kernel.actors import Actor, Role
from ledger.kernel.canonical import digest
from ledger.kernel.errors import DomainError, NotFound
from reporting.factors import queries as factors
from reporting.indicators import models
from reporting.indicators.engine import assessing
from reporting.indicators.queries import gathering
from reporting.parks import queries as parks


@dataclass(frozen=True, slots=True)
class AssessmentView:
    """`content` is canonical: its hash is `content_hash`."""

    id: UUID
    park_id: UUID
    party_id: UUID
    inner_park: str | None
    year: int
    content: dict[str, Any]
    content_hash: str
    dataset_hash: str
    worked_out_on: date
    recorded_at: datetime
    recorded_by: UUID

    @property
    def assessed_at(self) -> datetime:
        return self.recorded_at

    @property
    def assessed_by(self) -> UUID:
        return self.recorded_by


def view(row: models.Assessment) -> AssessmentView:
    return AssessmentView(**{name: getattr(row, name) for name in AssessmentView.__slots__})


def park_called(code: str, actor: Actor) -> parks.ParkView:
    """:raises NotFound: no park of this code, or not the actor's"""
    found = parks.find_park(code)
    if found is None:
        raise NotFound
    return parks.get_park(found.id, actor)


def worked_out(park_id: UUID, year: int, *, on: date, inner_park: str = "") -> dict[str, Any]:
    """The assessment of a year from today's data, kept nowhere: of the whole park, or of a park
    within it.

    :raises NoParameter, NoFactor, NothingUsed, RawCoalMustBeSplit: as they say
    """
    inputs = gathering.gather(park_id, year, on, inner_park)
    return assessing.content(inputs, assessing.assess(inputs))


def seen_by(actor: Actor) -> QuerySet[models.Assessment]:
    rows = models.Assessment.objects.select_related("park")
    if actor.is_machine or actor.has(Role.AUDITOR, Role.ADMINISTRATOR):
        return rows
    return rows.filter(party_id=actor.own_party)


def get_row(assessment_id: UUID, actor: Actor) -> models.Assessment:
    """:raises NotFound: not there, or not the actor's"""
    row = seen_by(actor).filter(pk=assessment_id).first()
    if row is None:
        raise NotFound
    return row


def get_assessment(assessment_id: UUID, actor: Actor | None = None) -> AssessmentView:
    """:raises NotFound: not there, or not the actor's"""
    row = models.Assessment.objects.filter(pk=assessment_id).first()
    if row is None or (actor is not None and not parks.may_see(actor, row.party_id)):
        raise NotFound
    return view(row)


def _of(park_id: UUID, inner_park: str) -> QuerySet[models.Assessment]:
    """Of the whole park, or of one park within it: the one never stands for the other."""
    return models.Assessment.objects.filter(park_id=park_id, inner_park=inner_park or None)


def assessments_of(park_id: UUID, inner_park: str = "") -> list[AssessmentView]:
    """By year, the newest of a year first."""
    rows = _of(park_id, inner_park).order_by("year", "-recorded_at", "-id")
    return [view(row) for row in rows]


def find_assessment(park_id: UUID, year: int, inner_park: str = "") -> AssessmentView | None:
    """The newest of the year."""
    known = assessments_of(park_id, inner_park)
    return next((one for one in known if one.year == year), None)


def emissions_by_year(park_id: UUID) -> dict[int, Decimal]:
    """tCO2 of the newest assessment of each year of the whole park."""
    newest = _of(park_id, "").order_by("year", "-recorded_at", "-id").distinct("year")
    return {year: tco2.normalize() for year, tco2 in newest.values_list("year", "emission_tco2")}


def is_stale(assessment_id: UUID) -> bool:
    """Whether the same year would come out otherwise today, by the factors of its own day."""
    row = models.Assessment.objects.get(pk=assessment_id)
    try:
        now = worked_out(
            row.park_id, row.year, on=row.worked_out_on, inner_park=row.inner_park or ""
        )
    except DomainError:
        return True
    return digest(now).hex() != row.content_hash


def indicator_names() -> dict[str, str]:
    """The indicators in the reader's words."""
    return {str(value): str(word) for value, word in models.IndicatorChoice.choices}


def indicator_name(code: str) -> str:
    return indicator_names().get(code, code)


def status_names() -> dict[str, str]:
    return {str(value): str(word) for value, word in models.StatusChoice.choices}


def part_names() -> dict[str, str]:
    return {str(value): str(word) for value, word in models.PartChoice.choices}


OWN_NAMES = {
    "POWER_DIRECT": ("绿电直供", "Green power, supplied directly"),
    "POWER_CERTIFIED": ("绿证、绿电交易电量", "Power with green certificates"),
    "POWER_SELF": ("自发自用电量", "Power made in the park"),
    "POWER_OTHER": ("其他受入电量", "Other power received"),
    "POWER_SENT": ("外送电量（化石）", "Power sent out, fossil"),
    "POWER_SENT_GREEN": ("外送电量（非化石）", "Power sent out, non-fossil"),
    "CO2": ("二氧化碳（实测或物料衡算）", "CO2, measured or by mass balance"),
}


def carrier_names() -> dict[str, str]:
    """What energy is called, the method's own kinds of power among them."""
    return {**factors.carrier_names(), **{k: in_language(*v) for k, v in OWN_NAMES.items()}}


VERBS: dict[type[Model], tuple[str, ...]] = {
    models.ParkFact: ("park_fact.recorded",),
    models.Assessment: ("park.assessed",),
}


def check_rows() -> Iterator[Fault]:
    """Each fact and each assessment is as its event says, and each content as its hash."""
    yield from rows_match_events(VERBS)
