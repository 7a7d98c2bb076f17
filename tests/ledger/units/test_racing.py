"""Many at once over the same units: one wins, nothing is lost, no deadlock reaches anybody."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from ledger.doors.operation import retried
from ledger.kernel.errors import DomainError
from ledger.units import queries, rules
from ledger.units.models import Block, Entry
from ledger.units.operations import Draft, post_entries
from ledger.units.states import UnitState as S
from tests.factories.units import DAY, FREE, MANAGER, NOON, issued, leg, post
from tests.ledger.units.test_posting import A, B, balances

THREADS = 20


def at_once(act: Callable[[int], Any], threads: int = THREADS) -> Counter[str]:
    """Run act(0..n) at the same moment; count answers and refusals by name."""
    start = Barrier(threads)

    def one(n: int) -> str:
        try:
            start.wait()
            act(n)
        except DomainError as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(threads) as pool:
        return Counter(pool.map(one, range(threads)))


def test_twenty_want_the_same_units_and_one_gets_them(committed_db):
    units = issued(A, 100)
    answers = at_once(lambda n: post(leg(units, (A, FREE), (B, S.RETIRED), 100), kind="RETIRE"))
    assert answers == {"done": 1, "NotEnoughUnits": THREADS - 1}
    assert balances()[B, "RETIRED"] == 100


def test_twenty_want_the_same_serials_and_one_gets_them(committed_db):
    units = issued(A, 100, first=1)
    answers = at_once(lambda n: post(leg(units, (A, FREE), (B, FREE), 10, first=1 + n % 2)))
    assert answers["done"] == 1
    assert answers.keys() <= {"done", "RangeNotHeld"}
    assert list(queries.check_against_events()) == []


def test_twenty_issue_overlapping_serials_and_one_does(committed_db):
    units = issued(A, 1, first=10_000)
    answers = at_once(lambda n: issued(A, 50, lot_id=units, first=1 + n))
    assert answers == {"done": 1, "SerialsOverlap": THREADS - 1}
    assert Block.objects.count() == 2


def test_one_request_sent_twenty_times_counts_once(committed_db):
    units = issued(A, 100)
    answers = at_once(lambda n: post(leg(units, (A, FREE), (B, FREE), 5), key="the same"))
    assert answers == {"done": THREADS}
    assert balances()[B, "FREE"] == 5
    assert Entry.objects.count() == 2


def test_opposite_transfers_never_meet_in_a_deadlock(committed_db):
    units = issued(A, 1000)
    issued(B, 1000, lot_id=units)

    def back_and_forth(n: int) -> None:
        source, target = ((A, B), (B, A))[n % 2]
        for _ in range(10):
            post(leg(units, (source, FREE), (target, FREE), 1))

    before = retried.total()
    assert at_once(back_and_forth) == {"done": THREADS}
    assert (balances()[A, "FREE"], balances()[B, "FREE"]) == (1000, 1000)
    assert retried.total() == before


def test_bulk_postings_that_cross_each_other_all_arrive(committed_db):
    lots = [issued(A, 1000) for _ in range(5)]
    for lot_id in lots:
        issued(B, 1000, lot_id=lot_id)

    def many(n: int) -> None:
        source, target = ((A, B), (B, A))[n % 2]
        order = lots if n % 3 else lots[::-1]
        legs = [leg(lot_id, (source, FREE), (target, FREE), 1) for lot_id in order]
        drafts = [Draft("TRANSFER", [one], DAY, f"{n}-{i}") for i, one in enumerate(legs)]
        post_entries(drafts=drafts, by=MANAGER, at=NOON)

    assert at_once(many) == {"done": THREADS}
    assert [view.unit_count for view in queries.positions_in([A])] == [1000] * 5
    assert list(queries.check_against_events()) == []


def test_retirement_against_transfer_of_the_last_units(committed_db):
    units = issued(A, 10)

    def race(n: int) -> None:
        state = S.RETIRED if n % 2 else FREE
        post(leg(units, (A, FREE), (B, state), 10), kind="ANY")

    assert at_once(race) == {"done": 1, rules.NotEnoughUnits.__name__: THREADS - 1}


def test_a_server_that_forgot_the_prepared_statement_is_told_in_full(committed_db):
    """As behind a pooler that gives each transaction to another server."""
    units = issued(A, 10)
    post(leg(units, (A, FREE), (B, FREE), 1))
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    post(leg(units, (A, FREE), (B, FREE), 2))
    assert balances()[B, "FREE"] == 3
