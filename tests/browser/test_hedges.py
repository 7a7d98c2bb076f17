"""A gap is hedged day by day, and units are borrowed and given back; both languages read it."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from finance.hedges.models import Contract
from finance.repos.models import Agreement
from ledger.accounts import queries as accounts
from tests.browser.test_approvals import approve, choose
from tests.browser.test_desk import enter
from tests.factories.holdings import quantities

pytestmark = [pytest.mark.browser, pytest.mark.demo]
HEDGES, AGREEMENTS = "/admin/finance_hedges/contract", "/admin/finance_repos/agreement"


def look(page, name):
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def act(page, address, done, *, selects=(), **fields):
    """Fill in the form, read what will happen, confirm; the sentences that were read."""
    page.goto(address)
    for name, value in selects:
        choose(page, name, value)
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="继续").click()
    page.get_by_role("heading", name="将会发生什么").wait_for()
    told = page.locator("#content ul, main ul").last.inner_text()
    page.get_by_role("button", name="确认").click()
    page.get_by_text(done).first.wait_for()
    return told


def day(ago):
    return (timezone.localdate() - timedelta(days=ago)).isoformat()


def test_a_gap_is_hedged_by_two_and_settled_day_by_day(page, second_page, sign_in):
    enter(page, sign_in, "manager")
    enter(second_page, sign_in, "approver")
    year = timezone.localdate().year - 1
    told = act(
        page, f"{HEDGES}/do/open/", "已提交审批",
        selects=[("kind", "远期"), ("side", "买入"), ("venue", "场外"), ("scheme", "全国碳排放")],
        number="BR-1", counterparty="甬江碳资产", vintage_year=str(year), for_year=str(year),
        lots="3", units_per_lot="1000", price="74", margin_rate="0.1", opened_on=day(9),
        last_day=day(-20),
    )  # fmt: skip
    assert "3,000" in told and "22,200.00" in told
    assert not Contract.objects.filter(number="BR-1").exists()
    assert "BR-1" in approve(second_page)
    row = Contract.objects.get(number="BR-1")
    own = f"{HEDGES}/{row.pk}"
    act(page, f"{own}/do/settle/", "1,800.00", settled_on=day(8), price="74.60")
    act(page, f"{own}/do/settle/", "-4,500.00", settled_on=day(7), price="73.10")
    act(
        page, f"{own}/do/margin/", "保证金已登记", amount="20000", paid_on=day(7), evidence="回单",
    )  # fmt: skip
    page.goto(f"{own}/change/")
    shown = page.locator("#content, main").first.inner_text()
    for said in ("-2,700.00", "20,000.00", "17,300.00", "21,930.00", "4,630.00"):
        assert said in shown, said
    page.get_by_role("link", name="对冲情况").first.click()
    page.get_by_role("link", name="BR-1").wait_for()


def test_units_are_borrowed_held_and_given_back(page, second_page, sign_in):
    enter(page, sign_in, "manager")
    enter(second_page, sign_in, "approver")
    mine = accounts.find_account(registry="PILOT", number="DEMO-SHEA-0001")
    lot_id = Agreement.objects.get(number="JT-2026-003").lot_id
    told = act(
        page, f"{AGREEMENTS}/do/take/", "协议已登记",
        selects=[("kind", "借碳"), ("registry", "地方碳市场"), ("account", "DEMO-SHEA-0001")],
        number="BR-JT-2", account_number="DEMO-SHEA-YJ", lot_code="DEMO-SHEA-A", unit_count="600",
        starts_on=day(0), ends_on=day(-90), fee="1200", deposit="30000", evidence="借碳协议",
    )  # fmt: skip
    assert "DEMO-SHEA-YJ" in told and "600" in told
    row = Agreement.objects.get(number="BR-JT-2")
    assert quantities(mine.pk, lot_id)["FREE"] == 5000
    own = f"{AGREEMENTS}/{row.pk}"
    act(page, f"{own}/do/start/", "已提交审批", happened_on=day(0), evidence="划转确认")
    assert "600" in approve(second_page)
    assert quantities(mine.pk, lot_id)["FREE"] == 5600
    page.goto("/admin/repos/ours/")
    assert "BR-JT-2" in page.locator("#debts-table").inner_text()
    act(
        page, f"{own}/do/return/", "已提交审批", unit_count="600", happened_on=day(0),
        evidence="归还确认",
    )  # fmt: skip
    approve(second_page)
    row.refresh_from_db()
    assert (row.state, quantities(mine.pk, lot_id)["FREE"]) == ("CLOSED", 5000)


def test_the_demonstrations_hedges_and_agreements_in_both_languages(page, sign_in):
    enter(page, sign_in, "manager")
    hedge = Contract.objects.get(number="QQ-2026-004")
    repo = Agreement.objects.get(number="HG-2026-002")
    words = {
        "home": ("/admin/", "我承诺了什么？", "What is promised?"),
        "hedge": (f"{HEDGES}/{hedge.pk}/change/", "期权价值", "value of the option"),
        "ratio": ("/admin/hedges/ratio/", "计入的合约", "What is counted"),
        "repo": (f"{AGREEMENTS}/{repo.pk}/change/", "法定持有人", "taker (legal holder)"),
        "ours": ("/admin/repos/ours/", "以单位计的债权债务", "Debts in units"),
    }
    for at, language in enumerate(("zh", "en"), start=1):
        page.goto("/account/")
        page.get_by_role("button", name="English" if language == "en" else "中文").click()
        page.wait_for_load_state()
        for name, told in words.items():
            page.goto(told[0])
            look(page, f"{name}-{language}")
            assert told[at] in page.locator("body").inner_text(), (name, language)
