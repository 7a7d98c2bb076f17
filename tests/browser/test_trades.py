"""Journey 3: a purchase and a sale recorded and settled, cost lots and result read, entries out."""

import os

import pytest
from django.utils import timezone

from finance.trades.models import EntryBatch, Settlement, Trade
from tests.browser.test_desk import enter

pytestmark = [pytest.mark.browser, pytest.mark.demo]

ZH = {
    "buy": "登记买入", "next": "继续", "sure": "确认", "will": "将会发生什么", "approve": "批准",
}  # fmt: skip
EN = {
    "buy": "Record a purchase", "next": "Continue", "sure": "Confirm",
    "will": "What will happen", "approve": "Approve",
}  # fmt: skip


def look(page, name):
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def speak(page, language):
    page.goto("/account/")
    page.get_by_role("button", name="English" if language == "en" else "中文").click()
    page.wait_for_load_state()


def confirm(page, words):
    page.get_by_role("button", name=words["next"]).click()
    page.get_by_role("heading", name=words["will"]).wait_for()
    page.get_by_role("button", name=words["sure"]).click()
    page.wait_for_load_state()


def asked(page, words):
    """The approver reads what will happen, and lets it."""
    page.goto("/admin/ledger_approvals/approval/?state__exact=REQUESTED")
    page.locator("#result_list tbody a, table tbody a").first.click()
    page.get_by_role("link", name=words["approve"]).first.click()
    for button in (words["next"], words["sure"]):
        found = page.get_by_role("button", name=button)
        if found.count():
            found.first.click()
            page.wait_for_load_state()


def open_trade(page, trade):
    page.goto(f"/admin/finance_trades/trade/{trade.pk}/change/")


def settle(page, second_page, words, trade):
    open_trade(page, trade)
    page.locator("a[href*='/do/settle']").click()
    page.locator("#id_settled_on").fill(timezone.localdate().isoformat())
    confirm(page, words)
    asked(second_page, words)
    trade.refresh_from_db()
    assert trade.state == "SETTLED"


def read_the_books(page, words, sold):
    """Cost lots, result, suggested entries with the entry's id, a batch, and the notes."""
    language = "en" if words is EN else "zh"
    page.goto("/admin/trades/lots/")
    assert "17,000" in page.locator("#held").inner_text()
    look(page, f"lots-{language}")
    page.goto("/admin/trades/result/")
    assert "74,950.00" in page.locator("body").inner_text()
    look(page, f"result-{language}")
    page.goto("/admin/trades/entries/")
    told = page.locator("#entries").inner_text()
    assert "601,000.00" in told and "74,950.00" in told
    look(page, f"entries-{language}")
    with page.expect_download() as file:
        page.get_by_role("link", name="CSV").click()
    lines = file.value.path().read_text("utf-8-sig")
    assert str(sold.settlements.get().entry_id) in lines
    page.goto("/admin/finance_trades/entrybatch/do/make/")
    confirm(page, words)
    assert EntryBatch.objects.count() == 2
    page.goto("/admin/trades/notes/")
    assert "10,000" in page.locator("body").inner_text()


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
def test_a_year_of_trades_is_added_to_read_and_handed_over(page, second_page, sign_in, words):
    language = "en" if words is EN else "zh"
    for window, name in ((page, "manager"), (second_page, "approver")):
        enter(window, sign_in, name)
        speak(window, language)

    page.goto("/admin/finance_trades/trade/")
    page.get_by_role("link", name=words["buy"]).click()
    page.select_option("#id_mode", "OTC", force=True)
    page.locator("#id_account").select_option(index=1, force=True)
    page.select_option("#id_scheme", "CEA", force=True)
    page.locator("#id_vintage_year").fill("2025")
    page.locator("#id_unit_count").fill("10000")
    page.locator("#id_unit_price").fill("60")
    page.locator("#id_fee").fill("1000")
    page.locator("#id_reference").fill("J3-BUY")
    confirm(page, words)
    look(page, f"trades-asked-{language}")
    asked(second_page, words)
    bought = Trade.objects.get(reference="J3-BUY")
    assert (bought.state, bought.booked_cny) == ("AGREED", 601_000)
    settle(page, second_page, words, bought)

    page.goto("/admin/finance_trades/trade/do/sell/")
    place = page.locator("#id_place option", has_text="CEA-2025").first.get_attribute("value")
    page.select_option("#id_mode", "OTC", force=True)
    page.select_option("#id_place", place, force=True)
    page.select_option("#id_draw", "PAID", force=True)
    page.locator("#id_unit_count").fill("1000")
    page.locator("#id_unit_price").fill("75")
    page.locator("#id_fee").fill("50")
    page.locator("#id_reference").fill("J3-SELL")
    confirm(page, words)
    asked(second_page, words)
    sold = Trade.objects.get(reference="J3-SELL")
    assert sold.hold_id is not None
    settle(page, second_page, words, sold)
    look(page, f"trade-{language}")
    assert Settlement.objects.filter(trade__in=[bought, sold], entry_id__isnull=False).count() == 2

    read_the_books(page, words, sold)
