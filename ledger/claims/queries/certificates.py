"""Certificates issued from the meter: what is issued of which month, and what is carried on."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, Sum

from ledger.claims.models import Generation, GenerationSlice, Issuance
from ledger.claims.rules import plain
from ledger.claims.states import IssuanceState
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.units import queries as units
from ledger.units.states import UnitState


def _standing() -> QuerySet[Issuance]:
    """What was taken back is history: it has issued nothing and carries nothing on."""
    return Issuance.objects.filter(state=IssuanceState.STANDING)


def find_issuance(generation: Generation, *, scheme: str, kind: str) -> Issuance | None:
    return _standing().filter(generation=generation, scheme=scheme, kind=kind).first()


def count_issuances(generation: Generation, *, scheme: str, kind: str) -> int:
    """How often a month's certificates were issued, those taken back counted too."""
    return Issuance.objects.filter(generation=generation, scheme=scheme, kind=kind).count()


def last_issuance(*, plant_id: UUID, scheme: str, kind: str, before: date) -> Issuance | None:
    """The newest month of a kind before a month: its remainder is carried on."""
    rows = (
        _standing()
        .select_related("generation")
        .filter(
            generation__plant_id=plant_id, scheme=scheme, kind=kind, generation__month__lt=before
        )
    )
    return rows.order_by("-generation__month").first()


def basis_used(generation: Generation, *, scheme: str) -> Decimal:
    """MWh of a month that certificates were issued for, of whatever kind."""
    rows = _standing().filter(generation=generation, scheme=scheme)
    return sum((row.basis_mwh for row in rows), Decimal(0))


def later_issued(generation: Generation, *, scheme: str, kind: str) -> date | None:
    """A later month of the plant whose certificates of a kind are issued."""
    rows = _standing().filter(generation__plant_id=generation.plant_id, scheme=scheme, kind=kind)
    later = rows.filter(generation__month__gt=generation.month).order_by("generation__month")
    return later.values_list("generation__month", flat=True).first()


def earlier_open(generation: Generation, *, scheme: str) -> date | None:
    """An earlier metered month without any issue, after the plant's first issued one."""
    issued = _standing().filter(generation__plant_id=generation.plant_id, scheme=scheme)
    first = issued.order_by("generation__month").values_list("generation__month", flat=True).first()
    if first is None:
        return None
    metered = Generation.objects.filter(plant_id=generation.plant_id, month__lt=generation.month)
    missing = metered.filter(month__gt=first).exclude(pk__in=issued.values("generation_id"))
    return missing.order_by("month").values_list("month", flat=True).first()


# Read by name: units and schemes belong to rooms below.
_ELSEWHERE = """
SELECT EXISTS (
    SELECT FROM ledger_units_lot l
    JOIN ledger_instruments_scheme s ON s.code = l.scheme
    JOIN ledger_units_position p ON p.lot_id = l.id AND p.state = 'UNISSUED' AND p.quantity < 0
    WHERE l.plant_id = %s AND s.family = 'ENERGY_CERTIFICATE' AND l.scheme <> %s
      AND l.generated_from <= %s AND l.generated_to > %s)
"""


def is_certified_elsewhere(*, plant_id: UUID, month: date, scheme: str) -> bool:
    """Whether the month's power has certificates of another system (R3.22)."""
    with connection.cursor() as cursor:
        cursor.execute(_ELSEWHERE, [plant_id, scheme, month, month])
        return bool(cursor.fetchone()[0])


def claimed_of_lot(*, lot_id: UUID, month: date) -> Decimal:
    """MWh of a month that standing claims of a lot have used."""
    rows = GenerationSlice.objects.filter(
        claim__lot_id=lot_id, generation__month__gte=month, stands=True
    )
    return rows.aggregate(used=Sum("mwh"))["used"] or Decimal(0)


def get_issuance(issuance_id: UUID) -> Issuance:
    """:raises NotFound: no such issuance"""
    found = Issuance.objects.select_related("generation__plant", "lot").filter(pk=issuance_id)
    if row := found.first():
        return row
    raise NotFound


def get_visible_issuance(issuance_id: UUID, *, by: Actor) -> Issuance:
    """An issuance of the actor's own plant, or of one that nobody owns.

    :raises NotFound: not there, or not yours
    """
    row = get_issuance(issuance_id)
    owner_id = row.generation.plant.owner_id
    if owner_id not in {None, by.party_id} and not by.has(Role.SYSTEM, Role.AUDITOR):
        raise NotFound
    return row


def issuances_visible_to(actor: Actor) -> QuerySet[Issuance]:
    """Of the actor's own plants; auditors see all."""
    if actor.has(Role.SYSTEM, Role.AUDITOR):
        return Issuance.objects.select_related("generation")
    if actor.party_id is None:
        return Issuance.objects.none()
    return issuances_seen_by(actor.party_id).select_related("generation")


def generation_visible_to(actor: Actor) -> QuerySet[Generation]:
    """Of the actor's own plants; auditors see all."""
    rows = Generation.objects.all()
    if actor.has(Role.SYSTEM, Role.AUDITOR):
        return rows
    return rows.filter(plant__owner_id=actor.party_id) if actor.party_id else rows.none()


def free_of_issuance(row: Issuance) -> int:
    """How many of its certificates are free in the account they were issued to."""
    if row.entry_id is None or row.lot_id is None:
        return 0
    account_id = units.get_entry_legs(row.entry_id)[0].to_account_id
    return units.quantity_of(account_id=account_id, lot_id=row.lot_id, state=UnitState.FREE)


def issuances_seen_by(party_id: UUID) -> QuerySet[Issuance]:
    return Issuance.objects.filter(generation__plant__owner_id=party_id).order_by("-issued_at")


def content_of_issuance(row: Issuance) -> dict[str, Any]:
    facts = {item.attname: getattr(row, item.attname) for item in row._meta.concrete_fields}
    return {
        name: plain(value) if isinstance(value, Decimal) else value for name, value in facts.items()
    }
