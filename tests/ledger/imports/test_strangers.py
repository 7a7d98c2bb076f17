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
from ledger.units.models import Block
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


# --- units with serial numbers

SERIALS = "project,vintage,units,serial,day,from,to\n"
THEIRS = "V-STRANGER"


def read_serials(*lines, by, name="serials.csv"):
    """A file that names givers, takers and serial numbers, by a mapping of its columns."""
    columns = {**files.SPEC["columns"], "account": "from", "counter_account": "to"}
    content = files.spec("TRANSFERRED", columns=columns, key=["serial", "day", "from"])
    body = (SERIALS + "".join(lines)).encode()
    return files.read(body, by=by, account_id=None, content=content, name=name)


def serials_at(account_id):
    return sorted(
        (run.first_serial, run.last_serial) for run in Block.objects.filter(
            position__account_id=account_id, position__state="FREE"
        )
    )  # fmt: skip


@pytest.fixture
def verra(by):
    return files.account(by, number="V-OURS")


def incoming(first, last, *, day="2024-03-05", giver=THEIRS, taker="V-OURS"):
    count = last - first + 1
    return f"P1,2022,{count},A-{first} to {last},{day},{giver},{taker}\n"


def test_serials_of_a_stranger_come_in_when_it_is_said_who_gives(by, verra):
    row = read_serials(incoming(1, 100), by=by)
    assert codes(row) == [(2, "no_account")]
    assert queries.unknown_givers(row) == [f"VERRA {THEIRS}"]

    row = told(row, by=by, givers={f"VERRA {THEIRS}": "OPEN"})
    assert (row.state, codes(row)) == (S.READY, [])
    row = files.take_in(row, by=by)
    stranger = account_queries.find_account(registry="VERRA", number=THEIRS)
    assert (stranger.type, free(stranger.pk), serials_at(verra)) == ("OUTSIDE", 0, [(1, 100)])
    assert list(units.check_balances()) == []
    assert list(units.check_against_events()) == []

    files.undo(row, by=by)
    assert (free(verra), serials_at(verra), serials_at(stranger.pk)) == (0, [], [])


def test_serials_that_went_to_the_stranger_come_back_and_only_new_ones_come_into_being(by, verra):
    lines = "P1,2022,100,A-1 to 100,2023-01-05\n"
    files.take_in(files.read(lines, by=by, account_id=verra), by=by)
    row = read_serials(
        incoming(41, 60, giver="V-OURS", taker=THEIRS),
        incoming(51, 60, day="2024-03-06"),
        incoming(101, 120, day="2024-03-07"),
        by=by,
    )
    row = told(row, by=by, givers={f"VERRA {THEIRS}": "OPEN"})
    assert codes(row) == []
    issued = [one["units"] for one in row.summary["written"] if one["kind"] == "ISSUE"]
    assert issued == [20]
    files.take_in(row, by=by)
    assert free(verra) == 110
    stranger = account_queries.find_account(registry="VERRA", number=THEIRS)
    assert serials_at(stranger.pk) == [(41, 50)]
    assert list(units.check_balances()) == []


def test_a_range_of_which_a_part_is_there_brings_the_rest(by, verra):
    first = read_serials(incoming(1, 50), by=by)
    files.take_in(told(first, by=by, givers={f"VERRA {THEIRS}": "OPEN"}), by=by)
    back = read_serials(
        incoming(31, 50, giver="V-OURS", taker=THEIRS, day="2024-04-01"), by=by, name="back.csv"
    )
    files.take_in(back, by=by)
    row = read_serials(incoming(31, 80, day="2024-05-01"), by=by, name="more.csv")
    assert (codes(row), row.state) == ([], S.READY)  # the stranger has an account now
    files.take_in(row, by=by)
    assert (
        free(verra),
        free(account_queries.find_account(registry="VERRA", number=THEIRS).pk),
    ) == (
        80,
        0,
    )


def test_what_we_hold_ourselves_no_stranger_gives(by, verra):
    lines = "P1,2022,100,A-1 to 100,2023-01-05\n"
    files.take_in(files.read(lines, by=by, account_id=verra), by=by)
    row = read_serials(incoming(91, 110), by=by)
    row = told(row, by=by, givers={f"VERRA {THEIRS}": "OPEN"})
    assert codes(row) == [(2, "range_not_held")]
    assert (row.state, serials_at(verra)) == (S.FAULTY, [(1, 100)])


def test_serials_given_twice_come_into_being_once_and_the_second_line_is_refused(by, verra):
    row = read_serials(incoming(1, 10), incoming(6, 15, day="2024-03-06"), by=by)
    row = told(row, by=by, givers={f"VERRA {THEIRS}": "OPEN"})
    assert (row.state, codes(row)) == (S.FAULTY, [(3, "over_retired")])
    assert free(verra) == 0
