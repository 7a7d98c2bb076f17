"""Agreements opened and settled: the units move by the ledger's own operations beneath."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from finance.prices import queries as prices
from finance.repos import models, queries, rules
from finance.repos.operations.keeping import check_same, padded, record
from finance.repos.states import TRANSITIONS, AgreementState, HandoverKind
from ledger.accounts import queries as accounts
from ledger.accounts.queries import AccountType
from ledger.doors.operation import operation
from ledger.holds import operations as holds
from ledger.holds.states import HoldKind
from ledger.kernel.actors import Actor, Role
from ledger.kernel.canonical import digest
from ledger.kernel.keys import key_of
from ledger.kernel.money import Money
from ledger.kernel.transitions import check_transition
from ledger.units import operations as units
from ledger.units import queries as lots


@operation(retry=True)
def start_agreement(
    *,
    agreement_id: UUID,
    happened_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    evidence: str = "",
    approval_id: UUID | None = None,
) -> models.Handover:
    """The units go over to the taker, who holds them from then on.

    Where the taker may not use them, they are held there as lent, in favour of the giver.

    :raises NotFound: not there, or not yours
    :raises IllegalTransition: opened already, or withdrawn
    :raises NotYoursToHandOver, EvidenceNeeded: the giver does it; for an outside giver the taker
        does, with evidence
    :raises CounterpartyNotTrusted: the receiving account is not on the list of trusted ones
    :raises DomainError: whatever the ledger refuses of the transfer
    """
    row = queries.lock_agreement(agreement_id, by=by)
    key, asked = key_of(by, idempotency_key), digest([agreement_id, happened_on, evidence]).hex()
    if found := models.Handover.objects.filter(idempotency_key=key).first():
        check_same(found, asked)
        return found
    check_transition(TRANSITIONS, row.state, AgreementState.OPEN)
    hand = _Hand(row, row.from_account_id, row.to_account_id, row.lot_id, row.unit_count)
    deed = _Deed(happened_on, evidence, approval_id, at)
    entry_id = _transfer(hand, deed, by=by, key=f"repo-start:{row.pk}")
    if not row.may_reuse and not _is_outside(row.to_account_id):
        row.hold_id = holds.place_hold(
            kind=HoldKind.LEND,
            account_id=row.to_account_id,
            lot_id=row.lot_id,
            unit_count=row.unit_count,
            in_favour_of=row.giver_id,
            order_number=row.number,
            kept_by=queries.subject_of(row),
            by=_machine(by),
            at=at,
            idempotency_key=f"repo-hold:{row.pk}",
        ).pk
    row.state = AgreementState.OPEN
    amount = row.first_price * row.unit_count if row.first_price is not None else None
    made = _handover(HandoverKind.START, hand, deed, entry_id=entry_id, amount=amount)
    _save(row, made, "agreement.opened", by=by, at=at, key=key, asked=asked)
    return made


@operation(retry=True)
def return_units(
    *,
    agreement_id: UUID,
    lot_id: UUID,
    unit_count: int,
    happened_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    evidence: str = "",
    approval_id: UUID | None = None,
) -> models.Handover:
    """Units come back, all or a part; the last ones settle the agreement.

    A repo returns its lot's vintage; units lent come back in a vintage that serves the agreed year
    (or the same vintage); held units come back as they are.

    :raises NotFound, IllegalTransition, NotYoursToHandOver, EvidenceNeeded: as `start_agreement`,
        with the sides changed
    :raises MoreThanOwed, WrongUnitsReturned: not what is owed
    :raises DomainError: whatever the ledger refuses of the transfer
    """
    row = queries.lock_agreement(agreement_id, by=by)
    key = key_of(by, idempotency_key)
    asked = digest([agreement_id, lot_id, unit_count, happened_on, evidence]).hex()
    if found := models.Handover.objects.filter(idempotency_key=key).first():
        check_same(found, asked)
        return found
    check_transition(TRANSITIONS, row.state, AgreementState.CLOSED)
    if not 0 < unit_count <= row.outstanding_count:
        raise rules.MoreThanOwed(wanted=unit_count, count=row.outstanding_count)
    _check_returned(row, lot_id, happened_on)
    hand = _Hand(row, row.to_account_id, row.from_account_id, lot_id, unit_count)
    _check_hand(hand, evidence, by)
    if row.hold_id is not None:
        holds.release_hold(
            hold_id=row.hold_id,
            unit_count=unit_count,
            order_number=row.number,
            kept_by=queries.subject_of(row),
            by=_machine(by),
            at=at,
            idempotency_key=f"repo-release:{row.pk}:{key}",
        )
    entry = f"repo-return:{row.pk}:{row.returned_count}"
    deed = _Deed(happened_on, evidence, approval_id, at)
    entry_id = _transfer(hand, deed, by=by, key=entry)
    row.returned_count += unit_count
    done = row.returned_count == row.unit_count
    row.state = AgreementState.CLOSED if done else row.state
    amount = row.second_price * unit_count if row.second_price is not None else None
    made = _handover(HandoverKind.RETURN, hand, deed, entry_id=entry_id, amount=amount)
    verb = "agreement.closed" if done else "agreement.returned"
    _save(row, made, verb, by=by, at=at, key=key, asked=asked)
    return made


@dataclass(frozen=True, slots=True)
class _Hand:
    """Units of a lot from one account to the other, by an agreement."""

    row: models.Agreement
    from_account_id: UUID
    to_account_id: UUID
    lot_id: UUID
    unit_count: int


@dataclass(frozen=True, slots=True)
class _Deed:
    """When it happened, what proves it, who agreed, and when it is recorded."""

    happened_on: date
    evidence: str
    approval_id: UUID | None
    at: datetime


def _is_outside(account_id: UUID) -> bool:
    return accounts.get_account(account_id).type == AccountType.OUTSIDE


def _machine(by: Actor) -> Actor:
    """The same person, with the ledger's own hand: for what stands in another's account."""
    return Actor(by.user_id, None, frozenset({Role.SYSTEM}))


def _check_hand(hand: _Hand, evidence: str, by: Actor) -> Actor:
    """Who posts it.

    :raises NotYoursToHandOver, EvidenceNeeded: see `start_agreement`
    """
    account = accounts.get_account(hand.from_account_id)
    if account.holder_id == by.party_id or by.is_machine:
        return by
    if account.type != AccountType.OUTSIDE:
        raise rules.NotYoursToHandOver
    if not evidence.strip():
        raise rules.EvidenceNeeded
    return _machine(by)


def _transfer(hand: _Hand, deed: _Deed, *, by: Actor, key: str) -> UUID:
    poster = _check_hand(hand, deed.evidence, by)
    accounts.check_trusted(hand.from_account_id, hand.to_account_id, on=deed.happened_on)
    return units.transfer_units(
        lot_id=hand.lot_id,
        from_account_id=hand.from_account_id,
        to_account_id=hand.to_account_id,
        unit_count=hand.unit_count,
        happened_on=deed.happened_on,
        reason=f"{hand.row.number} {deed.evidence}".strip(),
        by=poster,
        at=deed.at,
        idempotency_key=key,
        approval_id=deed.approval_id,
    ).entry_id


def _check_returned(row: models.Agreement, lot_id: UUID, on: date) -> None:
    """:raises WrongUnitsReturned: another instrument, or a vintage that does not serve"""
    lot = lots.get_lot(lot_id)
    if lot.scheme != row.scheme:
        raise rules.WrongUnitsReturned(why=lot.code)
    if row.hold_id is not None and lot_id != row.lot_id:
        raise rules.WrongUnitsReturned(why=lot.code)
    if lot.vintage_year == row.vintage_year and row.usable_for_year is None:
        return
    serves = row.usable_for_year is not None and prices.uses_on(on).serves_year(
        lot.scheme, lot.vintage_year, row.usable_for_year
    )
    if not serves:
        raise rules.WrongUnitsReturned(why=f"{lot.code} {lot.vintage_year}")


def _handover(
    kind: HandoverKind, hand: _Hand, deed: _Deed, *, entry_id: UUID, amount: Decimal | None
) -> models.Handover:
    currency = hand.row.currency
    money = Money(amount, currency).rounded().amount if amount is not None else None
    return models.Handover(
        agreement=hand.row,
        kind=kind,
        lot_id=hand.lot_id,
        unit_count=hand.unit_count,
        entry_id=entry_id,
        amount=padded("fee", money),
        currency=currency,
        happened_on=deed.happened_on,
        evidence=deed.evidence,
        approval_id=deed.approval_id,
    )


def _save(
    row: models.Agreement,
    made: models.Handover,
    verb: str,
    *,
    by: Actor,
    at: datetime,
    key: str,
    asked: str,
) -> None:
    row.moved_at, row.moved_by = at, by.user_id
    row.save(update_fields=models.LIFE)
    made.recorded_at, made.recorded_by = at, by.user_id
    made.idempotency_key, made.request_digest = key, asked
    made.save(force_insert=True)
    record(verb, row, by=by, at=at)
    record("agreement.handed_over", made, by=by, at=at)
