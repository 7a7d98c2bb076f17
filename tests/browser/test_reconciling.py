"""Journey 2 to its end: a statement comes in, the next differs, the break is worked and closed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.utils import timezone

from ledger.holds.models import Hold
from ledger.imports import tasks as imports
from ledger.jobs.models import Job
from ledger.reconciliation import tasks as reconciliation
from ledger.reconciliation.models import Break
from ledger.reconciliation.states import BreakState
from ledger.units.models import Entry, Position
from tests.browser.test_approvals import approve, ask, choose
from tests.browser.test_desk import enter
from tests.browser.test_holdings import in_english
from tests.browser.test_imports import work

pytestmark = [pytest.mark.browser, pytest.mark.demo]

HEADINGS = "账户,项目编号,减排年份,持有量,号段前缀,起始编号,截止编号\n"
ACCOUNT = "DEMO-CCER-0001"
GOOD = f'{ACCOUNT},CCER-01,2023,"1,000",CCER-ZJ-,700001,701000\n'
BAD = f"{ACCOUNT},CCER-01,2023,一千,CCER-ZJ-,700001,701000\nNOBODY-9,CCER-01,2023,5,CCER-ZJ-,1,5\n"
NEXT_DAY = f"{ACCOUNT},CCER-01,2023,900,CCER-ZJ-,700001,700900\n"
COLUMNS = {
    "account": "账户",
    "project_code": "项目编号",
    "vintage_year": "减排年份",
    "quantity": "持有量",
    "prefix": "号段前缀",
    "first": "起始编号",
    "last": "截止编号",
}


def told(page):
    return page.locator("#content, main").first.inner_text()


def upload(page, tmp_path, name, lines, *, target):
    file = tmp_path / name
    file.write_bytes((HEADINGS + lines).encode("gb18030"))
    page.goto("/admin/imports/upload/")
    page.set_input_files("input[type=file]", file)
    page.select_option("#id_target", target, force=True)
    page.get_by_role("button", name="检查文件").click()


def map_columns(page):
    page.wait_for_url("**/columns/")
    page.select_option("[name=scheme]", "CCER", force=True)
    for field, heading in COLUMNS.items():
        page.select_option(f"[name=column_{field}]", heading, force=True)
    page.locator("[name=name]").fill("CCER 持有明细")
    page.get_by_role("button", name="保存映射并读取文件").click()
    page.wait_for_url("**/import/*/change/")


def take_in(page):
    page.get_by_role("link", name="入账").first.click()
    page.get_by_role("button", name="确认").click()
    page.wait_for_url("**/import/*/change/")


def compare():
    """What the worker would do with the comparison that was asked for last."""
    job = Job.objects.filter(kind="comparison with the registry").latest("enqueued_at")
    with ThreadPoolExecutor(max_workers=1) as worker:
        worker.submit(reconciliation.compare, job_id=str(job.pk)).result()
        worker.submit(connections.close_all).result()


def act(page, found, name, fill=lambda page: None):
    """An act on a break that needs nobody else."""
    page.goto(f"/admin/ledger_reconciliation/break/{found.pk}/do/{name}/")
    fill(page)
    page.get_by_role("button", name="继续").click()
    page.get_by_role("button", name="确认").click()
    page.wait_for_url("**/break/*/change/")


def pledge(page):
    page.goto("/admin/ledger_holds/hold/do/place/")
    choose(page, "kind", "质押")
    choose(page, "place", "CCER/CCER-01")
    page.locator("[name=unit_count]").fill("10")
    page.select_option("[name=in_favour_of]", index=1, force=True)
    page.locator("[name=order_number]").fill("质押登记-1")
    page.get_by_role("button", name="继续").click()


def take_the_first_day_in(page, second_page, tmp_path):
    """Every problem is told; the mended file waits for the approver, and brings lots."""
    upload(page, tmp_path, "首日.csv", BAD + GOOD, target="units")
    map_columns(page)
    work(imports.stage)
    page.reload()
    assert "无法识别“一千”" in told(page)
    assert "NOBODY-9" in told(page)
    assert page.get_by_role("link", name="入账").count() == 0

    upload(page, tmp_path, "首日-更正.csv", GOOD, target="units")
    page.wait_for_url("**/import/*/change/")
    assert work(imports.stage).state == "READY"
    page.reload()
    assert "1,000" in told(page)
    take_in(page)
    assert Position.objects.filter(lot__vintage_year=2023, lot__scheme="CCER").count() == 0
    approve(second_page)
    assert work(imports.commit).state == "COMMITTED"
    page.goto("/admin/units/serials/?serial=700950")
    assert ACCOUNT in told(page)


def take_the_next_day_in(page, tmp_path):
    """A statement needs no approval: it writes nothing, it is compared."""
    upload(page, tmp_path, "次日.csv", NEXT_DAY, target="statement")
    page.wait_for_url("**/import/*/change/")
    work(imports.stage)
    page.reload()
    assert "对账单内容" in told(page)
    take_in(page)
    work(imports.commit)
    compare()
    page.goto("/admin/ledger_reconciliation/break/?scheme=CCER")
    row = page.locator("#result_list tbody tr")
    assert row.count() == 1
    assert "登记机构缺失" in row.inner_text()
    assert "2023" in row.inner_text()
    return Break.objects.get(scheme="CCER")


def test_a_difference_blocks_its_vintage_until_it_is_corrected(
    page, second_page, sign_in, tmp_path
):
    enter(page, sign_in, "manager")
    enter(second_page, sign_in, "approver")
    take_the_first_day_in(page, second_page, tmp_path)
    found = take_the_next_day_in(page, tmp_path)
    pledge(page)
    assert f"账户 {ACCOUNT} 的 CCER 国家核证自愿减排量 2023 账实不符，有 1 项未结差异" in told(page)

    work_on(page, found, tmp_path)
    entries = Entry.objects.count()
    page.goto(f"/admin/ledger_reconciliation/break/{found.pk}/change/")
    page.get_by_role("link", name="以分录更正").click()
    assert "100" in ask(page, page.url, correction)
    assert Entry.objects.count() == entries
    approve(second_page)
    found.refresh_from_db()
    assert (found.state, Entry.objects.count()) == (BreakState.CLOSED, entries + 1)
    page.goto(f"/admin/ledger_reconciliation/break/{found.pk}/change/")
    assert "以更正结清" in told(page)
    page.get_by_role("link", name="更正分录").click()
    page.wait_for_url("**/ledger_units/entry/*/change/")

    pledge(page)
    page.get_by_role("button", name="确认").click()
    page.wait_for_url("**/ledger_holds/hold/")
    assert Hold.objects.get(order_number="质押登记-1").unit_count == 10


def correction(page):
    choose(page, "counter_account", "DEMO-CCER-ISSUER")
    page.locator("[name=reason]").fill("登记机构已于前一日注销，本账补记")


def work_on(page, found, tmp_path):
    """Assigned, commented, evidence attached, explained; each leaves its line."""
    act(page, found, "assign", lambda page: choose(page, "owner", "林岚"))
    act(page, found, "comment", lambda page: page.locator("[name=text]").fill("已电询登记机构"))
    evidence = tmp_path / "回函.txt"
    evidence.write_text("登记机构回函：700901–701000 已注销")
    page.goto(f"/admin/ledger_reconciliation/break/{found.pk}/do/attach/")
    page.set_input_files("input[type=file]", evidence)
    page.get_by_role("button", name="继续").click()
    page.wait_for_url("**/break/*/change/")
    read = told(page)
    for words in ("林岚", "已电询登记机构", "下载", "已指派", "发现差异"):
        assert words in read
    assert "('" not in read  # no raw values
    with page.expect_download() as file:
        page.get_by_role("link", name="下载").first.click()
    assert "已注销" in file.value.path().read_text()


def test_the_demonstrations_break_is_closed_in_english(page, second_page, sign_in):
    enter(page, sign_in, "manager")
    enter(second_page, sign_in, "approver")
    in_english(page)
    page.goto("/admin/")
    page.get_by_role("link", name="3 differences from registries' statements").click()
    page.wait_for_url("**/ledger_reconciliation/break/**")
    text = page.locator("#result_list").inner_text()
    assert "Other serial numbers, same total" in text
    assert "Missing there" in text
    assert "Lin Lan" in text or "林岚" in text
    found = Break.objects.get(kind="MISSING_THERE")
    page.goto(f"/admin/ledger_reconciliation/break/{found.pk}/do/assign/")
    choose(page, "owner", "林岚")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/break/*/change/")
    page.get_by_role("link", name="Correct by an entry").click()
    choose(page, "counter_account", "DEMO-VCS-ISSUER")
    page.locator("[name=reason]").fill("cancelled there the day before")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="What will happen").wait_for()
    assert "50" in told(page)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("waits for an approver").first.wait_for()
    approve(second_page)
    found.refresh_from_db()
    assert (found.state, found.closed_at <= timezone.now()) == (BreakState.CLOSED, True)
    page.goto(f"/admin/ledger_reconciliation/break/{found.pk}/change/")
    assert "closed by correction" in told(page)
    assert "Closed" in told(page)
