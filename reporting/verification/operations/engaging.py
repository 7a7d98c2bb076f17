"""Who verifies what, on which terms, and that nothing ties her to the operator."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from ledger.doors.operation import operation
from ledger.kernel.actors import Actor, Role
from ledger.kernel.periods import Period
from ledger.parameters import queries as parameters
from ledger.parties import queries as parties
from reporting.parks import queries as parks
from reporting.verification import models, queries, rules
from reporting.verification.operations.common import (
    at_work,
    for_verifier,
    lock_engagement,
    move,
    record,
)
from reporting.verification.states import AssuranceLevel, EngagementState, RequestState

MATERIALITY = "verify.materiality"
VERIFIER = "VERIFIER"
BEIJING = ZoneInfo("Asia/Shanghai")


@operation
def open_engagement(
    *,
    park_id: UUID,
    period: Period,
    verifier_id: UUID,
    criteria: str,
    level: AssuranceLevel,
    scope: str,
    by: Actor,
    at: datetime,
    team: Sequence[UUID] = (),
    accreditation: str = "",
) -> UUID:
    """The operator engages a verification body; materiality is the rule number of the day.

    `accreditation` is what the body shows: by whom, under which number (R5.20).

    :raises NotFound: the park is not there or not the actor's
    :raises NotAVerifier, VerifierIsMaker, TextMissing: as they say
    """
    park = parks.get_park(park_id, by)
    rules.check_text(criteria, scope)
    if verifier_id == park.operator_id:
        raise rules.VerifierIsMaker
    if parties.get_party(verifier_id).kind != VERIFIER:
        raise rules.NotAVerifier
    threshold = parameters.get_parameter(MATERIALITY, period.last_day)
    engagement = models.Engagement.objects.create(
        park_id=park.id,
        party_id=park.operator_id,
        verifier_id=verifier_id,
        period_start=period.start,
        period_end=period.end,
        accreditation=accreditation,
        criteria=criteria,
        level=level,
        scope=scope,
        materiality=threshold.number,
        parameter_id=threshold.id,
        team=[str(user) for user in team],
        state=EngagementState.PLANNED,
        opened_at=at,
        opened_by=by.user_id,
    )
    record("engagement.opened", engagement, by, at)
    return engagement.pk


@operation
def set_team(*, engagement_id: UUID, team: Sequence[UUID], by: Actor, at: datetime) -> None:
    """The body names who works on it; nobody else of the body sees it then.

    Whoever names the team belongs to it.

    :raises NotFound, IllegalTransition: not hers, or it is over
    :raises NotOfTheBody: somebody is no verifier of this body today
    """
    engagement = for_verifier(engagement_id, by)
    if engagement.state != EngagementState.PLANNED:
        at_work(engagement_id, by)
    today = at.astimezone(BEIJING).date()
    members = {
        user
        for _party, user, role in parties.members_on([engagement.verifier_id], on=today)
        if role == Role.VERIFIER
    }
    wanted = {by.user_id, *team}
    if not wanted <= members | {by.user_id}:
        raise rules.NotOfTheBody
    engagement.team = sorted(str(user) for user in wanted)
    engagement.save(update_fields=["team"])
    record("engagement.team_named", engagement, by, at)


@operation
def declare_independence(*, engagement_id: UUID, statement: str, by: Actor, at: datetime) -> None:
    """A verifier declares that nothing ties her to the operator; with the first the work begins.

    Every further member of the team declares for herself before she does anything.

    :raises NotFound: not an engagement of the actor's verification body
    :raises VerifierIsMaker: she works for the operator, too
    :raises TextMissing, IllegalTransition, DeclaredAlready: as they say
    """
    rules.check_text(statement)
    engagement = for_verifier(engagement_id, by)
    if queries.has_declared(engagement, by.user_id):
        raise rules.DeclaredAlready
    _check_not_of_the_operator(engagement, by, at)
    if engagement.state == EngagementState.ACTIVE:
        declaration = models.Declaration.objects.create(
            engagement=engagement, statement=statement, declared_at=at, declared_by=by.user_id
        )
        record("declaration.made", declaration, by, at)
        return
    move(engagement, EngagementState.ACTIVE)
    engagement.independence = statement
    engagement.declared_at, engagement.declared_by = at, by.user_id
    engagement.save(update_fields=["state", "independence", "declared_at", "declared_by"])
    record("engagement.active", engagement, by, at)


def _check_not_of_the_operator(engagement: models.Engagement, by: Actor, at: datetime) -> None:
    """The same human being, under whichever login, holds nothing at the operator today."""
    person = parties.person_of(by.user_id)
    today = at.astimezone(BEIJING).date()
    for login in parties.logins_of([person])[person] | {by.user_id}:
        held = parties.memberships_on(user_id=login, on=today)
        if held.filter(party_id=engagement.party_id).exists():
            raise rules.VerifierIsMaker


@operation
def withdraw_engagement(*, engagement_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """End an engagement without an opinion.

    :raises NotFound, TextMissing, IllegalTransition: as they say
    """
    rules.check_text(reason)
    engagement = lock_engagement(engagement_id, by)
    move(engagement, EngagementState.WITHDRAWN)
    engagement.save(update_fields=["state"])
    record("engagement.withdrawn", engagement, by, at, reason=reason)


@operation
def conclude_procedures(*, engagement_id: UUID, by: Actor, at: datetime) -> None:
    """Agreed-upon procedures are done: the findings stand, and no opinion is given (R5.17).

    :raises NotFound, IllegalTransition, NotDeclared: as they say
    :raises FindingsOpen, RequestsOpen: something is not closed yet
    """
    engagement = at_work(engagement_id, by)
    if engagement.level != AssuranceLevel.PROCEDURES:
        raise rules.NothingToConclude
    rules.check_all_settled(None, queries.findings_of(engagement.pk))
    check_requests_settled(engagement)
    move(engagement, EngagementState.CONCLUDED)
    engagement.save(update_fields=["state"])
    record("engagement.concluded", engagement, by, at)


def check_requests_settled(engagement: models.Engagement) -> None:
    """:raises RequestsOpen: some wait for an answer, or for the verifier to close them"""
    unsettled = [RequestState.OPEN, RequestState.ANSWERED]
    count = engagement.requests.filter(state__in=unsettled).count()
    if count:
        raise rules.RequestsOpen(count=count)
