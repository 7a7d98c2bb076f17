from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from ledger.holds import operations, queries, rules
from ledger.holds.models import Hold, Resolution
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import IllegalTransition, NotFound
from ledger.kernel.keys import KeyUsedOtherwise
from ledger.units.queries import find_hold_ranges, lot_history
from ledger.units.rules import RangeNotHeld
from ledger.units.states import UnitState
from tests.factories.holdings import (
    BANK_OFFICER,
    NOON,
    PARK_MANAGER,
    STRANGER,
    freeze,
    holdings,
    open_account,
    pledge,
    quantities,
    release,
    reserve,
)

pytestmark = pytest.mark.django_db
CONSENT = {"consent_number": "同意函-12"}


def clean():
    return [*queries.check_against_positions(), *queries.check_rows_match_events()] == []


def capture(hold, target, *, by=BANK_OFFICER, **given):
    asked = {"at": NOON, "idempotency_key": "c", **given}
    return operations.capture_hold(hold_id=hold.pk, to_account_id=target.pk, by=by, **asked)


def test_a_released_hold_frees_the_units_once():
    account, lot = holdings(100)
    hold = pledge(account.pk, lot, 60)
    assert release(hold, reason="loan repaid").state == "RELEASED"
    assert quantities(account.pk, lot) == {"FREE": 100}
    with pytest.raises(IllegalTransition):
        release(hold)
    assert quantities(account.pk, lot) == {"FREE": 100}
    assert clean()


def test_a_part_is_released_and_the_rest_stays():
    """I12: released + still pledged = pledged"""
    account, lot = holdings(100, first=1, scheme="CCER")
    hold = pledge(account.pk, lot, 60)
    hold = release(hold, unit_count=20, ranges=[(41, 60)])
    assert (hold.state, hold.remaining_count) == ("ACTIVE", 40)
    assert [(run.first, run.last) for run in find_hold_ranges(hold.pk)] == [(1, 40)]
    with pytest.raises(rules.MoreThanHeld, match="41 wanted, this hold has 40"):
        release(hold, unit_count=41)
    with pytest.raises(RangeNotHeld):
        release(hold, unit_count=1, ranges=[(60, 60)])
    assert quantities(account.pk, lot) == {"FREE": 60, "PLEDGED": 40}
    assert clean()


def test_only_the_pledgee_releases_a_pledge():
    """I12"""
    account, lot = holdings(100)
    hold = pledge(account.pk, lot, 60)
    with pytest.raises(rules.NotYoursToRelease):
        release(hold, by=PARK_MANAGER)
    with pytest.raises(NotFound):
        release(hold, by=STRANGER)
    assert quantities(account.pk, lot) == {"FREE": 40, "PLEDGED": 60}


def test_a_freeze_is_lifted_by_a_document():
    account, lot = holdings(100)
    hold = freeze(account.pk, lot, 60)
    with pytest.raises(rules.OrderNeeded):
        release(hold, by=PARK_MANAGER)
    release(hold, by=PARK_MANAGER, order_number="(2026)浙01执7号之一")
    assert quantities(account.pk, lot) == {"FREE": 100}


def test_the_same_release_twice_happens_once():
    """I40"""
    account, lot = holdings(100)
    hold = pledge(account.pk, lot, 60)
    release(hold, unit_count=10, idempotency_key="r")
    assert release(hold, unit_count=10, idempotency_key="r").remaining_count == 50
    with pytest.raises(KeyUsedOtherwise):
        release(hold, unit_count=11, idempotency_key="r")
    assert quantities(account.pk, lot) == {"FREE": 50, "PLEDGED": 50}


def test_releasing_the_first_hold_posts_straight_into_the_next():
    account, lot = holdings(100)
    first = pledge(account.pk, lot, 60)
    second = freeze(account.pk, lot, 50, behind=first.pk)
    release(first)

    assert quantities(account.pk, lot) == {"FREE": 50, "FROZEN": 50}
    second.refresh_from_db()
    assert (second.state, second.controlled_count) == ("ACTIVE", 50)
    moves = [(m["from_position__state"], m["to_position__state"]) for m in lot_history(lot)]
    assert moves[2:] == [("PLEDGED", "FROZEN"), ("PLEDGED", "FREE")]
    assert clean()


def test_a_second_pledge_takes_over_its_serials_without_passing_through_free():
    account, lot = holdings(100, first=1, scheme="CCER")
    first = pledge(account.pk, lot, 60)
    second = pledge(account.pk, lot, 40, behind=first.pk, **CONSENT)
    release(first, unit_count=30)
    release(first)

    assert quantities(account.pk, lot) == {"FREE": 60, "PLEDGED": 40}
    assert [(run.first, run.last) for run in find_hold_ranges(second.pk)] == [(1, 30), (31, 40)]
    moves = [(m["from_position__state"], m["to_position__state"]) for m in lot_history(lot)]
    assert moves[2:4] == [("PLEDGED", "FROZEN"), ("FROZEN", "PLEDGED")]
    assert clean()


def test_three_in_line_take_over_in_rank_order():
    account, lot = holdings(100)
    first = pledge(account.pk, lot, 60)
    second = pledge(account.pk, lot, 50, behind=first.pk, **CONSENT)
    third = freeze(account.pk, lot, 60, behind=second.pk)
    assert third.rank == 3
    release(first)
    third.refresh_from_db()
    assert quantities(account.pk, lot) == {"FREE": 40, "PLEDGED": 50, "FROZEN": 10}
    assert (third.state, third.controlled_count, third.remaining_count) == ("ACTIVE", 10, 60)
    release(second)
    assert quantities(account.pk, lot) == {"FREE": 40, "FROZEN": 60}
    assert clean()


def test_a_waiting_hold_is_withdrawn_without_a_movement():
    account, lot = holdings(100)
    first = pledge(account.pk, lot, 60)
    second = pledge(account.pk, lot, 60, behind=first.pk, **CONSENT)
    release(second)
    assert quantities(account.pk, lot) == {"FREE": 40, "PLEDGED": 60}
    release(first)
    assert quantities(account.pk, lot) == {"FREE": 100}
    assert clean()


def test_a_captured_pledge_goes_to_the_creditor_and_the_line_behind_it_lapses():
    account, lot = holdings(100)
    first = pledge(account.pk, lot, 60)
    second = pledge(account.pk, lot, 60, behind=first.pk, **CONSENT)
    bank = open_account("BANK-1", by=BANK_OFFICER)
    capture(first, bank)

    assert quantities(bank.pk, lot) == {"FREE": 60}
    second.refresh_from_db()
    assert (second.state, second.remaining_count) == ("LAPSED", 0)
    with pytest.raises(IllegalTransition):
        release(first)
    assert clean()


def test_a_freeze_in_line_stops_enforcement():
    """I13"""
    account, lot = holdings(100)
    first = pledge(account.pk, lot, 60)
    freeze(account.pk, lot, 10, behind=first.pk)
    bank = open_account("BANK-1", by=BANK_OFFICER)
    with pytest.raises(rules.FreezeInForce):
        capture(first, bank)
    assert quantities(account.pk, lot) == {"FREE": 40, "PLEDGED": 60}


def test_a_reservation_is_captured_into_surrender():
    account, lot = holdings(100)
    hold = reserve(account.pk, lot, 60)
    capture(hold, account, by=PARK_MANAGER, to_state=UnitState.SURRENDERED, unit_count=50)
    assert quantities(account.pk, lot) == {"FREE": 40, "RESERVED": 10, "SURRENDERED": 50}
    with pytest.raises(rules.NotACaptureTarget):
        capture(hold, account, by=PARK_MANAGER, to_state=UnitState.LENT, idempotency_key="d")
    assert clean()


def test_a_hold_ends_on_its_day_and_not_before():
    account, lot = holdings(100)
    hold = reserve(account.pk, lot, 60, expires_on=date(2026, 1, 7))
    assert queries.due_hold_ids(date(2026, 1, 6)) == []
    with pytest.raises(rules.NotDueYet, match="2026-01-07"):
        operations.expire_hold(hold_id=hold.pk, by=SYSTEM, at=NOON)
    assert queries.due_hold_ids(date(2026, 1, 7)) == [hold.pk]
    midnight_in_beijing = NOON.replace(day=6, hour=16)
    operations.expire_hold(hold_id=hold.pk, by=SYSTEM, at=midnight_in_beijing)
    operations.expire_hold(hold_id=hold.pk, by=SYSTEM, at=midnight_in_beijing)
    assert quantities(account.pk, lot) == {"FREE": 100}
    assert Resolution.objects.get().state == "EXPIRED"
    assert clean()


@pytest.mark.parametrize(
    "change",
    [{"remaining_count": -1}, {"controlled_count": 61}, {"rank": 2}, {"state": "RELEASED"}],
)
def test_the_database_holds_the_line(change):
    account, lot = holdings(100)
    first = pledge(account.pk, lot, 60)
    pledge(account.pk, lot, 60, behind=first.pk, **CONSENT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.filter(pk=first.pk).update(**change)


def test_no_way_leads_back_from_released():
    account, lot = holdings(100)
    hold = release(pledge(account.pk, lot, 60))
    with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
        Hold.objects.filter(pk=hold.pk).update(state="ACTIVE")


def test_a_hold_changed_behind_the_log_is_named():
    account, lot = holdings(100)
    hold = pledge(account.pk, lot, 60)
    Hold.objects.filter(pk=hold.pk).update(controlled_count=50, in_favour_of=None, kind="RESERVE")
    kinds = {fault.kind for fault in queries.check_against_positions()}
    assert kinds == {"holds.positions"}
    faults = list(queries.check_rows_match_events())
    assert [fault.subject for fault in faults] == [f"holds.Hold:{hold.pk}"]
    assert "in_favour_of" in faults[0].text
