"""The verifier's word: prepared, signed outside by her own key, and given."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.transitions import check_transition
from ledger.parties import queries as parties
from reporting.activity import operations as activity
from reporting.activity import queries as activity_queries
from reporting.activity.states import DatasetState
from reporting.inventories import queries as inventories
from reporting.verification import models, queries, rules
from reporting.verification.operations.common import (
    check_declared,
    for_verifier,
    move,
    record,
)
from reporting.verification.operations.engaging import check_requests_settled
from reporting.verification.operations.stating import statement_of
from reporting.verification.rules import signatures
from reporting.verification.states import (
    DRAFT_MOVES,
    ENGAGEMENT_MOVES,
    DraftState,
    EngagementState,
    OpinionKind,
)


@dataclass(frozen=True, slots=True)
class _Ready:
    """An opinion that may be given now: on what, and with which misstatements."""

    engagement: models.Engagement
    frozen: inventories.FrozenView
    weighed: rules.Materiality
    kind: OpinionKind
    text: str

    def statement(self, *, by_user: UUID, at: datetime) -> bytes:
        return statement_of(
            self.engagement,
            self.frozen,
            kind=self.kind,
            text=self.text,
            weighed=self.weighed,
            by_user=by_user,
            at=at,
        )


@operation
def prepare_opinion(
    *,
    engagement_id: UUID,
    kind: OpinionKind,
    content_hash: str,
    text: str,
    by: Actor,
    at: datetime,
) -> UUID:
    """Write the statement that the verifier signs; one waits at a time. Nothing is decided yet.

    :raises NotFound: not an engagement of the actor's verification body
    :raises OtherInventory: the hash is of no frozen inventory of that park and period
    :raises VerifierIsMaker, NotDeclared, InventoryChanged, FindingsOpen, RequestsOpen,
        MaterialMisstatement, NoOpinionOfProcedures, TextMissing, IllegalTransition: as they say
    """
    ready = _checked(engagement_id, kind, content_hash, text, by)
    statement = ready.statement(by_user=by.user_id, at=at)
    _replace_waiting(ready.engagement, by, at)
    draft = models.OpinionDraft.objects.create(
        engagement=ready.engagement,
        frozen_id=ready.frozen.id,
        kind=kind,
        text=text,
        statement=statement.decode(),
        statement_sha256=hashlib.sha256(statement).hexdigest(),
        state=DraftState.WAITING,
        prepared_at=at,
        prepared_by=by.user_id,
    )
    record("opinion.prepared", draft, by, at)
    return draft.pk


@operation
def sign_opinion(
    *, draft_id: UUID, signature: bytes, by: Actor, at: datetime
) -> queries.OpinionView:
    """Take the detached signature over the prepared statement, and with it the opinion is given.

    Only the signature and its certificates come here; the key never does.

    :raises NotFound: not a statement of the actor's engagements
    :raises NotASignature, SignatureHoldsContent, SignerNotClear, SignatureWeak, SignatureWrong,
        CertificateNotValid, CertificateNotForSigning, ChainBroken: of the signature
    :raises StatementOutdated: something in the engagement changed since it was prepared
    :raises DomainError: what `prepare_opinion` refuses
    """
    draft = _lock_draft(draft_id, by)
    check_transition(DRAFT_MOVES, draft.state, DraftState.SIGNED)
    statement = draft.statement.encode()
    signed = signatures.check_signature(signature, statement=statement, at=at)
    content_hash = draft.frozen.content_hash
    ready = _checked(draft.engagement_id, OpinionKind(draft.kind), content_hash, draft.text, by)
    if ready.statement(by_user=draft.prepared_by, at=draft.prepared_at) != statement:
        raise rules.StatementOutdated
    opinion = _give(ready, by, at)
    _move_draft(draft, DraftState.SIGNED, by, at)
    kept = _signature_row(signature, signed)
    kept.opinion, kept.draft = opinion, draft
    kept.signed_at, kept.signed_by = at, by.user_id
    kept.save(force_insert=True)
    record("opinion.signed", kept, by, at)
    return queries.opinion_view(opinion.pk)


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

    Without a digital signature: for a body that signs on paper. An unmodified or modified opinion
    moves checked activity data to verified.

    :raises NotFound: not an engagement of the actor's verification body
    :raises OtherInventory: the hash is of no frozen inventory of that park and period
    :raises VerifierIsMaker, NotDeclared, InventoryChanged, FindingsOpen, RequestsOpen,
        MaterialMisstatement, NoOpinionOfProcedures, DataNotChecked, TextMissing,
        IllegalTransition: as they say
    """
    ready = _checked(engagement_id, kind, content_hash, text, by)
    _replace_waiting(ready.engagement, by, at)
    opinion = _give(ready, by, at)
    return queries.opinion_view(opinion.pk)


def _checked(
    engagement_id: UUID, kind: OpinionKind, content_hash: str, text: str, by: Actor
) -> _Ready:
    """Everything that must be so before an opinion is given."""
    rules.check_text(text)
    kind = OpinionKind(kind)
    engagement = for_verifier(engagement_id, by)
    check_transition(ENGAGEMENT_MOVES, engagement.state, EngagementState.CONCLUDED)
    rules.check_level_has_opinion(engagement.level)
    frozen = queries.frozen_by_hash(engagement, content_hash)
    _check_not_maker(engagement, frozen, by)
    check_declared(engagement, by)
    if inventories.is_stale(frozen.id):
        raise rules.InventoryChanged
    if kind is not OpinionKind.DISCLAIMED:
        check_requests_settled(engagement)
    weighed = queries.weighed_against(engagement, frozen)
    rules.check_findings_allow(kind, queries.findings_of(engagement.pk), weighed)
    return _Ready(engagement, frozen, weighed, kind, text)


def _give(ready: _Ready, by: Actor, at: datetime) -> models.Opinion:
    engagement, frozen = ready.engagement, ready.frozen
    move(engagement, EngagementState.CONCLUDED)
    opinion = models.Opinion.objects.create(
        engagement=engagement,
        frozen_id=frozen.id,
        kind=ready.kind,
        content_hash=frozen.content_hash,
        dataset_hash=frozen.dataset_hash,
        bound_hash=rules.bound_hash(
            content_hash=frozen.content_hash, dataset_hash=frozen.dataset_hash
        ),
        threshold_tco2e=ready.weighed.threshold_tco2e,
        misstatement_tco2e=ready.weighed.found_tco2e,
        text=ready.text,
        given_at=at,
        given_by=by.user_id,
    )
    engagement.save(update_fields=["state"])
    record("engagement.concluded", engagement, by, at)
    record("opinion.given", opinion, by, at)
    if ready.kind in rules.ASSURING:
        _mark_data_verified(engagement, opinion.pk, by, at)
    return opinion


def _lock_draft(draft_id: UUID, by: Actor) -> models.OpinionDraft:
    rows = models.OpinionDraft.objects.select_for_update(of=("self",)).select_related("frozen")
    visible = queries.engagements_for(by).filter(verifier_id=by.party_id)
    draft = rows.filter(pk=draft_id, engagement__in=visible.values("pk")).first()
    if draft is None:
        raise NotFound
    return draft


def _move_draft(draft: models.OpinionDraft, state: DraftState, by: Actor, at: datetime) -> None:
    check_transition(DRAFT_MOVES, draft.state, state)
    draft.state = state
    draft.save(update_fields=["state"])
    record(f"opinion.statement_{state.lower()}", draft, by, at)


def _replace_waiting(engagement: models.Engagement, by: Actor, at: datetime) -> None:
    for old in engagement.drafts.select_for_update().filter(state=DraftState.WAITING):
        _move_draft(old, DraftState.REPLACED, by, at)


def _signature_row(raw: bytes, signed: signatures.Signed) -> models.OpinionSignature:
    signer = signed.signer
    return models.OpinionSignature(
        cms_base64=base64.b64encode(raw).decode(),
        certificate_pem=signed.certificate_pem,
        certificate_sha256=signer.sha256,
        subject=signer.subject[:500],
        issuer=signer.issuer[:500],
        serial=signed.serial[:80],
        valid_from=signer.valid_from,
        valid_to=signer.valid_to,
        chain=[_said(one) for one in signed.chain],
        algorithm=signed.algorithm[:80],
        claimed_on=signed.claimed_at,
    )


def _said(link: signatures.Link) -> dict[str, Any]:
    return {
        "subject": link.subject,
        "issuer": link.issuer,
        "sha256": link.sha256,
        "valid_from": link.valid_from.isoformat(),
        "valid_to": link.valid_to.isoformat(),
        "is_self_signed": link.is_self_signed,
    }


def _check_not_maker(
    engagement: models.Engagement, frozen: inventories.FrozenView, by: Actor
) -> None:
    """Nobody who made the inventory, its data or the engagement; compared as human beings."""
    users = {frozen.built_by, frozen.frozen_by, engagement.opened_by}
    for dataset in _datasets(engagement):
        users |= {dataset.submitted_by} if dataset.submitted_by else set()
        users |= set(dataset.rows.values_list("recorded_by", flat=True).distinct())
    makers = {parties.person_of(user) for user in users}
    if parties.person_of(by.user_id) in makers or by.party_id == engagement.party_id:
        raise rules.VerifierIsMaker


def _datasets(engagement: models.Engagement) -> list[Any]:
    """The years of data under the inventory; a facility's measured gases have none."""
    last = engagement.period_end.year - (engagement.period_end.timetuple().tm_yday == 1)
    found = (
        activity_queries.find_dataset(park_id=engagement.park_id, year=year)
        for year in range(engagement.period_start.year, last + 1)
    )
    return [one for one in found if one is not None]


def _mark_data_verified(
    engagement: models.Engagement, opinion_id: UUID, by: Actor, at: datetime
) -> None:
    for dataset in _datasets(engagement):
        if dataset.state in {DatasetState.VERIFIED, DatasetState.LOCKED}:
            continue
        if dataset.state != DatasetState.CHECKED:
            raise rules.DataNotChecked
        activity.mark_verified(dataset_id=dataset.pk, opinion_id=opinion_id, by=by, at=at)
