"""The front door in a real browser, in both languages, with the keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from ledger.parties.models import User
from tests.browser.conftest import code_of
from tests.factories.people import PASSWORD, give, make_party, make_user

pytestmark = pytest.mark.browser


def approver(*, totp: bool) -> User:
    user = make_user(name="王芳", email="wang.fang@example.cn", totp=totp)
    give(user, make_party(), "APPROVER")
    return user


def unlabelled(page: Page) -> list[str]:
    """Form fields and pictures that a screen reader could not name; buttons without words."""
    return page.evaluate(
        """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
            .filter(one => !one.labels.length && !one.getAttribute("aria-label"))
            .concat([...document.querySelectorAll("img:not([alt])")])
            .concat([...document.querySelectorAll("button")].filter(one => !one.innerText.trim()))
            .map(one => one.outerHTML)"""
    )


def test_an_approver_signs_in_with_her_phone_in_chinese(live_site, page, sign_in):
    user = approver(totp=True)
    page.goto("/admin/")
    expect(page).to_have_url(re.compile("/sign-in/"))
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    assert unlabelled(page) == []

    sign_in(page, user)

    expect(page).to_have_url(re.compile("/admin/"))
    page.goto("/account/")
    expect(page.get_by_role("heading", level=1)).to_have_text("我的账户")
    expect(page.locator("main")).to_contain_text("审批人")
    assert unlabelled(page) == []


def test_the_whole_way_in_works_by_keyboard_in_english(live_site, page):
    user = approver(totp=True)
    page.goto("/sign-in/")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")

    page.keyboard.type(user.email)  # the first field has the focus
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    page.keyboard.type(code_of(user.totpdevice_set.get()))
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/admin/"))


def test_a_first_sign_in_sets_up_the_second_factor_and_shows_recovery_codes_once(live_site, page):
    from django_otp.oath import totp

    user = approver(totp=False)
    page.goto("/sign-in/")
    page.get_by_label("电子邮箱").fill(user.email)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()

    expect(page).to_have_url(re.compile("/second-factor/"))
    picture = page.locator("img.qr")
    assert picture.evaluate("one => one.naturalWidth") > 100
    assert unlabelled(page) == []
    from base64 import b32decode

    secret = b32decode(page.locator("code.secret").inner_text().replace(" ", ""))
    page.locator("#id_code").fill(f"{totp(secret):06d}")
    page.get_by_role("button", name="启用").click()

    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("button", name="我已妥善保存").click()
    expect(page).to_have_url(re.compile("/admin/"))

    page.goto("/account/")
    page.get_by_role("button", name="退出所有设备").click()
    expect(page).to_have_url(re.compile("/sign-in/"))

    page.locator("#id_email").fill(user.email)
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("#id_code").fill(codes[0])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/admin/"))


def test_too_many_failures_close_the_login_with_a_sentence(live_site, page):
    user = approver(totp=True)
    for _ in range(5):
        page.goto("/sign-in/")
        page.locator("#id_email").fill(user.email)
        page.locator("#id_password").fill("not the password")
        page.keyboard.press("Enter")
        expect(page.locator("[role=alert]")).to_be_visible()

    expect(page.locator("[role=alert]")).to_contain_text("15 分钟")
    page.goto("/sign-in/")
    page.locator("#id_email").fill(user.email)
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert]")).to_contain_text("15 分钟")
