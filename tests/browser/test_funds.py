"""A fund's call from its manager's page to an investor's; a bond's money; in both languages."""

import os

import pytest

from finance.funds.models import Call
from finance.proceeds.models import Allocation
from tests.browser.test_approvals import approve, ask
from tests.browser.test_desk import enter

pytestmark = [pytest.mark.browser, pytest.mark.demo]


def look(page, name):
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def opened(page, room, text):
    """The page of the row that says this."""
    page.goto(f"/admin/{room}/")
    page.locator("#result_list tr", has_text=text).locator("a[href*='/change/']").first.click()
    page.wait_for_url("**/change/")


def in_english(page):
    page.goto("/account/")
    page.get_by_role("button", name="English").click()


def test_capital_is_called_decided_and_seen_by_who_is_asked(page, second_page, sign_in):
    enter(page, sign_in, "fund")
    opened(page, "finance_funds/fund", "MW-CF1")
    assert page.locator("svg polyline").count() == 1
    assert "年化" in page.locator("main, #content").first.inner_text()
    look(page, "fund-zh")
    before = Call.objects.count()

    def fill(form):
        form.locator("#id_amount").fill("5000000.01")
        form.locator("#id_due_on").fill(form.locator("#id_called_on").input_value())

    told = ask(page, page.url.replace("change/", "do/call/"), fill)
    assert "甬湾政府引导基金有限公司（演示）: 1,000,000.00 CNY" in told
    assert Call.objects.count() == before

    enter(second_page, sign_in, "fundapprover")
    assert "5,000,000.01" in approve(second_page)
    assert Call.objects.count() == before + 1

    second_page.context.clear_cookies()
    enter(second_page, sign_in, "bank")
    in_english(second_page)
    second_page.goto("/admin/finance_funds/callline/")
    rows = second_page.locator("#result_list tbody tr")
    assert rows.count() == 3
    assert "1,500,000" in rows.first.inner_text()
    opened(second_page, "finance_funds/fund", "MW-CF1")
    text = second_page.locator("main, #content").first.inner_text()
    assert "Your position" in text
    assert "Yongwan" not in text
    look(second_page, "investor-en")
    second_page.goto("/admin/funds/positions/")
    with second_page.expect_download() as file:
        second_page.get_by_role("link", name="XLSX").click()
    assert file.value.suggested_filename.endswith(".xlsx")


def test_a_bonds_money_is_allocated_within_what_was_raised(page, second_page, sign_in):
    enter(page, sign_in, "manager")
    opened(page, "finance_proceeds/raising", "MW-GB-01")
    assert "39,200,000.00 CNY" in page.locator("main, #content").first.inner_text()
    look(page, "bond-zh")
    act, before = page.url.replace("change/", "do/allocate/"), Allocation.objects.count()

    def fill(amount):
        def filled(form):
            form.select_option("#id_project_id", index=1, force=True)
            form.locator("#id_amount").fill(amount)
            form.locator("#id_evidence").fill("资金使用计划")

        return filled

    page.goto(act)
    fill("39200000.01")(page)
    page.get_by_role("button", name="继续").click()
    page.get_by_text("募集资金尚余39200000.00").first.wait_for()

    told = ask(page, act, fill("39200000.00"))
    assert "此后未分配余额：0.00 CNY" in told
    enter(second_page, sign_in, "approver")
    approve(second_page)
    assert Allocation.objects.count() == before + 1

    in_english(page)
    opened(page, "finance_proceeds/raising", "MW-GB-01")
    text = page.locator("main, #content").first.inner_text()
    assert "Use of proceeds" in text
    look(page, "bond-en")
    opened(page, "finance_sharing/agreement", "MW-SA-03")
    page.locator("table a", has_text="Oct 2025").or_(page.locator("tbody a").first).first.click()
    page.wait_for_url("**/settlement/**")
    assert "Shared out" in page.locator("main, #content").first.inner_text()
    look(page, "settlement-en")
