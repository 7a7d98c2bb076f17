"""Journey 1: sign in, and see a park with a year of data, positions, and a log that verifies."""

import pytest
from django.core.management import call_command
from django_otp.plugins.otp_totp.models import TOTPDevice

from ledger.parties.models import User
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
    assert "60,000" in allowances.inner_text()
    assert page.get_by_text("未发现异常").count() + page.get_by_text("等待封存").count() >= 1

    allowances.get_by_role("link", name="60,000").click()
    page.wait_for_url("**/position/**PLEDGED**")
    assert page.locator("tbody tr").count() == 1

    page.goto("/account/")
    page.get_by_role("button", name="English").click()
    page.goto("/admin/")
    page.get_by_role("heading", name="What is wrong today?").wait_for()
    assert "Chinese Emission Allowance" in page.locator("article", has_text="CEA").inner_text()


def test_the_data_officer_is_told_every_bad_row_and_nothing_is_stored(page, sign_in, tmp_path):
    enter(page, sign_in, "data")
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
    assert page.locator("tbody tr").count() == 1


def test_the_log_of_the_demonstration_verifies(committed_db, capsys):
    call_command("verify_ledger", "--json")
    assert '"good": true' in capsys.readouterr().out
