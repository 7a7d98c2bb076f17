from datetime import UTC, datetime
from uuid import UUID

import pytest

from ledger.accounts import operations, queries, rules
from ledger.accounts.models import Account
from ledger.accounts.states import AccountState
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import IllegalTransition, NotAllowed, NotFound

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
PARK, OTHER = UUID(int=1), UUID(int=2)
ANA = Actor(user_id=UUID(int=11), party_id=PARK, roles=frozenset({Role.CARBON_MANAGER}))
BOB = Actor(user_id=UUID(int=12), party_id=OTHER, roles=frozenset({Role.CARBON_MANAGER}))
EVE = Actor(user_id=UUID(int=13), party_id=PARK, roles=frozenset({Role.ADMINISTRATOR}))


@pytest.fixture
def schemes(db):
    load_schemes(by=SYSTEM, at=NOON)


def open_account(number="GEC-1", by=ANA, holder_id=PARK):
    return operations.open_account(
        holder_id=holder_id, type="HOLDING", registry="GEC_PLATFORM", number=number, by=by, at=NOON
    )


def test_a_number_is_given_once_in_a_registry(schemes):
    open_account()
    with pytest.raises(rules.AccountNumberTaken, match="GEC-1"):
        open_account()
    assert Account.objects.count() == 1


def test_an_administrator_opens_no_account(schemes):
    with pytest.raises(NotAllowed):
        open_account(by=EVE)
    assert Account.objects.count() == 0


def test_the_account_of_another_party_is_not_there(schemes):
    account = open_account()
    with pytest.raises(NotFound):
        queries.get_own_account(account.pk, by=BOB)
    with pytest.raises(NotFound):
        operations.close_account(account_id=account.pk, by=BOB, at=NOON, reason="mine")
    assert Account.objects.get().state == AccountState.OPEN


def test_an_account_with_units_is_not_closed(schemes, monkeypatch):
    account = open_account()
    monkeypatch.setattr(queries, "is_empty", [lambda account_id: False])
    with pytest.raises(rules.AccountNotEmpty):
        operations.close_account(account_id=account.pk, by=ANA, at=NOON, reason="end")
    assert Account.objects.get().state == AccountState.OPEN


def test_a_closed_account_stays_closed(schemes):
    account = open_account()
    operations.close_account(account_id=account.pk, by=ANA, at=NOON, reason="end")
    with pytest.raises(IllegalTransition, match="CLOSED"):
        operations.block_account(account_id=account.pk, by=ANA, at=NOON, reason="late")
    with pytest.raises(rules.AccountNotOpen):
        queries.get_open_account(account.pk, by=ANA)


def test_an_account_changed_behind_the_log_is_named(schemes):
    account = open_account()
    assert list(queries.check_rows_match_events()) == []
    Account.objects.filter(pk=account.pk).update(holder_id=OTHER)
    assert [f.subject for f in queries.check_rows_match_events()] == [
        f"accounts.Account:{account.pk}"
    ]


def test_a_refusal_carries_the_reason_of_its_cell():
    with pytest.raises(rules.TransactionNotAllowed, match="leave the trading account first"):
        rules.check_transaction("SURRENDER", "TRADING", "SURRENDER")


def test_what_has_ended_has_no_way_out_of_its_account():
    ends = {"SURRENDER", "RETIREMENT", "CANCELLATION", "EXPIRY"}
    leaving = [key for key, cell in rules.matrix().items() if key[1] in ends and cell.allowed]
    assert leaving == []


def test_every_cell_is_there_and_says_why_in_both_languages():
    types, matrix = rules.AccountType, rules.matrix()
    wanted = {
        (kind, source, target, reach)
        for kind in rules.Kind
        for source in types
        for target in types
        for reach in rules.Reach
        if reach is not rules.Reach.WITHIN or source is target
    }
    assert set(matrix) == wanted
    assert [key for key, cell in matrix.items() if not (cell.reason and cell.reason_zh)] == []


def test_every_transaction_has_a_cell_and_every_allowed_cell_its_transaction():
    named = {cell.transaction for cell in rules.matrix().values() if cell.allowed}
    assert named == set(rules.transactions())


@pytest.mark.parametrize(
    ("kind", "source", "target", "reach", "name"),
    [
        ("ISSUE", "ISSUER", "HOLDING", "OTHER", "ALLOCATION"),
        ("TRANSFER", "OUTSIDE", "HOLDING", "OTHER", "PURCHASE"),
        ("TRANSFER", "TRADING", "OUTSIDE", "OTHER", "SALE"),
        ("TRANSFER", "HOLDING", "HOLDING", "OTHER", "SALE"),
        ("TRANSFER", "HOLDING", "HOLDING", "SAME", "INTERNAL"),
        ("TRANSFER", "HOLDING", "TRADING", "SAME", "TO_TRADING"),
        ("TRANSFER", "TRADING", "HOLDING", "SAME", "FROM_TRADING"),
    ],
)
def test_a_transaction_is_named_by_its_accounts(kind, source, target, reach, name):
    assert rules.check_transaction(kind, source, target, reach=rules.Reach(reach)) == name
