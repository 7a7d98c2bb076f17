"""Claims of units: retired and claimed in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction

from ledger.accounts import queries as accounts
from ledger.claims import rules
from ledger.claims.models import Claim, ClaimedRange, Generation
from ledger.claims.operations.making import find_made, record
from ledger.claims.operations.metering import take_for_lot, write_slices
from ledger.claims.states import ClaimUse
from ledger.doors.operation import operation
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest
from ledger.kernel.keys import key_of
from ledger.kernel.periods import Period
from ledger.units import operations as units
from ledger.units import queries as unit_queries

Ranges = Sequence[tuple[int, int]]


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
    country: str = "",
    happened_on: date | None = None,
    answers: Mapping[int, str] | None = None,
    reason: str = "",
    approval_id: UUID | None = None,
) -> Claim:
    """Retire units for one claimant, purpose and period: once (I19, R3.5-4).

    Energy, and credits of a power plant, also use up the metered MWh of their plant and months,
    over all instruments (R3.11, I20). `use` defaults to SCOPE_2 for energy certificates and to
    CONTRIBUTION for credits; `country` of use is named where the scheme redeems (R3.20).
    `answers` adds to the eight criteria what the ledger cannot see.

    :raises NotFound: the account is not the actor's
    :raises Expired, WrongEndUse, VintageNotUsable: the scheme's rules on that day (I22, I23)
    :raises AlreadyClaimed, NoGeneration, UnitsAlreadyClaimed: claimed before, or unknown
    :raises CertificateIsNoOffset, CreditIsNoEnergy, CountryNeeded: R3.23, R5.1, R3.20
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
            "country": country,
            "on": happened_on,
        }
    )
    key = key_of(by, idempotency_key)
    account = accounts.get_open_account(account_id, by=by)
    if made := find_made(key=key, request=request):
        return made
    lot = unit_queries.get_lot(lot_id)
    scheme, made_in = instruments.get_scheme(lot.scheme), _generation_of(lot)
    on = happened_on or rules.beijing_day(at)
    wanted = ClaimUse(use or (ClaimUse.SCOPE_2 if scheme.is_energy else ClaimUse.CONTRIBUTION))
    rules.check_use(wanted, is_energy=scheme.is_energy)
    rules.check_generation_period(made_in, period)
    if scheme.is_redeemed:
        rules.check_country(country)
    purpose_of_use = "REDEEM" if scheme.is_redeemed else "CLAIM"
    instruments.check_usable(scheme, _lot_facts(lot), on=on, purpose=purpose_of_use)
    accounts.check_movement(purpose_of_use, account, account)
    mwh = _energy_of(lot, scheme, unit_count)
    taken = list[tuple[Generation, Decimal]]()
    if mwh is not None and lot.plant_id is not None:
        if made_in is None:
            raise instruments.NoGenerationPeriod(scheme=scheme.code)
        taken = take_for_lot(lot=lot, period=made_in, mwh=mwh)
    claim = Claim(
        instrument=scheme.code,
        claimant_id=claimant_id,
        use=wanted,
        purpose=purpose,
        country=country,
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
    write_slices(claim, taken)
    record("claim.made", claim, by=by, at=at, reason=reason)
    return claim
