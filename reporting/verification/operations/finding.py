"""Findings: raised by the verifier, answered by the operator, closed, sent back or withdrawn."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.transitions import check_transition
from reporting.verification import models, queries, rules
from reporting.verification.operations.common import at_work, next_number, record
from reporting.verification.states import FINDING_MOVES, FindingKind, FindingState


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
    :raises TextMissing, IllegalTransition, NotDeclared: as they say
    """
    rules.check_text(text)
    engagement = at_work(engagement_id, by)
    finding = models.Finding.objects.create(
        engagement=engagement,
        number=next_number(engagement.findings),
        kind=kind,
        text=text,
        effect_tco2e=effect_tco2e,
        state=FindingState.OPEN,
        raised_at=at,
        raised_by=by.user_id,
    )
    record("finding.raised", finding, by, at)
    return finding.pk


def _lock_finding(finding_id: UUID, by: Actor) -> models.Finding:
    visible = queries.engagements_for(by)
    rows = models.Finding.objects.select_for_update(of=("self",)).filter(pk=finding_id)
    row = rows.filter(engagement__in=visible.values("pk")).first()
    if row is None:
        raise NotFound
    return row


def _of_verifier(finding_id: UUID, by: Actor, state: FindingState) -> models.Finding:
    """A finding that the verifier may move: the engagement is hers and in progress."""
    finding = _lock_finding(finding_id, by)
    at_work(finding.engagement_id, by)
    check_transition(FINDING_MOVES, finding.state, state)
    return finding


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
    record("finding.answered", finding, by, at)


@operation
def send_finding_back(*, finding_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """The answer does not do: the finding is open again.

    :raises NotFound, TextMissing, IllegalTransition, NotDeclared: as they say
    """
    rules.check_text(reason)
    finding = _of_verifier(finding_id, by, FindingState.OPEN)
    finding.state, finding.conclusion = FindingState.OPEN, reason
    finding.save(update_fields=["state", "conclusion"])
    record("finding.sent_back", finding, by, at, reason=reason)


@operation
def close_finding(
    *, finding_id: UUID, is_corrected: bool, conclusion: str, by: Actor, at: datetime
) -> None:
    """The verifier closes it: corrected, or left as it is and weighed against materiality.

    :raises NotFound, TextMissing, IllegalTransition, NotDeclared: as they say
    """
    rules.check_text(conclusion)
    finding = _of_verifier(finding_id, by, FindingState.CLOSED)
    _end(finding, FindingState.CLOSED, conclusion, by, at, is_corrected=is_corrected)
    record("finding.closed", finding, by, at)


@operation
def withdraw_finding(*, finding_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """It was none: it counts for nothing, and stays readable.

    :raises NotFound, TextMissing, IllegalTransition, NotDeclared: as they say
    """
    rules.check_text(reason)
    finding = _of_verifier(finding_id, by, FindingState.WITHDRAWN)
    _end(finding, FindingState.WITHDRAWN, reason, by, at, is_corrected=False)
    record("finding.withdrawn", finding, by, at, reason=reason)


def _end(
    finding: models.Finding,
    state: FindingState,
    conclusion: str,
    by: Actor,
    at: datetime,
    *,
    is_corrected: bool,
) -> None:
    finding.state, finding.is_corrected = state, is_corrected
    finding.conclusion, finding.closed_at, finding.closed_by = conclusion, at, by.user_id
    finding.save(update_fields=["state", "is_corrected", "conclusion", "closed_at", "closed_by"])
