"""Agreements made, withdrawn and in default."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from finance.repos import models, queries, rules
from finance.repos.operations.keeping import check_same, padded, record
from finance.repos.states import TRANSITIONS, AgreementKind, AgreementState
from ledger.accounts import queries as accounts
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest
from ledger.kernel.day_counts import DayCount
from ledger.kernel.keys import key_of
from ledger.kernel.money import Money
from ledger.kernel.transitions import check_transition
from ledger.units import queries as lots


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
    key, asked = key_of(by, idempotency_key), digest(asdict(terms)).hex()
    if found := models.Agreement.objects.filter(idempotency_key=key).first():
        check_same(found, asked)
        return found
    giver, taker = (accounts.get_account(i) for i in (terms.from_account_id, terms.to_account_id))
    mine = giver if giver.holder_id == by.party_id else taker
    accounts.get_open_account(mine.pk, by=by)
    _check_terms(terms, giver.holder_id, taker.holder_id)
    lot = lots.get_lot(terms.lot_id)
    row = models.Agreement(
        **{name: padded(name, value) for name, value in asdict(terms).items()},
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
    record("agreement.made", row, by=by, at=at)
    return row


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
    record(f"agreement.{state.value.lower()}", row, by=by, at=at, reason=reason)
    return row


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
