"""Registries' files go into the ledger of units: all of a file or nothing."""

import pytest

from ledger.audit.queries import events_of
from ledger.imports import operations as imports
from ledger.imports import queries
from ledger.imports.models import Import, ImportProblem, ImportRow, TakenKey
from ledger.imports.rules import HasProblems, NothingNew
from ledger.imports.states import ImportState as S
from ledger.kernel.errors import DomainError, IllegalTransition, NotFound
from ledger.units import operations as posting
from ledger.units import queries as units
from ledger.units.models import Entry, Lot
from ledger.units.states import UnitState
from tests.factories import imports as files
from tests.factories.imports import NOON

pytestmark = pytest.mark.django_db

A, A2, B = (
    "P1,2022,100,A-1 to 100,2023-01-05\n",
    "P1,2022,50,A-101 to 150,2023-02-05\n",
    "P2,2023,7,B-1 to 7,2024-02-05\n",
)
LOT_A, LOT_B = "VCS/P1/2022#A-", "VCS/P2/2023#B-"


@pytest.fixture
def by():
    return files.manager()


@pytest.fixture
def account(by):
    return files.account(by)


def amounts(account, state=UnitState.FREE):
    return {
        view.lot_code: view.unit_count
        for view in units.positions_in([account])
        if view.state is state
    }


def codes(row):
    return sorted(queries.standing_problems(row).values_list("row_number", "code"))


def blocking(row):
    found = queries.standing_problems(row).filter(is_blocking=True)
    return sorted(found.values_list("row_number", "code"))


def test_a_file_becomes_lots_and_serial_blocks(by, account):
    row = files.read(A + A2 + B, by=by, account_id=account)
    assert (row.state, row.line_count, row.problem_count) == (S.READY, 3, 0), codes(row)
    assert row.summary["lots"] == 2
    assert [one["units"] for one in row.summary["written"]] == [150, 7]
    assert amounts(account) == {}  # a preview writes nothing

    row = files.take_in(row, by=by)

    assert row.state == S.COMMITTED
    assert amounts(account) == {LOT_A: 150, LOT_B: 7}
    assert list(units.check_against_events()) == []
    assert list(queries.check_rows_match_events()) == []


def test_each_movement_knows_its_line_and_the_file(by, account):
    row = files.take_in(files.read(A + A2, by=by, account_id=account), by=by)
    said = [
        queries_data["about"]
        for event in events_of(f"imports.Import:{row.pk}")
        if event.verb == "units.issued"
        for queries_data in [_data(event)]
    ]
    assert said == [
        {"file": row.sha256, "rows": [2]},
        {"file": row.sha256, "rows": [3]},
    ]
    line = ImportRow.objects.get(import_id=row.pk, row_number=3)
    assert line.raw == ["P1", "2022", "50", "A-101 to 150", "2023-02-05"]


def _data(event):
    from ledger.audit.queries import data_of

    return data_of(event)


def test_the_same_file_twice_changes_nothing(by, account):
    first = files.take_in(files.read(A, by=by, account_id=account), by=by)
    again = files.read(A, by=by, account_id=account)
    assert again.pk == first.pk
    assert again.state == S.COMMITTED
    assert amounts(account) == {LOT_A: 100}


def test_a_longer_export_adds_only_what_is_new(by, account):
    files.take_in(files.read(A, by=by, account_id=account), by=by)
    longer = files.read(A + A2 + B, by=by, account_id=account)
    assert (longer.state, longer.summary["records"]) == (S.READY, 2), codes(longer)
    files.take_in(longer, by=by)
    assert amounts(account) == {LOT_A: 150, LOT_B: 7}
    assert TakenKey.objects.count() == 3


def test_a_line_that_disappeared_is_told(by, account):
    files.take_in(files.read(A + A2, by=by, account_id=account), by=by)
    row = files.read(A + B, by=by, account_id=account)
    assert codes(row) == [(0, "line_gone")]
    problem = ImportProblem.objects.get(import_of=row)
    assert "A-101 to 150" in problem.text
    assert row.state == S.READY  # news, which keeps nothing out


def test_a_file_of_other_months_lacks_nothing(by, account):
    files.take_in(files.read(A, by=by, account_id=account), by=by)
    assert codes(files.read(B, by=by, account_id=account)) == []


def test_a_line_that_says_something_else_than_before_keeps_the_file_out(by, account):
    files.take_in(files.read(A, by=by, account_id=account), by=by)
    other = "P1,2021,100,A-1 to 100,2023-01-05\n"
    row = files.read(other + B, by=by, account_id=account)
    assert (row.state, codes(row)) == (S.FAULTY, [(2, "line_changed")])


def test_a_file_with_nothing_new_is_refused(by, account):
    files.take_in(files.read(A + A2, by=by, account_id=account), by=by)
    row = files.read(A2, by=by, account_id=account)
    with pytest.raises(NothingNew):
        imports.commit_import(import_id=row.pk, by=by, at=NOON)


def test_a_line_told_twice_is_a_problem(by, account):
    assert codes(files.read(A + A, by=by, account_id=account)) == [
        (3, "line_twice"),
        (3, "serials_twice"),
    ]


def test_every_unreadable_cell_is_told_with_its_row_and_column(by, account):
    bad = "P1,20x2,many,A-1 to 100,05/01/2023\n"
    row = files.read(bad, by=by, account_id=account)
    told = ImportProblem.objects.filter(import_of=row).order_by("column")
    assert [(one.row_number, one.column) for one in told] == [
        (2, "day"),
        (2, "units"),
        (2, "vintage"),
    ]
    assert row.state == S.FAULTY
    with pytest.raises(HasProblems):
        imports.commit_import(import_id=row.pk, by=by, at=NOON)


REFUSED = {
    "serials_overlap": ("P1,2022,10,A-95 to 104,2023-03-05\n", "ISSUED"),
    "future_day": ("P9,2022,10,Z-1 to 10,2026-02-05\n", "ISSUED"),
    "serials_do_not_count": ("P9,2022,9,Z-1 to 10,2023-02-05\n", "ISSUED"),
    "vintage_missing": ("P9,,10,Z-1 to 10,2023-02-05\n", "ISSUED"),
    "range_not_held": ("P1,2022,10,A-95 to 104,2023-03-05\n", "RETIRED"),
    "over_retired": ("P1,2022,10,A-1 to 10,2023-01-04\n", "RETIRED"),
    "ended_twice": (
        "P1,2022,10,A-1 to 10,2023-03-05\nP1,2022,6,A-5 to 10,2023-03-06\n",
        "RETIRED",
    ),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_the_books_would_refuse_is_a_problem_of_its_line(by, account, code):
    files.take_in(files.read(A, by=by, account_id=account), by=by)
    before = Entry.objects.count()
    lines, act = REFUSED[code]
    row = files.read(lines, by=by, account_id=account, act=act)
    assert row.state == S.FAULTY
    assert code in {found for _, found in blocking(row)}
    assert Entry.objects.count() == before


def test_units_of_a_scheme_nobody_knows_are_a_problem(by, account):
    content = files.spec("ISSUED", scheme="NOWHERE")
    row = files.read(A, by=by, account_id=account, content=content)
    assert codes(row) == [(2, "no_such_scheme")]


def test_another_measure_is_a_problem(by, account):
    row = files.read(A, by=by, account_id=account, content=files.spec("ISSUED", measure="kg"))
    assert codes(row) == [(2, "other_measure")]


def test_a_line_without_account_needs_one_that_was_chosen(by):
    row = files.read(A, by=by, account_id=None)
    assert codes(row) == [(2, "account_missing")]


def test_the_account_chosen_must_be_of_the_lines_registry(by):
    other = files.account(by, registry="EVIDENT")
    row = files.read(A, by=by, account_id=other)
    assert codes(row) == [(2, "other_registry")]


def test_another_partys_account_is_no_account(by, account):
    stranger = files.manager()
    row = files.read(A, by=stranger, account_id=account)
    assert codes(row) == [(2, "no_account")]
    with pytest.raises(NotFound):
        imports.commit_import(import_id=row.pk, by=by, at=NOON)


def test_units_retire_from_the_range_they_were_issued_in(by, account):
    files.take_in(files.read(A + B, by=by, account_id=account), by=by)
    ended = "P1,2022,30,A-11 to 40,2023-03-05\nP2,2023,7,B-1 to 7,2024-03-05\n"
    row = files.read(ended, by=by, account_id=account, act="RETIRED")
    assert row.state == S.READY, codes(row)
    files.take_in(row, by=by)
    assert amounts(account, UnitState.RETIRED) == {LOT_A: 30, LOT_B: 7}
    runs = units.ranges_in(
        account_id=account, lot_id=Lot.objects.get(code=LOT_A).pk, state=UnitState.FREE
    )
    assert [(run.first, run.last) for run in runs] == [(1, 10), (41, 100)]
    assert list(units.check_against_events()) == []


def test_ends_with_serials_of_units_issued_without_are_counted(by, account):
    issued = "P1,2022,100,,2023-01-05\n"
    files.take_in(files.read(issued, by=by, account_id=account), by=by)
    ended = "P1,2022,60,A-1 to 60,2023-03-05\n"
    files.take_in(files.read(ended, by=by, account_id=account, act="RETIRED"), by=by)
    assert amounts(account) == {"VCS/P1/2022": 40}
    row = files.read(
        "P1,2022,41,A-61 to 101,2023-03-06\n", by=by, account_id=account, act="RETIRED"
    )
    assert codes(row) == [(2, "over_retired")]
    assert ImportProblem.objects.get(import_of=row).params == {"wanted": 41, "free": 40}


def test_an_opening_position_is_taken_in_once(by, account):
    held = "P1,2022,100,,2023-01-05\n"
    files.take_in(files.read(held, by=by, account_id=account, act="HELD"), by=by)
    assert amounts(account) == {"VCS/P1/2022": 100}
    other = files.read(
        "P1,2022,100,,2023-01-06\n", by=by, account_id=account,
        content=files.spec("HELD", key=["serial", "day"]), name="other.csv",
    )  # fmt: skip
    assert codes(other) == [(2, "opening_not_empty")]


def test_a_block_that_a_registry_split_is_no_news(by, account):
    files.take_in(files.read(A, by=by, account_id=account, act="HELD"), by=by)
    split = "P1,2022,40,A-1 to 40,2023-01-05\nP1,2022,60,A-41 to 100,2023-01-05\n"
    row = files.read(split, by=by, account_id=account, act="HELD")
    assert codes(row) == [(2, "held_already"), (3, "held_already")]
    assert row.state == S.READY
    assert row.summary["written"] == []


def test_an_import_is_undone_by_linked_reversals(by, account):
    row = files.take_in(files.read(A + A2 + B, by=by, account_id=account), by=by)
    entries = list(Entry.objects.filter(reverses=None).values_list("pk", flat=True))

    row = files.undo(row, by=by)

    assert row.state == S.UNDONE
    assert amounts(account) == {}
    reversed_ = Entry.objects.exclude(reverses=None).values_list("reverses_id", flat=True)
    assert set(reversed_) == set(entries)
    assert TakenKey.objects.count() == 0
    assert list(units.check_against_events()) == []
    assert list(queries.check_rows_match_events()) == []


def test_what_was_undone_can_be_taken_in_again(by, account):
    files.undo(files.take_in(files.read(A, by=by, account_id=account), by=by), by=by)
    again = files.read(A, by=by, account_id=account)
    assert again.state == S.READY, codes(again)
    files.take_in(again, by=by)
    assert amounts(account) == {LOT_A: 100}


def test_an_import_whose_units_moved_on_is_not_undone(by, account):
    row = files.take_in(files.read(A + B, by=by, account_id=account), by=by)
    posting.cancel_units(
        lot_id=Lot.objects.get(code=LOT_A).pk, account_id=account, unit_count=1, reason="gone",
        happened_on=files.DAY, by=by, at=NOON, idempotency_key="k",
    )  # fmt: skip
    before = Entry.objects.count()
    with pytest.raises(DomainError):
        files.undo(row, by=by)
    assert Import.objects.get(pk=row.pk).state == S.COMMITTED
    assert Entry.objects.count() == before
    assert amounts(account) == {LOT_A: 99, LOT_B: 7}


def test_what_the_books_refuse_after_the_check_takes_nothing_in(by, account):
    files.take_in(files.read(A, by=by, account_id=account), by=by)
    ended = "P1,2022,100,A-1 to 100,2023-03-05\n"
    row = files.read(ended + "", by=by, account_id=account, act="RETIRED")
    assert row.state == S.READY
    posting.cancel_units(
        lot_id=Lot.objects.get(code=LOT_A).pk, account_id=account, unit_count=1, reason="gone",
        happened_on=files.DAY, by=by, at=NOON, idempotency_key="k",
    )  # fmt: skip
    before = Entry.objects.count()
    with pytest.raises(DomainError):
        files.take_in(row, by=by)
    row.refresh_from_db()
    assert row.state == S.FAULTY
    assert (2, "range_not_held") in codes(row)
    assert Entry.objects.count() == before
    assert list(queries.check_rows_match_events()) == []


def test_lines_set_aside_stay_out_and_stay_told(by, account):
    row = files.read(A + "P1,2022,10,A-95 to 104,2023-03-05\n" + B, by=by, account_id=account)
    assert codes(row) == [(3, "serials_twice")]
    imports.set_aside_lines(import_id=row.pk, reason="a misprint", by=by, at=NOON)
    row = files.check(row.pk)
    assert (row.state, codes(row)) == (S.READY, [])
    files.take_in(row, by=by)
    assert amounts(account) == {LOT_A: 100, LOT_B: 7}
    assert queries.set_aside_count(row) == 1
    assert list(queries.check_rows_match_events()) == []


def test_a_line_that_cannot_be_read_can_be_set_aside_too(by, account):
    row = files.read(A + "P1,x,y,z,w\n", by=by, account_id=account)
    assert row.state == S.FAULTY
    imports.set_aside_lines(import_id=row.pk, reason="garbled", by=by, at=NOON)
    row = files.check(row.pk)
    assert (row.state, codes(row)) == (S.READY, [])


def test_a_discarded_import_moves_no_more(by, account):
    row = files.read(A, by=by, account_id=account)
    imports.discard_import(import_id=row.pk, reason="wrong", by=by, at=NOON)
    with pytest.raises(IllegalTransition):
        imports.commit_import(import_id=row.pk, by=by, at=NOON)
    assert files.read(A, by=by, account_id=account).pk != row.pk


def test_a_commit_that_runs_twice_writes_once(by, account):
    row = files.take_in(files.read(A, by=by, account_id=account), by=by)
    imports.run_commit(import_id=row.pk, progress=files.still, at=NOON)
    assert amounts(account) == {LOT_A: 100}


def test_california_s_buffer_is_a_pool_of_its_own(by):
    account = files.account(by, registry="CITSS")
    headings = (
        "OPR Project ID,Vintage,ARB Offset Credits Issued,Forest Buffer Account Contribution,"
        "Issuance Date,CARB Issuance ID,Buffer Pool Retired,Retired Voluntarily\n"
    )
    body = (headings + 'ACR1,2014,"1,000",200,06/10/2014,CAFR1-A,150,700\n').encode()
    row = files.read(body, by=by, account_id=account, layout="arb_issuance_table")
    assert row.state == S.READY, codes(row)
    files.take_in(row, by=by)
    assert amounts(account) == {"ARB/ACR1/2014": 100}
    assert amounts(account, UnitState.RETIRED) == {"ARB/ACR1/2014": 700}
    from ledger.accounts import queries as accounts

    pool = accounts.find_account(registry="CITSS", number="BUFFER-CITSS")
    assert amounts(pool.pk) == {"ARB/ACR1/2014": 50}
