"""What reports and desks may ask about claims."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from ledger.accounts import queries as accounts
from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.claims.models import Claim, ClaimedRange, Generation, GenerationSlice, Issuance
from ledger.claims.queries.certificates import (
    basis_used,
    claimed_of_lot,
    content_of_issuance,
    earlier_open,
    find_issuance,
    is_certified_elsewhere,
    issuances_seen_by,
    last_issuance,
    later_issued,
)
from ledger.claims.rules import WITHOUT_CERTIFICATE, Answer, plain
from ledger.claims.states import ClaimState, ClaimUse
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.kernel.periods import Period
from ledger.parties import queries as parties
from ledger.units import queries as units

__all__ = [
    "Answer",
    "basis_used",
    "claimed_of_lot",
    "content_of_issuance",
    "earlier_open",
    "find_issuance",
    "is_certified_elsewhere",
    "issuances_seen_by",
    "last_issuance",
    "later_issued",
]


@dataclass(frozen=True, slots=True)
class EnergyClaim:
    """Energy claimed once, with what the eight quality criteria say of it (R5.8)."""

    claim_id: UUID
    instrument: str
    mwh: Decimal
    period: Period
    plant_id: UUID | None
    plant: str
    plant_en: str
    technology: str
    generation: Period | None
    entry_id: UUID | None
    purpose: str
    answers: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class CreditRetirement:
    """Credits used once: shown beside the inventory, never netted from it (R5.1)."""

    claim_id: UUID
    scheme: str
    vintage_year: int
    unit_count: int
    lot_code: str
    project_id: UUID | None
    use: str
    purpose: str
    period: Period
    entry_id: UUID


@dataclass(frozen=True, slots=True)
class CreditEnd:
    """Credits retired or cancelled without a claim: they are used up, and nobody said what for."""

    entry_id: UUID
    state: str
    scheme: str
    vintage_year: int
    unit_count: int
    lot_code: str
    happened_on: date


def _standing(claimant_id: UUID, period: Period) -> QuerySet[Claim]:
    """Claims whose period lies within the one asked for."""
    return (
        Claim.objects.select_related("lot", "plant")
        .filter(claimant_id=claimant_id, state=ClaimState.STANDING)
        .filter(period_from__gte=period.start, period_to__lte=period.end)
        .order_by("claimed_at", "id")
    )


def energy_claims(claimant_id: UUID, period: Period) -> list[EnergyClaim]:
    """Standing claims for market-based Scope 2, in the order they were made."""
    claims = _standing(claimant_id, period).filter(use=ClaimUse.SCOPE_2)
    return [_energy_claim(claim) for claim in claims]


def _energy_claim(claim: Claim) -> EnergyClaim:
    made = None
    if claim.generated_from is not None and claim.generated_to is not None:
        made = Period(claim.generated_from, claim.generated_to)
    return EnergyClaim(
        claim_id=claim.pk,
        instrument=claim.instrument,
        mwh=(claim.mwh or Decimal(0)).normalize(),
        period=Period(claim.period_from, claim.period_to),
        plant_id=claim.plant_id,
        plant=claim.plant.name_zh if claim.plant else "",
        plant_en=claim.plant.name_en if claim.plant else "",
        technology=claim.plant.technology if claim.plant else "",
        generation=made,
        entry_id=claim.entry_id,
        purpose=claim.purpose,
        answers={int(number): said for number, said in sorted(claim.answers.items())},
    )


def credit_retirements(claimant_id: UUID, period: Period) -> list[CreditRetirement]:
    """Standing claims of carbon credits, for the separate table of instruments."""
    claims = _standing(claimant_id, period).exclude(use=ClaimUse.SCOPE_2).filter(lot__isnull=False)
    return [
        CreditRetirement(
            claim_id=claim.pk,
            scheme=claim.instrument,
            vintage_year=claim.lot.vintage_year,
            unit_count=claim.unit_count or 0,
            lot_code=claim.lot.code,
            project_id=claim.lot.project_id,
            use=claim.use,
            purpose=claim.purpose,
            period=Period(claim.period_from, claim.period_to),
            entry_id=claim.entry_id,
        )
        for claim in claims
        if claim.lot is not None
        and claim.entry_id is not None
        and not instruments.get_scheme(claim.instrument).is_energy
    ]


# Read by name: units and accounts belong to rooms below.
_ENDED = """
SELECT e.id, p.state, l.scheme, l.vintage_year, sum(m.unit_count), l.code, e.happened_on
FROM ledger_units_movement m
JOIN ledger_units_entry e ON e.id = m.entry_id
JOIN ledger_units_position f ON f.id = m.from_position_id
JOIN ledger_accounts_account a ON a.id = f.account_id
JOIN ledger_units_position p ON p.id = m.to_position_id
JOIN ledger_units_lot l ON l.id = m.lot_id
JOIN ledger_instruments_scheme s ON s.code = l.scheme
WHERE a.holder_id = %s AND s.family = 'CREDIT' AND p.state IN ('RETIRED', 'CANCELLED')
  AND e.happened_on >= %s AND e.happened_on < %s
  AND NOT EXISTS (SELECT 1 FROM ledger_units_entry r WHERE r.reverses_id = e.id)
  AND NOT EXISTS (SELECT 1 FROM ledger_claims_claim c WHERE c.entry_id = e.id)
GROUP BY e.id, p.state, l.scheme, l.vintage_year, l.code, e.happened_on
ORDER BY e.happened_on, e.id, l.code
"""


def credits_ended(holder_id: UUID, period: Period) -> list[CreditEnd]:
    """Credits a party retired or cancelled in a period without claiming them, not reversed since.

    Only a claim says for which period it is; without one the day of the entry has to do.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, [holder_id, period.start, period.end])
        return [
            CreditEnd(entry, state, scheme, vintage, int(count), lot, day)
            for entry, state, scheme, vintage, count, lot, day in cursor.fetchall()
        ]


def get_claim(claim_id: UUID) -> Claim:
    """:raises NotFound: no such claim"""
    claim = Claim.objects.filter(pk=claim_id).first()
    if claim is None:
        raise NotFound
    return claim


def get_visible_claim(claim_id: UUID, *, by: Actor) -> Claim:
    """A claim of the actor's party, or out of its account.

    :raises NotFound: not there, or not yours
    """
    claim = Claim.objects.select_related("account").filter(pk=claim_id).first()
    if claim is None:
        raise NotFound
    owners = {claim.claimant_id, claim.account.holder_id if claim.account else None}
    if by.party_id not in owners - {None} and not by.has(Role.SYSTEM, Role.AUDITOR):
        raise NotFound
    return claim


def claims_seen_by(party_id: UUID) -> QuerySet[Claim]:
    own = accounts.account_ids_of(party_id)
    return Claim.objects.filter(Q(claimant_id=party_id) | Q(account_id__in=own)).order_by(
        "-claimed_at"
    )


def claims_visible_to(actor: Actor) -> QuerySet[Claim]:
    """The same for an actor; auditors see all."""
    if actor.has(Role.SYSTEM, Role.AUDITOR):
        return Claim.objects.all()
    return claims_seen_by(actor.party_id) if actor.party_id else Claim.objects.none()


def find_generation(*, plant_id: UUID, month: date) -> Generation | None:
    return Generation.objects.filter(plant_id=plant_id, month=month).first()


def lock_generation(*, plant_id: UUID, period: Period) -> list[Generation]:
    """The months of a plant in a period, oldest first, their rows locked."""
    rows = Generation.objects.select_for_update().filter(
        plant_id=plant_id, month__gte=period.start, month__lt=period.end
    )
    return list(rows.order_by("month"))


@dataclass(frozen=True, slots=True)
class Redemption:
    """What the statement of a redemption says (R3.20)."""

    number: UUID
    scheme: str
    beneficiary: str
    purpose: str
    period: Period
    country: str
    mwh: Decimal
    plant: str
    technology: str
    generation: Period | None
    serials: list[tuple[str, int, int]]
    redeemed_on: date
    entry_id: UUID


def redemption_statement(claim_id: UUID, *, by: Actor) -> Redemption:
    """The statement of a standing redemption.

    :raises NotFound: no such claim, not yours to see, taken back, or no redemption
    """
    claim = get_visible_claim(claim_id, by=by)
    if claim.state != ClaimState.STANDING or not claim.country or claim.entry_id is None:
        raise NotFound
    told = _energy_claim(claim)
    ranges = ClaimedRange.objects.filter(claim=claim).order_by("space", "first_serial")
    return Redemption(
        number=claim.pk,
        scheme=claim.instrument,
        beneficiary=parties.name_of(claim.claimant_id),
        purpose=claim.purpose,
        period=told.period,
        country=claim.country,
        mwh=told.mwh,
        plant=str(claim.plant) if claim.plant else "",
        technology=claim.plant.get_technology_display() if claim.plant else "",
        generation=told.generation,
        serials=[(row.space, row.first_serial, row.last_serial) for row in ranges],
        redeemed_on=units.get_entry(claim.entry_id).happened_on,
        entry_id=claim.entry_id,
    )


# Read by name: units belong to the room below. Of self-use certificates none is ever sold.
_ISSUED = """
SELECT coalesce(sum(-p.quantity), 0) FROM ledger_units_position p
JOIN ledger_units_lot l ON l.id = p.lot_id
JOIN ledger_instruments_scheme s ON s.code = l.scheme
WHERE p.state = 'UNISSUED' AND s.family = 'ENERGY_CERTIFICATE' AND l.plant_id = %s
  AND l.generated_from < %s AND l.generated_to > %s
"""


def certificates_outstanding(*, plant_id: UUID, period: Period) -> Decimal:
    """MWh of a plant's generation in a period that were issued as certificates and not claimed.

    A lot that reaches beyond the period counts whole: nobody knows which of its MWh fall inside.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ISSUED, [plant_id, period.end, period.start])
        issued = Decimal(cursor.fetchone()[0])
    claims = Claim.objects.filter(
        state=ClaimState.STANDING,
        plant_id=plant_id,
        generated_from__lt=period.end,
        generated_to__gt=period.start,
        use=ClaimUse.SCOPE_2,
    ).exclude(instrument__in=WITHOUT_CERTIFICATE)
    claimed = sum((claim.mwh or Decimal(0) for claim in claims), Decimal(0))
    return max(Decimal(0), issued - claimed)


_PASSED_ON = """
SELECT coalesce(sum(p.quantity), 0) FROM ledger_units_position p
JOIN ledger_units_lot l ON l.id = p.lot_id
JOIN ledger_instruments_scheme s ON s.code = l.scheme
JOIN ledger_instruments_plant g ON g.id = l.plant_id
JOIN ledger_accounts_account a ON a.id = p.account_id
WHERE s.family = 'ENERGY_CERTIFICATE' AND p.state <> 'UNISSUED'
  AND g.owner_id = ANY(%s) AND a.holder_id <> ALL(%s)
  AND l.generated_from < %s AND l.generated_to > %s
"""


def certificates_passed_on(*, owner_ids: Collection[UUID], period: Period) -> Decimal:
    """MWh generated in a period by plants of these parties whose certificates are with others.

    Where a certificate ended in an account of another party it stays counted.
    """
    owners = list(owner_ids)
    with connection.cursor() as cursor:
        cursor.execute(_PASSED_ON, [owners, owners, period.end, period.start])
        return Decimal(cursor.fetchone()[0])


# --- verification


def content_of_claim(claim: Claim) -> dict[str, Any]:
    """A claim with its serials and slices, as its newest event tells it."""
    facts = {item.attname: getattr(claim, item.attname) for item in claim._meta.concrete_fields}
    facts["request_digest"] = bytes(claim.request_digest).hex()
    facts["mwh"] = plain(claim.mwh) if claim.mwh is not None else None
    ranges = ClaimedRange.objects.filter(claim=claim).order_by("space", "first_serial")
    facts["ranges"] = [[r.space, r.first_serial, r.last_serial, r.stands] for r in ranges]
    slices = GenerationSlice.objects.filter(claim=claim).order_by("generation__month")
    facts["slices"] = [[str(s.generation_id), plain(s.mwh), s.stands] for s in slices]
    return facts


def content_of_generation(row: Generation) -> dict[str, Any]:
    """What the meter said; what is left of it follows from the claims."""
    facts = {item.attname: getattr(row, item.attname) for item in row._meta.concrete_fields}
    del facts["remaining_mwh"]
    return {**facts, "metered_mwh": plain(row.metered_mwh)}


def check_rows_match_events() -> Iterator[Fault]:
    """Every claim and every metered month as its newest event tells it."""
    yield from compare_rows_with_events(
        ((f"claims.Claim:{row.pk}", content_of_claim(row)) for row in Claim.objects.iterator()),
        kind="claims.row",
        verbs=["claim.made", "claim.reversed"],
    )
    issuances = Issuance.objects.iterator()
    yield from compare_rows_with_events(
        ((f"claims.Issuance:{row.pk}", content_of_issuance(row)) for row in issuances),
        kind="claims.issuance",
        verbs=["certificates.issued"],
    )
    rows = Generation.objects.iterator()
    yield from compare_rows_with_events(
        ((f"claims.Generation:{row.pk}", content_of_generation(row)) for row in rows),
        kind="claims.generation",
        verbs=["generation.recorded"],
    )


# A standing claim has one retirement of its lot and size, not reversed; what is left of a month is
# what was metered less what standing claims took.
_RETIREMENTS = """
SELECT c.id, c.unit_count, coalesce(m.units, 0), r.id IS NOT NULL, c.state
FROM ledger_claims_claim c
LEFT JOIN LATERAL (
    SELECT sum(v.unit_count) AS units FROM ledger_units_movement v
    JOIN ledger_units_position p ON p.id = v.to_position_id
    WHERE v.entry_id = c.entry_id AND v.lot_id = c.lot_id AND p.state = 'RETIRED') m ON true
LEFT JOIN ledger_units_entry r ON r.reverses_id = c.entry_id
WHERE c.entry_id IS NOT NULL
  AND (coalesce(m.units, 0) <> c.unit_count OR (r.id IS NOT NULL) <> (c.state = 'REVERSED')
       OR (c.state = 'REVERSED' AND r.id IS DISTINCT FROM c.reversal_entry_id))
"""
_REMAINING = """
SELECT g.id, g.remaining_mwh, g.metered_mwh - coalesce(s.mwh, 0)
FROM ledger_claims_generation g
LEFT JOIN (SELECT generation_id, sum(mwh) AS mwh FROM ledger_claims_generationslice
           WHERE stands GROUP BY 1) s ON s.generation_id = g.id
WHERE g.remaining_mwh <> g.metered_mwh - coalesce(s.mwh, 0)
"""


def check_against_retirements() -> Iterator[Fault]:
    """Claims against the movements that retired their units, and months against their claims."""
    with connection.cursor() as cursor:
        cursor.execute(_RETIREMENTS)
        for claim, wanted, retired, is_reversed, state in cursor.fetchall():
            text = f"claims {wanted} ({state}), its entry retired {retired}"
            text += ", and was reversed" if is_reversed else ""
            yield Fault("claims.retirements", f"claims.Claim:{claim}", text)
        cursor.execute(_REMAINING)
        for row, told, counted in cursor.fetchall():
            text = f"{told} MWh said to be left, {counted} by its claims"
            yield Fault("claims.remaining", f"claims.Generation:{row}", text)
