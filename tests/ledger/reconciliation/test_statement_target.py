"""A registry's file is held against the books: as a statement of each account that it names."""

import io

import pytest

from ledger.imports import operations as imports
from ledger.imports import queries
from ledger.imports.models import Import
from ledger.kernel.actors import SYSTEM
from ledger.reconciliation import operations
from ledger.reconciliation.models import Break, Statement, Withdrawal
from tests.factories import imports as files
from tests.factories.imports import DAY, NOON
from tests.factories.statements import LATER, said
from tests.factories.units import issued, lot

pytestmark = pytest.mark.django_db
HEADINGS = "project,vintage,units,serial,day,account\n"
COLUMNS = {**files.SPEC["columns"], "account": "account"}
HELD = files.spec("HELD", columns=COLUMNS)


@pytest.fixture
def by():
    return files.manager()


@pytest.fixture
def account(by):
    return files.account(by, number="V-1")


def read(lines, *, by, account_id=None, as_of=DAY):
    """A file checked as a statement."""
    made = imports.upload_file(
        content=io.BytesIO((HEADINGS + lines).encode()),
        name="held.csv",
        target="statement",
        as_of=as_of,
        account_id=account_id,
        mapping_id=files._mapping(HELD, by=by),
        by=by,
        at=NOON,
    )
    return files.check(made.import_id)


def codes(row):
    return sorted(queries.standing_problems(row).values_list("row_number", "code"))


def breaks(account_id, at=LATER):
    operations.compare_account(account_id=account_id, by=SYSTEM, at=at)
    found = Break.objects.filter(account_id=account_id, vanished_at=None)
    return [said(one) for one in found.order_by("first_serial")]


def books(account_id, count=100):
    """Serials A-1 to so many, as an import of the same registry would have named them."""
    facts = {"scheme": "VCS", "vintage_year": 2022, "traits": {"project_code": "P1"}}
    lot_id = lot(f"BOOKS-{account_id}", **facts)
    return issued(account_id, count, lot_id=lot_id)


def test_a_file_becomes_a_statement_of_each_account_it_names(by, account):
    other = files.account(by, number="V-2")
    row = read(
        "P1,2022,100,A-1 to 100,2023-01-05,V-1\nP1,2022,50,A-101 to 150,2023-01-05,V-2\n", by=by
    )
    assert codes(row) == []
    assert (row.summary["accounts"], row.summary["lines"], row.summary["units"]) == (2, 2, 150)
    files.take_in(row, by=by)

    made = {one.account_id: one for one in Statement.objects.all()}
    assert {key: one.unit_count for key, one in made.items()} == {account: 100, other: 50}
    assert made[account].import_id == row.pk
    assert made[account].file_sha256 == row.sha256
    assert made[account].coverage == [
        {"scheme": "VCS", "vintages": [2022], "states": ["FREE"], "shown_as_free": ["RESERVED"]}
    ]
    assert breaks(account) == [("MISSING_HERE", 1, 100, 100)]


def test_a_vintage_that_disappears_from_the_next_file_is_a_difference(by, account):
    books(account)
    lines = "P1,2022,100,A-1 to 100,2023-01-05,V-1\nP2,2023,7,B-1 to 7,2024-02-05,V-1\n"
    files.take_in(read(lines, by=by), by=by)
    files.take_in(read("P2,2023,7,B-1 to 7,2024-02-05,V-1\n", by=by), by=by)
    assert Statement.objects.count() == 2
    covered = Statement.objects.order_by("recorded_at", "id").last().coverage
    assert covered[0]["vintages"] == [2022, 2023]


def test_the_same_lines_again_are_said_again(by, account):
    first = read("P1,2022,100,A-1 to 100,2023-01-05,V-1\n", by=by)
    files.take_in(first, by=by)
    again = read(
        "P1,2022,100,A-1 to 100,2023-01-05,V-1\nP1,2022,1,A-200 to 200,2023-01-05,V-1\n", by=by
    )
    assert again.summary["lines"] == 2
    files.take_in(again, by=by)
    assert sorted(Statement.objects.values_list("unit_count", flat=True)) == [100, 101]


def test_what_is_no_statement_of_the_partys_accounts_is_told_by_row(by, account):
    stranger = files.manager()
    files.account(stranger, number="X-9")
    row = read(
        "P1,2022,100,A-1 to 100,2023-01-05,V-1\n"
        "P1,2022,11,A-90 to 100,2023-01-05,V-1\n"
        "P1,2022,10,B-1 to 10,2023-01-05,X-9\n"
        "P1,2022,10,C-1 to 10,2023-01-05,\n",
        by=by,
    )
    assert codes(row) == [(3, "serials_twice"), (4, "no_such_account"), (5, "no_account_named")]
    assert Statement.objects.count() == 0


def test_undoing_withdraws_the_statements(by, account):
    row = files.take_in(read("P1,2022,100,A-1 to 100,2023-01-05,V-1\n", by=by), by=by)
    assert breaks(account) == [("MISSING_HERE", 1, 100, 100)]
    files.undo(Import.objects.get(pk=row.pk), by=by)
    assert Withdrawal.objects.count() == 1
    assert breaks(account) == []
