"""What other rooms may ask about accounts."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db import models as django_models
from django.db.models import QuerySet
from django.utils.translation import get_language

from ledger.accounts import models
from ledger.accounts.rules import (
    NOT_OURS,
    AccountNotEmpty,
    AccountNotOpen,
    AccountType,
    Cell,
    CounterpartyNotTrusted,
    Kind,
    Reach,
    TransactionName,
    TransactionNotAllowed,
    check_transaction,
    matrix,
    reason_in,
    transactions,
)
from ledger.accounts.states import AccountState
from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.doors.wording import in_language
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.parameters import queries as parameters

__all__ = [
    "NOT_OURS",
    "AccountNotEmpty",
    "AccountNotOpen",
    "AccountType",
    "Cell",
    "CounterpartyNotTrusted",
    "Kind",
    "Reach",
    "TransactionName",
    "TransactionNotAllowed",
    "check_transaction",
    "matrix",
    "reason_in",
    "transactions",
]

SEES_ALL = (Role.SYSTEM, Role.AUDITOR)

# Units stand above accounts: config/wiring.py says how to ask whether an account is empty.
is_empty: list[Callable[[UUID], bool]] = []


def get_account(account_id: UUID) -> models.Account:
    """:raises NotFound: no such account"""
    account = models.Account.objects.filter(pk=account_id).first()
    if account is None:
        raise NotFound
    return account


def get_own_account(account_id: UUID, *, by: Actor) -> models.Account:
    """An account of the actor's party; machines and auditors see all.

    :raises NotFound: not there, or not yours
    """
    account = get_account(account_id)
    if account.holder_id != by.party_id and not by.has(*SEES_ALL):
        raise NotFound
    return account


def get_open_account(account_id: UUID, *, by: Actor) -> models.Account:
    """:raises NotFound: not there, or not yours
    :raises AccountNotOpen: blocked or closed
    """
    account = get_own_account(account_id, by=by)
    check_open(account)
    return account


def reach_of(source: models.Account, target: models.Account) -> Reach:
    """Within one account, to the party's other account, or to another party's."""
    if source.pk == target.pk:
        return Reach.WITHIN
    return Reach.SAME if source.holder_id == target.holder_id else Reach.OTHER


def check_movement(kind: str, source: models.Account, target: models.Account) -> str:
    """The code of the transaction that this is.

    :raises TransactionNotAllowed: the matrix says no, and why
    """
    return check_transaction(kind, source.type, target.type, reach=reach_of(source, target))


def reason_said(reason: str) -> str:
    """The reason of a refused cell, in the reader's language."""
    return reason_in(get_language() or "", reason)


def may_expire_in(kind: AccountType) -> bool:
    """Whether units expire in an account of this type: not outside, and not where they ended."""
    return matrix()[Kind.EXPIRE, kind, kind, Reach.WITHIN].allowed


def transaction_name(code: str) -> str:
    """What a transaction is called in the reader's language; the code if there is none."""
    found = transactions().get(code)
    return in_language(found.name_zh, found.name_en) if found else code


def check_open(account: models.Account) -> None:
    """:raises AccountNotOpen: blocked or closed"""
    if account.state != AccountState.OPEN:
        raise AccountNotOpen(number=account.number)


def is_own(account: models.Account, party_id: UUID) -> bool:
    """Whether units in it are the party's: what lies in an account outside is a counterparty's."""
    return account.holder_id == party_id and account.type not in NOT_OURS


def find_account(*, registry: str, number: str) -> models.Account | None:
    return models.Account.objects.filter(registry_id=registry, number=number).first()


def accounts_of(party_id: UUID) -> QuerySet[models.Account]:
    return models.Account.objects.filter(holder_id=party_id).order_by("registry_id", "number")


def accounts() -> QuerySet[models.Account]:
    """Every account; for joining a number to an id, not for showing whose it is."""
    return models.Account.objects.all()


def accounts_seen_by(actor: Actor) -> QuerySet[models.Account]:
    """The accounts of the actor's party; machines and auditors see all."""
    if actor.has(*SEES_ALL):
        return accounts()
    return accounts().filter(holder_id=actor.party_id) if actor.party_id else accounts().none()


def account_ids_seen_by(actor: Actor) -> list[UUID] | None:
    """The ids of these; None: of all accounts that there are."""
    if actor.has(*SEES_ALL):
        return None
    return account_ids_of(actor.party_id) if actor.party_id else []


def numbers_of(account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The number of each of these accounts in its registry."""
    return dict(accounts().filter(pk__in=set(account_ids)).values_list("pk", "number"))


def account_ids_of(party_id: UUID) -> list[UUID]:
    return list(accounts_of(party_id).values_list("pk", flat=True))


def owning_accounts_of(party_id: UUID) -> QuerySet[models.Account]:
    """Those in which units are the party's: what it sold lies in an account outside, also its."""
    return accounts_of(party_id).exclude(type__in=NOT_OURS)


def owning_account_ids_of(party_id: UUID) -> list[UUID]:
    return list(owning_accounts_of(party_id).values_list("pk", flat=True))


# --- trusted counterparties

TRUST_DELAY = "transfers.trusted_account.delay"
TRANSFER_DELAY = "transfers.new_counterparty.delay"


def working_days_on(key: str, on: date) -> int:
    """Working days of a delay; where no such rule is loaded there is none."""
    try:
        return int(parameters.get_parameter(key, on=on).number)
    except parameters.NoParameter:
        return 0


def trusted_accounts(party_id: UUID) -> QuerySet[models.TrustedAccount]:
    """What is on a party's list now, in force or to be."""
    rows = models.TrustedAccount.objects.filter(party_id=party_id, removed_at=None)
    return rows.select_related("account").order_by("trusted_from", "id")


def trusted_accounts_seen_by(actor: Actor) -> QuerySet[models.TrustedAccount]:
    """The actor's own list as it is now; auditors see all."""
    rows = models.TrustedAccount.objects.filter(removed_at=None).select_related("account")
    return rows if actor.has(*SEES_ALL) else rows.filter(party_id=actor.own_party)


def is_trusted(*, party_id: UUID, account_id: UUID, on: date) -> bool:
    return trusted_accounts(party_id).filter(account_id=account_id, trusted_from__lte=on).exists()


def working_days_to_wait(from_account_id: UUID, to_account_id: UUID, *, on: date) -> int:
    """How long a transfer waits before it goes out; 0: not at all.

    It does not within a party, out of an outside account, and to a trusted account. An outside
    account stands for a counterparty, under whosever name it is kept here.

    :raises NotFound: no such account
    """
    source, target = get_account(from_account_id), get_account(to_account_id)
    if is_own(target, source.holder_id) or source.type == AccountType.OUTSIDE:
        return 0
    days = working_days_on(TRANSFER_DELAY, on)
    if not days or is_trusted(party_id=source.holder_id, account_id=target.pk, on=on):
        return 0
    return days


def goes_out_on(from_account_id: UUID, to_account_id: UUID, *, on: date) -> date | None:
    """The day on which a transfer asked for on a day goes out; None: at once.

    :raises NotFound: no such account
    :raises NoCalendar: the days to wait leave the loaded years
    """
    days = working_days_to_wait(from_account_id, to_account_id, on=on)
    return parameters.next_working_day(on, days) if days else None


def check_trusted(from_account_id: UUID, to_account_id: UUID, *, on: date) -> None:
    """:raises CounterpartyNotTrusted: a transfer would have to wait"""
    if working_days_to_wait(from_account_id, to_account_id, on=on):
        raise CounterpartyNotTrusted(number=get_account(to_account_id).number)


def get_trusted(trusted_id: UUID, *, by: Actor) -> models.TrustedAccount:
    """A line of the actor's own list.

    :raises NotFound: not there, or not yours
    """
    row = models.TrustedAccount.objects.select_related("account").filter(pk=trusted_id).first()
    if row is None or (row.party_id != by.party_id and not by.has(*SEES_ALL)):
        raise NotFound
    return row


def lock_account(account_id: UUID) -> models.Account:
    """:raises NotFound: no such account"""
    account = models.Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise NotFound
    return account


def content_of(row: django_models.Model) -> dict[str, Any]:
    """The row as its newest event tells it."""
    return {item.attname: getattr(row, item.attname) for item in row._meta.concrete_fields}


VERBS = ("account.opened", "account.blocked", "account.unblocked", "account.closed")


def check_rows_match_events() -> Iterator[Fault]:
    """Every account and trusted account as its newest event tells it."""
    rows = models.Account.objects.iterator()
    yield from compare_rows_with_events(
        ((f"accounts.Account:{row.pk}", content_of(row)) for row in rows),
        kind="accounts.row",
        verbs=VERBS,
    )
    trusted = models.TrustedAccount.objects.iterator()
    yield from compare_rows_with_events(
        ((f"accounts.TrustedAccount:{row.pk}", content_of(row)) for row in trusted),
        kind="accounts.trusted",
        verbs=["account.trusted", "account.distrusted"],
    )
