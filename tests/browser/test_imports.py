"""Journey 2 in the browser: a registry's file comes in, its columns are mapped, it is taken in."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from ledger.imports import tasks
from ledger.imports.models import Import
from ledger.units.models import Position
from tests.browser.test_approvals import approve
from tests.browser.test_desk import enter

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


@pytest.fixture
def second_page(browser, live_site):
    """Another person's window."""
    context = browser.new_context(base_url=live_site, locale="zh-CN")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


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
