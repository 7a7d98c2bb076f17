"""Certificates for settled power, and the claim of it: each MWh once."""

from datetime import date, datetime
from uuid import UUID

from finance.ppas import models, queries
from finance.ppas.operations.recording import record
from finance.ppas.queries.settlements import FINAL
from finance.ppas.rules import refusals
from finance.ppas.rules.quantities import WH_PER_MWH, mwh
from finance.ppas.states import MatchPurpose, QuantityRule, Side
from ledger.accounts import queries as accounts
from ledger.claims import operations as claims
from ledger.doors.operation import operation
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.periods import Period
from ledger.units import operations as units
from ledger.units import queries as unit_queries


@operation(retry=True)
def match_certificates(
    *,
    contract_id: UUID,
    month: date,
    entry_id: UUID,
    lot_id: UUID,
    by: Actor,
    at: datetime,
    purpose: str = MatchPurpose.SETTLED,
) -> models.CertificateMatch:
    """Say that an entry of the ledger delivered a settled month's certificates.

    :raises NotFound: no such contract, entry or lot
    :raises NotFinal, NotBundled: there is nothing to be delivered
    :raises WrongCertificates: of another plant or month, or no energy certificates
    :raises NotDelivered: the entry brought the buyer nothing of this lot
    :raises MoreThanDue: more than is due of the month (R8.2)
    """
    contract = queries.get_contract(contract_id, by=by)
    models.Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    if found := models.CertificateMatch.objects.filter(entry_id=entry_id, lot=lot_id).first():
        if (found.contract_id, found.month) != (contract.pk, month):
            raise refusals.NotDelivered
        return found
    settled = _final(contract, month)
    _check_lot(contract, month, unit_queries.get_lot(lot_id), purpose=purpose)
    account_id, count = _delivered(contract, entry_id, lot_id)
    _check_due(settled, count, purpose=purpose)
    row = models.CertificateMatch.objects.create(
        contract=contract,
        month=month,
        purpose=MatchPurpose(purpose),
        lot_id=lot_id,
        account_id=account_id,
        unit_count=count,
        entry_id=entry_id,
        matched_at=at,
        matched_by=by.user_id,
    )
    record("power.certified", row, by=by, at=at)
    return row


@operation(retry=True)
def deliver_certificates(
    *,
    contract_id: UUID,
    month: date,
    lot_id: UUID,
    from_account_id: UUID,
    to_account_id: UUID,
    unit_count: int,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    happened_on: date,
    purpose: str = MatchPurpose.SETTLED,
    approval_id: UUID | None = None,
) -> models.CertificateMatch:
    """Move the certificates of a settled month to the buyer (划转), and match them to it.

    :raises NotFound, NotFinal, NotBundled, WrongCertificates, MoreThanDue: as when matching
    :raises NotEnoughUnits, TransferLimit, Expired: they cannot move
    """
    contract = queries.get_contract(contract_id, by=by)
    _check_due(_final(contract, month), unit_count, purpose=purpose)
    moved = units.transfer_units(
        lot_id=lot_id,
        from_account_id=from_account_id,
        to_account_id=to_account_id,
        unit_count=unit_count,
        happened_on=happened_on,
        by=by,
        at=at,
        idempotency_key=f"ppas.deliver:{contract.pk}:{idempotency_key}",
        reason=f"{contract.number} {month:%Y-%m}",
        approval_id=approval_id,
    )
    return match_certificates(
        contract_id=contract_id,
        month=month,
        entry_id=moved.entry_id,
        lot_id=lot_id,
        purpose=purpose,
        by=by,
        at=at,
    )


@operation(retry=True)
def claim_power(
    *,
    contract_id: UUID,
    month: date,
    purpose: str,
    by: Actor,
    at: datetime,
    approval_id: UUID | None = None,
) -> list[models.PowerClaim]:
    """Claim what a month brought for the buyer's market-based Scope 2, once (R3.11, R5.6).

    Bundled power is claimed by its certificates, which are retired; other power against what its
    plants generated. What is claimed already is left alone.

    :raises NotFound, NotFinal, NotTheBuyer: as they say
    :raises NothingSettled, ClaimedBefore: there is nothing, or nothing more, to claim
    :raises AlreadyClaimed, NoGeneration, CertificatesIssued: the ledger refuses
    """
    contract = queries.get_contract(contract_id, by=by)
    models.Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    if not by.is_machine and by.party_id != contract.buyer_id:
        raise refusals.NotTheBuyer
    settled = _final_of_any(contract, month)
    if contract.is_bundled:
        made = _claim_certificates(contract, month, purpose, by=by, at=at, approval_id=approval_id)
    else:
        made = _claim_without(settled, purpose, by=by, at=at)
    if not made:
        done = models.PowerClaim.objects.filter(contract=contract, month=month).exists()
        raise refusals.ClaimedBefore if done else refusals.NothingSettled(month=f"{month:%Y-%m}")
    for row in made:
        record("power.claimed", row, by=by, at=at)
    return made


def _final_of_any(contract: models.Contract, month: date) -> models.Settlement:
    row = queries.standing_of(contract.pk, month)
    if row is None or row.kind not in FINAL:
        raise refusals.NotFinal
    return row


def _final(contract: models.Contract, month: date) -> models.Settlement:
    if not contract.is_bundled:
        raise refusals.NotBundled
    return _final_of_any(contract, month)


def _check_lot(
    contract: models.Contract, month: date, lot: unit_queries.LotView, *, purpose: str
) -> None:
    plants = {point.plant_id for point, _share in queries.points_of(contract)} - {None}
    made_in = lot.generated_from is not None and lot.generated_to is not None
    of_month = made_in and lot.generated_from <= month < lot.generated_to  # type: ignore[operator]
    is_own = lot.plant_id in plants and of_month
    is_energy = instruments.get_scheme(lot.scheme).is_energy
    if not is_energy or not (is_own or purpose == MatchPurpose.MAKE_GOOD):
        raise refusals.WrongCertificates(month=f"{month:%Y-%m}")


def _delivered(contract: models.Contract, entry_id: UUID, lot_id: UUID) -> tuple[UUID, int]:
    """The buyer's account that an entry filled with units of a lot, and how many."""
    own = set(accounts.account_ids_of(contract.buyer_id))
    legs = [
        leg
        for leg in unit_queries.get_entry_legs(entry_id)
        if leg.lot_id == lot_id and leg.to_account_id in own and leg.from_account_id not in own
    ]
    if not legs:
        raise refusals.NotDelivered
    return legs[0].to_account_id, sum(leg.unit_count for leg in legs)


def _check_due(settled: models.Settlement, count: int, *, purpose: str) -> None:
    known = queries.delivered_of(settled)
    left = known.left
    if purpose == MatchPurpose.MAKE_GOOD:
        left = -(-settled.make_good_wh // WH_PER_MWH) - known.made_good
    if count > left:
        raise refusals.MoreThanDue(wanted=count, left=max(0, left))


def _claim_certificates(
    contract: models.Contract,
    month: date,
    purpose: str,
    *,
    by: Actor,
    at: datetime,
    approval_id: UUID | None,
) -> list[models.PowerClaim]:
    matches = models.CertificateMatch.objects.filter(contract=contract, month=month, claim=None)
    made = []
    for match in matches.order_by("matched_at", "pk"):
        claim = claims.claim_units(
            lot_id=match.lot_id,
            unit_count=match.unit_count,
            account_id=match.account_id,
            claimant_id=contract.buyer_id,
            purpose=purpose,
            period=Period.month(month.year, month.month),
            by=by,
            at=at,
            idempotency_key=f"ppas.claim:{match.pk}",
            approval_id=approval_id,
        )
        made.append(
            models.PowerClaim.objects.create(
                contract=contract,
                month=month,
                match=match,
                energy_wh=match.unit_count * WH_PER_MWH,
                claim=claim,
                claimed_at=at,
                claimed_by=by.user_id,
            )
        )
    return made


def _claim_without(
    settled: models.Settlement, purpose: str, *, by: Actor, at: datetime
) -> list[models.PowerClaim]:
    """Power without certificates, plant by plant, against what the plant generated."""
    contract, month = settled.contract, settled.month
    if contract.quantity_rule == QuantityRule.CONTRACTED:
        raise refusals.NotBundled  # a contract of certificates alone conveys nothing else
    done = set(
        models.PowerClaim.objects.filter(contract=contract, month=month).values_list(
            "plant_id", flat=True
        )
    )
    made = []
    rows = settled.points.filter(point__side=Side.GENERATION, settled_wh__gt=0)
    for row in rows.select_related("point").order_by("point__code"):
        plant_id = row.point.plant_id
        if plant_id is None or plant_id in done:
            continue
        claim = claims.claim_self_use(
            plant_id=plant_id,
            period=Period.month(month.year, month.month),
            mwh=mwh(row.settled_wh),
            claimant_id=contract.buyer_id,
            instrument="PPA",
            purpose=purpose,
            by=by,
            at=at,
            idempotency_key=f"ppas.claim:{contract.pk}:{month:%Y-%m}:{plant_id}",
        )
        made.append(
            models.PowerClaim.objects.create(
                contract=contract,
                month=month,
                plant_id=plant_id,
                energy_wh=row.settled_wh,
                claim=claim,
                claimed_at=at,
                claimed_by=by.user_id,
            )
        )
    return made
