"""Who shares what: its keeper sees all of an agreement, a participant her own part."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from finance.sharing import models
from ledger.audit.keeping import rows_match_events, subject_of
from ledger.audit.queries import Fault
from ledger.doors.admin import SEES_ALL
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound

ALL = (*SEES_ALL, Role.SYSTEM)

VERBS: dict[Any, list[str]] = {
    models.Agreement: ["agreement.entered"],
    models.Terms: ["sharing_terms.set"],
    models.Participant: ["sharing_terms.participant"],
    models.Settlement: ["settlement.shared"],
    models.Part: ["settlement.part"],
}


def check_rows_match_events() -> Iterator[Fault]:
    """Every row as its event tells it, and the parts of each settlement as its whole."""
    yield from rows_match_events(VERBS)
    for row in models.Settlement.objects.prefetch_related("parts").iterator(chunk_size=500):
        if sum(part.amount for part in row.parts.all()) != row.distributable:
            yield Fault("sharing.sums", subject_of(row), "its parts do not make the whole")


def agreements_seen_by(party_id: UUID) -> QuerySet[models.Agreement]:
    mine = models.Participant.objects.filter(party_id=party_id).values("terms__agreement")
    return models.Agreement.objects.filter(Q(party_id=party_id) | Q(pk__in=mine))


def visible_agreements(by: Actor) -> QuerySet[models.Agreement]:
    if by.has(*ALL):
        return models.Agreement.objects.all()
    return agreements_seen_by(by.party_id) if by.party_id else models.Agreement.objects.none()


def parts_seen_by(party_id: UUID) -> QuerySet[models.Part]:
    """Of agreements that the party keeps every part, of the others its own."""
    return models.Part.objects.filter(
        Q(settlement__agreement__party_id=party_id) | Q(party_id=party_id)
    )


def visible_parts(by: Actor) -> QuerySet[models.Part]:
    if by.has(*ALL):
        return models.Part.objects.all()
    return parts_seen_by(by.party_id) if by.party_id else models.Part.objects.none()


def get_agreement(agreement_id: UUID, *, by: Actor) -> models.Agreement:
    """:raises NotFound: not there, or not yours"""
    found = visible_agreements(by).filter(pk=agreement_id).first()
    if found is None:
        raise NotFound
    return found


def get_kept_agreement(agreement_id: UUID, *, by: Actor) -> models.Agreement:
    """An agreement that the actor's party keeps.

    :raises NotFound: not there, or not yours
    """
    found = models.Agreement.objects.filter(pk=agreement_id).first()
    if found is None or (found.party_id != by.party_id and not by.has(Role.SYSTEM)):
        raise NotFound
    return found


def is_keeper(agreement: models.Agreement, by: Actor) -> bool:
    return agreement.party_id == by.party_id or by.has(*ALL)


def terms_on(agreement: models.Agreement, on: date) -> models.Terms | None:
    return agreement.terms.filter(valid_from__lte=on).order_by("-valid_from").first()


def newest_settlements(agreement: models.Agreement) -> QuerySet[models.Settlement]:
    """The newest version of each period, the newest period first."""
    rows = agreement.settlements.all()
    newest = rows.order_by("period_start", "-version").distinct("period_start")
    return rows.filter(pk__in=newest.values("pk")).order_by("-period_start")
