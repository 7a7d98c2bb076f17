"""Opinions, what they are worth today, and what was found against materiality."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from reporting.inventories import queries as inventories
from reporting.verification import models
from reporting.verification.queries.engagements import (
    engagements_for,
    engagements_verified_by,
)
from reporting.verification.rules import ASSURING, FindingFacts, Materiality, weigh_findings
from reporting.verification.states import (
    AssuranceLevel,
    FactState,
    FindingKind,
    FindingState,
    OpinionKind,
    OpinionStatus,
)


@dataclass(frozen=True, slots=True)
class SignatureView:
    """The verifier's own signature over `statement`, byte by byte; `cms_base64` is detached."""

    statement: str
    statement_sha256: str
    cms_base64: str
    certificate_pem: str
    certificate_sha256: str
    subject: str
    issuer: str
    chain: list[dict[str, Any]]
    algorithm: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class OpinionView:
    """An opinion as a report prints it. `status` says what it is worth today.

    `signature` is None where the verification body signed on paper.
    """

    id: UUID
    engagement_id: UUID
    frozen_id: UUID
    kind: OpinionKind
    level: AssuranceLevel
    accreditation: str
    criteria: str
    scope: str
    materiality: Decimal
    verifier_id: UUID
    content_hash: str
    dataset_hash: str
    bound_hash: str
    threshold_tco2e: Decimal
    misstatement_tco2e: Decimal
    text: str
    given_at: datetime
    given_by: UUID
    status: OpinionStatus
    signature: SignatureView | None = None

    @property
    def is_verified(self) -> bool:
        return self.status is OpinionStatus.VERIFIED


def _rows() -> QuerySet[models.Opinion]:
    return models.Opinion.objects.select_related("engagement", "signature__draft")


def opinions_for(actor: Actor) -> QuerySet[models.Opinion]:
    """The opinions of the engagements that an actor sees."""
    return models.Opinion.objects.filter(engagement__in=engagements_for(actor).values("pk"))


def opinion_for(frozen_id: UUID) -> OpinionView | None:
    """The newest opinion on a frozen inventory; None when there is none."""
    row = _rows().filter(frozen_id=frozen_id).order_by("-given_at", "-pk").first()
    return None if row is None else _view(row)


def get_draft(draft_id: UUID, actor: Actor) -> models.OpinionDraft:
    """A statement to sign, of an engagement that is the actor's to verify.

    :raises NotFound: not there, or not hers
    """
    mine = engagements_verified_by(actor).values("pk")
    rows = models.OpinionDraft.objects.select_related("engagement__park", "frozen")
    found = rows.filter(pk=draft_id, engagement__in=mine).first()
    if found is None:
        raise NotFound
    return found


def opinion_view(opinion_id: UUID) -> OpinionView:
    return _view(_rows().get(pk=opinion_id))


def is_withdrawn(opinion_id: UUID | str) -> bool:
    """Whether facts discovered later took an opinion's ground away (R5.18)."""
    facts = models.LaterFact.objects.filter(opinion_id=opinion_id)
    return facts.filter(state=FactState.REOPENED).exists()


def withdrawn_opinions(engagement: models.Engagement) -> QuerySet[models.Opinion]:
    """The opinions of an engagement that no longer stand, oldest first."""
    rows = engagement.opinions.filter(later_facts__state=FactState.REOPENED)
    return rows.distinct().order_by("given_at", "pk")


def standing_opinion(engagement: models.Engagement) -> models.Opinion | None:
    """The one that was given and not taken back."""
    gone = withdrawn_opinions(engagement).values("pk")
    return engagement.opinions.exclude(pk__in=gone).order_by("-given_at", "-pk").first()


def _status(row: models.Opinion) -> OpinionStatus:
    if is_withdrawn(row.pk):
        return OpinionStatus.WITHDRAWN
    if OpinionKind(row.kind) not in ASSURING:
        return OpinionStatus.NOT_VERIFIED
    if inventories.is_stale(row.frozen_id):
        return OpinionStatus.SUPERSEDED
    return OpinionStatus.VERIFIED


def _signature(row: models.Opinion) -> SignatureView | None:
    found: models.OpinionSignature | None = getattr(row, "signature", None)
    if found is None:
        return None
    return SignatureView(
        statement=found.draft.statement,
        statement_sha256=found.draft.statement_sha256,
        cms_base64=found.cms_base64,
        certificate_pem=found.certificate_pem,
        certificate_sha256=found.certificate_sha256,
        subject=found.subject,
        issuer=found.issuer,
        chain=found.chain,
        algorithm=found.algorithm,
        signed_at=found.signed_at,
    )


def _view(row: models.Opinion) -> OpinionView:
    engagement = row.engagement
    return OpinionView(
        id=row.pk,
        engagement_id=engagement.pk,
        frozen_id=row.frozen_id,
        kind=OpinionKind(row.kind),
        level=AssuranceLevel(engagement.level),
        accreditation=engagement.accreditation,
        criteria=engagement.criteria,
        scope=engagement.scope,
        materiality=engagement.materiality,
        verifier_id=engagement.verifier_id,
        content_hash=row.content_hash,
        dataset_hash=row.dataset_hash,
        bound_hash=row.bound_hash,
        threshold_tco2e=row.threshold_tco2e,
        misstatement_tco2e=row.misstatement_tco2e,
        text=row.text,
        given_at=row.given_at,
        given_by=row.given_by,
        status=_status(row),
        signature=_signature(row),
    )


def findings_of(engagement_id: UUID) -> list[FindingFacts]:
    """The findings that stand; what was withdrawn was none."""
    rows = models.Finding.objects.filter(engagement_id=engagement_id)
    return [
        FindingFacts(
            kind=FindingKind(row.kind),
            state=FindingState(row.state),
            effect_tco2e=row.effect_tco2e,
            is_corrected=row.is_corrected,
        )
        for row in rows.exclude(state=FindingState.WITHDRAWN)
    ]


def weighed_against(engagement: models.Engagement, frozen: inventories.FrozenView) -> Materiality:
    """The misstatements that stand uncorrected, against the total of a frozen inventory."""
    totals: dict[str, Any] = frozen.content["result"]["totals"]
    return weigh_findings(
        findings_of(engagement.pk),
        total_tco2e=Decimal(totals["total_location_tco2e"]),
        materiality=engagement.materiality,
    )


class VerifiedFigure(NamedTuple):
    """A total of a frozen inventory on which an assuring opinion stands today."""

    source: str  # the opinion and the total, as a record of it names them
    total: str
    year: int
    value: Decimal
    measure: str
    park: str
    verifier_id: UUID
    opinion: OpinionView


# what a contract may be linked to: totals that an inventory has under these names
TOTALS = {
    "scope_1_tco2e": _("Scope 1 emissions"),
    "scope_2_location_tco2e": _("Scope 2 emissions, location-based"),
    "scope_2_market_tco2e": _("Scope 2 emissions, market-based"),
    "total_location_tco2e": _("Scope 1 and 2 emissions, location-based"),
    "total_market_tco2e": _("Scope 1 and 2 emissions, market-based"),
}


def verified_figures(party_id: UUID) -> list[VerifiedFigure]:
    """What verifiers found of a party's parks and stands today, newest year first."""
    rows = models.Opinion.objects.select_related("engagement__park")
    found = []
    for row in rows.filter(engagement__party_id=party_id).order_by("-given_at"):
        view = opinion_for(row.frozen_id)
        if view is None or view.id != row.pk or not view.is_verified:
            continue
        frozen = inventories.get_frozen(row.frozen_id)
        year = date.fromisoformat(frozen.content["period"]["start"]).year
        for name in TOTALS:
            value = frozen.content["totals"].get(name)
            if value is not None:
                source = f"verification.Opinion:{row.pk}#{name}"
                park = str(row.engagement.park)
                told = source, name, year, Decimal(value), "tCO2e", park, view.verifier_id, view
                found.append(VerifiedFigure(*told))
    return sorted(found, key=lambda one: -one.year)
