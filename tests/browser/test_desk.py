"""Journey 1: sign in, and see a park with a year of data, positions, and a log that verifies."""

from shutil import copytree

import pytest
from django.core.management import call_command
from django_otp.plugins.otp_totp.models import TOTPDevice

from ledger.parties.models import User
from tests.browser.test_sign_in import unlabelled
from tests.factories import demo

pytestmark = [pytest.mark.browser, pytest.mark.demo]


def login(name):
    """The demonstration's own login: (user, password)."""
    lines = (demo.folder() / "demo_logins.txt").read_text().splitlines()
    words = next(line.split() for line in lines if f"{name}@demo.example" in line)
    return User.objects.get(email=words[1]), words[2]


def enter(page, sign_in, name):
    user, password = login(name)
    TOTPDevice.objects.filter(user=user).update(last_t=-1)
    sign_in(page, user, password=password)


def test_the_manager_sees_what_she_owns_in_both_languages(page, sign_in):
    enter(page, sign_in, "manager")
    page.goto("/admin/")
    page.get_by_role("heading", name="我有什么?能用什么?").wait_for()
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    allowances = page.locator("article", has_text="CEA")
    assert "247,000" in allowances.inner_text()
    assert "62,000" in allowances.inner_text()
    assert page.get_by_text("未发现异常").count() + page.get_by_text("等待封存").count() >= 1

    allowances.get_by_role("link", name="62,000").click()
    page.wait_for_url("**/position/**PLEDGED**")
    assert page.locator("tbody tr").count() == 2

    page.goto("/account/")
    page.get_by_role("button", name="English").click()
    page.goto("/admin/")
    page.get_by_role("heading", name="What is wrong today?").wait_for()
    assert "Chinese Emission Allowance" in page.locator("article", has_text="CEA").inner_text()


def test_the_data_officer_is_told_every_bad_row_and_nothing_is_stored(page, sign_in, tmp_path):
    enter(page, sign_in, "data")
    page.goto("/admin/reporting_activity/dataset/")
    stored = page.locator("tbody tr").count()
    page.goto("/admin/activity/upload/")
    with page.expect_download() as example:
        page.get_by_role("link", name="下载含常见错误的示例文件").click()
    bad = tmp_path / "bad.csv"
    example.value.save_as(bad)
    bad.write_text(bad.read_text("utf-8-sig").replace("2025", "2026"))
    page.locator("input[name=year]").fill("2026")
    page.set_input_files("input[type=file]", bad)
    page.get_by_role("button", name="检查文件").click()

    page.get_by_role("alert").wait_for()
    assert "8 处问题" in page.get_by_role("alert").inner_text()
    rows = [row.inner_text() for row in page.locator("tbody tr").all()]
    assert [int(row.split()[0]) for row in rows] == [2, 3, 4, 5, 6, 7, 8, 10]
    page.goto("/admin/reporting_activity/dataset/")
    assert page.locator("tbody tr").count() == stored


def test_a_list_is_filtered_and_exported_as_seen(page, sign_in):
    enter(page, sign_in, "manager")
    page.goto("/admin/ledger_units/position/?lot__scheme=CEA")
    shown = page.locator("tbody tr").count()
    assert shown >= 3
    with page.expect_download() as told:
        page.get_by_role("link", name="CSV").click()
    lines = told.value.path().read_text("utf-8-sig").splitlines()
    assert len(lines) == shown + 1
    assert told.value.suggested_filename == "持仓.csv"


def test_the_problems_of_a_file_come_as_a_table_too(page, sign_in, tmp_path):
    enter(page, sign_in, "data")
    page.goto("/admin/activity/upload/")
    bad = tmp_path / "bad.csv"
    bad.write_text("source,month,quantity,unit,evidence,note\nNOBODY,2025-04,1,MWh,e,\n")
    page.set_input_files("input[type=file]", bad)
    with page.expect_download() as told:
        page.get_by_role("button", name="以 CSV 列出问题").click()
    heading, *rows = told.value.path().read_text("utf-8-sig").splitlines()
    assert heading == "行,列,理由"
    assert [row.split(",")[0] for row in rows] == ["2"]


def test_the_auditor_reads_names_and_takes_an_events_proof_along(page, sign_in):
    enter(page, sign_in, "auditor")
    page.goto("/admin/ledger_audit/event/?q=opinion.given")
    row = page.locator("#result_list tbody tr")
    assert row.count() == 1
    assert "东海碳核查" in row.inner_text()
    row.get_by_role("link").first.click()
    with page.expect_download() as told:
        page.get_by_role("link", name="下载包含证明").click()
    assert told.value.path().stat().st_size > 200


def test_every_field_has_a_name_and_the_keyboard_reaches_the_figures(page, sign_in):
    enter(page, sign_in, "manager")
    for address in ("/admin/", "/admin/ledger_units/position/", "/admin/activity/upload/"):
        page.goto(address)
        # the theme's own search box is named by its placeholder, which a screen reader reads
        assert [one for one in unlabelled(page) if "placeholder=" not in one] == []
    page.goto("/admin/")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.getAttribute('href')"))
    assert any(one and "state__exact=PLEDGED" in one for one in reached)


def test_the_log_of_the_demonstration_verifies(committed_db, capsys, settings, tmp_path):
    settings.CHECKPOINT_DIR = copytree(demo.folder() / "checkpoints", tmp_path / "outside")
    call_command("verify_ledger", "--json")
    assert '"good": true' in capsys.readouterr().out
