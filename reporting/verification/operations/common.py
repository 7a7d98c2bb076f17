"""What every act of an engagement begins and ends with."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, Model

from ledger.audit import operations as audit
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.transitions import check_transition
from reporting.parks import queries as parks
from reporting.verification import models, queries, rules
from reporting.verification.states import ENGAGEMENT_MOVES, EngagementState


def record(verb: str, row: Model, by: Actor, at: datetime, reason: str = "") -> None:
    subject = f"verification.{type(row).__name__}:{row.pk}"
    row.refresh_from_db()  # decimals as the table gives them back
    data = {"row": parks.row_facts(row)}
    audit.record(verb=verb, subject=subject, by=by, at=at, data=data, reason=reason)


def lock_engagement(engagement_id: UUID, by: Actor) -> models.Engagement:
    """:raises NotFound: not there, or not the actor's"""
    queries.get_engagement(engagement_id, by)
    return models.Engagement.objects.select_for_update().get(pk=engagement_id)


def for_verifier(engagement_id: UUID, by: Actor) -> models.Engagement:
    """:raises NotFound: not an engagement of the actor's verification body, or not of her team"""
    engagement = lock_engagement(engagement_id, by)
    if engagement.verifier_id != by.party_id:
        raise NotFound
    return engagement


def at_work(engagement_id: UUID, by: Actor) -> models.Engagement:
    """An engagement in progress, and a verifier who declared that she is independent.

    :raises NotFound, IllegalTransition, NotDeclared: as they say
    """
    engagement = for_verifier(engagement_id, by)
    # only work in progress finds anything: the move that would conclude it must be open
    check_transition(ENGAGEMENT_MOVES, engagement.state, EngagementState.CONCLUDED)
    check_declared(engagement, by)
    return engagement


def check_declared(engagement: models.Engagement, by: Actor) -> None:
    """:raises NotDeclared: she has not spoken for herself"""
    if not queries.has_declared(engagement, by.user_id):
        raise rules.NotDeclared


def move(engagement: models.Engagement, state: EngagementState) -> None:
    check_transition(ENGAGEMENT_MOVES, engagement.state, state)
    engagement.state = state


def next_number(rows: Any) -> int:
    """The number after the highest among these rows of one engagement, which is locked."""
    last: int | None = rows.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
