"""Many reversals at once are taken by sets, and come to what they come to one by one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from ledger.kernel.ids import new_id
from ledger.units import queries
from ledger.units.models import Block, Entry
from ledger.units.operations import Draft, post_entries
from ledger.units.rules import AlreadyReversed, NotEnoughUnits, NotReversible, RangeNotHeld
from ledger.units.states import UnitState
from tests.factories.units import DAY, FREE, ISSUER, MANAGER, NOON, UNISSUED, leg, lot, post

pytestmark = pytest.mark.django_db
HOME, AWAY = new_id(), new_id()
RETIRED = UnitState.RETIRED


def reversal(entry_id, legs=None) -> Draft:
    given = queries.get_entry_legs(entry_id) if legs is None else legs
    return Draft(
        kind="REVERSE",
        legs=[one.mirrored() for one in reversed(given)],
        happened_on=DAY,
        idempotency_key=str(new_id()),
        reason="wrong file",
        reverses=entry_id,
    )


def undo(*entry_ids):
    return post_entries(drafts=[reversal(one) for one in entry_ids], by=MANAGER, at=NOON)


def place(account, lot_id, state=FREE):
    return queries.quantity_of(account_id=account, lot_id=lot_id, state=state)


def serials(account, lot_id):
    found = Block.objects.filter(position__account_id=account, position__lot_id=lot_id)
    return sorted(found.values_list("first_serial", "last_serial", "transfer_count"))


def issue(lot_id, *firsts, count=10):
    """An entry of as many blocks."""
    legs = [leg(lot_id, (ISSUER, UNISSUED), (HOME, FREE), count, first) for first in firsts]
    return post(legs, kind="ISSUE").entry_id


@pytest.fixture
def stock():
    """Four blocks of ten, 1 to 40; out of their middle 15 to 34 go away in two legs."""
    lot_id = lot(space=True)
    issued = issue(lot_id, 1, 11, 21, 31)
    there = [
        leg(lot_id, (HOME, FREE), (AWAY, FREE), 6, 15),
        leg(lot_id, (HOME, FREE), (AWAY, FREE), 14, 21),
    ]
    sent = post(there, kind="TRANSFER").entry_id
    ended = [
        post(leg(lot_id, (AWAY, FREE), (AWAY, RETIRED), 3, first), kind="RETIRE").entry_id
        for first in (16, 22, 30)
    ]
    return lot_id, issued, sent, ended


def test_what_ended_and_what_went_away_comes_back_block_by_block(stock):
    lot_id, issued, sent, ended = stock
    undo(*reversed(ended))
    assert (place(AWAY, lot_id), place(AWAY, lot_id, RETIRED)) == (20, 0)
    undo(sent, issued)
    assert Block.objects.filter(position__lot_id=lot_id).count() == 0
    assert place(ISSUER, lot_id, UNISSUED) == place(HOME, lot_id) == place(AWAY, lot_id) == 0
    assert list(queries.check_against_events()) == []
    assert list(queries.check_balances()) == []


def test_a_transfer_taken_back_counts_as_none(stock):
    lot_id, _issued, sent, ended = stock
    undo(*reversed(ended))
    other = issue(lot_id, 101)
    undo(sent, other)
    assert {count for _first, _last, count in serials(HOME, lot_id)} == {0}
    assert sum(last - first + 1 for first, last, _count in serials(HOME, lot_id)) == 40


def test_what_has_moved_on_is_named_and_nothing_is_taken_back(stock):
    lot_id, issued, sent, ended = stock
    before = Entry.objects.count()
    with pytest.raises((RangeNotHeld, NotEnoughUnits)):
        undo(ended[0], sent)
    with pytest.raises((RangeNotHeld, NotEnoughUnits)):
        undo(ended[0], issued)
    assert (Entry.objects.count(), place(AWAY, lot_id, RETIRED)) == (before, 9)


def test_once_is_all_also_for_many(stock):
    _lot_id, _issued, _sent, ended = stock
    undo(ended[0])
    with pytest.raises(AlreadyReversed):
        undo(ended[1], ended[0])
    with pytest.raises(AlreadyReversed):
        undo(ended[1], ended[1])


def test_what_is_no_mirror_is_refused_also_among_many(stock):
    _lot_id, _issued, sent, ended = stock
    half = reversal(sent, queries.get_entry_legs(sent)[:1])
    with pytest.raises(NotReversible):
        post_entries(drafts=[reversal(ended[0]), half], by=MANAGER, at=NOON)


class OneByOneOrAllAtOnce(TestCase):
    """The same ends, taken back by sets and singly, leave the same blocks."""

    @settings(max_examples=25, deadline=None)
    @given(st.sets(st.integers(0, 19), min_size=2, max_size=8), st.integers(1, 3))
    def test_both_ways_come_to_the_same(self, places, size):
        found = []
        for together in (True, False):
            lot_id = lot(space=True)
            issue(lot_id, 1, 21, 41, 61, count=20)
            ended = [
                post(
                    leg(lot_id, (HOME, FREE), (HOME, RETIRED), size, 1 + 4 * one), kind="RETIRE"
                ).entry_id
                for one in places
            ]
            for some in [ended] if together else [[one] for one in ended]:
                undo(*some)
            found.append((serials(HOME, lot_id), place(HOME, lot_id)))
        assert found[0] == found[1]
        assert found[0][1] == 80
