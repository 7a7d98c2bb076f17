from dataclasses import replace
from datetime import date

import pytest

from ledger.accounts.queries import AccountNotOpen
from ledger.audit.models import Event
from ledger.holds import queries, rules
from ledger.holds.models import Hold
from ledger.holds.states import HoldState
from ledger.kernel.actors import Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.keys import KeyUsedOtherwise
from ledger.units import operations as units
from ledger.units.queries import find_hold_ranges
from ledger.units.rules import NotEnoughUnits, NotReversible, RangeNotHeld
from tests.factories.holdings import (
    NOON,
    PARK_MANAGER,
    STRANGER,
    freeze,
    holdings,
    pledge,
    quantities,
    reserve,
)

pytestmark = pytest.mark.django_db


def test_pledged_units_are_not_free():
    account, lot = holdings(100)
    hold = pledge(account.pk, lot, 60)

    assert quantities(account.pk, lot) == {"FREE": 40, "PLEDGED": 60}
    assert (hold.state, hold.remaining_count, hold.controlled_count) == ("ACTIVE", 60, 60)
    with pytest.raises(NotEnoughUnits, match="41 wanted, 40 free"):
        reserve(account.pk, lot, 41)
    assert quantities(account.pk, lot) == {"FREE": 40, "PLEDGED": 60}
    assert Hold.objects.count() == 1


def test_pledged_units_are_not_surrendered():
    """I11"""
    account, lot = holdings(100)
    pledge(account.pk, lot, 100)
    with pytest.raises(NotEnoughUnits, match="1 wanted, 0 free"):
        units.surrender_units(
            lot_id=lot,
            account_id=account.pk,
            unit_count=1,
            obligation="2025",
            happened_on=date(2026, 1, 5),
            by=PARK_MANAGER,
            at=NOON,
            idempotency_key="s",
        )


def test_a_hold_takes_the_serials_it_names_and_no_others():
    account, lot = holdings(100, first=1001, scheme="CCER")
    hold = pledge(account.pk, lot, 10, ranges=[(1041, 1050)])
    assert [(run.first, run.last) for run in find_hold_ranges(hold.pk)] == [(1041, 1050)]
    with pytest.raises(RangeNotHeld):
        reserve(account.pk, lot, 2, ranges=[(1050, 1051)])


def test_the_same_request_gives_the_same_hold_and_another_is_refused():
    """I40"""
    account, lot = holdings(100)
    first = pledge(account.pk, lot, 60, idempotency_key="k")
    assert pledge(account.pk, lot, 60, idempotency_key="k").pk == first.pk
    with pytest.raises(KeyUsedOtherwise):
        pledge(account.pk, lot, 61, idempotency_key="k")
    assert quantities(account.pk, lot) == {"FREE": 40, "PLEDGED": 60}


def test_another_partys_units_are_not_there():
    account, lot = holdings(100)
    with pytest.raises(NotFound):
        pledge(account.pk, lot, 1, by=STRANGER)
    assert quantities(account.pk, lot) == {"FREE": 100}


def test_an_administrator_holds_nothing():
    account, lot = holdings(100)
    with pytest.raises(NotAllowed):
        pledge(account.pk, lot, 1, by=replace(PARK_MANAGER, roles=frozenset({Role.ADMINISTRATOR})))


def test_a_pledge_needs_a_creditor_and_a_freeze_an_order():
    account, lot = holdings(100)
    with pytest.raises(rules.CreditorNeeded):
        pledge(account.pk, lot, 1, in_favour_of=None)
    with pytest.raises(rules.OrderNeeded):
        freeze(account.pk, lot, 1, order_number=" ")
    assert quantities(account.pk, lot) == {"FREE": 100}


def test_a_pledge_does_not_outlive_its_units():
    """I22"""
    account, lot = holdings(10, scheme="CCER", expires_on=date(2026, 6, 1))
    for end in (None, date(2026, 6, 2)):
        with pytest.raises(rules.PledgeOutlivesUnits, match="2026-06-01"):
            pledge(account.pk, lot, 1, expires_on=end)
    pledge(account.pk, lot, 1, expires_on=date(2026, 6, 1))
    with pytest.raises(rules.EndsInThePast):
        reserve(account.pk, lot, 1, expires_on=date(2026, 1, 5))


def test_a_blocked_account_places_nothing():
    from ledger.accounts.operations import block_account

    account, lot = holdings(100)
    block_account(account_id=account.pk, by=PARK_MANAGER, at=NOON, reason="order")
    with pytest.raises(AccountNotOpen):
        pledge(account.pk, lot, 1)


def test_later_holds_stand_in_line_and_move_nothing():
    account, lot = holdings(100)
    first = pledge(account.pk, lot, 60)
    second = freeze(account.pk, lot, 50, behind=first.pk)

    assert (second.state, second.rank, second.controlled_count) == ("WAITING", 2, 0)
    assert second.stack_id == first.pk
    assert quantities(account.pk, lot) == {"FREE": 40, "PLEDGED": 60}
    with pytest.raises(rules.NothingToQueueBehind, match="61 wanted, the holds before it have 60"):
        freeze(account.pk, lot, 61, behind=first.pk)


def test_a_second_pledge_needs_the_first_creditors_consent():
    """I10"""
    account, lot = holdings(100)
    first = pledge(account.pk, lot, 60)
    with pytest.raises(rules.ConsentNeeded):
        pledge(account.pk, lot, 60, behind=first.pk)
    second = pledge(account.pk, lot, 60, behind=first.pk, consent_number="同意函-12")
    assert second.state == HoldState.WAITING


def test_a_hold_leaves_its_trace():
    account, lot = holdings(100)
    hold = pledge(account.pk, lot, 60)
    verbs = Event.objects.filter(subject=f"holds.Hold:{hold.pk}").values_list("verb", flat=True)
    assert list(verbs) == ["units.hold_pledge", "hold.placed"]
    assert list(queries.check_against_positions()) == []
    assert list(queries.check_rows_match_events()) == []


def test_the_movement_of_a_hold_is_taken_back_by_the_hold_alone():
    """I12: no way round the pledgee"""
    account, lot = holdings(100)
    hold = pledge(account.pk, lot, 60)
    with pytest.raises(NotReversible):
        units.reverse_entry(
            entry_id=hold.entry_id,
            happened_on=date(2026, 1, 5),
            by=PARK_MANAGER,
            at=NOON,
            idempotency_key="r",
            reason="round the bank",
        )
    assert quantities(account.pk, lot) == {"FREE": 40, "PLEDGED": 60}
