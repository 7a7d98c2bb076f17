"""A verifier's work: engagement, findings, opinion."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Max, Model

from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.periods import Period
from ledger.kernel.transitions import check_transition
from ledger.parameters import queries as parameters
from ledger.parties import queries as parties
from reporting.activity import operations as activity
from reporting.activity import queries as activity_queries
from reporting.activity.states import DatasetState
from reporting.inventories import queries as inventories
from reporting.parks import queries as parks
from reporting.verification import models, queries, rules
from reporting.verification.states import (
    ENGAGEMENT_MOVES,
    FINDING_MOVES,
    AssuranceLevel,
    EngagementState,
    FindingKind,
    FindingState,
    OpinionKind,
)

MATERIALITY = "verify.materiality"
VERIFIER = "VERIFIER"


def _record(verb: str, row: Model, by: Actor, at: datetime, reason: str = "") -> None:
    subject = f"verification.{type(row).__name__}:{row.pk}"
    data = {"row": parks.row_facts(row)}
    audit.record(verb=verb, subject=subject, by=by, at=at, data=data, reason=reason)


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
    engagement.refresh_from_db()
    _record("engagement.opened", engagement, by, at)
    return engagement.pk


def _lock_engagement(engagement_id: UUID, by: Actor) -> models.Engagement:
    queries.get_engagement(engagement_id, by)
    return models.Engagement.objects.select_for_update().get(pk=engagement_id)


def _for_verifier(engagement_id: UUID, by: Actor) -> models.Engagement:
    """:raises NotFound: not an engagement of the actor's verification body"""
    engagement = _lock_engagement(engagement_id, by)
    if engagement.verifier_id != by.party_id:
        raise NotFound
    return engagement


def _move(engagement: models.Engagement, state: EngagementState) -> None:
    check_transition(ENGAGEMENT_MOVES, engagement.state, state)
    engagement.state = state


@operation
def declare_independence(*, engagement_id: UUID, statement: str, by: Actor, at: datetime) -> None:
    """The verifier declares that nothing ties her to the operator; the work may begin.

    :raises NotFound: not an engagement of the actor's verification body
    :raises TextMissing, IllegalTransition: as they say
    """
    rules.check_text(statement)
    engagement = _for_verifier(engagement_id, by)
    _move(engagement, EngagementState.ACTIVE)
    engagement.independence = statement
    engagement.declared_at, engagement.declared_by = at, by.user_id
    engagement.save(update_fields=["state", "independence", "declared_at", "declared_by"])
    _record("engagement.active", engagement, by, at)


@operation
def withdraw_engagement(*, engagement_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """End an engagement without an opinion.

    :raises NotFound, TextMissing, IllegalTransition: as they say
    """
    rules.check_text(reason)
    engagement = _lock_engagement(engagement_id, by)
    _move(engagement, EngagementState.WITHDRAWN)
    engagement.save(update_fields=["state"])
    _record("engagement.withdrawn", engagement, by, at, reason=reason)


@operation
def raise_finding(
    *,
    engagement_id: UUID,
    kind: FindingKind,
    text: str,
    by: Actor,
    at: datetime,
    effect_tco2e: Decimal | None = None,
) -> UUID:
    """Write down a finding. The effect is signed: what is stated less what is right.

    :raises NotFound: not an engagement of the actor's verification body
    :raises TextMissing, IllegalTransition: as they say
    """
    rules.check_text(text)
    engagement = _for_verifier(engagement_id, by)
    # only work in progress finds anything: the move that would conclude it must be open
    check_transition(ENGAGEMENT_MOVES, engagement.state, EngagementState.CONCLUDED)
    last = engagement.findings.aggregate(last=Max("number"))["last"] or 0
    finding = models.Finding.objects.create(
        engagement=engagement,
        number=last + 1,
        kind=kind,
        text=text,
        effect_tco2e=effect_tco2e,
        state=FindingState.OPEN,
        raised_at=at,
        raised_by=by.user_id,
    )
    finding.refresh_from_db()
    _record("finding.raised", finding, by, at)
    return finding.pk


def _lock_finding(finding_id: UUID, by: Actor) -> models.Finding:
    visible = queries.engagements_for(by)
    rows = models.Finding.objects.select_for_update().filter(pk=finding_id)
    row = rows.filter(engagement__in=visible.values("pk")).first()
    if row is None:
        raise NotFound
    return row


@operation
def answer_finding(*, finding_id: UUID, answer: str, by: Actor, at: datetime) -> None:
    """The operator answers.

    :raises NotFound, TextMissing, IllegalTransition: as they say
    """
    rules.check_text(answer)
    finding = _lock_finding(finding_id, by)
    if finding.engagement.party_id != by.party_id:
        raise NotFound
    check_transition(FINDING_MOVES, finding.state, FindingState.ANSWERED)
    finding.state, finding.answer = FindingState.ANSWERED, answer
    finding.answered_at, finding.answered_by = at, by.user_id
    finding.save(update_fields=["state", "answer", "answered_at", "answered_by"])
    _record("finding.answered", finding, by, at)


@operation
def close_finding(
    *, finding_id: UUID, is_corrected: bool, conclusion: str, by: Actor, at: datetime
) -> None:
    """The verifier closes it: corrected, or left as it is and weighed against materiality.

    :raises NotFound, TextMissing, IllegalTransition: as they say
    """
    rules.check_text(conclusion)
    finding = _lock_finding(finding_id, by)
    if finding.engagement.verifier_id != by.party_id:
        raise NotFound
    check_transition(FINDING_MOVES, finding.state, FindingState.CLOSED)
    finding.state, finding.is_corrected = FindingState.CLOSED, is_corrected
    finding.conclusion, finding.closed_at, finding.closed_by = conclusion, at, by.user_id
    finding.save(update_fields=["state", "is_corrected", "conclusion", "closed_at", "closed_by"])
    _record("finding.closed", finding, by, at)


@operation
def give_opinion(
    *,
    engagement_id: UUID,
    kind: OpinionKind,
    content_hash: str,
    text: str,
    by: Actor,
    at: datetime,
) -> queries.OpinionView:
    """The verifier's word, bound to one hash over the frozen inventory and its dataset (R5.20).

    An unmodified or modified opinion moves checked activity data to verified.

    :raises NotFound: not an engagement of the actor's verification body
    :raises OtherInventory: the hash is of no frozen inventory of that park and period
    :raises VerifierIsMaker, InventoryChanged, FindingsOpen, MaterialMisstatement,
        DataNotChecked, TextMissing, IllegalTransition: as they say
    """
    rules.check_text(text)
    engagement = _for_verifier(engagement_id, by)
    _move(engagement, EngagementState.CONCLUDED)
    frozen = _frozen(engagement, content_hash)
    _check_not_maker(engagement, frozen, by)
    if inventories.is_stale(frozen.id):
        raise rules.InventoryChanged
    weighed = _weigh(engagement, frozen, OpinionKind(kind))
    opinion = models.Opinion.objects.create(
        engagement=engagement,
        frozen_id=frozen.id,
        kind=kind,
        content_hash=frozen.content_hash,
        dataset_hash=frozen.dataset_hash,
        bound_hash=rules.bound_hash(
            content_hash=frozen.content_hash, dataset_hash=frozen.dataset_hash
        ),
        threshold_tco2e=weighed.threshold_tco2e,
        misstatement_tco2e=weighed.found_tco2e,
        text=text,
        given_at=at,
        given_by=by.user_id,
    )
    opinion.refresh_from_db()
    engagement.save(update_fields=["state"])
    _record("engagement.concluded", engagement, by, at)
    _record("opinion.given", opinion, by, at)
    if OpinionKind(kind) in rules.ASSURING:
        _mark_data_verified(engagement, opinion.pk, by, at)
    found = queries.opinion_for(frozen.id)
    assert found is not None  # noqa: S101  just written
    return found


def _frozen(engagement: models.Engagement, content_hash: str) -> inventories.FrozenView:
    found = inventories.frozen_of(engagement.park_id, engagement.period_start)
    for one in found:
        if one.content_hash == content_hash:
            return one
    raise rules.OtherInventory


def _check_not_maker(
    engagement: models.Engagement, frozen: inventories.FrozenView, by: Actor
) -> None:
    users = {frozen.built_by, frozen.frozen_by, engagement.opened_by}
    makers = {parties.person_of(user) for user in users}
    if parties.person_of(by.user_id) in makers or by.party_id == engagement.party_id:
        raise rules.VerifierIsMaker


def _weigh(
    engagement: models.Engagement, frozen: inventories.FrozenView, kind: OpinionKind
) -> rules.Materiality:
    findings = queries.findings_of(engagement.pk)
    totals: dict[str, Any] = frozen.content["result"]["totals"]
    weighed = rules.weigh_findings(
        findings,
        total_tco2e=Decimal(totals["total_location_tco2e"]),
        materiality=engagement.materiality,
    )
    rules.check_findings_allow(kind, findings, weighed)
    return weighed


def _mark_data_verified(
    engagement: models.Engagement, opinion_id: UUID, by: Actor, at: datetime
) -> None:
    """The years of data under the inventory; a facility's measured gases have none."""
    last = engagement.period_end.year - (engagement.period_end.timetuple().tm_yday == 1)
    for year in range(engagement.period_start.year, last + 1):
        dataset = activity_queries.find_dataset(park_id=engagement.park_id, year=year)
        if dataset is None or dataset.state in {DatasetState.VERIFIED, DatasetState.LOCKED}:
            continue
        if dataset.state != DatasetState.CHECKED:
            raise rules.DataNotChecked
        activity.mark_verified(dataset_id=dataset.pk, opinion_id=opinion_id, by=by, at=at)
