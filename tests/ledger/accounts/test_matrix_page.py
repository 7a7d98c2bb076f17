"""Every cell of the matrix stands on a page, with its reason in the reader's language."""

import pytest
from django.urls import reverse

from ledger.accounts import queries
from tests.house.walk import signed_in

pytestmark = pytest.mark.demo


@pytest.mark.parametrize("kind", list(queries.Kind))
def test_every_cell_of_a_kind_is_shown_with_its_reason(demo_db, kind):
    page = signed_in("manager").get(reverse("accounts_matrix"), {"kind": kind})
    cells = {key: cell for key, cell in queries.matrix().items() if key[0] == kind}
    rows = page.context["rows"]
    assert (page.status_code, len(rows)) == (200, len(cells))
    assert {row[4] for row in rows} <= {cell.reason_zh for cell in cells.values()}


def test_without_a_choice_it_begins_with_transfers(demo_db):
    page = signed_in("manager").get(reverse("accounts_matrix"))
    assert "卖出交割" in {row[3] for row in page.context["rows"]}


def test_the_square_and_the_list_say_the_same(demo_db):
    page = signed_in("manager").get(reverse("accounts_matrix"), {"kind": "TRANSFER"})
    square = {
        (source, target)
        for source, cells in page.context["square"]
        for target, (called, _why) in zip(page.context["types"], cells, strict=True)
        if called
    }
    listed = {(row[0], row[1]) for row in page.context["rows"] if row[3] != "不允许"}
    assert square == listed
    assert ("持有账户", "交易账户") in square


def test_the_list_is_narrowed_by_types_and_answer(demo_db):
    asked = {"kind": "TRANSFER", "source": "HOLDING", "target": "TRADING", "answer": "yes"}
    rows = signed_in("manager").get(reverse("accounts_matrix"), asked).context["rows"]
    assert {row[3] for row in rows} == {"转入交易账户", "卖出交割"}
    refused = signed_in("manager").get(reverse("accounts_matrix"), {**asked, "answer": "no"})
    assert refused.context["rows"] == [] or {row[3] for row in refused.context["rows"]} == {
        "不允许"
    }
