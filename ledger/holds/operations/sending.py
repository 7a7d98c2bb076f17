"""Transfers to a counterparty not yet trusted: the units wait some days under a reservation."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from ledger.accounts import queries as accounts
from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.holds import queries, rules
from ledger.holds.models import PendingTransfer
from ledger.holds.operations.capturing import capture_hold
from ledger.holds.operations.placing import Ranges, place_hold
from ledger.holds.operations.resolving import release_hold
from ledger.holds.states import TRANSFERS, HoldKind, TransferState
from ledger.kernel.actors import SYSTEM, Actor
from ledger.kernel.errors import DomainError
from ledger.kernel.ids import new_id
from ledger.kernel.keys import key_of
from ledger.kernel.transitions import check_transition
from ledger.units import operations as units


@dataclass(frozen=True, slots=True)
class Sent:
    """The entry, or the transfer that waits for its day."""

    entry_id: UUID | None = None
    transfer_id: UUID | None = None


def _subject(transfer_id: UUID) -> str:
    return f"holds.PendingTransfer:{transfer_id}"


def _record(verb: str, row: PendingTransfer, *, by: Actor, at: datetime, reason: str = "") -> None:
    audit.record(
        verb=verb,
        subject=_subject(row.pk),
        by=by,
        at=at,
        data={"row": queries.content_of(row)},
        reason=reason,
    )


@operation(retry=True)
def send_units(
    *,
    lot_id: UUID,
    from_account_id: UUID,
    to_account_id: UUID,
    unit_count: int,
    happened_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    ranges: Ranges = (),
    reason: str = "",
    approval_id: UUID | None = None,
) -> Sent:
    """Transfer at once where the counterparty is trusted; else reserve, and transfer on its day.

    The days that a new counterparty waits are a parameter, counted in working days from today.

    :raises NotFound, AccountNotOpen, TransactionNotAllowed: of the accounts
    :raises NotTransferable, Expired, AlreadyTransferred: of the scheme
    :raises NotEnoughUnits, RangeNotHeld: not free
    :raises KeyUsedOtherwise, IdempotencyConflict: I40
    """
    key = f"send:{idempotency_key}"
    waiting = queries.find_transfer(full_key=key_of(by, key))
    on = rules.beijing_day(at)
    goes_out = accounts.goes_out_on(from_account_id, to_account_id, on=on)
    if waiting is None and goes_out is None:
        receipt = units.transfer_units(
            lot_id=lot_id,
            from_account_id=from_account_id,
            to_account_id=to_account_id,
            unit_count=unit_count,
            happened_on=happened_on,
            ranges=ranges,
            by=by,
            at=at,
            idempotency_key=idempotency_key,
            reason=reason,
            approval_id=approval_id,
        )
        return Sent(entry_id=receipt.entry_id)
    transfer_id = waiting.pk if waiting else new_id()
    if waiting is None:
        units.check_transfer(
            lot_id=lot_id,
            from_account_id=from_account_id,
            to_account_id=to_account_id,
            on=happened_on,
            by=by,
            at=at,
        )
    hold = place_hold(
        kind=HoldKind.RESERVE,
        account_id=from_account_id,
        lot_id=lot_id,
        unit_count=unit_count,
        ranges=ranges,
        kept_by=_subject(transfer_id),
        by=by,
        at=at,
        idempotency_key=key,
        reason=reason,
    )
    if waiting is not None:
        return Sent(transfer_id=waiting.pk)
    row = PendingTransfer.objects.create(
        pk=transfer_id,
        hold=hold,
        to_account_id=to_account_id,
        executes_on=goes_out or on,
        reason=reason,
        approval_id=approval_id,
        asked_at=at,
        asked_by=by.user_id,
    )
    _record("transfer.waiting", row, by=by, at=at, reason=reason)
    return Sent(transfer_id=row.pk)


def _settle(row: PendingTransfer, state: TransferState, *, by: Actor, at: datetime) -> None:
    row.state, row.settled_at, row.settled_by, row.refusal = state, at, by.user_id, ""
    row.save(update_fields=["state", "settled_at", "settled_by", "refusal"])


def _hold_back(row: PendingTransfer, refusal: DomainError, *, by: Actor, at: datetime) -> None:
    """Noted once for each reason: the job comes back until it goes out or is cancelled."""
    if row.refusal == refusal.code:
        return
    row.refusal = refusal.code
    row.save(update_fields=["refusal"])
    _record("transfer.held_back", row, by=by, at=at)


@operation(retry=True)
def execute_transfer(*, transfer_id: UUID, by: Actor, at: datetime) -> PendingTransfer:
    """Let a transfer go out whose day has come. Where it is refused it waits on and says why.

    :raises NotFound: no such transfer
    :raises IllegalTransition: done or cancelled already
    :raises TransferNotDue: its day has not come
    """
    row = queries.lock_transfer(transfer_id)
    check_transition(TRANSFERS, row.state, TransferState.DONE)
    if rules.beijing_day(at) < row.executes_on:
        raise rules.TransferNotDue(day=row.executes_on.isoformat())
    try:
        with transaction.atomic():
            capture_hold(
                hold_id=row.hold_id,
                to_account_id=row.to_account_id,
                by=SYSTEM,
                at=at,
                idempotency_key=_subject(row.pk),
                reason=row.reason[:300],
                approval_id=row.approval_id,
                kept_by=_subject(row.pk),
            )
    except DomainError as refusal:
        _hold_back(row, refusal, by=by, at=at)
        return row
    _settle(row, TransferState.DONE, by=by, at=at)
    _record("transfer.done", row, by=by, at=at)
    return row


@operation(retry=True)
def cancel_transfer(*, transfer_id: UUID, by: Actor, at: datetime, reason: str) -> PendingTransfer:
    """Take a waiting transfer back; its units are free again.

    :raises NotFound: not there, or not yours
    :raises IllegalTransition: done or cancelled already
    """
    row = queries.lock_transfer(transfer_id)
    accounts.get_own_account(row.hold.account_id, by=by)
    check_transition(TRANSFERS, row.state, TransferState.CANCELLED)
    release_hold(
        hold_id=row.hold_id,
        by=by,
        at=at,
        idempotency_key=f"cancel:{row.pk}",
        reason=reason,
        kept_by=_subject(row.pk),
    )
    _settle(row, TransferState.CANCELLED, by=by, at=at)
    _record("transfer.cancelled", row, by=by, at=at, reason=reason)
    return row
