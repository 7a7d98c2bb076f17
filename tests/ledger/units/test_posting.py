"""What a posting does, exactly; and what it refuses, changing nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.audit.models import Event
from ledger.kernel.canonical import canonical_json
from ledger.kernel.ids import new_id
from ledger.units import engine, rules
from ledger.units.models import Block, Entry, Movement, Position
from ledger.units.operations import Draft, post_entries
from ledger.units.states import UnitState as S
from tests.factories.units import DAY, FREE, ISSUER, NOON, UNISSUED, issued, leg, lot, manager, post

pytestmark = pytest.mark.django_db

A, B = UUID(int=1), UUID(int=2)


def balances() -> dict[tuple[UUID, str], int]:
    rows = Position.objects.exclude(quantity=0).values_list("account_id", "state", "quantity")
    return {(account, state): quantity for account, state, quantity in rows}


def everything() -> list[Any]:
    """Every row that a refused posting must leave as it was."""
    tables: list[Any] = [Position, Block, Entry, Movement, Event]
    return [list(table.objects.order_by("pk").values_list()) for table in tables]


def blocks() -> list[tuple[int, int, UUID, str]]:
    return list(
        Block.objects.order_by("first_serial").values_list(
            "first_serial", "last_serial", "position__account_id", "position__state"
        )
    )


def test_a_transfer_debits_one_place_and_credits_another():
    units = issued(A, 100)
    receipt = post(leg(units, (A, FREE), (B, FREE), 40))

    assert balances() == {(ISSUER, "UNISSUED"): -100, (A, "FREE"): 60, (B, "FREE"): 40}
    movement = Movement.objects.get(entry_id=receipt.entry_id)
    assert (movement.unit_count, movement.from_balance, movement.to_balance) == (40, 60, 40)
    event = Event.objects.get(event_id=receipt.entry_id)
    assert (event.verb, event.subject) == ("units.transferred", f"units.Entry:{receipt.entry_id}")


def test_what_is_not_there_cannot_move_and_nothing_changes():
    units = issued(A, 100)
    post(leg(units, (A, FREE), (A, S.PLEDGED), 60), kind="PLEDGE")
    before = everything()
    with pytest.raises(rules.NotEnoughUnits, match="41 wanted, 40 free"):
        post(leg(units, (A, FREE), (B, FREE), 41))
    with pytest.raises(rules.NotEnoughUnits, match="1 wanted, 0 free"):
        post(leg(units, (B, FREE), (A, FREE), 1))
    assert everything() == before


def test_an_entry_of_many_legs_is_all_or_nothing():
    units = issued(A, 10)
    before = everything()
    with pytest.raises(rules.NotEnoughUnits, match="6 wanted, 5 free"):
        post([leg(units, (A, FREE), (B, FREE), 5), leg(units, (A, FREE), (B, FREE), 6)])
    assert everything() == before


def test_many_at_once_out_of_a_place_that_was_never_there_are_refused_by_name():
    units, here = lot(), (A, FREE)
    drafts = [
        Draft("TRANSFER", [leg(units, here, (B, FREE), 1)], DAY, "a"),
        Draft("ISSUE", [leg(units, (ISSUER, UNISSUED), (B, FREE), 1)], DAY, "b"),
    ]
    before = everything()
    with pytest.raises(rules.NotEnoughUnits, match="1 wanted, 0 free"):
        post_entries(drafts=drafts, by=manager(), at=NOON)
    assert everything() == before


def test_same_key_and_request_is_answered_again_another_request_refused():
    units, by = issued(A, 100), manager()
    first = post(leg(units, (A, FREE), (B, FREE), 10), key="k", by=by)
    again = post(leg(units, (A, FREE), (B, FREE), 10), key="k", by=by)
    before = everything()
    assert not first.replayed
    assert again == rules.Receipt(first.entry_id, replayed=True)
    with pytest.raises(rules.IdempotencyConflict):
        post(leg(units, (A, FREE), (B, FREE), 11), key="k", by=by)
    assert everything() == before
    assert balances()[A, "FREE"] == 90


def test_a_key_belongs_to_its_party():
    units = issued(A, 100)
    one = post(leg(units, (A, FREE), (B, FREE), 10), key="k", by=manager())
    two = post(leg(units, (A, FREE), (B, FREE), 10), key="k", by=manager())
    assert one.entry_id != two.entry_id


@pytest.mark.parametrize("state", [S.RETIRED, S.SURRENDERED, S.CANCELLED, S.EXPIRED])
def test_used_up_units_do_not_move(state):
    units = issued(A, 10)
    post(leg(units, (A, FREE), (A, state), 10), kind="END")
    before = everything()
    for target in S:
        with pytest.raises((rules.TerminalState, rules.MalformedLeg)):
            post(leg(units, (A, state), (B, target), 10))
    assert everything() == before


def test_a_range_is_split_exactly_and_the_rest_stays():
    units = issued(A, 1000, first=1)
    post(leg(units, (A, FREE), (B, FREE), 100, first=401))
    assert blocks() == [
        (1, 400, A, "FREE"),
        (401, 500, B, "FREE"),
        (501, 1000, A, "FREE"),
    ]


def test_a_range_over_several_blocks_moves_as_one():
    units = issued(A, 10, first=1)
    issued(A, 10, lot_id=units, first=11)
    post(leg(units, (A, FREE), (B, FREE), 10, first=6))
    assert blocks() == [
        (1, 5, A, "FREE"),
        (6, 10, B, "FREE"),
        (11, 15, B, "FREE"),
        (16, 20, A, "FREE"),
    ]


def test_serials_that_are_elsewhere_do_not_move():
    units = issued(A, 100, first=1)
    post(leg(units, (A, FREE), (B, FREE), 50, first=1))
    before = everything()
    with pytest.raises(rules.RangeNotHeld):
        post(leg(units, (A, FREE), (B, FREE), 2, first=50))
    assert everything() == before


def test_a_serial_number_is_issued_once():
    units = issued(A, 100, first=1)
    before = everything()
    with pytest.raises(rules.SerialsOverlap):
        issued(B, 51, lot_id=units, first=100)
    assert everything() == before


def test_serials_are_named_where_a_lot_has_them_and_only_there():
    serial, plain = issued(A, 10, first=1), issued(A, 10)
    for wrong in (
        leg(serial, (A, FREE), (B, FREE), 5),
        leg(plain, (A, FREE), (B, FREE), 5, first=1),
    ):
        with pytest.raises(rules.MalformedLeg):
            post(wrong)


def test_units_under_a_hold_move_only_with_that_hold():
    units, one, two = issued(A, 10, first=1), new_id(), new_id()
    post(leg(units, (A, FREE), (A, S.PLEDGED), 10, first=1, hold_id=one), kind="PLEDGE")
    with pytest.raises(rules.RangeNotHeld):
        post(leg(units, (A, S.PLEDGED), (A, FREE), 5, first=1, hold_id=two), kind="RELEASE")
    post(leg(units, (A, S.PLEDGED), (A, FREE), 5, first=1, hold_id=one), kind="RELEASE")
    assert list(Block.objects.order_by("first_serial").values_list("last_serial", "hold_id")) == [
        (5, None),
        (10, one),
    ]


def test_a_transfer_limit_travels_with_the_parts():
    units = issued(A, 10, first=1)
    post(leg(units, (A, FREE), (B, FREE), 10, first=1, max_transfers=1))
    before = everything()
    with pytest.raises(rules.TransferLimit):
        post(leg(units, (B, FREE), (A, FREE), 3, first=4, max_transfers=1))
    assert everything() == before


def test_a_reversal_gives_back_exactly_once():
    units = issued(A, 10, first=1)
    forward = leg(units, (A, FREE), (A, S.RETIRED), 4, first=3)
    retired = post(forward, kind="RETIRE")
    post(forward.mirrored(), kind="REVERSE", reverses=retired.entry_id)
    assert balances()[A, "FREE"] == 10
    before = everything()
    with pytest.raises(rules.AlreadyReversed):
        post(forward.mirrored(), kind="REVERSE", reverses=retired.entry_id)
    assert everything() == before


def test_a_reversal_that_is_not_the_mirror_is_refused():
    units = issued(A, 10)
    retired = post(leg(units, (A, FREE), (A, S.RETIRED), 4), kind="RETIRE")
    before = everything()
    for wrong in (
        leg(units, (A, S.RETIRED), (A, FREE), 3),
        leg(units, (A, S.RETIRED), (B, FREE), 4),
    ):
        with pytest.raises(rules.NotReversible):
            post(wrong, kind="REVERSE", reverses=retired.entry_id)
    assert everything() == before


def test_an_issue_taken_back_frees_its_serials():
    units = lot(space=True)
    forward = leg(units, (ISSUER, UNISSUED), (A, FREE), 10, first=1)
    wrong = post(forward, kind="ISSUE")
    post(forward.mirrored(), kind="REVERSE", reverses=wrong.entry_id)
    assert (balances(), blocks()) == ({}, [])
    issued(B, 10, lot_id=units, first=1)
    assert blocks() == [(1, 10, B, "FREE")]


def test_a_late_record_may_not_make_an_earlier_day_negative():
    units = lot()
    on = {"kind": "ISSUE", "on": date(2026, 1, 3)}
    post(leg(units, (ISSUER, UNISSUED), (A, FREE), 100), **on)
    with pytest.raises(rules.NotEnoughUnits, match="50 wanted, 0 free"):
        post(leg(units, (A, FREE), (B, FREE), 50), on=date(2026, 1, 2))
    post(leg(units, (A, FREE), (B, FREE), 30), on=date(2026, 1, 5))
    post(leg(units, (A, FREE), (B, FREE), 70), on=date(2026, 1, 4))
    assert balances()[B, "FREE"] == 100


def test_large_counts_are_exact():
    """16,777,217 is the first whole number that a 32-bit float loses; a rival lost it."""
    units = issued(A, 16_777_217)
    post(leg(units, (A, FREE), (B, FREE), 16_777_216))
    assert (balances()[A, "FREE"], balances()[B, "FREE"]) == (1, 16_777_216)
    huge = issued(A, 9_007_199_254_740_993)
    post(leg(huge, (A, FREE), (B, S.RETIRED), 9_007_199_254_740_993), kind="RETIRE")
    assert balances()[B, "RETIRED"] == 9_007_199_254_740_993


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cuts=st.lists(st.tuples(st.integers(1, 1000), st.integers(1, 200)), max_size=8))
def test_the_parts_of_a_range_are_the_whole(cuts):
    """I4: whatever is cut out, in whatever order: no gap, no overlap, every serial once."""
    one, two = new_id(), new_id()
    units, owner = issued(one, 1000, first=1), dict.fromkeys(range(1, 1001), one)
    for first, count in cuts:
        wanted = range(first, first + count)
        source = owner.get(first, one)
        target = two if source == one else one
        if all(owner.get(n) == source for n in wanted):
            post(leg(units, (source, FREE), (target, FREE), count, first=first))
            owner |= dict.fromkeys(wanted, target)
        else:
            with pytest.raises((rules.RangeNotHeld, rules.NotEnoughUnits)):
                post(leg(units, (source, FREE), (target, FREE), count, first=first))
    runs = Block.objects.filter(position__lot=units).values_list(
        "first_serial", "last_serial", "position__account_id"
    )
    numbers = [(n, account) for first, last, account in runs for n in range(first, last + 1)]
    assert sorted(numbers) == sorted(owner.items())


def test_tomorrow_cannot_be_posted():
    units = issued(A, 10)
    with pytest.raises(rules.FutureDay):
        post(leg(units, (A, FREE), (B, FREE), 1), on=date(2026, 1, 6))


@pytest.mark.parametrize("count", [0, -5, True, 1.0, 2**63])
def test_units_are_whole_and_positive(count):
    units = issued(A, 10)
    with pytest.raises(rules.MalformedLeg):
        post(leg(units, (A, FREE), (B, FREE), count))


def test_the_posting_function_itself_refuses_what_python_would_have_refused():
    """The database refuses what the code forgot: the same bodies, without the checks in front."""
    units = issued(A, 10)
    body = engine_body(units, from_state="FREE", to_state="UNISSUED")
    with pytest.raises(rules.TerminalState), transaction.atomic():
        engine.post([body])
    with pytest.raises(rules.MalformedLeg), transaction.atomic():
        engine.post([engine_body(units, units=-5)])


def engine_body(
    lot_id: UUID, *, from_state: str = "FREE", to_state: str = "FREE", **more: Any
) -> bytes:
    one = {"lot": lot_id, "from": [A, from_state], "to": [B, to_state], "units": 1, **more}
    data = {
        "kind": "X",
        "happened_on": "2026-01-05",
        "legs": [one],
        "key": str(new_id()),
        "request": "00",
    }
    return canonical_json(
        {
            "v": 1,
            "event": new_id(),
            "verb": "units.x",
            "subject": "",
            "actor": A,
            "party": None,
            "at": "2026-01-05T00:00:00Z",
            "reason": "",
            "data": data,
        }
    )


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        yield


@pytest.mark.parametrize("table", ["entry", "movement", "position", "block", "lot", "serialspace"])
@pytest.mark.parametrize(
    "act",
    [
        "UPDATE ledger_units_{t} SET id = id",
        "DELETE FROM ledger_units_{t}",
        "TRUNCATE ledger_units_{t} CASCADE",
        "INSERT INTO ledger_units_{t} DEFAULT VALUES",
    ],
)
def test_the_applications_login_cannot_write_the_ledgers_tables(table, act):
    with refused(), connection.cursor() as cursor:
        cursor.execute(act.format(t=table))


@pytest.mark.parametrize(
    "call",
    [
        "_ledger_units_take_carefully(NULL, NULL, 'UNISSUED', 5, '2026-01-01')",
        "_ledger_units_post_many(NULL)",
        "_ledger_units_post_leg(NULL, 1, '{}', '2026-01-01', NULL, 0)",
        "_ledger_units_move_range(1, 1, 1, 1, 'UNISSUED', 1, 'FREE', NULL, NULL, 0, NULL)",
    ],
)
def test_the_engines_insides_cannot_be_called(call):
    with refused(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {call}")
