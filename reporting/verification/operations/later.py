"""Facts discovered after the opinion: told by either side, decided by the verifier (R5.18)."""

from datetime import datetime
from uuid import UUID

from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.transitions import check_transition
from reporting.verification import models, queries, rules
from reporting.verification.operations.common import (
    check_declared,
    for_verifier,
    lock_engagement,
    move,
    record,
)
from reporting.verification.states import FACT_MOVES, EngagementState, FactState


@operation
def tell_later_fact(*, engagement_id: UUID, text: str, by: Actor, at: datetime) -> UUID:
    """Something came to light that was not known when the opinion was given.

    :raises NotFound, TextMissing: as they say
    :raises NothingToReopen: no opinion stands
    """
    rules.check_text(text)
    engagement = lock_engagement(engagement_id, by)
    if by.party_id not in {engagement.party_id, engagement.verifier_id}:
        raise NotFound
    opinion = queries.standing_opinion(engagement)
    if opinion is None:
        raise rules.NothingToReopen
    fact = models.LaterFact.objects.create(
        engagement=engagement,
        opinion=opinion,
        text=text,
        state=FactState.TOLD,
        told_at=at,
        told_by=by.user_id,
    )
    record("later_fact.told", fact, by, at)
    return fact.pk


@operation
def reopen_engagement(*, fact_id: UUID, conclusion: str, by: Actor, at: datetime) -> None:
    """The fact matters: the opinion no longer stands, and the work goes on towards another.

    Reports that rest on the opinion are no longer valid from this moment.

    :raises NotFound, TextMissing, IllegalTransition, NotDeclared: as they say
    """
    fact, engagement = _decide(fact_id, FactState.REOPENED, conclusion, by, at)
    move(engagement, EngagementState.ACTIVE)
    engagement.save(update_fields=["state"])
    record("engagement.reopened", engagement, by, at, reason=fact.text)


@operation
def dismiss_later_fact(*, fact_id: UUID, conclusion: str, by: Actor, at: datetime) -> None:
    """The fact changes nothing of the opinion; the verifier says why.

    :raises NotFound, TextMissing, IllegalTransition, NotDeclared: as they say
    """
    _decide(fact_id, FactState.DISMISSED, conclusion, by, at)


def _decide(
    fact_id: UUID, state: FactState, conclusion: str, by: Actor, at: datetime
) -> tuple[models.LaterFact, models.Engagement]:
    rules.check_text(conclusion)
    fact = models.LaterFact.objects.select_for_update().filter(pk=fact_id).first()
    if fact is None:
        raise NotFound
    engagement = for_verifier(fact.engagement_id, by)
    check_declared(engagement, by)
    check_transition(FACT_MOVES, fact.state, state)
    fact.state, fact.conclusion = state, conclusion
    fact.decided_at, fact.decided_by = at, by.user_id
    fact.save(update_fields=["state", "conclusion", "decided_at", "decided_by"])
    record(f"later_fact.{state.lower()}", fact, by, at)
    return fact, engagement
