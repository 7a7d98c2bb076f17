"""Units that come in from an account which is in nobody's books here: said whose, never guessed."""

import io

import pytest

from ledger.accounts import operations as accounts
from ledger.accounts import queries as account_queries
from ledger.imports import operations as imports
from ledger.imports import queries
from ledger.imports.layouts.account_numbers import AccountNumber
from ledger.imports.models import Import
from ledger.imports.rules import NoSuchStranger, NothingTold
from ledger.imports.states import ImportState as S
from ledger.kernel.ids import new_id
from ledger.units import queries as units
from ledger.units.states import UnitState
from tests.factories import imports as files
from tests.factories.imports import NOON

pytestmark = pytest.mark.django_db
OURS, STRANGER, OTHER = (
    AccountNumber.parse(f"UK-100-{holder}-0").with_check_digits()
    for holder in (10000001, 20000002, 30000003)
)
HEADINGS = (
    "Account Holder,Account Name,Transaction Completion Date,Transaction ID,"
    "Transferring Account ID,Acquiring Account ID,Transaction Type,Unit Type,"
    "Unit Quantity Incoming (+),Unit Quantity Outgoing (-),Project ID,Running Balance\n"
)


@pytest.fixture
def by():
    return files.manager()


@pytest.fixture
def account(by):
    return files.account(by, registry="UK_ETS", number=OURS)


def line(number, incoming="", outgoing="", *, giver=STRANGER, taker=OURS, day="05/03/2024"):
    return (
        f"We,Ours,{day},UK{number},{giver},{taker},Transfer allowances,Allowance,"
        f"{incoming},{outgoing},,\n"
    )


def read(*lines, by, name="statement.csv"):
    made = imports.upload_file(
        content=io.BytesIO((HEADINGS + "".join(lines)).encode()), name=name, target="units",
        as_of=files.DAY, layout="uk_account_statement", by=by, at=NOON,
    )  # fmt: skip
    return files.check(made.import_id)


def told(row, *, by, **choices):
    imports.tell_of_lines(import_id=row.pk, by=by, at=NOON, **choices)
    return files.check(row.pk)


def codes(row):
    found = queries.standing_problems(row).filter(is_blocking=True)
    return sorted(found.values_list("row_number", "code"))


def free(account_id):
    return sum(
        view.unit_count for view in units.positions_in([account_id]) if view.state is UnitState.FREE
    )


def test_an_incoming_line_waits_until_it_is_said_who_gives_and_of_which_vintage(by, account):
    row = read(line(1, 500), by=by)
    assert codes(row) == [(2, "no_account"), (2, "vintage_missing")]
    assert queries.unknown_givers(row) == [f"UK_ETS {STRANGER}"]

    row = told(row, by=by, givers={f"UK_ETS {STRANGER}": "OPEN"}, vintage_year=2024)
    assert (row.state, codes(row)) == (S.READY, [])
    files.take_in(row, by=by)

    stranger = account_queries.find_account(registry="UK_ETS", number=STRANGER)
    assert (stranger.type, free(stranger.pk), free(account)) == ("OUTSIDE", 0, 500)
    assert list(units.check_balances()) == []
    assert list(units.check_against_events()) == []
    assert list(queries.check_rows_match_events()) == []


def test_what_went_to_the_stranger_before_comes_back_and_is_not_issued_again(by, account):
    row = read(
        line(1, 500),
        line(2, "", 200, giver=OURS, taker=STRANGER, day="06/03/2024"),
        line(3, 250, day="07/03/2024"),
        by=by,
    )
    row = told(row, by=by, givers={f"UK_ETS {STRANGER}": "OPEN"}, vintage_year=2024)
    assert codes(row) == []
    issued = [one["units"] for one in row.summary["written"] if one["kind"] == "ISSUE"]
    assert issued == [500 + 50]
    row = files.take_in(row, by=by)
    assert free(account) == 550
    files.undo(row, by=by)
    assert free(account) == 0
    assert list(units.check_balances()) == []


def test_an_account_outside_that_is_there_may_be_meant(by, account):
    known = accounts.open_account(
        holder_id=by.own_party, type="OUTSIDE", registry="UK_ETS", number=OTHER, by=by, at=NOON
    )
    row = read(line(1, 500), by=by)
    row = told(row, by=by, givers={f"UK_ETS {STRANGER}": str(known.pk)}, vintage_year=2024)
    files.take_in(row, by=by)
    assert free(account) == 500
    assert account_queries.find_account(registry="UK_ETS", number=STRANGER) is None


def test_an_account_outside_of_that_number_needs_no_saying(by, account):
    accounts.open_account(
        holder_id=by.own_party, type="OUTSIDE", registry="UK_ETS", number=STRANGER, by=by, at=NOON
    )
    row = read(line(1, 500), by=by)
    assert codes(row) == [(2, "vintage_missing")]


def test_a_stranger_is_none_of_our_own_and_none_of_anothers(by, account):
    row = read(line(1, 500), by=by)
    for odd in (str(account), str(new_id())):
        with pytest.raises(NoSuchStranger):
            told(row, by=by, givers={f"UK_ETS {STRANGER}": odd})
    with pytest.raises(NothingTold):
        told(row, by=by)
    assert Import.objects.get(pk=row.pk).state == S.FAULTY


def test_what_strangers_do_among_themselves_is_not_in_our_books(by, account):
    row = read(line(1, 500, taker=OTHER), by=by)
    row = told(row, by=by, givers={f"UK_ETS {STRANGER}": "OPEN"}, vintage_year=2024)
    assert codes(row) == [(2, "strangers_only")]
