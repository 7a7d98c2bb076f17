"""What other rooms may ask about verification."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ledger.audit import queries as audit
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from reporting.inventories import queries as inventories
from reporting.parks import queries as parks
from reporting.verification import models
from reporting.verification.rules import ASSURING, FindingFacts
from reporting.verification.states import (
    AssuranceLevel,
    FindingKind,
    FindingState,
    OpinionKind,
    OpinionStatus,
)


@dataclass(frozen=True, slots=True)
class OpinionView:
    """An opinion as a report prints it. `status` says what it is worth today."""

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

    @property
    def is_verified(self) -> bool:
        return self.status is OpinionStatus.VERIFIED


def engagements_for(actor: Actor) -> QuerySet[models.Engagement]:
    """A verifier sees the engagements of her own body, an operator those of its own parks."""
    rows = models.Engagement.objects.select_related("park", "verifier")
    if actor.is_machine or actor.has(Role.AUDITOR, Role.ADMINISTRATOR):
        return rows
    return rows.filter(Q(verifier_id=actor.party_id) | Q(party_id=actor.party_id))


def get_engagement(engagement_id: UUID, actor: Actor) -> models.Engagement:
    """:raises NotFound: not there, or neither the actor's to verify nor of her own park"""
    row = engagements_for(actor).filter(pk=engagement_id).first()
    if row is None:
        raise NotFound
    return row


def engaged_periods(actor: Actor) -> list[tuple[UUID, date]]:
    """(park, first day of the period) that a verifier may read for the sake of an engagement."""
    rows = models.Engagement.objects.filter(verifier_id=actor.party_id)
    return list(rows.values_list("park_id", "period_start").distinct())


def opinion_for(frozen_id: UUID) -> OpinionView | None:
    """The newest opinion on a frozen inventory; None when there is none."""
    row = (
        models.Opinion.objects.select_related("engagement")
        .filter(frozen_id=frozen_id)
        .order_by("-given_at")
        .first()
    )
    return None if row is None else _view(row)


def _status(row: models.Opinion) -> OpinionStatus:
    if OpinionKind(row.kind) not in ASSURING:
        return OpinionStatus.NOT_VERIFIED
    if inventories.is_stale(row.frozen_id):
        return OpinionStatus.SUPERSEDED
    return OpinionStatus.VERIFIED


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


def findings_of(engagement_id: UUID) -> list[FindingFacts]:
    return [
        FindingFacts(
            kind=FindingKind(row.kind),
            state=FindingState(row.state),
            effect_tco2e=row.effect_tco2e,
            is_corrected=row.is_corrected,
        )
        for row in models.Finding.objects.filter(engagement_id=engagement_id)
    ]


def count_open_findings(party_id: UUID) -> int:
    """Findings that wait for an answer of the operator."""
    rows = models.Finding.objects.filter(engagement__party_id=party_id)
    return rows.filter(state=FindingState.OPEN).count()


SEALED_BY = {
    models.Engagement: (
        "engagement.opened",
        "engagement.active",
        "engagement.concluded",
        "engagement.withdrawn",
    ),
    models.Finding: ("finding.raised", "finding.answered", "finding.closed"),
    models.Opinion: ("opinion.given",),
}


def rows_match_events() -> Iterator[audit.Fault]:
    """Each engagement, finding and opinion is as its newest event says."""
    for model, verbs in SEALED_BY.items():
        rows = parks.sealed_rows(model, "verification")
        kind = f"verification.{model.__name__}"
        yield from audit.compare_rows_with_events(rows, kind=kind, verbs=verbs)
