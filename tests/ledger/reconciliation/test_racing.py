"""A statement is compared while units move: no difference is lost, and none has two breaks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import connection

from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import DomainError
from ledger.kernel.ids import new_id
from ledger.reconciliation import checks, operations
from ledger.reconciliation.models import Break, Comparison
from ledger.units import operations as units
from ledger.units.queries import ranges_in
from ledger.units.states import UnitState
from tests.factories.holdings import open_account
from tests.factories.statements import LATER, line, shop, statement
from tests.factories.units import DAY


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


def test_a_statement_against_transfers_of_its_own_day(committed_db):
    """Whatever wins, once the comparison has run again every difference has its break."""
    place = shop()
    target = open_account("T", by=place.maker).pk

    def transfer(serial: int) -> Callable[[], Any]:
        return lambda: units.transfer_units(
            lot_id=place.lot_id,
            from_account_id=place.account_id,
            to_account_id=target,
            unit_count=1,
            ranges=[(serial, serial)],
            happened_on=DAY,
            by=place.maker,
            at=LATER,
            idempotency_key=str(new_id()),
        )

    def take_in() -> None:
        statement(place.account_id, line(90, 1, space=place.space), by=place.maker)
        operations.compare_account(account_id=place.account_id, by=SYSTEM, at=LATER)

    refused = race(take_in, *[transfer(serial) for serial in range(81, 101)])
    assert {one.code for one in refused} <= {"open_break"}

    again = LATER + timedelta(hours=1)
    operations.compare_account(account_id=place.account_id, by=SYSTEM, at=again)
    assert list(checks.check_differences_are_breaks()) == []
    assert list(checks.check_rows()) == []
    still = {n for row in Break.objects.filter(vanished_at=None) for n in serials(row)}
    left = 100 - (20 - len(refused))
    moved = {n for n in range(81, 101) if n not in ours(place)}
    assert len(ours(place)) == left
    assert still == {n for n in range(91, 101) if n not in moved} | {
        n for n in range(81, 91) if n in moved
    }


def serials(row: Break) -> range:
    assert row.first_serial is not None
    assert row.last_serial is not None
    return range(row.first_serial, row.last_serial + 1)


def ours(place: Any) -> set[int]:
    runs = ranges_in(account_id=place.account_id, lot_id=place.lot_id, state=UnitState.FREE)
    return {n for run in runs for n in range(run.first, run.last + 1)}


def test_comparisons_at_once_open_each_break_once(committed_db):
    place = shop()
    statement(place.account_id, line(90, 1, space=place.space), by=place.maker)

    def compare() -> None:
        operations.compare_account(account_id=place.account_id, by=SYSTEM, at=LATER)

    assert race(*[compare] * 6) == []
    assert Break.objects.count() == 1
    assert sum(Comparison.objects.values_list("new_count", flat=True)) == 1
    assert list(checks.check_rows()) == []
