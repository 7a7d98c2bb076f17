"""Opening, blocking and closing accounts."""

from datetime import datetime
from uuid import UUID

from ledger.accounts import models, queries
from ledger.accounts.rules import (
    AccountNotEmpty,
    AccountNumberTaken,
    AccountType,
    AlreadyTrusted,
    NotACounterparty,
    beijing_day,
)
from ledger.accounts.states import TRANSITIONS, AccountState
from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.transitions import check_transition
from ledger.parameters import queries as parameters


def _record(verb: str, account: models.Account, *, by: Actor, at: datetime, reason: str) -> None:
    audit.record(
        verb=verb,
        subject=f"accounts.Account:{account.pk}",
        by=by,
        at=at,
        data={"row": queries.content_of(account)},
        reason=reason,
    )


@operation
def open_account(
    *,
    holder_id: UUID,
    type: str,  # noqa: A002  the ledger's own word
    registry: str,
    number: str,
    by: Actor,
    at: datetime,
    name: str = "",
    reason: str = "",
) -> models.Account:
    """Open an account of a party in a registry.

    An operator opens accounts for itself and for outside counterparties.

    :raises NotFound: no such registry
    :raises AccountNumberTaken: the registry has an account of this number
    """
    if not instruments.registries().filter(code=registry).exists():
        raise NotFound(f"registry {registry}")
    if queries.find_account(registry=registry, number=number) is not None:
        raise AccountNumberTaken(number=number)
    account = models.Account.objects.create(
        holder_id=holder_id,
        type=AccountType(type).value,
        registry_id=registry,
        number=number,
        name=name,
        opened_at=at,
        opened_by=by.user_id,
    )
    _record("account.opened", account, by=by, at=at, reason=reason)
    return account


def _own(account_id: UUID, by: Actor) -> models.Account:
    queries.get_own_account(account_id, by=by)
    return queries.lock_account(account_id)


def _move(account: models.Account, state: AccountState) -> None:
    check_transition(TRANSITIONS, account.state, state)
    account.state = state


@operation
def block_account(*, account_id: UUID, by: Actor, at: datetime, reason: str) -> models.Account:
    """Let nothing enter or leave until it is opened again.

    :raises IllegalTransition: not open
    """
    account = _own(account_id, by)
    _move(account, AccountState.BLOCKED)
    account.save(update_fields=["state"])
    _record("account.blocked", account, by=by, at=at, reason=reason)
    return account


@operation
def unblock_account(*, account_id: UUID, by: Actor, at: datetime, reason: str) -> models.Account:
    """:raises IllegalTransition: not blocked"""
    account = _own(account_id, by)
    _move(account, AccountState.OPEN)
    account.save(update_fields=["state"])
    _record("account.unblocked", account, by=by, at=at, reason=reason)
    return account


@operation
def close_account(*, account_id: UUID, by: Actor, at: datetime, reason: str) -> models.Account:
    """Close an empty account, for ever.

    :raises AccountNotEmpty: it holds units that have not ended
    :raises IllegalTransition: not open
    """
    account = _own(account_id, by)
    _move(account, AccountState.CLOSED)
    if not all(ask(account_id) for ask in queries.is_empty):
        raise AccountNotEmpty
    account.closed_at, account.closed_by = at, by.user_id
    account.save(update_fields=["state", "closed_at", "closed_by"])
    _record("account.closed", account, by=by, at=at, reason=reason)
    return account


def _record_trust(
    verb: str, row: models.TrustedAccount, *, by: Actor, at: datetime, reason: str
) -> None:
    audit.record(
        verb=verb,
        subject=f"accounts.TrustedAccount:{row.pk}",
        by=by,
        at=at,
        data={"row": queries.content_of(row)},
        reason=reason,
    )


@operation
def trust_account(
    *, account_id: UUID, by: Actor, at: datetime, reason: str, approval_id: UUID | None = None
) -> models.TrustedAccount:
    """Put a counterparty's account on the list; in force after a delay in working days.

    :raises NotFound: no such account
    :raises NotACounterparty: the party's own
    :raises AlreadyTrusted: on the list
    """
    party_id, account = by.own_party, queries.lock_account(account_id)
    if queries.is_own(account, party_id):
        raise NotACounterparty
    if queries.trusted_accounts(party_id).filter(account=account).exists():
        raise AlreadyTrusted(number=account.number)
    on = beijing_day(at)
    days = queries.working_days_on(queries.TRUST_DELAY, on)
    row = models.TrustedAccount.objects.create(
        party_id=party_id,
        account=account,
        trusted_from=parameters.next_working_day(on, days) if days else on,
        reason=reason,
        approval_id=approval_id,
        added_at=at,
        added_by=by.user_id,
    )
    _record_trust("account.trusted", row, by=by, at=at, reason=reason)
    return row


@operation
def distrust_account(
    *, trusted_id: UUID, by: Actor, at: datetime, reason: str, approval_id: UUID | None = None
) -> models.TrustedAccount:
    """Take a counterparty's account off the list, at once.

    :raises NotFound: not on the party's list, or off it already
    """
    queries.get_trusted(trusted_id, by=by)
    row = models.TrustedAccount.objects.select_for_update().get(pk=trusted_id)
    if row.removed_at is not None:
        raise NotFound
    row.removed_at, row.removed_by = at, by.user_id
    row.save(update_fields=["removed_at", "removed_by"])
    _record_trust("account.distrusted", row, by=by, at=at, reason=reason)
    return row
