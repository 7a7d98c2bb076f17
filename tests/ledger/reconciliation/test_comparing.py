"""The deliberate cases: each of them a difference that a comparison of totals alone may miss."""

from datetime import date, timedelta

import pytest

from ledger.kernel.actors import SYSTEM
from ledger.reconciliation import operations, rules
from ledger.reconciliation.models import Break, Comparison, Statement, StatementLine
from tests.factories.holdings import holdings, open_account, pledge, reserve
from tests.factories.statements import LATER, compare, covers, line, said, space_of, statement
from tests.factories.units import FREE, MANAGER, NOON, issued, leg, lot, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def held():
    """The park's account with serials 1 to 100 of CCER 2025, and their space."""
    account, lot_id = holdings(100, first=1, scheme="CCER")
    return account.pk, lot_id, space_of(lot_id)


def test_the_same_serials_cut_otherwise_are_no_difference(held):
    account, _, space = held
    statement(account, line(40, 1, space=space), line(60, 41, space=space))
    assert compare(account) == []
    assert Comparison.objects.get().their_count == 100
    assert Comparison.objects.get().our_count == 100
    assert Comparison.objects.get().totals == [["CCER", 2025, "FREE", 100, 100]]


def test_a_swap_of_serials_with_equal_totals_is_a_break(held):
    """registries.md §5 (d): one serial swapped between two accounts, totals equal."""
    account, lot_id, space = held
    other = open_account("OTHER").pk
    post(leg(lot_id, (account, FREE), (other, FREE), 10, 91))
    statement(account, line(89, 1, space=space), line(1, 91, space=space))
    statement(other, line(1, 90, space=space), line(9, 92, space=space))

    assert [said(one) for one in compare(account)] == [("RANGE", 90, 90, 1), ("RANGE", 91, 91, 1)]
    assert [said(one) for one in compare(other)] == [("RANGE", 90, 90, 1), ("RANGE", 91, 91, 1)]
    assert [(one.our_count, one.their_count) for one in compare(account)] == [(1, 0), (0, 1)]


def test_what_the_registry_does_not_have_is_missing_there(held):
    account, _, space = held
    statement(account, line(90, 1, space=space))
    assert [said(one) for one in compare(account)] == [("MISSING_THERE", 91, 100, 10)]


def test_what_we_do_not_have_is_missing_here(held):
    account, _, space = held
    statement(account, line(105, 1, space=space), line(5, 1, space=("REG", "CCER", "unknown")))
    assert [said(one) for one in compare(account)] == [
        ("MISSING_HERE", 1, 5, 5),
        ("MISSING_HERE", 101, 105, 5),
    ]


def test_a_state_that_differs_is_named(held):
    account, _, space = held
    both = [covers(states=("FREE", "FROZEN"))]
    statement(
        account, line(70, 1, space=space), line(30, 71, space=space, state="FROZEN"), coverage=both
    )
    (found,) = compare(account)
    assert said(found) == ("STATE", 71, 100, 30)
    assert (found.our_state, found.their_state) == ("FREE", "FROZEN")


def test_another_vintage_of_the_same_serials_is_an_attribute_and_blocks_both(held):
    account, _, space = held
    statement(account, line(100, 1, space=space, vintage_year=2024))
    (found,) = compare(account)
    assert said(found) == ("ATTRIBUTE", 1, 100, 100)
    assert (found.vintage_year, found.their_vintage_year) == (2025, 2024)


def test_a_reservation_is_free_in_the_registrys_eyes_and_a_pledge_is_as_the_coverage_says(held):
    account, lot_id, space = held
    reserve(account, lot_id, 10)
    statement(account, line(100, 1, space=space))
    assert compare(account) == []
    pledge(account, lot_id, 20)
    (found,) = compare(account)
    assert said(found) == ("STATE", 11, 30, 20)


def test_absent_is_not_zero(held):
    """A statement that does not speak of a vintage says nothing about it."""
    account, _, _ = held
    statement(account, coverage=[covers(vintages=[2024])])
    statement(account, coverage=[covers("GEC")])
    statement(account, coverage=[covers(states=["RETIRED"])])
    assert compare(account) == []


def test_zero_is_a_difference(held):
    account, _, _ = held
    statement(account, coverage=[covers(vintages=[2025])])
    assert [said(one) for one in compare(account)] == [("MISSING_THERE", 1, 100, 100)]


def test_the_newest_statement_that_speaks_of_a_cell_counts(held):
    account, _, space = held
    statement(account, line(90, 1, space=space), as_of=NOON - timedelta(hours=5))
    statement(account, line(100, 1, space=space), as_of=NOON)
    statement(account, coverage=[covers("GEC")], as_of=NOON + timedelta(hours=5))
    assert compare(account) == []


def test_totals_without_serials_are_compared_by_vintage_and_state():
    account, _ = holdings(100, scheme="CEA")
    statement(account.pk, line(90, scheme="CEA"), coverage=[covers("CEA")])
    (found,) = compare(account.pk)
    assert said(found) == ("QUANTITY", None, None, 10)
    assert (found.our_count, found.their_count) == (100, 90)


def test_a_registry_without_serials_is_held_against_our_totals(held):
    """The European log gives none (§4.6): only totals can be reconciled."""
    account, _, _ = held
    statement(account, line(99))
    assert [said(one) for one in compare(account)] == [("QUANTITY", None, None, 1)]


def test_movements_after_the_statements_day_are_undone(held):
    account, lot_id, space = held
    other = open_account("OTHER").pk
    day = date(2026, 1, 6)
    post(leg(lot_id, (account, FREE), (other, FREE), 30, 11), on=day, at=LATER)
    post(leg(lot_id, (other, FREE), (account, FREE), 10, 21), on=day, at=LATER)
    statement(account, line(100, 1, space=space), as_of=NOON)
    assert compare(account) == []
    assert compare(other) == []
    statement(other, coverage=[covers()], as_of=NOON)
    assert compare(other) == []
    statement(account, line(100, 1, space=space), as_of=LATER, at=LATER)
    assert [said(one) for one in compare(account)] == [
        ("MISSING_HERE", 11, 20, 10),
        ("MISSING_HERE", 31, 40, 10),
    ]


def test_the_same_difference_tomorrow_is_the_same_break(held):
    account, _, space = held
    statement(account, line(90, 1, space=space))
    (first,) = compare(account)
    newer = statement(account, line(90, 1, space=space), as_of=LATER)
    (again,) = compare(account, LATER + timedelta(hours=1))
    assert again.pk == first.pk
    assert again.statement_id == newer.pk
    assert again.opened_at == first.opened_at


def test_a_vanished_difference_is_proposed_for_closure_and_reopened_when_seen_again(held):
    account, _, space = held
    statement(account, line(90, 1, space=space))
    (found,) = compare(account)
    with pytest.raises(rules.StillThere):
        operations.close_break(break_id=found.pk, reason="x", by=MANAGER, at=LATER)

    statement(account, line(100, 1, space=space), as_of=LATER)
    (gone,) = compare(account)
    assert gone.vanished_at == LATER
    operations.close_break(break_id=found.pk, reason="settled", by=MANAGER, at=LATER)
    assert compare(account) == []

    day3 = LATER + timedelta(days=1)
    statement(account, line(90, 1, space=space), as_of=day3)
    (back,) = compare(account, day3)
    assert (back.pk, back.state, back.reopened_count) == (found.pk, "OPEN", 1)
    assert (back.vanished_at, back.closed_at) == (None, None)


def test_a_statement_that_names_a_serial_twice_is_refused_whole(held):
    account, _, space = held
    with pytest.raises(rules.StatementOverlaps):
        statement(account, line(50, 1, space=space), line(50, 50, space=space))
    assert (Statement.objects.count(), StatementLine.objects.count()) == (0, 0)


def test_a_line_outside_the_coverage_or_of_another_size_is_refused(held):
    account, _, space = held
    with pytest.raises(rules.NotCovered):
        statement(account, line(5, 1, space=space, scheme="GEC"))
    with pytest.raises(rules.OddQuantity):
        statement(account, operations.Line("CCER", 2025, "FREE", 5, 1, 6, space))
    with pytest.raises(rules.NothingCovered):
        operations.record_statement(
            account_id=account, as_of_at=NOON, coverage=[], lines=[], by=MANAGER, at=LATER
        )
    assert Statement.objects.count() == 0


def test_the_same_file_of_the_same_moment_is_kept_once(held):
    account, _, space = held
    first = statement(account, line(100, 1, space=space), file_sha256="ab")
    assert statement(account, line(100, 1, space=space), file_sha256="ab").pk == first.pk


def test_a_withdrawn_statement_shows_nothing(held):
    account, _, space = held
    wrong = statement(account, line(90, 1, space=space))
    (found,) = compare(account)
    operations.withdraw_statement(
        statement_id=wrong.pk, reason="another account's file", by=MANAGER, at=LATER
    )
    operations.compare_statement(statement_id=wrong.pk, by=SYSTEM, at=LATER)
    assert Break.objects.get(pk=found.pk).vanished_at == LATER


def test_each_project_is_compared_where_every_line_names_one():
    account, _ = holdings(1, scheme="CEA")
    lots = [lot(scheme="CCER", traits={"project_code": code}) for code in ("P-1", "P-2")]
    for lot_id, count in zip(lots, (10, 20), strict=True):
        issued(account.pk, count, lot_id=lot_id)
    statement(
        account.pk,
        line(20, project_code="P-1"),
        line(10, project_code="P-2"),
        line(7, project_code="P-3"),
    )
    found = {(one.project_code, *said(one)) for one in compare(account.pk)}
    assert found == {
        ("P-1", "QUANTITY", None, None, 10),
        ("P-2", "QUANTITY", None, None, 10),
        ("P-3", "MISSING_HERE", None, None, 7),
    }
