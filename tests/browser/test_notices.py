"""A request and a difference become notices: seen in both languages, and one arrives by mail."""

import pytest
from django.utils import timezone

from ledger.kernel.actors import SYSTEM
from ledger.notices import operations, tasks
from ledger.notices.models import Delivery
from ledger.parties.models import User
from ledger.units.models import Position
from tests.browser.test_approvals import ask, choose
from tests.browser.test_desk import enter
from tests.factories.mailbox import mailbox

pytestmark = [pytest.mark.browser, pytest.mark.demo]


def retirement(window):
    window.locator("[name=unit_count]").fill("5")
    window.locator("[name=reason]").fill("年会")
    window.locator("[name=purpose]").fill("零碳会议")
    choose(window, "beneficiary_id", "梅湾园区运营")


def speak(page, language):
    page.goto("/account/")
    page.get_by_role("button", name=language).click()


def test_a_request_rings_the_approvers_bell_and_comes_by_mail(
    page,
    second_page,
    sign_in,
    settings,
):
    with mailbox(settings) as post:
        enter(page, sign_in, "manager")
        enter(second_page, sign_in, "approver")
        place = Position.objects.filter(state="FREE", lot__scheme="CCER", quantity__gte=5).first()
        ask(page, f"/admin/ledger_units/position/{place.pk}/do/retire/", retirement)
        at = timezone.now()
        operations.collect(kind="approvals.waiting", by=SYSTEM, at=at)
        approver = User.objects.get(email="approver@demo.example")
        Delivery.objects.filter(state="WAITING").update(next_try_at=at)
        operations.dispatch(by=SYSTEM, at=at)
        for mail_id in Delivery.objects.filter(state="QUEUED").values_list("mail_id", flat=True):
            tasks.send(mail_id=str(mail_id))
        assert any("提请审批" in subject for subject in post.subjects())
        assert {one["To"] for one in post.letters} >= {approver.email}

    for language, words, bell in (
        ("简体中文", "提请审批", "条未读通知"),
        ("English", "asks for approval", "unread notice"),
    ):
        speak(second_page, language)
        second_page.goto("/admin/")
        assert bell in second_page.locator("#bell").get_attribute("aria-label")
        second_page.locator("#bell").click()
        second_page.locator("#notices").get_by_text(words).first.wait_for()

    second_page.locator("#notices a", has_text="asks for approval").click()
    second_page.wait_for_url("**/ledger_approvals/approval/*/change/")
    second_page.get_by_role("link", name="Approve").click()
    second_page.get_by_role("button", name="Continue").click()
    second_page.get_by_role("button", name="Confirm").click()
    second_page.wait_for_url("**/approval/*/change/")
    operations.collect(kind="approvals.waiting", by=SYSTEM, at=timezone.now())
    second_page.goto("/admin/notices/")
    assert second_page.get_by_text("asks for approval").count() == 0


def test_the_manager_reads_puts_off_and_chooses_her_mail(page, sign_in):
    enter(page, sign_in, "manager")
    page.goto("/admin/notices/")
    rows = page.locator("#notices > li")
    count = rows.count()
    assert count
    page.get_by_role("button", name="全部标为已读").click()
    page.get_by_text("标为已读。").wait_for()
    assert page.get_by_role("button", name="全部标为已读").count() == 0
    rows.first.get_by_role("button", name="推迟").click()
    page.get_by_text("再次出现").first.wait_for()
    assert rows.count() == count - 1
    page.get_by_role("link", name="邮件通知设置").click()
    page.locator("[name='mode_compliance.due']").select_option("DIGEST")
    page.locator("[name=urgent_any_time]").check()
    page.get_by_role("button", name="保存").click()
    page.get_by_text("偏好已保存。").wait_for()
    assert page.locator("[name='mode_compliance.due']").input_value() == "DIGEST"
