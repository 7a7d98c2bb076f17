"""May this party do this today? Asked before the engine, which guards what must always hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ledger.accounts import queries as accounts
from ledger.audit.queries import find_event
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.units.models import Entry
from ledger.units.queries import LotView, get_lot
from ledger.units.rules import (
    Leg,
    NotReversible,
    check_expired,
    check_within_window,
)
from ledger.units.states import EntryKind

# Rooms above may refuse a movement that this room would allow: `config/wiring.py` adds them.
Guard = Callable[..., None]
SALE = "SALE"
OWN_MOVES = frozenset({"INTERNAL", "TO_TRADING", "FROM_TRADING"})
GUARDED = frozenset({EntryKind.TRANSFER, EntryKind.SURRENDER})
PLEDGE = "PLEDGE"
_guards: list[Guard] = []


def register_guard(guard: Guard) -> None:
    """`guard(kind=, account_id=, lot=, on=, by=)` raises a DomainError, or lets it pass.

    Asked before units of `lot` leave the account by TRANSFER or SURRENDER, and before they are
    given as security (`kind` is then PLEDGE).
    """
    if guard not in _guards:
        _guards.append(guard)


def check_guards(*, kind: str, account_id: UUID, lot: LotView, on: date, by: Actor) -> None:
    """:raises DomainError: a room above refuses"""
    for guard in _guards:
        guard(kind=str(kind), account_id=account_id, lot=lot, on=on, by=by)


def facts_of(lot: LotView) -> instruments.LotFacts:
    """What the scheme's rules need to know of a lot."""
    return instruments.LotFacts(
        scheme=lot.scheme,
        vintage_year=lot.vintage_year,
        generated_from=lot.generated_from,
        generated_to=lot.generated_to,
        expires_on=lot.expires_on,
        plant_id=lot.plant_id,
        traits=lot.traits,
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """`transaction` is its name in the matrix; None for `max_transfers`: without limit."""

    transaction: str
    max_transfers: int | None = None

    @property
    def posted_as(self) -> str:
        """Between accounts of one party nothing is traded: the one transfer of R3.17 is left."""
        return EntryKind.MOVE if self.transaction in OWN_MOVES else ""


def _check_accounts(kind: EntryKind, from_account_id: UUID, to_account_id: UUID, by: Actor) -> str:
    """The actor's own account is the one that gives; at an issue, the one that receives."""
    issue = kind is EntryKind.ISSUE
    if issue:
        target = accounts.get_open_account(to_account_id, by=by)
        source = accounts.get_account(from_account_id)
    else:
        source = accounts.get_open_account(from_account_id, by=by)
        target = accounts.get_account(to_account_id)
        accounts.check_open(target)
    return accounts.check_movement(kind, source, target)


def check_decision(
    *,
    kind: EntryKind,
    lot: LotView,
    from_account_id: UUID,
    to_account_id: UUID,
    on: date,
    by: Actor,
    is_going_out: bool = True,
) -> Decision:
    """What this is called, and how often such units may be transferred.

    :raises NotFound: an account that is not there, or not the actor's
    :raises AccountNotOpen, TransactionNotAllowed: of the accounts
    :raises Expired, NotTransferable, WrongEndUse, VintageNotUsable: of the scheme
    :raises CounterpartyNotTrusted: a transfer to it waits some days (`holds.send_units`)
    :raises NotExpiredYet: nothing to expire
    :raises DomainError: a guard of a room above
    """
    transaction = _check_accounts(kind, from_account_id, to_account_id, by)
    scheme = instruments.get_scheme(lot.scheme)
    if kind is EntryKind.ISSUE:
        return Decision(transaction)
    if kind is EntryKind.EXPIRE:
        check_expired(instruments.last_usable_on(scheme, facts_of(lot)), on)
        return Decision(transaction)
    instruments.check_usable(scheme, facts_of(lot), on=on, purpose=kind)
    # a machine records what has happened; the days to think are for people
    if transaction == SALE and is_going_out and not by.is_machine:
        accounts.check_trusted(from_account_id, to_account_id, on=on)
    if kind in GUARDED:
        check_guards(kind=kind, account_id=from_account_id, lot=lot, on=on, by=by)
    trade = kind is EntryKind.TRANSFER and transaction not in OWN_MOVES
    return Decision(transaction, instruments.max_transfers(scheme, on) if trade else None)


def check_transfer(
    *, lot_id: UUID, from_account_id: UUID, to_account_id: UUID, on: date, by: Actor
) -> None:
    """Whether such a transfer could be made, if only its counterparty were trusted.

    :raises DomainError: as `check_decision`
    """
    check_decision(
        kind=EntryKind.TRANSFER,
        lot=get_lot(lot_id),
        from_account_id=from_account_id,
        to_account_id=to_account_id,
        on=on,
        by=by,
        is_going_out=False,
    )


def check_reversal(*, entry: Entry, legs: Sequence[Leg], on: date, by: Actor) -> None:
    """:raises NotFound: none of its accounts is the actor's
    :raises NotReversible: a reversal itself, or the act of another room, which takes it back
    :raises ReversalWindowClosed: the scheme's days are over
    """
    giving = legs[0].to_account_id if entry.kind == EntryKind.ISSUE else legs[0].from_account_id
    accounts.get_own_account(giving, by=by)
    event = find_event(entry.pk)
    if entry.reverses_id or event is None or not event.subject.startswith("units.Entry:"):
        raise NotReversible(entry.kind)
    for lot_id in {leg.lot_id for leg in legs}:
        scheme = instruments.get_scheme(get_lot(lot_id).scheme)
        check_within_window(entry.happened_on, on, scheme.reversal_window_days)
