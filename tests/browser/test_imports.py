"""Journey 2 in the browser: a registry's file comes in, its columns are mapped, it is taken in."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from ledger.imports import tasks
from ledger.imports.models import Import
from ledger.units.models import Position
from tests.browser.test_approvals import approve
from tests.browser.test_desk import enter
from tests.browser.test_holdings import in_english
from tests.browser.words import LANGUAGES, sayer

pytestmark = [pytest.mark.browser, pytest.mark.demo]

HEADINGS = "账户编号,配额年度,持有量,状态\n"
GOOD = 'DEMO-CEA-330000-0001,2021,"1,234",可用\n'
BAD = "DEMO-CEA-330000-0001,2020,很多,可用\nNOBODY-1,2020,5,可用\n"


def work(task):
    """What the worker would do; not in this thread, which has playwright's loop."""
    row = Import.objects.latest("uploaded_at")
    with ThreadPoolExecutor(max_workers=1) as worker:
        worker.submit(task, job_id=str(row.job_id)).result()
        worker.submit(connections.close_all).result()
    row.refresh_from_db()
    return row


def choose_file(page, tmp_path, name, lines):
    file = tmp_path / name
    file.write_bytes((HEADINGS + lines).encode("gb18030"))
    page.goto("/admin/ledger_imports/import/")
    page.get_by_role("link", name="导入文件").first.click()
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="检查文件").click()


def test_a_file_without_a_layout_is_mapped_read_and_taken_in(page, second_page, sign_in, tmp_path):
    enter(page, sign_in, "manager")
    choose_file(page, tmp_path, "持有量.csv", BAD + GOOD)

    page.wait_for_url("**/columns/")
    assert "未经登记机构确认" in page.get_by_role("note").inner_text()
    assert page.locator("[name=column_quantity]").input_value() == "持有量"
    page.get_by_role("button", name="保存映射并读取文件").click()
    page.wait_for_url("**/import/*/change/")
    work(tasks.stage)
    page.reload()
    told = page.locator("#content, main").first.inner_text()
    assert "无法识别“很多”" in told
    assert "NOBODY-1" in told
    with page.expect_download() as problems:
        page.get_by_role("link", name="问题清单（CSV）").click()
    lines = problems.value.path().read_text("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["0", "2", "3"]

    choose_file(page, tmp_path, "持有量-2.csv", GOOD)  # recognised by the mapping that was kept
    page.wait_for_url("**/import/*/change/")
    row = work(tasks.stage)
    assert row.state == "READY"
    page.reload()
    assert "1,234" in page.locator("#content, main").first.inner_text()
    page.get_by_role("link", name="入账").first.click()
    page.get_by_role("button", name="确认").click()
    page.wait_for_url("**/import/*/change/")

    enter(second_page, sign_in, "approver")
    assert "1,234" in approve(second_page)
    assert work(tasks.commit).state == "COMMITTED"
    page.reload()
    assert "已入账" in page.locator("#content, main").first.inner_text()
    assert Position.objects.get(lot__code="CEA/2021", state="FREE").quantity == 1234


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_the_same_for_every_line_is_said_once_on_the_mapping_page(
    page, second_page, sign_in, tmp_path, language
):
    """A list of two columns, in kilograms: account, year and state are not in the file."""
    say = sayer(language)
    enter(page, sign_in, "manager")
    if language == "en":
        in_english(page)
    file = tmp_path / "kilograms.csv"
    file.write_bytes('批次,重量,\nB-1,"1,500,000",\nB-2,"734,000",\n'.encode("gb18030"))
    page.goto("/admin/imports/upload/")
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name=say("Check the file")).click()
    page.wait_for_url("**/columns/")
    page.select_option("[name=act]", "HELD", force=True)
    page.select_option("[name=scheme]", "CEA", force=True)
    page.select_option("[name=told_in]", "kg", force=True)
    page.select_option("[name=column_quantity]", "重量", force=True)
    page.locator("[name=constant_account]").fill("DEMO-CEA-330000-0001")
    page.locator("[name=constant_vintage_year]").fill("2022")
    page.select_option("[name=constant_state]", "FREE", force=True)
    page.locator("[name=constant_happened_on]").fill("2026-01-05")
    page.get_by_label("批次", exact=True).check()
    page.locator("[name=name]").fill("kg 重量")
    page.get_by_role("button", name=say("Keep the mapping and read the file")).click()
    page.wait_for_url("**/import/*/change/")
    assert work(tasks.stage).state == "READY"
    page.reload()
    assert "2,234" in page.locator("#content, main").first.inner_text()

    page.goto("/admin/ledger_imports/mapping/")
    page.get_by_role("link", name="kg 重量").click()
    page.wait_for_url("**/mapping/*/change/")
    told = page.locator("#content, main").first.inner_text()
    for words in (say("The same for every line"), "DEMO-CEA-330000-0001", "2022", say("free")):
        assert words in told
    assert say("kilograms") in told

    row = Import.objects.latest("uploaded_at")
    page.goto(f"/admin/ledger_imports/import/{row.pk}/do/take-in/")
    page.get_by_role("button", name=say("Confirm")).click()
    page.wait_for_url("**/import/*/change/")
    enter(second_page, sign_in, "approver")
    assert "2,234" in approve(second_page)
    assert work(tasks.commit).state == "COMMITTED"
    page.reload()
    told = page.locator("#content, main").first.inner_text()
    assert say("The file has been taken in, all of it.") in told
    assert Position.objects.get(lot__code="CEA/2022", state="FREE").quantity == 2234
