"""Which engagements somebody sees, and what happened in them."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.parties import queries as parties
from reporting.verification import models
from reporting.verification.states import (
    EngagementState,
    FactState,
    FindingState,
    RequestState,
)

# who may read the data behind an inventory: whoever has declared that nothing ties her to it
READING = (EngagementState.ACTIVE, EngagementState.CONCLUDED)


def engagements_for(actor: Actor) -> QuerySet[models.Engagement]:
    """A verifier sees the engagements of her own body, an operator those of its own parks.

    Where the body named a team, only the team sees it.
    """
    rows = models.Engagement.objects.select_related("park", "verifier")
    if actor.is_machine or actor.has(Role.AUDITOR, Role.ADMINISTRATOR):
        return rows
    return rows.filter(_is_verified_by(actor) | Q(party_id=actor.party_id))


def _is_verified_by(actor: Actor) -> Q:
    in_team = Q(team=[]) | Q(team__contains=[str(actor.user_id)])
    return Q(verifier_id=actor.party_id) & in_team


def get_engagement(engagement_id: UUID, actor: Actor) -> models.Engagement:
    """:raises NotFound: not there, or neither the actor's to verify nor of her own park"""
    row = engagements_for(actor).filter(pk=engagement_id).first()
    if row is None:
        raise NotFound
    return row


def engagements_verified_by(actor: Actor) -> QuerySet[models.Engagement]:
    """Hers to verify; of an engagement of her own party's park she is no verifier."""
    rows = models.Engagement.objects.select_related("park", "verifier")
    return rows.filter(_is_verified_by(actor))


def engaged_periods(actor: Actor) -> list[tuple[UUID, date]]:
    """(park, first day of the period) that a verifier may read for the sake of an engagement.

    Before independence is declared, and after an engagement was withdrawn, there is none.
    """
    rows = models.Engagement.objects.filter(_is_verified_by(actor), state__in=READING)
    return list(rows.values_list("park_id", "period_start").distinct())


def has_declared(engagement: models.Engagement, user_id: UUID) -> bool:
    """Whether this person declared herself independent of the operator."""
    if engagement.declared_by == user_id:
        return True
    return engagement.declarations.filter(declared_by=user_id).exists()


def team_choices(engagement: models.Engagement, on: date) -> list[tuple[str, str]]:
    """The verifiers of the body today, by id and name."""
    members = parties.members_on([engagement.verifier_id], on=on)
    ids = {user for _party, user, role in members if role == Role.VERIFIER}
    names = parties.names_of(ids)
    return sorted(((str(one), names[one]) for one in ids), key=lambda pair: pair[1])


def get_request(request_id: UUID, actor: Actor) -> models.Request:
    """:raises NotFound: not there, or not of an engagement that the actor sees"""
    row = requests_for(actor).filter(pk=request_id).first()
    if row is None:
        raise NotFound
    return row


def requests_for(actor: Actor) -> QuerySet[models.Request]:
    return models.Request.objects.select_related("engagement__park", "item").filter(
        engagement__in=engagements_for(actor).values("pk")
    )


def findings_for(actor: Actor) -> QuerySet[models.Finding]:
    return models.Finding.objects.select_related("engagement__park").filter(
        engagement__in=engagements_for(actor).values("pk")
    )


def get_finding(finding_id: UUID, actor: Actor) -> models.Finding:
    """:raises NotFound: not there, or not of an engagement that the actor sees"""
    row = findings_for(actor).filter(pk=finding_id).first()
    if row is None:
        raise NotFound
    return row


def count_open_findings(party_id: UUID) -> int:
    """Findings that wait for an answer of the operator."""
    rows = models.Finding.objects.filter(engagement__party_id=party_id)
    return rows.filter(state=FindingState.OPEN).count()


def open_engagements() -> QuerySet[models.Engagement]:
    """Where somebody may have to do something: for notices."""
    states = (EngagementState.PLANNED, *READING)
    return models.Engagement.objects.select_related("park").filter(state__in=states)


def waiting_for_operator(engagement_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many findings and requests wait for the operator's answer."""
    return _counted(
        (models.Finding, FindingState.OPEN), (models.Request, RequestState.OPEN), engagement_ids
    )


def waiting_for_verifier(engagement_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many answers the verifier has not looked at, and facts that she has not decided."""
    ids = list(engagement_ids)
    found = _counted(
        (models.Finding, FindingState.ANSWERED), (models.Request, RequestState.ANSWERED), ids
    )
    facts = models.LaterFact.objects.filter(engagement__in=ids, state=FactState.TOLD)
    for key in facts.values_list("engagement_id", flat=True):
        found[key] = found.get(key, 0) + 1
    return found


def _counted(first: Any, second: Any, engagement_ids: Iterable[UUID]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    ids = list(engagement_ids)
    for model, state in (first, second):
        rows = model.objects.filter(engagement__in=ids, state=state)
        for key in rows.values_list("engagement_id", flat=True):
            found[key] = found.get(key, 0) + 1
    return found
