"""Holdings and serial search, clicked in both languages."""

import pytest

from tests.browser.test_desk import enter

pytestmark = [pytest.mark.browser, pytest.mark.demo]


def in_english(page):
    page.goto("/account/")
    page.get_by_role("button", name="English").click()


def test_holdings_are_filtered_drawn_and_taken_along_in_both_languages(page, sign_in):
    enter(page, sign_in, "manager")
    page.goto("/admin/")
    assert page.locator("a[href='/admin/units/holdings/']").count() >= 1  # in the menu
    page.goto("/admin/units/holdings/")
    # tonnes and megawatt-hours have no sum
    for measure in ("t", "MWh"):
        name = f"各月末持有量（按状态，单位：{measure}）"
        assert page.get_by_role("img", name=name).count() == 1

    page.locator("#id_scheme").select_option("CEA", force=True)
    page.locator("#id_state").select_option("PLEDGED")
    page.locator("#id_vintage").fill("2025")
    page.get_by_role("button", name="显示").click()
    rows = page.locator("#places-table tbody tr")
    assert rows.count() == 1
    assert "60,000" in rows.inner_text()
    assert "质押" in rows.inner_text()
    with page.expect_download() as told:
        page.get_by_role("link", name="CSV", exact=False).first.click()
    lines = told.value.path().read_text("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert ",60000," in lines[1]
    assert told.value.suggested_filename == "持有量.csv"

    page.locator("#id_day").fill("2000-01-01")
    page.get_by_role("button", name="显示").click()
    page.locator("#places-table").get_by_text("暂无内容。").wait_for()

    in_english(page)
    page.goto("/admin/units/holdings/?scheme=CEA")
    page.get_by_role("heading", name="Units at the end of each month, by state (t)").wait_for()
    assert "60,000" in page.locator("#sums-table").inner_text()


def test_where_is_unit_500001_and_where_was_it(page, sign_in):
    enter(page, sign_in, "manager")
    page.goto("/admin/units/serials/")
    page.locator("#id_serial").fill("500,001")
    page.locator("#id_day").fill("2001-12-31")
    page.get_by_role("button", name="显示").click()
    page.get_by_role("heading", name="IREC-CN- · 500,001").wait_for()
    assert "可用" in page.locator("dd.now").inner_text()
    assert page.locator("dd.then").inner_text() == "尚未签发"
    assert page.locator("tbody tr").count() == 1

    in_english(page)
    page.goto("/admin/units/serials/?serial=GEC-DEMO-100")
    page.get_by_role("heading", name="GEC-DEMO- · 100").wait_for()
    assert "retired" in page.locator("dd.now").inner_text()
    assert page.locator("tbody tr").count() == 2  # delivered, then claimed; issued to another party
    page.goto("/admin/units/serials/?serial=999,999,999")
    page.get_by_text("No unit of this number is, or was, in your accounts.").wait_for()


def test_history_leads_to_its_entries(page, sign_in):
    enter(page, sign_in, "manager")
    page.goto("/admin/units/history/?scheme=CEA")
    rows = page.locator("tbody tr")
    assert rows.count() >= 2
    rows.first.get_by_role("link").first.click()
    page.wait_for_url("**/ledger_units/entry/**")


def test_the_api_is_described_without_asking_strangers(page, sign_in):
    enter(page, sign_in, "manager")
    page.goto("/api/docs")
    page.get_by_role("heading", name="接口说明").wait_for()
    assert page.get_by_role("heading", name="POST /api/v1/transfers/").count() == 1
