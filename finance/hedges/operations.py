"""Contracts opened, settled day by day, closed or exercised; and the margin paid on them."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from finance.hedges import models, queries
from finance.hedges.rules import positions as rules
from finance.hedges.rules.options import Right, payoff
from finance.hedges.states import OPTIONS, TRANSITIONS, ContractState, MarginKind, Side
from finance.prices import queries as prices
from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest
from ledger.kernel.keys import KeyUsedOtherwise, key_of
from ledger.kernel.money import Money
from ledger.kernel.transitions import check_transition

NOUGHT = Decimal(0)
CENT, FINE = Decimal("0.01"), Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed. Prices per unit; margin, volatility and interest as shares (0.2)."""

    number: str
    kind: str
    side: str
    venue: str
    counterparty: str
    scheme: str
    lots: int
    units_per_lot: int
    price: Decimal
    opened_on: date
    last_day: date
    vintage_year: int | None = None
    for_year: int | None = None
    premium: Decimal | None = None
    currency: str = "CNY"
    margin_rate: Decimal = NOUGHT
    volatility: Decimal | None = None
    interest_rate: Decimal | None = None
    is_physical: bool = True
    evidence: str = ""


@operation(retry=True)
def open_contract(
    *,
    terms: Terms,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Contract:
    """Enter a future, forward or option. No units move by it.

    :raises NoSuchScheme: no such instrument
    :raises PriceOutOfReach, OptionTermsNeeded, LastDayPassed: no such contract
    :raises NumberInUse: the party has a contract of this number
    :raises KeyUsedOtherwise: I40
    """
    key, asked = key_of(by, idempotency_key), digest(asdict(terms)).hex()
    if found := models.Contract.objects.filter(idempotency_key=key).first():
        if found.request_digest != asked:
            raise KeyUsedOtherwise
        return found
    check_terms(terms, party_id=by.own_party)
    row = models.Contract(
        **{name: _padded(models.Contract, name, value) for name, value in asdict(terms).items()},
        party_id=by.own_party,
        state=ContractState.OPEN,
        approval_id=approval_id,
        opened_at=at,
        opened_by=by.user_id,
        moved_at=at,
        moved_by=by.user_id,
        idempotency_key=key,
        request_digest=asked,
    )
    row.save(force_insert=True)
    _record("hedge.opened", row, by=by, at=at)
    return row


def check_terms(terms: Terms, *, party_id: UUID) -> None:
    """:raises DomainError: as `open_contract`"""
    instruments.get_scheme(terms.scheme)
    Money(NOUGHT, terms.currency)
    if min(terms.price, Decimal(terms.lots), Decimal(terms.units_per_lot)) <= 0:
        raise rules.PriceOutOfReach
    if terms.last_day < terms.opened_on:
        raise rules.LastDayPassed(day=terms.last_day, on=terms.opened_on)
    needed = (terms.premium, terms.volatility, terms.interest_rate)
    if terms.kind in OPTIONS and (None in needed or not terms.volatility or terms.volatility <= 0):
        raise rules.OptionTermsNeeded
    if queries.contracts_of(party_id).filter(number=terms.number).exists():
        raise rules.NumberInUse(number=terms.number)


@operation(retry=True)
def settle_day(
    *,
    contract_id: UUID,
    settled_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    price: Decimal | None = None,
    reason: str = "",
) -> models.DailySettlement:
    """What a day brought: variation since the day before, margin, and an option's value.

    Without a price the day's own mark is taken; an old or missing one is refused. The newest day
    may be told anew, with a reason: the older version stays.

    :raises NotFound: not there, or not yours
    :raises IllegalTransition: the contract has ended
    :raises NotYetOpened, LastDayPassed, SettledLater: not a day of it that can be settled
    :raises SettlementPriceNeeded, PriceOutOfReach: no price
    :raises SettledAlready: a correction without its reason
    """
    row = queries.lock_contract(contract_id, by=by)
    key = key_of(by, idempotency_key)
    if found := models.DailySettlement.objects.filter(idempotency_key=key).first():
        return found
    check_transition(TRANSITIONS, row.state, ContractState.CLOSED)
    version = _check_day(row, settled_on, reason)
    mark_id = None
    if price is None:
        price, mark_id = _marked(row, settled_on)
    if price <= 0:
        raise rules.PriceOutOfReach
    made = _settlement(row, settled_on, price)
    made.version, made.mark_id, made.reason = version, mark_id, reason
    made.recorded_at, made.recorded_by, made.idempotency_key = at, by.user_id, key
    made.save(force_insert=True)
    _record("hedge.settled", made, by=by, at=at)
    return made


def _check_day(row: models.Contract, on: date, reason: str) -> int:
    """The version that this telling of the day is."""
    if on < row.opened_on:
        raise rules.NotYetOpened(day=row.opened_on)
    if on > row.last_day:
        raise rules.LastDayPassed(day=row.last_day, on=on)
    newest = queries.last_settlement(row)
    if newest is None or newest.settled_on < on:
        return 1
    if newest.settled_on > on:
        raise rules.SettledLater(day=newest.settled_on)
    if not reason.strip():
        raise rules.SettledAlready(day=on)
    return newest.version + 1


def _marked(row: models.Contract, on: date) -> tuple[Decimal, UUID]:
    mark = prices.mark_on(row.scheme, row.vintage_year, on)
    if mark is None or mark.is_stale or mark.price.currency != row.currency:
        what = f"{row.scheme} {row.vintage_year or ''}".strip()
        raise rules.SettlementPriceNeeded(what=what, day=on)
    return mark.price.amount, mark.version_id


def _settlement(row: models.Contract, on: date, price: Decimal) -> models.DailySettlement:
    """Futures and forwards by the price itself; options by what one unit of them is worth."""
    before = queries.last_settlement(row, before=on)
    unit_value, valued = queries.unit_value_of(row, price=price, on=on)
    if unit_value is not None:
        unit_value = unit_value.quantize(FINE)
    now = price if unit_value is None else unit_value
    earlier = _before(row, before)
    gained = rules.variation(
        before=earlier, now=now, unit_count=row.unit_count,
        is_long=row.side == Side.LONG, currency=row.currency,
    )  # fmt: skip
    # who bought an option has paid for it and owes no margin
    owes = not row.is_option or row.side == Side.SHORT
    required = rules.margin(
        price=price, unit_count=row.unit_count,
        margin_rate=row.margin_rate if owes else NOUGHT, currency=row.currency,
    )  # fmt: skip
    return models.DailySettlement(
        contract=row,
        settled_on=on,
        price=price.quantize(FINE),
        variation=gained.amount.quantize(CENT),
        margin_required=required.amount.quantize(CENT),
        unit_value=unit_value,
        greeks={} if valued is None else {k: f"{v:f}" for k, v in asdict(valued).items()},
    )


def _before(row: models.Contract, before: models.DailySettlement | None) -> Decimal:
    if row.is_option:
        if before is not None and before.unit_value is not None:
            return before.unit_value
        return row.premium or NOUGHT
    return before.price if before is not None else row.price


@operation(retry=True)
def close_contract(
    *,
    contract_id: UUID,
    ended_on: date,
    price: Decimal,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Contract:
    """Close out at a price (of an option: what one unit of it fetched); a last day is settled.

    :raises NotFound, IllegalTransition: not there, not yours, or ended
    :raises NotYetOpened, LastDayPassed, SettledLater, PriceOutOfReach: not this day or price
    """
    row = queries.lock_contract(contract_id, by=by)
    if row.state == ContractState.CLOSED and row.ended_on == ended_on:
        return row
    check_transition(TRANSITIONS, row.state, ContractState.CLOSED)
    if price <= 0 and not row.is_option:
        raise rules.PriceOutOfReach
    version = _check_day(row, ended_on, reason="closed out")
    made = _final(row, ended_on, price, version)
    return _end(
        row, ContractState.CLOSED, made, price, by=by, at=at, key=key_of(by, idempotency_key)
    )


@operation(retry=True)
def end_contract(
    *,
    contract_id: UUID,
    ended_on: date,
    price: Decimal,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Contract:
    """The last day has come, at a final price of the underlying: an option is exercised if that
    pays its holder, else it expires; a future or forward expires into its delivery.

    :raises NotFound, IllegalTransition: not there, not yours, or ended
    :raises NotYetOpened, LastDayPassed, SettledLater, PriceOutOfReach: not this day or price
    """
    row = queries.lock_contract(contract_id, by=by)
    if row.state in {ContractState.EXPIRED, ContractState.EXERCISED} and row.ended_on == ended_on:
        return row
    check_transition(TRANSITIONS, row.state, ContractState.EXPIRED)
    if price <= 0:
        raise rules.PriceOutOfReach
    version = _check_day(row, ended_on, reason="last day")
    paid = NOUGHT
    if row.is_option:
        paid = payoff(Right(row.kind), underlying=price, strike=row.price)
    state = ContractState.EXERCISED if paid > 0 else ContractState.EXPIRED
    made = _final(row, ended_on, paid if row.is_option else price, version)
    return _end(row, state, made, price, by=by, at=at, key=key_of(by, idempotency_key))


def _final(row: models.Contract, on: date, worth: Decimal, version: int) -> models.DailySettlement:
    """The last variation: up to the price, or to what a unit of the option was worth."""
    gained = rules.variation(
        before=_before(row, queries.last_settlement(row, before=on)), now=worth,
        unit_count=row.unit_count, is_long=row.side == Side.LONG, currency=row.currency,
    )  # fmt: skip
    return models.DailySettlement(
        contract=row,
        settled_on=on,
        version=version,
        price=max(worth, FINE).quantize(FINE),
        variation=gained.amount.quantize(CENT),
        margin_required=NOUGHT.quantize(CENT),
        unit_value=worth.quantize(FINE) if row.is_option else None,
        greeks={},
        reason="" if version == 1 else "final",
    )


def _end(
    row: models.Contract,
    state: ContractState,
    made: models.DailySettlement,
    price: Decimal,
    *,
    by: Actor,
    at: datetime,
    key: str,
) -> models.Contract:
    made.recorded_at, made.recorded_by, made.idempotency_key = at, by.user_id, key
    made.save(force_insert=True)
    _record("hedge.settled", made, by=by, at=at)
    row.state, row.ended_on, row.end_price = state, made.settled_on, price.quantize(FINE)
    row.moved_at, row.moved_by = at, by.user_id
    row.save(update_fields=models.LIFE)
    _record("hedge.ended", row, by=by, at=at)
    return row


@operation(retry=True)
def pay_margin(
    *,
    contract_id: UUID,
    kind: str,
    amount: Decimal,
    paid_on: date,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
) -> models.MarginPayment:
    """Record margin paid in, or taken out of what is above the margin required.

    :raises NotFound: not there, or not yours
    :raises PriceOutOfReach: not above nought
    :raises MarginTooLow: less than that is free
    """
    row = queries.lock_contract(contract_id, by=by)
    key = key_of(by, idempotency_key)
    if found := models.MarginPayment.objects.filter(idempotency_key=key).first():
        return found
    if amount <= 0:
        raise rules.PriceOutOfReach
    if kind == MarginKind.WITHDRAWAL:
        standing = queries.standing_of(row)
        free = standing.balance - standing.required
        if Money(amount, row.currency) > free:
            raise rules.MarginTooLow(free=free)
    made = models.MarginPayment.objects.create(
        contract=row,
        kind=MarginKind(kind).value,
        amount=amount.quantize(CENT),
        paid_on=paid_on,
        evidence=evidence,
        recorded_at=at,
        recorded_by=by.user_id,
        idempotency_key=key,
    )
    _record("hedge.margin_paid", made, by=by, at=at)
    return made


def _padded(table: Any, name: str, value: Any) -> Any:
    """A decimal as its column writes it, so that the event and the row say the same."""
    if not isinstance(value, Decimal):
        return value
    return value.quantize(Decimal(1).scaleb(-table._meta.get_field(name).decimal_places))


def _record(verb: str, row: Any, *, by: Actor, at: datetime) -> None:
    data = {"row": queries.content_of(row)}
    audit.record(verb=verb, subject=queries.subject_of(row), by=by, at=at, data=data)
