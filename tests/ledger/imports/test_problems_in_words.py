"""A problem names the file's own column and says codes in words, in the reader's language."""

import pytest
from django.utils import translation

from ledger.imports import queries
from tests.factories import imports as files

pytestmark = pytest.mark.django_db
HELD = {
    "act": "HELD", "scheme": "CEA", "measure": "t", "registry": "CCRC",
    "columns": {"quantity": "持有量", "vintage_year": "配额年度", "state": "状态"},
}  # fmt: skip


def told(language, text):
    by = files.manager()
    account = files.account(by, registry="CCRC")
    row = files.read(text.encode("gb18030"), by=by, account_id=account, content=HELD)
    with translation.override(language):
        found = queries.problems_of(row).filter(is_blocking=True)
        return [(one.row_number, one.shown_column, one.text) for one in found]


FILE = "配额年度,状态,持有量\n2024,已质押,10\n2024,可用,many\n"


def test_in_chinese():
    assert told("zh-hans", FILE) == [
        (2, "状态", "处于“已质押”状态的单位应先以可用状态入账，再登记相应的占用并说明原因。"),
        (3, "持有量", "无法识别“many”。"),
    ]


def test_in_english():
    assert told("en", FILE) == [
        (2, "状态", "Units that are pledged come in free; then place the hold that says why."),
        (3, "持有量", "“many” cannot be read."),
    ]


def test_a_column_without_a_heading_is_called_by_its_place():
    with translation.override("zh-hans"):
        assert queries.shown_heading("column 5") == "第 5 列（无表头）"
        assert queries.shown_heading("column 5 (2)") == "第 5 列（无表头）"
        assert queries.shown_heading("状态") == "状态"
