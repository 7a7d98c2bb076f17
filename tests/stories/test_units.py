"""Lives of units through the public operations, with accounts and schemes deciding."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Sum

from ledger.accounts import operations as accounts
from ledger.accounts.models import Account
from ledger.accounts.rules import AccountNotOpen, TransactionNotAllowed
from ledger.audit.models import Event
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.ids import new_id
from ledger.units import operations as units
from ledger.units import queries, rules
from ledger.units.models import Block, Entry, Movement, Position
from ledger.units.states import UnitState as S
from tests.factories.units import MANAGER, NOON, lot, manager

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 5)


def open_account(kind: str = "HOLDING", by: Actor = MANAGER) -> UUID:
    holder = by.party_id
    assert holder is not None
    made = accounts.open_account(
        holder_id=holder, type=kind, registry="CCRC", number=f"N-{new_id()}", by=by, at=NOON
    )
    return made.pk


def given(**more: Any) -> dict[str, Any]:
    start = {"happened_on": DAY, "by": MANAGER, "at": NOON, "idempotency_key": str(new_id())}
    return {**start, **more}


@pytest.fixture
def scene() -> tuple[UUID, UUID, UUID]:
    """Our account with a thousand CCER 1–1000, another's account, and the lot."""
    load_schemes(by=SYSTEM, at=NOON)
    ours, other = open_account(), open_account(by=manager())
    issuer = accounts.open_account(
        holder_id=new_id(), type="ISSUER", registry="CCRC", number="ISSUER", by=SYSTEM, at=NOON
    ).pk
    lot_id = lot(scheme="CCER", space=True, vintage_year=2024)
    units.issue_units(
        lot_id=lot_id,
        from_account_id=issuer,
        to_account_id=ours,
        unit_count=1000,
        ranges=[(1, 1000)],
        **given(),
    )
    return ours, other, lot_id


def held(account_id: UUID) -> dict[str, int]:
    return {view.state.value: view.unit_count for view in queries.positions_in([account_id])}


def counts() -> tuple[Any, ...]:
    total = Position.objects.aggregate(Sum("quantity"))["quantity__sum"]
    tables: list[Any] = [Position, Block, Entry, Movement, Event]
    return (total, *(table.objects.count() for table in tables))


def test_a_transfer_gives_the_lowest_serials_and_answers_again_the_same(scene):
    ours, other, lot_id = scene
    ask = given(lot_id=lot_id, from_account_id=ours, to_account_id=other, unit_count=10)
    first = units.transfer_units(**ask)
    again = units.transfer_units(**ask)
    assert again == units.Receipt(first.entry_id, replayed=True)
    assert queries.ranges_in(account_id=other, lot_id=lot_id, state=S.FREE)[0].last == 10
    with pytest.raises(rules.IdempotencyConflict):
        units.transfer_units(**{**ask, "unit_count": 11})


def test_retired_units_are_in_the_statement_and_never_move_again(scene):
    ours, other, lot_id = scene
    units.retire_units(
        lot_id=lot_id,
        account_id=ours,
        unit_count=400,
        beneficiary_id=new_id(),
        purpose="carbon neutral meeting",
        **given(),
    )
    assert held(ours) == {"FREE": 600, "RETIRED": 400}
    before = counts()
    with pytest.raises(rules.NotEnoughUnits, match="601 wanted, 600 free"):
        units.transfer_units(
            lot_id=lot_id, from_account_id=ours, to_account_id=other, unit_count=601, **given()
        )
    with pytest.raises(rules.RangeNotHeld):
        units.transfer_units(
            lot_id=lot_id,
            from_account_id=ours,
            to_account_id=other,
            unit_count=10,
            ranges=[(1, 10)],
            **given(),
        )
    assert counts() == before
    lines = [
        (line.change, line.balance, line.state) for line in queries.statement_of(account_id=ours)
    ]
    assert lines == [(-400, 600, "FREE"), (400, 400, "RETIRED"), (1000, 1000, "FREE")]


def test_somebody_elses_units_are_not_there(scene):
    ours, other, lot_id = scene
    before = counts()
    with pytest.raises(NotFound):
        units.transfer_units(
            lot_id=lot_id,
            from_account_id=ours,
            to_account_id=other,
            unit_count=1,
            **given(by=manager()),
        )
    assert counts() == before


def test_an_administrator_moves_nothing(scene):
    ours, other, lot_id = scene
    admin = Actor(
        user_id=new_id(), party_id=MANAGER.party_id, roles=frozenset({Role.ADMINISTRATOR})
    )
    with pytest.raises(NotAllowed):
        units.transfer_units(
            lot_id=lot_id,
            from_account_id=ours,
            to_account_id=other,
            unit_count=1,
            **given(by=admin),
        )


def test_a_trading_account_retires_nothing(scene):
    ours, _, lot_id = scene
    trading = open_account("TRADING")
    units.transfer_units(
        lot_id=lot_id, from_account_id=ours, to_account_id=trading, unit_count=5, **given()
    )
    with pytest.raises(TransactionNotAllowed):
        units.retire_units(
            lot_id=lot_id,
            account_id=trading,
            unit_count=5,
            beneficiary_id=new_id(),
            purpose="x",
            **given(),
        )


def test_a_blocked_account_gives_nothing(scene):
    ours, other, lot_id = scene
    account = Account.objects.get(pk=ours)
    accounts.block_account(account_id=account.pk, by=SYSTEM, at=NOON, reason="court")
    with pytest.raises(AccountNotOpen):
        units.transfer_units(
            lot_id=lot_id, from_account_id=ours, to_account_id=other, unit_count=5, **given()
        )


def test_a_reversal_brings_a_retirement_back_once(scene):
    ours, _, lot_id = scene
    retired = units.retire_units(
        lot_id=lot_id,
        account_id=ours,
        unit_count=400,
        beneficiary_id=new_id(),
        purpose="mistake",
        **given(),
    )
    ask = given(entry_id=retired.entry_id, reason="wrong year")
    back = units.reverse_entry(**ask)
    assert held(ours) == {"FREE": 1000}
    assert units.reverse_entry(**ask) == units.Receipt(back.entry_id, replayed=True)
    with pytest.raises(rules.AlreadyReversed):
        units.reverse_entry(**given(entry_id=retired.entry_id, reason="again"))
    with pytest.raises(rules.NotReversible):
        units.reverse_entry(**given(entry_id=back.entry_id, reason="reversal of a reversal"))


def test_cancel_surrender_and_expire_end_where_they_are_told(scene):
    ours, _, lot_id = scene
    units.cancel_units(lot_id=lot_id, account_id=ours, unit_count=1, reason="gift", **given())
    units.surrender_units(
        lot_id=lot_id, account_id=ours, unit_count=2, obligation="o:2024", **given()
    )
    assert held(ours) == {"CANCELLED": 1, "FREE": 997, "SURRENDERED": 2}
    with pytest.raises(rules.NotExpiredYet):
        units.expire_units(lot_id=lot_id, account_id=ours, unit_count=1, **given(by=SYSTEM))


def test_a_position_as_of_a_day_is_what_was_there_that_evening(scene):
    ours, other, lot_id = scene
    later = datetime(2026, 2, 1, 4, 0, tzinfo=UTC)

    def give(count: int, day: date) -> None:
        ask = given(happened_on=day, at=later)
        units.transfer_units(
            lot_id=lot_id, from_account_id=ours, to_account_id=other, unit_count=count, **ask
        )

    give(100, date(2026, 1, 20))
    give(7, date(2026, 1, 10))  # recorded late
    give(50, date(2026, 1, 25))

    def as_of(account: UUID, day: int) -> int:
        return queries.position_as_of(
            account_id=account, lot_id=lot_id, state=S.FREE, day=date(2026, 1, day)
        )

    assert [as_of(ours, day) for day in (4, 5, 10, 19, 20, 25)] == [0, 1000, 993, 993, 893, 843]
    assert [as_of(other, day) for day in (9, 10, 20, 31)] == [0, 7, 107, 157]


def test_find_ranges_takes_the_lowest_serials_and_no_more(scene):
    ours, other, lot_id = scene
    units.transfer_units(
        lot_id=lot_id,
        from_account_id=ours,
        to_account_id=other,
        unit_count=10,
        ranges=[(11, 20)],
        **given(),
    )
    runs = queries.find_ranges(account_id=ours, lot_id=lot_id, state=S.FREE, unit_count=15)
    assert [(run.first, run.last) for run in runs] == [(1, 10), (21, 25)]
    with pytest.raises(rules.NotEnoughUnits, match="991 wanted, 990 free"):
        queries.find_ranges(account_id=ours, lot_id=lot_id, state=S.FREE, unit_count=991)
