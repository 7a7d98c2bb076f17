"""Contracts: entered as drafts, put in force by two, amended by two. Terms are only ever added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import Max

from finance.ppas import models, queries
from finance.ppas.operations.recording import record
from finance.ppas.queries.contracts import lock_contract
from finance.ppas.queries.metering import shares_taken
from finance.ppas.rules import refusals, terms
from finance.ppas.rules.terms import MonthVolume
from finance.ppas.states import (
    CONTRACT_TRANSITIONS,
    ContractKind,
    ContractState,
    DeviationOf,
    Grain,
    Matching,
    PartKind,
    QuantityRule,
    RuleKind,
    Tariff,
)
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.keys import KeyUsedOtherwise, check_told
from ledger.kernel.transitions import check_transition


@dataclass(frozen=True, slots=True)
class PriceTerm:
    """A price of a part, from a month on."""

    kind: str
    cny_per_kwh: Decimal
    valid_from: date
    basis: str
    tariff: str = ""


@dataclass(frozen=True, slots=True)
class DeviationTerm:
    """What a shortfall or surplus costs, from a month on; shares in basis points."""

    of: str
    kind: str
    valid_from: date
    basis: str
    rate_bps: int = 0
    tolerance_bps: int = 0
    cny_per_kwh: Decimal | None = None
    is_unverified: bool = False


@operation(retry=True)
def enter_contract(
    *,
    number: str,
    title: str,
    kind: str,
    seller_id: UUID,
    buyer_id: UUID,
    valid_from: date,
    valid_to: date,
    quantity_rule: str,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    matching: str = Matching.MONTH,
    tariff_hours: str = "",
    is_bundled: bool = True,
    is_direct: bool = False,
    agreement: str = "",
    line: str = "",
    region: str = "",
    party_id: UUID | None = None,
) -> models.Contract:
    """Enter a contract as a draft; `valid_to` is the first day after. Asked twice, entered once.

    `tariff_hours`: 24 letters for every month, or 288; only the machine names another keeper.

    :raises SameParties, NotYourContract, NotWholeMonths, OddTariff: as they say
    """
    keeper = by.own_party if party_id is None or not by.is_machine else party_id
    check_told(idempotency_key)
    key = f"{keeper}:{idempotency_key}"
    if found := models.Contract.objects.filter(idempotency_key=key).first():
        if (found.number, found.seller_id, found.buyer_id) != (number, seller_id, buyer_id):
            raise KeyUsedOtherwise
        return found
    if seller_id == buyer_id:
        raise refusals.SameParties
    if not by.is_machine and keeper not in {seller_id, buyer_id}:
        raise refusals.NotYourContract
    terms.check_months(valid_from, valid_to)
    if quantity_rule == QuantityRule.CONTRACTED:
        matching = Matching.MONTH  # there is no other side to match with
    contract = models.Contract.objects.create(
        party_id=keeper,
        number=number,
        title=title,
        kind=ContractKind(kind),
        seller_id=seller_id,
        buyer_id=buyer_id,
        valid_from=valid_from,
        valid_to=valid_to,
        region=region,
        quantity_rule=QuantityRule(quantity_rule),
        matching=Matching(matching),
        tariff_hours=terms.tariff_of(tariff_hours),
        is_bundled=is_bundled,
        is_direct=is_direct,
        agreement=agreement,
        line=line,
        evidence=evidence,
        entered_at=at,
        entered_by=by.user_id,
        idempotency_key=key,
    )
    record("contract.entered", contract, by=by, at=at)
    return contract


def _draft(contract_id: UUID, *, by: Actor) -> models.Contract:
    """:raises NotADraft, NotFound:"""
    contract = lock_contract(contract_id, by=by)
    if contract.state != ContractState.DRAFT:
        raise refusals.NotADraft
    return contract


def _signed(contract_id: UUID, *, by: Actor) -> models.Contract:
    """:raises NotSigned, NotFound:"""
    contract = lock_contract(contract_id, by=by)
    if contract.state != ContractState.SIGNED:
        raise refusals.NotSigned
    return contract


@operation
def add_price(*, contract_id: UUID, price: PriceTerm, by: Actor, at: datetime) -> models.PricePart:
    """Tell a price of a draft.

    :raises NotADraft, NotFound: as they say
    :raises NotAPrice, PremiumHasNoTariff, TariffPriceWithoutTariff, NotWholeMonths: refused
    """
    return _tell_price(_draft(contract_id, by=by), price, by=by, at=at)


@operation
def set_volumes(
    *, contract_id: UUID, volumes: Sequence[MonthVolume], by: Actor, at: datetime
) -> list[models.Volume]:
    """Tell what a draft contracts for its months.

    :raises NotADraft, NotFound: as they say
    :raises OutsideContract: a month outside its term
    """
    return _tell_volumes(_draft(contract_id, by=by), volumes, by=by, at=at)


@operation
def set_deviation(
    *, contract_id: UUID, rule: DeviationTerm, by: Actor, at: datetime
) -> models.DeviationRule:
    """Tell what a shortfall or surplus costs under a draft.

    :raises NotADraft, NotFound: as they say
    :raises NotADeviationRule, NotWholeMonths: refused
    """
    return _tell_deviation(_draft(contract_id, by=by), rule, by=by, at=at)


@operation
def attach_point(
    *, contract_id: UUID, point_id: UUID, share_bps: int, by: Actor, at: datetime
) -> list[models.Slice]:
    """Give a draft a share of a meter for its whole term: bands that no other contract has.

    :raises NotADraft, NotFound: as they say
    :raises NotAShare, ShareTaken: less of the meter is left
    :raises HourlyNeeded: the contract matches by hours, and the meter gives months
    """
    contract = _draft(contract_id, by=by)
    terms.check_share(share_bps)
    point = queries.get_point(point_id, by=by)
    _one_after_the_other(point)
    is_hourly = contract.matching == Matching.HOUR or contract.tariff_hours
    if is_hourly and point.grain != Grain.HOUR:
        raise refusals.HourlyNeeded
    taken = shares_taken(point, start=contract.valid_from, end=contract.valid_to)
    rows = []
    for band in terms.free_bands(share_bps, taken):
        row = models.Slice.objects.create(
            contract=contract,
            point=point,
            band=band,
            validity=(contract.valid_from, contract.valid_to),
            attached_at=at,
            attached_by=by.user_id,
        )
        row.refresh_from_db()
        record("contract.meter_attached", row, by=by, at=at)
        rows.append(row)
    return rows


def _one_after_the_other(point: models.Point) -> None:
    """Two who want a band of the same meter; the constraint would refuse the second unkindly."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"ppas.point:{point.pk}"]
        )


@operation
def sign_contract(
    *, contract_id: UUID, by: Actor, at: datetime, approval_id: UUID | None = None
) -> models.Contract:
    """Put a draft in force: from now on it is settled, and changes by approved amendment alone.

    :raises NotFound, IllegalTransition: not there, or no draft
    :raises TermsIncomplete: names what is missing
    """
    contract = lock_contract(contract_id, by=by)
    check_transition(CONTRACT_TRANSITIONS, contract.state, ContractState.SIGNED)
    if missing := queries.reasons_not_to_sign(contract):
        raise refusals.TermsIncomplete(why="; ".join(missing))
    contract.state, contract.approval_id = ContractState.SIGNED, approval_id
    contract.signed_at, contract.signed_by = at, by.user_id
    contract.save(update_fields=["state", "signed_at", "signed_by", "approval_id"])
    record("contract.signed", contract, by=by, at=at)
    return contract


@operation
def discard_contract(*, contract_id: UUID, reason: str, by: Actor, at: datetime) -> models.Contract:
    """Give a draft up.

    :raises NotFound, IllegalTransition: not there, or no draft
    """
    contract = lock_contract(contract_id, by=by)
    check_transition(CONTRACT_TRANSITIONS, contract.state, ContractState.DISCARDED)
    contract.state = ContractState.DISCARDED
    contract.save(update_fields=["state"])
    record("contract.discarded", contract, by=by, at=at, reason=reason)
    return contract


@operation
def amend_contract(
    *,
    contract_id: UUID,
    by: Actor,
    at: datetime,
    price: PriceTerm | None = None,
    volumes: Sequence[MonthVolume] = (),
    rule: DeviationTerm | None = None,
    approval_id: UUID | None = None,
) -> models.Contract:
    """Add a price, contracted quantities or a deviation rule to a contract in force.

    What is settled finally stays; a month that the amendment touches is adjusted.

    :raises NotFound, NotSigned: not there, or not in force
    :raises NotAPrice, NotADeviationRule, OutsideContract, NotWholeMonths: refused
    """
    contract = _signed(contract_id, by=by)
    if price is not None:
        _tell_price(contract, price, by=by, at=at, approval_id=approval_id)
    if volumes:
        _tell_volumes(contract, volumes, by=by, at=at, approval_id=approval_id)
    if rule is not None:
        _tell_deviation(contract, rule, by=by, at=at, approval_id=approval_id)
    return contract


def _check_first_day(day: date) -> None:
    if day.day != 1:
        raise refusals.NotWholeMonths


def _tell_price(
    contract: models.Contract,
    price: PriceTerm,
    *,
    by: Actor,
    at: datetime,
    approval_id: UUID | None = None,
) -> models.PricePart:
    terms.check_price(
        price.kind, price.tariff, price.cny_per_kwh, has_tariff=bool(contract.tariff_hours)
    )
    _check_first_day(price.valid_from)
    row = models.PricePart.objects.create(
        contract=contract,
        kind=PartKind(price.kind),
        tariff=Tariff(price.tariff),
        cny_per_kwh=price.cny_per_kwh,
        valid_from=price.valid_from,
        basis=price.basis,
        approval_id=approval_id,
        recorded_at=at,
        recorded_by=by.user_id,
    )
    record("contract.price_told", row, by=by, at=at)
    return row


def _tell_volumes(
    contract: models.Contract,
    volumes: Sequence[MonthVolume],
    *,
    by: Actor,
    at: datetime,
    approval_id: UUID | None = None,
) -> list[models.Volume]:
    term = queries.term_of(contract)
    for one in volumes:
        if one.month not in term:
            raise refusals.OutsideContract(month=f"{one.month:%Y-%m}")
        if one.hours_wh and contract.matching != Matching.HOUR:
            raise refusals.HourlyNeeded
    known = contract.volumes.values_list("month").annotate(newest=Max("version"))
    newest = dict(known)
    rows = [
        models.Volume.objects.create(
            contract=contract,
            month=one.month,
            version=newest.get(one.month, 0) + 1,
            energy_wh=one.energy_wh,
            hours_wh=list(one.hours_wh) or None,
            approval_id=approval_id,
            recorded_at=at,
            recorded_by=by.user_id,
        )
        for one in volumes
    ]
    for row in rows:
        record("contract.volume_told", row, by=by, at=at)
    return rows


def _tell_deviation(
    contract: models.Contract,
    rule: DeviationTerm,
    *,
    by: Actor,
    at: datetime,
    approval_id: UUID | None = None,
) -> models.DeviationRule:
    terms.check_rule(
        rule.of,
        rule.kind,
        rate_bps=rule.rate_bps,
        tolerance_bps=rule.tolerance_bps,
        price=rule.cny_per_kwh,
    )
    _check_first_day(rule.valid_from)
    row = models.DeviationRule.objects.create(
        contract=contract,
        of=DeviationOf(rule.of),
        kind=RuleKind(rule.kind),
        rate_bps=rule.rate_bps,
        tolerance_bps=rule.tolerance_bps,
        cny_per_kwh=rule.cny_per_kwh,
        valid_from=rule.valid_from,
        basis=rule.basis,
        is_unverified=rule.is_unverified,
        approval_id=approval_id,
        recorded_at=at,
        recorded_by=by.user_id,
    )
    record("contract.deviation_told", row, by=by, at=at)
    return row
