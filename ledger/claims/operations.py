"""Claiming: units are retired and the claim written in one transaction; and back, linked."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from ledger.accounts import queries as accounts
from ledger.audit import operations as audit
from ledger.claims import queries, rules
from ledger.claims.models import Claim, ClaimedRange, Generation, GenerationSlice
from ledger.claims.states import TRANSITIONS, ClaimState, ClaimUse
from ledger.doors.operation import operation
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest
from ledger.kernel.errors import NotFound
from ledger.kernel.periods import Period
from ledger.kernel.transitions import check_transition
from ledger.units import operations as units
from ledger.units import queries as unit_queries

Ranges = Sequence[tuple[int, int]]


def _record(verb: str, claim: Claim, *, by: Actor, at: datetime, reason: str = "") -> None:
    audit.record(
        verb=verb,
        subject=f"claims.Claim:{claim.pk}",
        by=by,
        at=at,
        data={"row": queries.content_of_claim(claim)},
        reason=reason,
    )


def _key(by: Actor, key: str) -> str:
    return f"{by.party_id or 'system'}:{key}"


def _find_made(*, key: str, request: bytes) -> Claim | None:
    """:raises KeyUsedOtherwise: the key stands for another request"""
    claim = Claim.objects.filter(idempotency_key=key).first()
    if claim is not None and bytes(claim.request_digest) != request:
        raise rules.KeyUsedOtherwise
    return claim


# --- generation


@operation(retry=True)
def record_generation(
    *, plant_id: UUID, month: date, metered_mwh: Decimal, evidence: str, by: Actor, at: datetime
) -> Generation:
    """What a plant generated in a month, by its meter. Claims may use it up, never exceed it (I20).

    The same figure again changes nothing.

    :raises NotFound: no such plant
    :raises GenerationDiffers: another figure is recorded for that month
    :raises NotWholeMonths, NotPositive: refused
    """
    instruments.get_plant(plant_id)
    if month.day != 1:
        raise rules.NotWholeMonths
    rules.check_mwh(metered_mwh)
    if found := queries.find_generation(plant_id=plant_id, month=month):
        if found.metered_mwh != metered_mwh:
            raise rules.GenerationDiffers(
                month=f"{month:%Y-%m}", mwh=rules.plain(found.metered_mwh)
            )
        return found
    row = Generation.objects.create(
        plant_id=plant_id,
        month=month,
        metered_mwh=metered_mwh,
        remaining_mwh=metered_mwh,
        evidence=evidence,
        recorded_at=at,
        recorded_by=by.user_id,
    )
    audit.record(
        verb="generation.recorded",
        subject=f"claims.Generation:{row.pk}",
        by=by,
        at=at,
        data={"row": queries.content_of_generation(row)},
    )
    return row


def _take_generation(
    *, plant_id: UUID, period: Period, mwh: Decimal
) -> list[tuple[Generation, Decimal]]:
    """Use up MWh of a plant's months, oldest first, under lock.

    :raises NoGeneration: a month has no meter record
    :raises AlreadyClaimed: less is left (R3.11)
    """
    rows = queries.lock_generation(plant_id=plant_id, period=period)
    months = {row.month: row for row in rows}
    for wanted in period.months():
        if wanted.start.replace(day=1) not in months:
            raise rules.NoGeneration(month=f"{wanted.start:%Y-%m}")
    taken = rules.share_over_months(mwh, [(row.month, row.remaining_mwh) for row in rows])
    for month, part in taken:
        Generation.objects.filter(pk=months[month].pk).update(
            remaining_mwh=F("remaining_mwh") - part
        )
    return [(months[month], part) for month, part in taken]


def _write_slices(claim: Claim, taken: Sequence[tuple[Generation, Decimal]]) -> None:
    GenerationSlice.objects.bulk_create(
        GenerationSlice(claim=claim, generation=row, mwh=part) for row, part in taken
    )


# --- claims of units


def _generation_of(lot: unit_queries.LotView) -> Period | None:
    if lot.generated_from is None or lot.generated_to is None:
        return None
    return Period(lot.generated_from, lot.generated_to)


def _energy_of(
    lot: unit_queries.LotView, scheme: instruments.SchemeRules, unit_count: int
) -> Decimal | None:
    """MWh behind the units; None where they are no energy and come from no power plant."""
    if scheme.is_energy:
        return Decimal(unit_count)
    if lot.plant_id is None:
        return None
    return rules.energy_behind(unit_count, lot.traits.get("mwh_per_unit"))


def _is_same_market(scheme: instruments.SchemeRules, plant_id: UUID | None) -> bool | None:
    """Criterion 5: a park here consumes in China's market; None: not known."""
    if scheme.registry == "GEC_PLATFORM":
        return True
    region = instruments.get_plant(plant_id).region if plant_id else ""
    # a GB/T 2260 code or an ISO 3166 one
    return (region.isdigit() or region.startswith("CN")) if region else None


def _write_ranges(claim: Claim, lot: unit_queries.LotView, entry_id: UUID) -> None:
    """:raises UnitsAlreadyClaimed: a serial stands under another claim"""
    if lot.space is None:
        return
    space = "/".join(lot.space)
    rows = [
        ClaimedRange(
            claim=claim, space=space, first_serial=leg.first_serial, last_serial=leg.last_serial
        )
        for leg in unit_queries.get_entry_legs(entry_id)
        if leg.first_serial is not None and leg.last_serial is not None
    ]
    try:
        with transaction.atomic():
            ClaimedRange.objects.bulk_create(rows)
    except IntegrityError as error:
        raise rules.UnitsAlreadyClaimed from error


def _lot_facts(lot: unit_queries.LotView) -> instruments.LotFacts:
    return instruments.LotFacts(
        scheme=lot.scheme,
        vintage_year=lot.vintage_year,
        generated_from=lot.generated_from,
        generated_to=lot.generated_to,
        expires_on=lot.expires_on,
        plant_id=lot.plant_id,
        traits=lot.traits,
    )


@operation(retry=True)
def claim_units(
    *,
    lot_id: UUID,
    unit_count: int,
    account_id: UUID,
    claimant_id: UUID,
    purpose: str,
    period: Period,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    ranges: Ranges = (),
    use: str = "",
    happened_on: date | None = None,
    answers: Mapping[int, str] | None = None,
    reason: str = "",
    approval_id: UUID | None = None,
) -> Claim:
    """Retire units for one claimant, purpose and period: once (I19, R3.5-4).

    Energy, and credits of a power plant, also use up the metered MWh of their plant and months,
    over all instruments (R3.11, I20). `use` defaults to SCOPE_2 for energy certificates and to
    CONTRIBUTION for credits. `answers` adds to the eight criteria what the ledger cannot see.

    :raises NotFound: the account is not the actor's
    :raises Expired, WrongEndUse, VintageNotUsable: the scheme's rules on that day (I22, I23)
    :raises AlreadyClaimed, NoGeneration, UnitsAlreadyClaimed: claimed before, or unknown
    :raises CertificateIsNoOffset, CreditIsNoEnergy: R3.23, R5.1
    :raises GenerationAfterPeriod: R3.21
    :raises NotEnoughUnits, RangeNotHeld: not free
    :raises KeyUsedOtherwise: I40
    """
    request = digest(
        {
            "lot": lot_id,
            "units": unit_count,
            "account": account_id,
            "claimant": claimant_id,
            "purpose": purpose,
            "period": [period.start, period.end],
            "ranges": [list(run) for run in ranges],
            "use": use,
            "on": happened_on,
        }
    )
    key = _key(by, idempotency_key)
    account = accounts.get_open_account(account_id, by=by)
    if made := _find_made(key=key, request=request):
        return made
    lot = unit_queries.get_lot(lot_id)
    scheme, made_in = instruments.get_scheme(lot.scheme), _generation_of(lot)
    on = happened_on or rules.beijing_day(at)
    wanted = ClaimUse(use or (ClaimUse.SCOPE_2 if scheme.is_energy else ClaimUse.CONTRIBUTION))
    rules.check_use(wanted, is_energy=scheme.is_energy)
    rules.check_generation_period(made_in, period)
    instruments.check_usable(scheme, _lot_facts(lot), on=on, purpose="CLAIM")
    accounts.check_transaction("RETIRE", account.type, account.type)
    mwh = _energy_of(lot, scheme, unit_count)
    taken = list[tuple[Generation, Decimal]]()
    if mwh is not None and lot.plant_id is not None:
        if made_in is None:
            raise instruments.NoGenerationPeriod(scheme=scheme.code)
        taken = _take_generation(plant_id=lot.plant_id, period=made_in, mwh=mwh)
    claim = Claim(
        instrument=scheme.code,
        claimant_id=claimant_id,
        use=wanted,
        purpose=purpose,
        period_from=period.start,
        period_to=period.end,
        account_id=account_id,
        lot_id=lot_id,
        unit_count=unit_count,
        mwh=mwh,
        plant_id=lot.plant_id,
        generated_from=lot.generated_from,
        generated_to=lot.generated_to,
        rules_digest=scheme.digest,
        claimed_at=at,
        claimed_by=by.user_id,
        idempotency_key=key,
        request_digest=request,
    )
    if scheme.is_energy:
        grounds = rules.Grounds(
            is_certificate=True,
            has_generation_slice=bool(taken),
            generation=made_in,
            period=period,
            is_same_market=_is_same_market(scheme, lot.plant_id),
        )
        claim.answers = rules.quality_answers(grounds, answers)
    claim.entry_id = units.retire_units(
        lot_id=lot_id,
        account_id=account_id,
        unit_count=unit_count,
        beneficiary_id=claimant_id,
        purpose=purpose,
        happened_on=on,
        by=by,
        at=at,
        idempotency_key=f"claim:{claim.pk}",
        ranges=ranges,
        reason=reason,
        approval_id=approval_id,
    ).entry_id
    claim.save(force_insert=True)
    _write_ranges(claim, lot, claim.entry_id)
    _write_slices(claim, taken)
    _record("claim.made", claim, by=by, at=at, reason=reason)
    return claim


@operation(retry=True)
def claim_self_use(
    *,
    plant_id: UUID,
    period: Period,
    mwh: Decimal,
    claimant_id: UUID,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    instrument: str = rules.SELF_USE,
    purpose: str = "",
    answers: Mapping[int, str] | None = None,
    reason: str = "",
) -> Claim:
    """Claim power used without a certificate: from one's own plant, or (PPA) by direct contract.

    Only whole months, only what the meter recorded, only what nobody else claims or may claim:
    certificates issued for these months stand in the way (R5.10).

    :raises NotFound: no such plant, or another party's
    :raises CertificatesIssued, AlreadyClaimed, NoGeneration: refused
    :raises NotWholeMonths, NotPositive, KeyUsedOtherwise: refused
    """
    asked: dict[str, Any] = {
        "plant": plant_id,
        "period": [period.start, period.end],
        "mwh": rules.plain(mwh),
        "claimant": claimant_id,
        "instrument": instrument,
        "purpose": purpose,
    }
    request, key = digest(asked), _key(by, idempotency_key)
    plant = instruments.get_plant(plant_id)
    is_own = by.is_machine or by.party_id in {plant.owner_id, claimant_id} - {None}
    if instrument not in rules.WITHOUT_CERTIFICATE or not is_own:
        raise NotFound
    if made := _find_made(key=key, request=request):
        return made
    rules.check_months(period)
    rules.check_mwh(mwh)
    taken = _take_generation(plant_id=plant_id, period=period, mwh=mwh)
    left = sum(
        (row.remaining_mwh for row in queries.lock_generation(plant_id=plant_id, period=period)),
        Decimal(0),
    )
    outstanding = queries.certificates_outstanding(plant_id=plant_id, period=period)
    if outstanding > left:
        name = f"{period.start:%Y-%m}"
        raise rules.CertificatesIssued(mwh=rules.plain(outstanding), month=name)
    grounds = rules.Grounds(
        is_certificate=False,
        has_generation_slice=True,
        generation=period,
        period=period,
        is_same_market=True,
    )
    claim = Claim.objects.create(
        instrument=instrument,
        claimant_id=claimant_id,
        use=ClaimUse.SCOPE_2,
        purpose=purpose,
        period_from=period.start,
        period_to=period.end,
        mwh=mwh,
        plant_id=plant_id,
        generated_from=period.start,
        generated_to=period.end,
        answers=rules.quality_answers(grounds, answers),
        claimed_at=at,
        claimed_by=by.user_id,
        idempotency_key=key,
        request_digest=request,
    )
    _write_slices(claim, taken)
    _record("claim.made", claim, by=by, at=at, reason=reason)
    return claim


@operation(retry=True)
def reverse_claim(
    *,
    claim_id: UUID,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    reason: str,
    happened_on: date | None = None,
    approval_id: UUID | None = None,
) -> Claim:
    """Take a claim back together with its retirement: linked, whole, at most once (I18).

    :raises NotFound: not there, or not yours
    :raises IllegalTransition: taken back already
    :raises ReversalWindowClosed: the scheme's days are over
    """
    queries.get_visible_claim(claim_id, by=by)
    claim = Claim.objects.select_for_update().get(pk=claim_id)
    check_transition(TRANSITIONS, claim.state, ClaimState.REVERSED)
    if claim.entry_id is not None:
        claim.reversal_entry_id = units.reverse_entry(
            entry_id=claim.entry_id,
            happened_on=happened_on or rules.beijing_day(at),
            by=by,
            at=at,
            idempotency_key=f"unclaim:{claim.pk}:{idempotency_key}",
            reason=reason,
            approval_id=approval_id,
        ).entry_id
    claim.state = ClaimState.REVERSED
    claim.reversed_at, claim.reversed_by = at, by.user_id
    claim.save(update_fields=["state", "reversal_entry_id", "reversed_at", "reversed_by"])
    ClaimedRange.objects.filter(claim=claim).update(stands=False)
    for part in GenerationSlice.objects.filter(claim=claim).order_by("generation__month"):
        Generation.objects.filter(pk=part.generation_id).update(
            remaining_mwh=F("remaining_mwh") + part.mwh
        )
    GenerationSlice.objects.filter(claim=claim).update(stands=False)
    _record("claim.reversed", claim, by=by, at=at, reason=reason)
    return claim
