"""Many at once: exactly one wins, nothing is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.db import connection

from ledger.holds import operations, queries
from ledger.holds.models import Hold, Resolution
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import DomainError
from ledger.units import operations as units
from tests.factories.holdings import (
    BANK_OFFICER,
    NOON,
    PARK_MANAGER,
    holdings,
    open_account,
    pledge,
    quantities,
    release,
    reserve,
)


def race(*calls: Callable[[], Any]) -> list[DomainError]:
    """Run all at once; what was refused."""

    def run(call: Callable[[], Any]) -> DomainError | None:
        try:
            call()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(calls)) as pool:
        return [refusal for refusal in pool.map(run, calls) if refusal is not None]


@pytest.mark.parametrize("first", [None, 1])
def test_of_twenty_pledges_of_the_same_units_exactly_one_wins(committed_db, first):
    account, lot = holdings(100, first=first, scheme="CCER")
    refusals = race(*[lambda: pledge(account.pk, lot, 100)] * 20)

    assert len(refusals) == 19
    assert {refusal.code for refusal in refusals} <= {"not_enough_units", "range_not_held"}
    assert Hold.objects.count() == 1
    assert quantities(account.pk, lot) == {"PLEDGED": 100}
    assert list(queries.check_against_positions()) == []


def test_whoever_names_no_serials_is_given_others_when_overtaken(committed_db):
    account, lot = holdings(100, first=1, scheme="CCER")
    assert race(*[lambda: reserve(account.pk, lot, 4)] * 20) == []
    assert quantities(account.pk, lot) == {"FREE": 20, "RESERVED": 80}
    assert list(queries.check_against_positions()) == []


def test_the_same_request_ten_times_at_once_is_one_hold(committed_db):
    account, lot = holdings(100, first=1, scheme="CCER")
    assert race(*[lambda: reserve(account.pk, lot, 10, idempotency_key="once")] * 10) == []
    assert Hold.objects.count() == 1
    assert quantities(account.pk, lot) == {"FREE": 90, "RESERVED": 10}


def test_release_and_capture_race_and_one_wins(committed_db):
    account, lot = holdings(100)
    bank = open_account("BANK-1", by=BANK_OFFICER)
    for _ in range(5):
        hold = pledge(account.pk, lot, 10)
        refusals = race(
            lambda hold=hold: release(hold),
            lambda hold=hold: operations.capture_hold(
                hold_id=hold.pk,
                to_account_id=bank.pk,
                by=BANK_OFFICER,
                at=NOON,
                idempotency_key=f"c{hold.pk}",
            ),
        )
        assert [refusal.code for refusal in refusals] == ["illegal_transition"]
    total = quantities(account.pk, lot).get("FREE", 0) + quantities(bank.pk, lot).get("FREE", 0)
    assert total == 100
    assert Resolution.objects.count() == 5


def test_release_and_expiry_race_and_one_wins(committed_db):
    account, lot = holdings(100)
    hold = reserve(account.pk, lot, 10, expires_on=date(2026, 1, 6))
    later = NOON.replace(day=6)
    refusals = race(
        lambda: release(hold, by=SYSTEM, at=later),
        lambda: operations.expire_hold(hold_id=hold.pk, by=SYSTEM, at=later),
    )
    assert len(refusals) == 1
    assert Resolution.objects.count() == 1
    assert quantities(account.pk, lot) == {"FREE": 100}


def test_opposite_placements_race_and_no_deadlock_reaches_the_user(committed_db):
    account, lot = holdings(100, first=1, scheme="CCER")
    low, high = [(1, 5), (6, 10)], [(11, 15), (16, 20)]
    refusals = race(
        lambda: pledge(account.pk, lot, 20, ranges=[*low, *high]),
        lambda: reserve(account.pk, lot, 20, ranges=[*reversed(high), *reversed(low)]),
        lambda: pledge(account.pk, lot, 20, ranges=[*high, *low]),
        lambda: reserve(account.pk, lot, 20, ranges=[*reversed(low), *reversed(high)]),
    )
    assert len(refusals) == 3
    assert {refusal.code for refusal in refusals} <= {"not_enough_units", "range_not_held"}
    assert Hold.objects.count() == 1
    assert sorted(quantities(account.pk, lot).values()) == [20, 80]
    assert list(queries.check_against_positions()) == []


def test_ten_transfers_that_name_no_serials_all_find_their_own(committed_db):
    account, lot = holdings(100, first=1, scheme="CCER")
    other = open_account("A-OTHER")

    def send(n: int) -> Callable[[], Any]:
        return lambda: units.transfer_units(
            lot_id=lot,
            from_account_id=account.pk,
            to_account_id=other.pk,
            unit_count=10,
            happened_on=NOON.date(),
            by=PARK_MANAGER,
            at=NOON,
            idempotency_key=f"t{n}",
        )

    assert race(*[send(n) for n in range(5)]) == []
    assert quantities(other.pk, lot) == {"FREE": 50}
