"""The cheapest cover, from two typed prices to a kept plan, as a manager clicks it."""

import os

import pytest

from finance.planner.models import Plan
from ledger.units.models import Entry
from tests.browser.test_desk import enter

pytestmark = [pytest.mark.browser, pytest.mark.demo]


def record(page, scheme, vintage, buy, sell):
    page.goto("/admin/finance_planner/price/do/record/")
    page.select_option("#id_scheme", scheme, force=True)
    page.locator("#id_vintage_year").fill(vintage)
    page.locator("#id_buy").fill(buy)
    page.locator("#id_sell").fill(sell)
    page.locator("#id_source").fill("上海环境能源交易所收盘价")
    page.get_by_role("button", name="继续").click()
    page.get_by_role("heading", name="将会发生什么").wait_for()
    page.get_by_role("button", name="确认").click()
    page.get_by_text("价格已登记").first.wait_for()


def look(page, name):
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_plan_is_worked_out_read_and_kept(page, sign_in):
    enter(page, sign_in, "manager")
    moved = Entry.objects.count()
    record(page, "CEA", "2025", "74.63", "74.00")
    record(page, "CCER", "", "70.76", "")

    page.goto("/admin/finance_planner/plan/")
    page.get_by_role("link", name="测算履约方案").first.click()
    page.locator("#id_years-0-obligation").fill("2600000")
    page.get_by_role("button", name="测算最低成本方案").click()
    page.get_by_role("heading", name="方案明细").wait_for()
    told = page.locator("section").last.inner_text()
    assert "抵销上限已用尽" in told
    assert "130,000" in told
    assert page.locator("section svg polyline").count() == 3
    look(page, "planner-zh")

    page.get_by_role("button", name="保存方案").click()
    page.wait_for_url("**/finance_planner/plan/*/change/")
    page.get_by_role("heading", name="情景分析").wait_for()
    look(page, "plan-zh")
    with page.expect_download() as file:
        page.get_by_role("link", name="XLSX").click()
    assert file.value.suggested_filename.endswith(".xlsx")
    assert Plan.objects.get().missing_t == 0
    assert Entry.objects.count() == moved
