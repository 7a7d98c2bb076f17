"""Units change hands for a trade: by the transfer operations of the ledger of units."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from finance.trades import models
from finance.trades.queries import trades
from finance.trades.queries.flows import NOT_OURS
from finance.trades.rules import refusals
from ledger.accounts import operations as account_operations
from ledger.accounts import queries as accounts
from ledger.accounts.queries import AccountType
from ledger.holds import operations as holds
from ledger.holds import queries as hold_queries
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.units import operations as units
from ledger.units import queries as unit_queries
from ledger.units.queries import LotView
from ledger.units.states import LIVE, UnitState

Ranges = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is to be delivered for a settlement; `key` makes it happen once."""

    trade: models.Trade
    unit_count: int
    on: date
    by: Actor
    at: datetime
    key: str
    lot_id: UUID | None = None
    ranges: Ranges = ()
    prefix: str = ""
    reason: str = ""
    approval_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    entry_id: UUID
    lot_id: UUID


def deliver_sold(wanted: Delivery) -> Delivered:
    """Out of the reservation and to the buyer, in one transaction: nobody comes in between.

    :raises NotEnoughUnits: another hold stood in line for these units
    :raises CounterpartyNotTrusted: the buyer's account is named, and not on the list of the trusted
    """
    trade = wanted.trade
    assert trade.lot_id is not None and trade.hold_id is not None  # noqa: S101  a sale has both
    ranges = wanted.ranges or _held_ranges(trade, wanted.unit_count)
    holds.release_hold(
        hold_id=trade.hold_id,
        unit_count=wanted.unit_count,
        ranges=ranges,
        happened_on=wanted.on,
        kept_by=trades.subject_of(trade),
        reason=wanted.reason,
        by=wanted.by,
        at=wanted.at,
        idempotency_key=wanted.key,
        approval_id=wanted.approval_id,
    )
    receipt = units.transfer_units(
        lot_id=trade.lot_id,
        from_account_id=trade.account_id,
        to_account_id=counter_account(trade, by=wanted.by, at=wanted.at),
        unit_count=wanted.unit_count,
        ranges=ranges,
        happened_on=wanted.on,
        reason=_said(wanted),
        by=wanted.by,
        at=wanted.at,
        idempotency_key=wanted.key,
        approval_id=wanted.approval_id,
        is_to_market=not trade.counter_account_number,
    )
    return Delivered(receipt.entry_id, trade.lot_id)


def _said(wanted: Delivery) -> str:
    """On the entry: the trade that it delivers, by its id and its deal number."""
    parts = [trades.subject_of(wanted.trade), wanted.trade.reference, wanted.reason]
    return " · ".join(part for part in parts if part)[:500]


def _held_ranges(trade: models.Trade, count: int) -> list[tuple[int, int]]:
    assert trade.lot_id is not None  # noqa: S101
    found = unit_queries.find_ranges(
        account_id=trade.account_id,
        lot_id=trade.lot_id,
        state=UnitState.RESERVED,
        unit_count=count,
        hold_id=trade.hold_id,
    )
    return [(run.first, run.last) for run in found]


def let_go(trade: models.Trade, *, by: Actor, at: datetime, key: str, reason: str) -> None:
    """What is still set aside for the trade is free again."""
    if trade.hold_id is None:
        return
    hold = hold_queries.get_hold(trade.hold_id)
    if hold.remaining_count:
        holds.release_hold(
            hold_id=hold.pk,
            kept_by=trades.subject_of(trade),
            reason=reason,
            by=by,
            at=at,
            idempotency_key=key,
        )


def deliver_bought(wanted: Delivery) -> Delivered:
    """From the seller's outside account into ours; what it lacks in our books is issued to it.

    :raises NotAnOutsideAccount: the seller's own entry delivers
    :raises SerialsOverlap: these serial numbers are in our books already
    """
    trade = wanted.trade
    source = counter_account(trade, by=wanted.by, at=wanted.at)
    account = accounts.get_account(source)
    if account.type != AccountType.OUTSIDE:
        raise refusals.NotAnOutsideAccount(number=account.number)
    lot = _lot(wanted)
    held = unit_queries.quantity_of(account_id=source, lot_id=lot.id, state=UnitState.FREE)
    lacking = wanted.unit_count if lot.space and wanted.ranges else wanted.unit_count - held
    if lacking > 0:
        _issue(wanted, lot, source, lacking)
    receipt = units.transfer_units(
        lot_id=lot.id,
        from_account_id=source,
        to_account_id=trade.account_id,
        unit_count=wanted.unit_count,
        ranges=wanted.ranges,
        happened_on=wanted.on,
        reason=_said(wanted),
        by=wanted.by,
        at=wanted.at,
        idempotency_key=wanted.key,
        approval_id=wanted.approval_id,
    )
    return Delivered(receipt.entry_id, lot.id)


def _issue(wanted: Delivery, lot: LotView, to_account_id: UUID, count: int) -> None:
    """Units that others held before they reached us come into our books with the delivery."""
    units.issue_units(
        lot_id=lot.id,
        from_account_id=_issuer(wanted.trade, by=wanted.by, at=wanted.at),
        to_account_id=to_account_id,
        unit_count=count,
        ranges=wanted.ranges,
        happened_on=wanted.on,
        reason=_said(wanted),
        by=wanted.by,
        at=wanted.at,
        idempotency_key=f"{wanted.key}:issue",
        approval_id=wanted.approval_id,
    )


def _lot(wanted: Delivery) -> LotView:
    """The lot named, or the one that units of this instrument, vintage and series are in."""
    trade = wanted.trade
    lot_id = wanted.lot_id or trade.lot_id
    if lot_id is not None:
        lot = unit_queries.get_lot(lot_id)
        if (lot.scheme, lot.vintage_year) != (trade.scheme, trade.vintage_year):
            raise refusals.WrongLot(
                found=f"{lot.scheme} {lot.vintage_year}",
                wanted=f"{trade.scheme} {trade.vintage_year}",
            )
        return lot
    scheme = instruments.get_scheme(trade.scheme)
    code = "-".join(part for part in (scheme.code, str(trade.vintage_year), wanted.prefix) if part)
    if (known := unit_queries.find_lot(code)) is not None:
        return known
    space = (scheme.registry, scheme.code, wanted.prefix) if scheme.has_serials else None
    facts = units.LotFacts(
        code=code, scheme=scheme.code, vintage_year=trade.vintage_year, space=space
    )
    return unit_queries.get_lot(units.open_lot(facts=facts, by=wanted.by, at=wanted.at))


def _registry_of(trade: models.Trade) -> str:
    return str(accounts.get_account(trade.account_id).registry_id)


def _issuer(trade: models.Trade, *, by: Actor, at: datetime) -> UUID:
    registry = _registry_of(trade)
    known = accounts.accounts().filter(registry_id=registry, type=AccountType.ISSUER)
    found = known.order_by("opened_at", "id").values_list("pk", flat=True).first()
    if found is not None:
        return found
    return _open(AccountType.ISSUER, registry, f"ISSUER-{registry}", by=by, at=at)


def counter_account(trade: models.Trade, *, by: Actor, at: datetime) -> UUID:
    """The counterparty's account; where none is named, the party's account for the market."""
    registry = _registry_of(trade)
    number = trade.counter_account_number or f"MARKET-{registry}-{trade.party_id.hex[-8:]}"
    found = accounts.find_account(registry=registry, number=number)
    if found is not None:
        return found.pk
    return _open(AccountType.OUTSIDE, registry, number, by=by, at=at, name=trade.counterparty)


def _open(
    kind: AccountType, registry: str, number: str, *, by: Actor, at: datetime, name: str = ""
) -> UUID:
    made = account_operations.open_account(
        holder_id=by.own_party, type=kind, registry=registry, number=number, name=name, by=by, at=at
    )
    return made.pk


def find_brought(trade: models.Trade, entry_id: UUID, unit_count: int) -> Delivered:
    """An entry that has brought these units to us already: of the seller, or of an import.

    :raises NotFound: no such entry
    :raises EntryDoesNotFit: it brings other units, or another number of them
    :raises EntryUsed: it settles another trade
    """
    ours = set(accounts.account_ids_of(trade.party_id)) - set(
        accounts.accounts_of(trade.party_id).filter(type__in=NOT_OURS).values_list("pk", flat=True)
    )
    legs = [
        leg
        for leg in unit_queries.get_entry_legs(entry_id)
        if leg.to_account_id in ours and leg.to_state in LIVE and leg.from_account_id not in ours
    ]
    lots = {leg.lot_id for leg in legs}
    brought = sum(leg.unit_count for leg in legs)
    if len(lots) != 1 or brought != unit_count:
        raise refusals.EntryDoesNotFit(count=unit_count)
    lot = unit_queries.get_lot(lots.pop())
    if (lot.scheme, lot.vintage_year) != (trade.scheme, trade.vintage_year):
        raise refusals.EntryDoesNotFit(count=unit_count)
    used = models.Settlement.objects.filter(entry_id=entry_id, trade__party_id=trade.party_id)
    if used.exists():
        raise refusals.EntryUsed
    return Delivered(entry_id, lot.id)
