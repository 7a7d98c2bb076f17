"""Journey 6: facility, pledge, both registrations, drawdown, value, and the bank's consent."""

import pytest

from finance.facilities.models import Facility
from finance.pledges.models import Pledge, Request
from ledger.holds.models import Hold
from tests.browser.test_approvals import approve, ask, choose
from tests.browser.test_desk import enter
from tests.browser.test_holdings import in_english
from tests.browser.test_reconciling import told
from tests.browser.words import LANGUAGES, sayer

pytestmark = [pytest.mark.browser, pytest.mark.demo]


@pytest.fixture
def windows(browser, live_site):
    """The approver's and the bank officer's windows."""
    contexts = [browser.new_context(base_url=live_site, locale="zh-CN") for _one in range(2)]
    for context in contexts:
        context.set_default_timeout(15_000)
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def fill(**values):
    def act(page):
        for name, value in values.items():
            page.locator(f"[name={name}]").fill(value)

    return act


def today(page):
    return page.evaluate("new Date().toISOString().slice(0, 10)")


BANK = {"zh-hans": "甬江商业银行", "en": "Yongjiang Commercial Bank"}


def facility_form(page, language):
    choose(page, "lender_id", BANK[language])
    page.select_option("[name=rate_kind]", "FIXED", force=True)
    page.select_option("[name=day_count]", "ACT/360", force=True)
    page.select_option("[name=plan]", "BULLET", force=True)
    fill(
        code="YJ-9", limit_amount="1000000", rate_bps="345", starts_on=today(page),
        matures_on="2029-01-05", purpose="储能", evidence="借款合同",
    )(page)  # fmt: skip


def pledge_form(page):
    choose(page, "facility_id", "YJ-9")
    choose(page, "place", "DEMO-CEA-Y0")
    page.select_option("[name=reference]", "LAST", force=True)
    fill(number="ZY-9", unit_count="20000", evidence="质押合同")(page)


def registered(page, pledge, register, say, **values):
    def form(page):
        page.select_option("[name=register]", register, force=True)
        fill(registered_on=today(page), document="登记证明", **values)(page)

    act(page, f"/admin/finance_pledges/pledge/{pledge.pk}/do/register/", form, say)


def act(page, address, form, say):
    page.goto(address)
    form(page)
    page.get_by_role("button", name=say("Continue")).click()
    page.get_by_role("button", name=say("Confirm")).click()
    page.wait_for_load_state()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_loan_is_secured_drawn_valued_and_its_collateral_let_go_by_the_bank(
    page, windows, sign_in, language
):
    say, (second_page, bank) = sayer(language), windows
    enter(page, sign_in, "manager")
    enter(bank, sign_in, "bank")
    if language == "en":
        in_english(page)
        in_english(bank)
    enter(second_page, sign_in, "approver")
    act(
        page,
        "/admin/finance_facilities/facility/do/enter/",
        lambda page: facility_form(page, language),
        say,
    )
    facility = Facility.objects.get(code="YJ-9")
    page.goto(f"/admin/finance_facilities/facility/{facility.pk}/do/agree/")
    page.get_by_role("button", name=say("Confirm")).click()
    page.wait_for_load_state()
    approve(second_page)

    act(page, "/admin/finance_pledges/pledge/do/submit/", pledge_form, say)
    pledge = Pledge.objects.get(number="ZY-9")
    assert Hold.objects.get(pk=pledge.parts.get().hold_id).kind == "RESERVE"
    approve(second_page)
    assert Hold.objects.get(pk=pledge.parts.get().hold_id).kind == "PLEDGE"

    draw = f"/admin/finance_facilities/facility/{facility.pk}/do/draw/"
    page.goto(draw)
    fill(amount="500000", evidence="放款凭证")(page)
    page.get_by_role("button", name=say("Continue")).click()
    early = {"zh-hans": "质押完成双登记之前不得提款", "en": "nothing is drawn before the pledge"}
    assert early[language] in told(page)
    registered(page, pledge, "ZDW", say, number="0666", expires_on="2031-01-01")
    registered(page, pledge, "REGISTRY", say, number="冻结函1号")
    ask(page, draw, fill(amount="500000", evidence="放款凭证"), say)
    approve(second_page)
    page.goto(f"/admin/finance_pledges/pledge/{pledge.pk}/do/value/")
    page.get_by_role("button", name=say("Confirm")).click()
    page.wait_for_url("**/pledge/*/change/")
    assert say("Perfected") in told(page)
    assert "500,000.00 CNY" in told(page)
    assert pledge.valuations.get().owed_amount == 500_000

    part = pledge.parts.get()

    def partial(page):
        page.select_option("[name=kind]", "PARTIAL", force=True)
        page.select_option("[name=part_id]", str(part.pk), force=True)
        fill(unit_count="1000", reason="部分还款")(page)

    act(page, f"/admin/finance_pledges/pledge/{pledge.pk}/do/ask/", partial, say)
    request = Request.objects.get(pledge=pledge)
    consent = f"/admin/finance_pledges/request/{request.pk}/do/consent/"
    act(bank, consent, fill(answer="同意"), say)
    part.refresh_from_db()
    assert part.unit_count == 19_000
    page.goto(f"/admin/finance_pledges/pledge/{pledge.pk}/change/")
    assert say("partial release") in told(page).lower()
