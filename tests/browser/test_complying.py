"""Journey 4 to its end: emissions in, obligation, cap and vintages, plan, surrender, shortfall."""

import pytest
from django.urls import reverse
from django.utils import timezone

from ledger.compliance.models import Allocation, CarryOver, Entity, Surrender
from ledger.units.models import Position
from tests.browser.test_approvals import approve, ask, choose
from tests.browser.test_desk import enter
from tests.browser.test_holdings import in_english
from tests.browser.test_reconciling import told
from tests.browser.words import LANGUAGES, sayer

pytestmark = [pytest.mark.browser, pytest.mark.demo]

PLANT, PEAKING = "DEMO-330000-KE-0001", "DEMO-330000-KE-0002"


def the_year(code=PLANT):
    return Entity.objects.get(code=code).obligations.get()


def address(row, *more):
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])


def act(page, row, name):
    page.goto(address(row).replace("/change/", f"/do/{name}/"))


def fill(page, **values):
    for name, value in values.items():
        page.locator(f"[name={name}]").fill(value)


def today():
    return timezone.localdate().isoformat()


def verified(page):
    fill(
        page,
        year="2025",
        parts="1号机组 120,000.4\n2号机组 69,999.7",
        verification="V-2026-77",
        content_hash="ab" * 32,
        evidence="核查报告 2026-77",
        told_on=today(),
    )


def record_emissions(page, entity, say):
    """A park's total is no obligation; what was verified for the trading system is."""
    act(page, entity, "emissions")
    verified(page)
    page.select_option("[name=purpose]", "PARK", force=True)
    page.get_by_role("button", name=say("Continue")).click()
    page.get_by_role("button", name=say("Confirm")).click()
    assert say(
        "Only emissions verified for the trading system make an obligation; these were made for "
        "%(purpose)s."
    ) in told(page)
    act(page, entity, "emissions")
    verified(page)
    page.get_by_role("button", name=say("Continue")).click()
    assert "190,000" in told(page)
    page.get_by_role("button", name=say("Confirm")).click()
    page.get_by_text(say("The verified emissions are recorded.")).first.wait_for()


def read_the_year(page, say):
    """190,000 t owed, 5 % by credits; the old vintage does not serve; the chart has its figures."""
    page.goto(address(the_year()))
    read = told(page)
    for words in ("190,000", "9,500", say("Held, by vintage"), say("to be acquired")):
        assert words in read
    old = page.locator("tr", has_text="DEMO-CEA-Y1").first.inner_text()
    assert say("not usable") in old
    assert say("draft", meant="rule") in old
    chart = say("Obligation and cover at the end of each month, t")
    assert page.get_by_role("img", name=chart).count() == 1
    page.get_by_text(say("The figures of the chart")).click()
    month = page.locator("details tr", has_text=timezone.localdate().strftime("%Y-%m"))
    figures = month.inner_text().split("\t")
    # nothing handed in, 9,500 credits, 133,000 free allowances, the rest to be acquired; owed; cap
    assert figures[1:] == ["0", "0", "9,500", "133,000", "47,500", "190,000", "9,500"]


def calculate_allocation(page, say):
    act(page, the_year(), "entitle_power")
    page.select_option("[name=unit_class]", "II", force=True)
    fill(
        page,
        power_mwh="200000",
        heat_gj="100000",
        load_percent="82",
        verified="190000",
        evidence="机组台账",
    )
    page.get_by_role("button", name=say("Continue")).click()
    page.get_by_role("button", name=say("Confirm")).click()
    page.get_by_text(say("Entitled to %(units)s units.")).first.wait_for()
    made = Allocation.objects.get(step="ENTITLED")
    assert made.is_draft  # the numbers of 2025 stand in a draft only
    page.goto(address(the_year()))
    assert f"{made.unit_count:,}" in told(page)


def carry_over(page, second_page, say):
    """The calculator in words, then the granted units, with four eyes."""
    page.goto("/admin/ledger_compliance/carryover/do/apply/")
    choose(page, "entity", PLANT)
    fill(page, to_year="2025", sold="0", purchased="0", held="54000", unit_count="10000")
    fill(page, applied_on="2026-03-01", evidence="结转申请表")
    page.get_by_role("button", name=say("Continue")).click()
    assert "10,000" in told(page)
    assert "44,000" in told(page)  # lost, were nothing more sold
    page.get_by_role("button", name=say("Confirm")).click()
    page.get_by_text(say("The application is recorded.")).first.wait_for()

    def granted(window):
        choose(window, "account_number", "DEMO-CEA-330000-0001")
        fill(window, into_lot_code="DEMO-CEA-Y0", issuer_number="DEMO-CEA-ISSUER")
        fill(window, happened_on=today(), carried_1="10000")
        choose(window, "lot_1", "DEMO-CEA-Y1")

    row = CarryOver.objects.get()
    ask(page, address(row).replace("/change/", "/do/complete/"), granted, say)
    approve(second_page)
    row.refresh_from_db()
    assert row.state == "DONE"
    place = Position.objects.get(
        lot__code="DEMO-CEA-Y0", state="FREE", account_id=_account("DEMO-CEA-330000-0001")
    )
    assert place.quantity == 135_000


def _account(number):
    from ledger.accounts.models import Account

    return Account.objects.get(number=number).pk


def plan(page, say):
    """From the year to the cheapest cover, with the typed prices of the demonstration."""
    page.goto("/admin/planner/new/")
    assert page.locator("#id_years-0-obligation").input_value() == "190000"
    page.get_by_role("button", name=say("Work out the cheapest cover")).click()
    page.get_by_role("heading", name=say("The plan, line by line")).wait_for()
    read = page.locator("section").last.inner_text()
    assert "CCER" in read
    assert "9,500" in read


def handed_in(offsets):
    def form(window):
        fill(window, happened_on=today(), reason="2025 年度履约")
        choose(window, "place_1", "DEMO-CEA-Y0")
        fill(window, unit_count_1="100000")
        choose(window, "place_2", "DEMO-CCER-A")
        fill(window, unit_count_2=str(offsets))

    return form


def surrender(page, second_page, say):
    """Above the cap nothing is even asked for; below it another person decides."""
    act(page, the_year(), "surrender")
    handed_in(9501)(page)
    page.get_by_role("button", name=say("Continue")).click()
    assert "9,500" in told(page) or "9500" in told(page)
    assert page.get_by_role("button", name=say("Confirm")).count() == 0
    form = address(the_year()).replace("/change/", "/do/surrender/")
    said = ask(page, form, handed_in(9500), say)
    assert "80,500" in said
    assert Surrender.objects.count() == 0
    approve(second_page)
    assert (the_year().open_t, the_year().offsets_t) == (80_500, 9_500)
    page.goto(address(the_year()))
    assert "80,500" in told(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_year_from_verified_emissions_to_its_surrender(page, second_page, sign_in, language):
    say = sayer(language)
    enter(page, sign_in, "manager")
    enter(second_page, sign_in, "approver")
    if language == "en":
        in_english(page)
    record_emissions(page, Entity.objects.get(code=PLANT), say)
    read_the_year(page, say)
    calculate_allocation(page, say)
    carry_over(page, second_page, say)
    plan(page, say)
    surrender(page, second_page, say)


def test_a_year_that_fell_short_tells_its_penalty_in_both_languages(page, sign_in):
    enter(page, sign_in, "manager")
    page.goto("/admin/")
    page.get_by_role("link", name="尚欠 4,119 t").click()  # late, so it comes first
    page.wait_for_url("**/obligation/*/change/")
    assert "未足额清缴" in told(page)
    page.locator("#price").fill("75")
    page.get_by_role("button", name="计算").click()
    page.wait_for_url("**price=75**")
    assert "1,544,625.00–3,089,250.00" in told(page)
    assert "法律已变更，请核实" in told(page)
    in_english(page)
    page.goto(f"{address(the_year(PEAKING))}?price=75")
    read = told(page)
    assert "Meiwan park peaking station (demonstration)" in read
    assert "梅湾园区" not in read
    assert "Penalty of a shortfall" in read
    assert "1,544,625.00–3,089,250.00" in read
