"""WCAG 2.2 AA on every kind of page: by rule, by keyboard, and at 400 %; in both languages."""

import pytest

from reporting.verification.models import Engagement
from reporting.verification.states import EngagementState
from tests.browser.looking import faults, too_wide, unreached, walk
from tests.browser.test_desk import enter
from tests.factories import demo

pytestmark = [pytest.mark.browser, pytest.mark.demo]

# Both languages and both schemes, each once: contrast knows no language, names no scheme.
SIDES = [("zh-hans", "light"), ("en", "dark")]
DESK = "/admin/ledger_units/position/"
ENGAGED = "/verifier/engagements/ACTIVE/"  # the one that a verifier is in the middle of

# The kinds of page for each reader. "list > first" is the page of a list's first row.
OUTSIDE = ("/sign-in/", "/password/forgotten/", "/verify/", "/verify/d/NOBODY-1")
KINDS = {
    "manager": (
        "/admin/",  # home
        DESK, f"{DESK}?q=nothing-is-called-so",  # a list, an empty one
        f"{DESK} > first", "/admin/finance_pledges/pledge/ > first",  # objects, one with a chart
        "/admin/reporting_inventories/inventory/ > first",
        "/admin/reporting_targets/target/ > first",
        "/admin/ledger_compliance/obligation/ > first",
        "/admin/ledger_jobs/job/ > first",
        "/admin/ledger_holds/hold/do/place/",  # the form of an act
        "/admin/reporting_targets/target/do/set/",
        "/admin/start/", "/admin/start/parks/",  # a wizard
        "/admin/imports/upload/", "/admin/activity/upload/",  # uploads
        "/admin/units/holdings/", "/admin/prices/history/", "/admin/prices/valuation/",  # charts
        "/admin/units/serials/", "/admin/accounts/matrix/", "/admin/trades/result/",
        "/admin/planner/new/", "/admin/indicators/today/", "/admin/disclosures/",
        "/admin/disclosures/appraisal/", "/admin/disclosures/trading/",
        "/admin/notices/", "/admin/notices/preferences/", "/admin/entries/methods/",
        "/account/", "/account/password/", "/api/docs",
    ),
    "approver": ("/admin/ledger_approvals/approval/", "/admin/ledger_approvals/threshold/do/set/"),
    "fund": ("/admin/funds/positions/", "/admin/finance_funds/fund/ > first"),
    "auditor": (
        "/admin/ledger_audit/event/ > first", "/admin/audit/history/",
        "/admin/ledger_parameters/parameter/ > first",
    ),
    "admin": ("/admin/ledger_parties/user/", "/admin/ledger_parties/user/ > first", "/help/"),
    "bank": (
        "/bank/", "/bank/ > first", "/bank/attestations/", "/bank/history/", "/bank/webhooks/",
        "/bank/nothing-is-there",
    ),
    "verifier": (
        "/verifier/", ENGAGED, f"{ENGAGED} > sample", f"{ENGAGED} > item", f"{ENGAGED} > inventory",
        f"{ENGAGED}finding/", f"{ENGAGED}history/",
    ),
}  # fmt: skip
FOLLOW = {
    "first": "#result_list tbody th a, #result_list tbody td a, main table tbody a",
    "sample": "main a[href*='/verifier/samples/']",
    "item": "main a[href*='/verifier/samples/'] > main a[href*='/verifier/items/']",
    "inventory": "main a[href*='/inventories/']",
}


@pytest.fixture
def window(browser, live_site, settings):
    """`window(scheme)`: a fresh one, which says whether it is light or dark."""
    contexts = []
    settings.KEY_DIR = demo.folder() / "keys"

    def opened(scheme, **more):
        context = browser.new_context(
            base_url=live_site, locale="zh-CN", color_scheme=scheme, **more
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def speak(page, language):
    page.goto("/account/")
    page.get_by_role("button", name="English" if language == "en" else "中文").first.click()
    page.wait_for_load_state()


def visit(page, told):
    """An address, and what is followed from there."""
    address, *ways = told.split(" > ")
    if "ACTIVE" in address:
        active = Engagement.objects.get(state=EngagementState.ACTIVE)
        address = address.replace("ACTIVE", str(active.pk))
    page.goto(address)
    for way in ways:
        for link in FOLLOW[way].split(" > "):
            page.goto(page.locator(link).first.get_attribute("href"))
    if "/admin/" in page.url:
        page.wait_for_function("!document.documentElement.hasAttribute('x-cloak')")


def looked_at(window, sign_in, side, *, step):
    """What is wrong on each page, read on a side: every `step`th page of each reader."""
    language, scheme = SIDES[side]
    found = {}
    for at, (reader, pages) in enumerate(KINDS.items()):
        page = window(scheme)
        enter(page, sign_in, reader)
        speak(page, language)
        for told in pages[(side + at) % step :: step]:
            visit(page, told)
            assert page.locator("html").get_attribute("lang") == language, told
            if wrong := faults(page) + unreached(page):
                found[told] = wrong
    return found


@pytest.mark.parametrize("side", range(2))
def test_every_kind_of_page_keeps_the_rules(window, sign_in, side):
    """A fifth of the pages on each of the sides; with `--full` all of them on both."""
    assert looked_at(window, sign_in, side, step=5) == {}


@pytest.mark.full
@pytest.mark.parametrize("side", range(2))
def test_every_kind_of_page_keeps_the_rules_on_both_sides(window, sign_in, side):
    assert looked_at(window, sign_in, side, step=1) == {}


@pytest.mark.parametrize(("language", "scheme"), SIDES)
def test_what_a_stranger_sees_keeps_the_rules(window, language, scheme):
    page = window(scheme)
    found = {}
    for told in OUTSIDE:
        page.goto(told)
        if language == "en":
            page.get_by_role("button", name="English").click()
            page.wait_for_load_state()
        if wrong := faults(page):
            found[told] = wrong
    assert found == {}


@pytest.mark.parametrize(("language", "scheme"), SIDES)
def test_the_keyboard_comes_everywhere_is_always_seen_and_never_caught(
    window, sign_in, language, scheme
):
    page = window(scheme)
    enter(page, sign_in, "manager")
    speak(page, language)
    pages = {
        "light": ("/admin/", "/account/"),
        "dark": (DESK, "/admin/ledger_holds/hold/do/place/"),
    }
    for told in pages[scheme]:
        visit(page, told)
        stood = walk(page)
        assert [one["what"] for one in stood if not one["seen"]] == [], told
        assert [one["what"] for one in stood if not one["marked"]] == [], told
        within = "main a, main button, main input:not([type=hidden]), main select, main textarea"
        shown = page.locator(within).evaluate_all("all => all.filter(a => a.offsetParent).length")
        assert len(stood) >= shown, told


def test_the_first_stop_leads_past_the_menu(window, sign_in):
    page = window("light")
    enter(page, sign_in, "manager")
    for told, first in ((DESK, "#content *"), ("/account/", "main *")):
        visit(page, told)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("one => document.activeElement.matches(one)", first), told


def test_menus_and_dialogs_open_and_close_by_keyboard(window, sign_in):
    page = window("light")
    enter(page, sign_in, "manager")
    visit(page, DESK)
    focused = "document.activeElement"

    group = page.locator("button.menu-group[aria-expanded=false]").first
    group.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(f"{focused}.closest('ol') !== null")  # into what was opened

    page.locator("button.user-opener").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="English").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="English").wait_for(state="hidden")
    assert page.evaluate(f"{focused}.matches('.user-opener')")

    page.locator("#filter-opener").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="筛选")
    dialog.wait_for()
    page.wait_for_function(f"{focused}.closest('#changelist-filter') !== null")
    for _step in range(40):  # round and round, never behind it
        page.keyboard.press("Tab")
        assert page.evaluate(f"{focused}.closest('#changelist-filter') !== null")
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert page.evaluate(f"{focused}.id") == "filter-opener"

    page.keyboard.press("Control+k")
    page.locator("#search-input-command").wait_for()
    page.wait_for_function(f"{focused}.id === 'search-input-command'")
    for _step in range(5):
        page.keyboard.press("Tab")
        assert page.evaluate(f"{focused}.closest('[role=dialog]') !== null")
    page.locator("#search-input-command").focus()
    page.keyboard.press("Escape")
    page.locator("#search-input-command").wait_for(state="hidden")


# 1280 px wide at 400 %: a window of 320 px, in which nothing but tables and charts goes sideways.
NARROW = {"width": 320, "height": 640}
FOLDED = (
    ("manager", ("/admin/", DESK, f"{DESK} > first", "/admin/ledger_holds/hold/do/place/",
                 "/admin/units/holdings/", "/account/")),
    ("bank", ("/bank/", "/bank/ > first", "/bank/webhooks/", "/help/")),
    ("verifier", ("/verifier/", ENGAGED, f"{ENGAGED}finding/")),
)  # fmt: skip


@pytest.mark.parametrize(("reader", "pages"), FOLDED)
def test_at_400_percent_a_page_folds(window, sign_in, reader, pages):
    page = window("light", viewport=NARROW)
    enter(page, sign_in, reader)
    for told in pages:
        visit(page, told)
        assert too_wide(page) == [], told
