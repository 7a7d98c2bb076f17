"""A broker's list of deals: taken in, matched, undone; what is unmatched shows both ways."""

import io
from pathlib import Path

import pytest

from finance.trades import operations
from finance.trades.models import Match, StatementLine
from finance.trades.queries import statements
from finance.trades.rules import refusals
from ledger.imports import operations as imports
from ledger.imports import queries
from ledger.imports.states import ImportState
from ledger.kernel.actors import SYSTEM, Actor
from ledger.kernel.errors import IllegalTransition, NotFound
from ledger.parameters.operations import load_seeds
from ledger.units.models import Entry
from tests.factories import imports as files
from tests.factories.holdings import STRANGER
from tests.factories.trades import NOON, TODAY, deal, record

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]
HEADINGS = "成交日期,成交编号,买卖方向,产品代码,成交数量,成交价格,成交金额,手续费\n"


@pytest.fixture(autouse=True)
def rules():
    list(load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON))


@pytest.fixture
def by() -> Actor:
    return files.manager()


@pytest.fixture
def account(by):
    return files.account(by, registry="CCRC")


def upload(lines: str, by: Actor):
    made = imports.upload_file(
        content=io.BytesIO((HEADINGS + lines).encode()),
        name="deals.csv",
        target="deals",
        as_of=TODAY,
        by=by,
        at=NOON,
    )
    return files.check(made.import_id)


def problems(row):
    return [(one.row_number, one.code) for one in queries.standing_problems(row)]


def bought(by, account, units, price, **told):
    return record(deal("BUY", units, price, account_id=account, **told), by=by)


def test_lines_find_their_trades_by_number_or_by_what_they_say(by, account):
    first = bought(by, account, 100, "60", reference="D-1")
    second = bought(by, account, 200, "61")
    alone = bought(by, account, 300, "62", reference="D-9")
    row = upload(
        "2026-03-02,D-1,买入,CEA25,100,60.00,6000.00,0\n"
        "2026-03-02,D-2,买入,CEA25,200,61,,\n"
        "2026-03-02,D-3,卖出,CEA25,7,61,,\n",
        by,
    )
    assert row.state == ImportState.READY
    done = files.take_in(row, by=by)
    assert done.state == ImportState.COMMITTED
    assert (done.result["lines"], done.result["matched"]) == (3, 2)
    assert set(Match.objects.values_list("trade_id", flat=True)) == {first.pk, second.pk}
    assert [one.reference for one in statements.unmatched_lines(by.own_party)] == ["D-3"]
    assert list(statements.unmatched_trades(by.own_party)) == [alone]


def test_a_pair_that_differs_by_more_than_is_allowed_is_shown(by, account):
    bought(by, account, 100, "60", reference="D-1", fee="10")
    files.take_in(upload("2026-03-02,D-1,买入,CEA25,100,60.01,6001.00,10.04\n", by), by=by)
    (pair,) = statements.differing(by.own_party)
    assert pair.differences == {
        "unit_price": ["60.0100", "60.0000"],
        "gross_amount": ["6001.00", "6000.00"],
    }


def test_what_a_list_cannot_mean_is_told_line_by_line(by, account):
    row = upload(
        "2026-03-02,D-1,买入,CEA25,100,60,,\n"
        "2026-03-03,D-1,买入,CEA25,100,61,,\n"
        "2026-03-02,D-2,买入,XYZ25,100,60,,\n",
        by,
    )
    assert row.state == ImportState.FAULTY
    assert problems(row) == [(3, "line_twice"), (3, "number_twice"), (4, "no_such_scheme")]
    assert StatementLine.objects.count() == 0


def test_a_longer_list_brings_only_what_is_new_and_a_changed_deal_is_refused(by, account):
    files.take_in(upload("2026-03-02,D-1,买入,CEA25,100,60,,\n", by), by=by)
    longer = "2026-03-02,D-1,买入,CEA25,100,60,,\n2026-03-03,D-2,买入,CEA25,5,60,,\n"
    done = files.take_in(upload(longer, by), by=by)
    assert done.result["lines"] == 1
    assert StatementLine.objects.count() == 2
    changed = upload("2026-03-02,D-1,买入,CEA25,100,99,,\n", by)
    assert changed.state == ImportState.FAULTY
    assert (2, "told_otherwise") in problems(changed)


def test_units_do_not_move_by_a_list_of_deals(by, account):
    made = imports.upload_file(
        content=io.BytesIO((HEADINGS + "2026-03-02,D-1,买入,CEA25,100,60,,\n").encode()),
        name="deals.csv", target="units", as_of=TODAY, account_id=account, by=by, at=NOON,
    )  # fmt: skip
    row = files.check(made.import_id)
    assert problems(row) == [(2, "not_a_movement")]
    files.take_in(row, by=by)
    assert Entry.objects.count() == 0


def test_an_undone_list_leaves_its_trades_unmatched(by, account):
    trade = bought(by, account, 100, "60", reference="D-1")
    done = files.take_in(upload("2026-03-02,D-1,买入,CEA25,100,60,,\n", by), by=by)
    files.undo(done, by=by)
    assert list(statements.unmatched_trades(by.own_party)) == [trade]
    assert list(statements.unmatched_lines(by.own_party)) == []
    assert StatementLine.objects.get().withdrawn_at is not None


def test_by_hand_a_line_is_matched_and_a_match_taken_apart(by, account):
    trade = bought(by, account, 100, "60", reference="D-1")
    other = bought(by, account, 70, "60")
    files.take_in(upload("2026-03-02,X-7,买入,CEA25,100,60.5,,\n", by), by=by)
    line = StatementLine.objects.get()
    assert Match.objects.count() == 0
    given = {"line_id": line.pk, "reason": "the same", "by": by, "at": NOON}
    with pytest.raises(refusals.MatchDiffers):
        operations.match_by_hand(**given, trade_id=other.pk)
    with pytest.raises(NotFound):
        operations.match_by_hand(**{**given, "by": STRANGER}, trade_id=trade.pk)
    made = operations.match_by_hand(**given, trade_id=trade.pk)
    assert (made.is_by_hand, list(made.differences)) == (True, ["unit_price"])
    with pytest.raises(refusals.MatchTaken):
        operations.match_by_hand(**given, trade_id=trade.pk)
    apart = {"match_id": made.pk, "reason": "no", "by": by, "at": NOON}
    operations.take_match_apart(**apart)
    with pytest.raises(IllegalTransition):
        operations.take_match_apart(**apart)
    assert operations.match_trades(by=by, at=NOON) == 0
    assert statements.unmatched_lines(by.own_party).count() == 1


def test_matching_again_finds_trades_that_were_recorded_later(by, account):
    files.take_in(upload("2026-03-02,D-1,买入,CEA25,100,60,,\n", by), by=by)
    bought(by, account, 100, "60")
    assert operations.match_trades(by=by, at=NOON) == 1
    assert operations.match_trades(by=by, at=NOON) == 0
    assert Match.objects.get().differences == {}
