"""Agreements made, opened and settled. The units move by the ledger's own operations beneath."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from finance.prices import queries as prices
from finance.repos import models, queries, rules
from finance.repos.states import TRANSITIONS, AgreementKind, AgreementState, HandoverKind
from ledger.accounts import queries as accounts
from ledger.accounts.queries import AccountType
from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.holds import operations as holds
from ledger.holds.states import HoldKind
from ledger.kernel.actors import Actor, Role
from ledger.kernel.canonical import digest
from ledger.kernel.day_counts import DayCount
from ledger.kernel.errors import N_, DomainError
from ledger.kernel.money import Money
from ledger.kernel.transitions import check_transition
from ledger.units import operations as units
from ledger.units import queries as lots


class KeyUsedOtherwise(DomainError):
    """I40."""

    code = "idempotency_key_reused"
    message = N_("This idempotency key was used before, for a request with other content.")


@dataclass(frozen=True, slots=True)
class Terms:
    """What two parties agree on. Prices per unit; fee and deposit in all; shares as 0.2."""

    number: str
    kind: str
    from_account_id: UUID
    to_account_id: UUID
    lot_id: UUID
    unit_count: int
    starts_on: date
    ends_on: date
    currency: str = "CNY"
    day_count: str = DayCount.ACT_365F.value
    first_price: Decimal | None = None
    second_price: Decimal | None = None
    fee: Decimal | None = None
    deposit: Decimal | None = None
    manager_share: Decimal | None = None
    loss_floor: Decimal | None = None
    usable_for_year: int | None = None
    may_reuse: bool = True
    evidence: str = ""


@operation(retry=True)
def make_agreement(
    *, terms: Terms, by: Actor, at: datetime, idempotency_key: str
) -> models.Agreement:
    """Enter what was agreed; nothing moves yet. Giver and taker are the holders of the accounts.

    :raises NotFound: neither account is the actor's
    :raises SameAccount, EndsTooEarly, TermsMissing, ShareOutOfReach: no such agreement
    :raises AgreementNumberTaken: the two parties have one of this number
    :raises KeyUsedOtherwise: I40
    """
    key, asked = _key(by, idempotency_key), digest(asdict(terms)).hex()
    if found := models.Agreement.objects.filter(idempotency_key=key).first():
        _check_same(found, asked)
        return found
    giver, taker = (accounts.get_account(i) for i in (terms.from_account_id, terms.to_account_id))
    mine = giver if giver.holder_id == by.party_id else taker
    accounts.get_open_account(mine.pk, by=by)
    _check_terms(terms, giver.holder_id, taker.holder_id)
    lot = lots.get_lot(terms.lot_id)
    row = models.Agreement(
        **{name: _padded(name, value) for name, value in asdict(terms).items()},
        state=AgreementState.AGREED,
        giver_id=giver.holder_id,
        taker_id=taker.holder_id,
        scheme=lot.scheme,
        vintage_year=lot.vintage_year,
        agreed_at=at,
        agreed_by=by.user_id,
        moved_at=at,
        moved_by=by.user_id,
        idempotency_key=key,
        request_digest=asked,
    )
    row.save(force_insert=True)
    _record("agreement.made", row, by=by, at=at)
    return row


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
    key, asked = _key(by, idempotency_key), digest([agreement_id, happened_on, evidence]).hex()
    if found := models.Handover.objects.filter(idempotency_key=key).first():
        _check_same(found, asked)
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
    key = _key(by, idempotency_key)
    asked = digest([agreement_id, lot_id, unit_count, happened_on, evidence]).hex()
    if found := models.Handover.objects.filter(idempotency_key=key).first():
        _check_same(found, asked)
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


@operation
def withdraw_agreement(
    *, agreement_id: UUID, reason: str, by: Actor, at: datetime
) -> models.Agreement:
    """An agreement that never began.

    :raises NotFound: not there, or not yours
    :raises IllegalTransition: units have gone over already
    """
    return _end(agreement_id, AgreementState.WITHDRAWN, reason, by=by, at=at)


@operation
def declare_default(
    *, agreement_id: UUID, reason: str, by: Actor, at: datetime
) -> models.Agreement:
    """The taker has not returned what it owes; the debt in units stays until it is returned.

    :raises NotFound: not there, or not yours
    :raises IllegalTransition: nothing is owed
    """
    return _end(agreement_id, AgreementState.DEFAULTED, reason, by=by, at=at)


def _end(
    agreement_id: UUID, state: AgreementState, reason: str, *, by: Actor, at: datetime
) -> models.Agreement:
    row = queries.lock_agreement(agreement_id, by=by)
    check_transition(TRANSITIONS, row.state, state)
    row.state, row.reason, row.moved_at, row.moved_by = state, reason, at, by.user_id
    row.save(update_fields=models.LIFE)
    _record(f"agreement.{state.value.lower()}", row, by=by, at=at, reason=reason)
    return row


# --- handing over


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
        amount=_padded("fee", money),
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
    _record(verb, row, by=by, at=at)
    _record("agreement.handed_over", made, by=by, at=at)


# --- the rest


def _check_terms(terms: Terms, giver_id: UUID, taker_id: UUID) -> None:
    if giver_id == taker_id:
        raise rules.SameAccount
    rules.check_days(terms.starts_on, terms.ends_on)
    DayCount(terms.day_count)
    Money(Decimal(0), terms.currency)
    priced = [one is not None and one > 0 for one in (terms.first_price, terms.second_price)]
    if terms.kind == AgreementKind.REPO and not all(priced):
        raise rules.TermsMissing
    if terms.manager_share is not None and not 0 <= terms.manager_share <= 1:
        raise rules.ShareOutOfReach
    known = models.Agreement.objects.filter(
        giver_id=giver_id, taker_id=taker_id, number=terms.number
    )
    if known.exists():
        raise rules.AgreementNumberTaken(number=terms.number)


def _padded(name: str, value: Any) -> Any:
    """A decimal as its column writes it, so that the event and the row say the same."""
    if not isinstance(value, Decimal):
        return value
    field: Any = models.Agreement._meta.get_field(name)
    return value.quantize(Decimal(1).scaleb(-field.decimal_places))


def _key(by: Actor, key: str) -> str:
    return f"{by.party_id or 'system'}:{key}"


def _check_same(found: models.Agreement | models.Handover, asked: str) -> None:
    if found.request_digest != asked:
        raise KeyUsedOtherwise


def _record(verb: str, row: Any, *, by: Actor, at: datetime, reason: str = "") -> None:
    data = {"row": queries.content_of(row)}
    audit.record(verb=verb, subject=queries.subject_of(row), by=by, at=at, data=data, reason=reason)
