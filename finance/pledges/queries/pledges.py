"""Pledges by who may see them, their parts, registrations and proceedings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from finance.pledges import models
from finance.pledges.queries.covering import Cover, cover_of
from finance.pledges.states import SECURING, CallState, PartState, PledgeState, Register
from ledger.doors.admin import SEES_ALL
from ledger.holds import queries as holds
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.units import queries as units

ALL = (*SEES_ALL, Role.SYSTEM)


def _rows() -> QuerySet[models.Pledge]:
    return models.Pledge.objects.select_related("facility")


def pledges_seen_by(actor: Actor) -> QuerySet[models.Pledge]:
    """Pledges that the actor's party gave or holds; a draft is the debtor's alone."""
    if actor.has(*ALL):
        return _rows()
    if actor.party_id is None:
        return _rows().none()
    held = Q(creditor_id=actor.party_id, approved_on__isnull=False)
    return _rows().filter(Q(debtor_id=actor.party_id) | held)


def pledges_of_creditor(party_id: UUID) -> QuerySet[models.Pledge]:
    """What secures a creditor, newest first; drafts are not hers to see."""
    return _rows().filter(creditor_id=party_id, approved_on__isnull=False)


def get_pledge(pledge_id: UUID) -> models.Pledge:
    """:raises NotFound: no such pledge"""
    row = _rows().filter(pk=pledge_id).first()
    if row is None:
        raise NotFound
    return row


def get_pledge_seen_by(pledge_id: UUID, actor: Actor) -> models.Pledge:
    """:raises NotFound: not there, or not yours"""
    row = pledges_seen_by(actor).filter(pk=pledge_id).first()
    if row is None:
        raise NotFound
    return row


def pledges_of_facility(facility_id: UUID) -> QuerySet[models.Pledge]:
    return _rows().filter(facility_id=facility_id)


def behind_choices(party_id: UUID) -> QuerySet[models.Pledge]:
    """The party's pledges behind which another could stand."""
    return _rows().filter(debtor_id=party_id, state__in=sorted(SECURING))


def parts_of(pledge: models.Pledge) -> QuerySet[models.Part]:
    """Units that are reserved or pledged now."""
    live = pledge.parts.exclude(state=PartState.GONE)
    return live.select_related("account", "lot")


def hold_ids_of(pledge: models.Pledge) -> list[UUID]:
    found = parts_of(pledge).filter(state=PartState.PLEDGED).values_list("hold_id", flat=True)
    return [one for one in found if one is not None]


def serials_of(part: models.Part) -> list[tuple[int, int]]:
    """The serial ranges that a part secures; none for a lot without serial numbers."""
    if part.hold_id is None:
        return []
    return [(run.first, run.last) for run in units.find_hold_ranges(part.hold_id)]


def registration_of(pledge: models.Pledge, register: str) -> models.Registration | None:
    """The newest entry of a register."""
    return pledge.registrations.filter(register=register).first()


def proceeding_of(pledge: models.Pledge) -> models.Proceeding | None:
    return pledge.proceedings.first()


def open_call(pledge: models.Pledge) -> models.MarginCall | None:
    return pledge.calls.filter(state=CallState.OPEN).first()


def requests_seen_by(actor: Actor) -> QuerySet[models.Request]:
    seen = pledges_seen_by(actor).order_by()
    rows = models.Request.objects.filter(pledge__in=seen.values("pk"))
    return rows.select_related("pledge", "part", "new_part")


def get_request(request_id: UUID, *, by: Actor) -> models.Request:
    """:raises NotFound: not there, or not yours"""
    row = requests_seen_by(by).filter(pk=request_id).first()
    if row is None:
        raise NotFound
    return row


def to_watch() -> QuerySet[models.Pledge]:
    """Pledges that secure something."""
    return _rows().filter(state__in=sorted(SECURING)).order_by("id")


def newest_columns() -> dict[str, Subquery]:
    """For a list of pledges: what the newest valuation of each says."""
    newest = models.Valuation.objects.filter(pledge=OuterRef("pk")).order_by("-valued_on")
    return {
        "newest_ltv": Subquery(newest.values("ltv")[:1]),
        "newest_level": Subquery(newest.values("level")[:1]),
        "newest_value": Subquery(newest.values("value_amount")[:1]),
        "newest_on": Subquery(newest.values("valued_on")[:1]),
        "newest_stale": Subquery(newest.values("is_stale")[:1]),
    }


def drafts_before(moment: datetime) -> QuerySet[models.Pledge]:
    return _rows().filter(state=PledgeState.DRAFT, recorded_at__lt=moment)


def find_freezes(pledge: models.Pledge) -> list[tuple[models.Part, Any]]:
    """Freezes by order over the same units: those of a lower rank number stand before."""
    found = list[tuple[models.Part, Any]]()
    for part in parts_of(pledge):
        if part.hold_id is None:
            continue
        mine = holds.get_hold(part.hold_id)
        found += [
            (part, one)
            for one in holds.live_holds_on(part.account_id, part.lot_id)
            if one.stack_id == mine.stack_id and one.kind == "FREEZE"
        ]
    return found


@dataclass(frozen=True, slots=True)
class SeenPledge:
    """What the bank's door tells of a pledge."""

    row: models.Pledge
    hold_ids: tuple[UUID, ...]
    registrations: tuple[models.Registration, ...]

    @property
    def id(self) -> UUID:
        return self.row.pk

    @property
    def number(self) -> str:
        return self.row.number

    @property
    def facility(self) -> Any:
        return self.row.facility

    @property
    def debtor(self) -> UUID:
        return self.row.debtor_id

    @property
    def creditor(self) -> UUID:
        return self.row.creditor_id

    @property
    def state(self) -> str:
        return self.row.state

    def valuation(self, on: date) -> Cover:
        """By the marks that hold on a day, and what is secured now."""
        return cover_of(self.row, on)

    def ltv_series(self, since: date | None = None) -> Sequence[models.Valuation]:
        """What was recorded of each day, oldest first."""
        rows = self.row.valuations.order_by("valued_on")
        return list(rows.filter(valued_on__gte=since) if since else rows)


def seen_as(pledge: models.Pledge) -> SeenPledge:
    newest: dict[str, models.Registration] = {}
    for one in pledge.registrations.all():
        newest.setdefault(one.register, one)
    kept = [newest[one] for one in (Register.ZDW, Register.REGISTRY) if one in newest]
    return SeenPledge(pledge, tuple(hold_ids_of(pledge)), tuple(kept))
