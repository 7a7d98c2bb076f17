"""Two pairs of eyes in the browser: a maker asks, an approver decides; reports are read."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.utils import timezone

from ledger.claims.models import Claim
from ledger.holds.models import Hold
from ledger.kernel.actors import Actor, Role
from ledger.parties.models import User
from ledger.units.models import Position
from reporting.inventories.models import FrozenInventory
from reporting.packages import operations as packages
from reporting.packages import signing
from reporting.packages.tasks import make_report
from tests.browser.test_desk import enter
from tests.browser.words import CHINESE

pytestmark = [pytest.mark.browser, pytest.mark.demo]


def ask(page, address, fill, say=CHINESE):
    """Fill in the form of an act, read what will happen, confirm."""
    page.goto(address)
    fill(page)
    page.get_by_role("button", name=say("Continue")).click()
    page.get_by_role("heading", name=say("What will happen")).wait_for()
    told = page.locator("#content ul, main ul").last.inner_text()
    page.get_by_role("button", name=say("Confirm")).click()
    waits = say("The request waits for an approver. Nothing has moved yet.")
    page.get_by_text(waits).first.wait_for()
    return told


def newest_request(page):
    page.goto("/admin/ledger_approvals/approval/?state__exact=REQUESTED")
    page.locator("#result_list tbody a").first.click()
    page.wait_for_load_state()


def approve(page):
    newest_request(page)
    read = page.locator("#content, main").first.inner_text()
    page.get_by_role("link", name="批准").click()
    page.get_by_role("button", name="继续").click()
    page.get_by_role("button", name="确认").click()
    page.wait_for_url("**/approval/*/change/")
    return read


def test_a_maker_asks_and_only_an_approver_decides(page, second_page, sign_in):
    enter(page, sign_in, "manager")
    enter(second_page, sign_in, "approver")
    place = Position.objects.filter(state="FREE", lot__scheme="CCER", quantity__gte=5).first()

    def retirement(window):
        window.locator("[name=unit_count]").fill("5")
        window.locator("[name=reason]").fill("年会")
        window.locator("[name=purpose]").fill("零碳会议")
        choose(window, "beneficiary_id", "梅湾园区运营")

    told = ask(page, f"/admin/ledger_units/position/{place.pk}/do/retire/", retirement)
    assert "梅湾园区运营" in told
    newest_request(page)
    assert page.get_by_role("link", name="批准").count() == 0

    read = approve(second_page)
    assert "零碳会议" in read
    assert "梅湾园区运营" in read
    before = place.quantity
    place.refresh_from_db()
    assert place.quantity == before - 5

    claims = Claim.objects.count()
    told = ask(page, "/admin/ledger_claims/claim/do/claim/", claim)
    assert "REC" in told
    assert Claim.objects.count() == claims
    approve(second_page)
    assert Claim.objects.count() == claims + 1


def choose(window, name, text):
    """An entry of a select, by a part of its name."""
    option = window.locator(f"select[name={name}] option", has_text=text).first
    window.locator(f"select[name={name}]").select_option(
        value=option.get_attribute("value"), force=True
    )


def claim(window):
    choose(window, "place", "REC")
    window.locator("[name=unit_count]").fill("1")
    window.locator("[name=purpose]").fill("园区用电")
    window.locator("[name=country]").fill("CN")
    window.locator("[name=first_day]").fill("2025-01-01")
    window.locator("[name=last_day]").fill("2025-12-31")


def hold(window):
    choose(window, "kind", "预留")
    choose(window, "place", "CCER")
    window.locator("[name=unit_count]").fill("7")
    window.locator("[name=purpose]").fill("留作清缴")


def test_reserved_units_are_released_through_an_approval(page, second_page, sign_in):
    enter(page, sign_in, "manager")
    page.goto("/admin/ledger_holds/hold/do/place/")
    hold(page)
    page.get_by_role("button", name="继续").click()
    page.get_by_role("button", name="确认").click()
    page.wait_for_url("**/ledger_holds/hold/")
    placed = Hold.objects.get(purpose="留作清缴")

    def release(window):
        window.locator("[name=reason]").fill("不再需要")

    told = ask(page, f"/admin/ledger_holds/hold/{placed.pk}/do/release/", release)
    assert "7" in told
    placed.refresh_from_db()
    assert placed.state == "ACTIVE"
    enter(second_page, sign_in, "approver")
    assert "不再需要" in approve(second_page)
    placed.refresh_from_db()
    assert placed.state == "RELEASED"


def test_a_report_is_found_read_and_taken_along_in_both_languages(
    page, sign_in, settings, tmp_path
):
    settings.KEY_DIR, settings.CHECKPOINT_DIR = tmp_path / "keys", tmp_path / "checkpoints"
    signing.make_document_keys(settings.KEY_DIR, demonstration=True, at=timezone.now())
    frozen = FrozenInventory.objects.get()
    manager = User.objects.get(email="manager@demo.example")
    by = Actor(
        user_id=manager.pk,
        party_id=frozen.inventory.party_id,
        roles=frozenset({Role.CARBON_MANAGER}),
    )
    job_id = packages.request_report(
        frozen_inventory_id=frozen.pk, language="zh-hans", by=by, at=timezone.now()
    )
    # signing runs a loop of its own, and this thread has playwright's
    with ThreadPoolExecutor(max_workers=1) as worker:
        worker.submit(make_report, job_id=str(job_id)).result()
        worker.submit(connections.close_all).result()
    enter(page, sign_in, "manager")
    words = {"简体中文": ("下载 PDF", "JSON", "有效"), "English": ("Download the PDF", "JSON", "")}
    for language, (pdf, json, valid) in words.items():
        page.goto("/account/")
        page.get_by_role("button", name=language).click()
        page.goto(f"/admin/ledger_jobs/job/{job_id}/change/")
        page.get_by_role("link", name="TZ-").click()  # from the job to its report
        page.wait_for_url("**/packages/report/*/change/".replace("packages", "reporting_packages"))
        for name, ending in ((pdf, ".pdf"), (json, ".json")):
            with page.expect_download() as told:
                page.get_by_role("link", name=name).click()
            assert told.value.suggested_filename.endswith(ending)
            assert told.value.path().stat().st_size > 1000
        page.goto("/admin/reporting_packages/report/")
        row = page.locator("#result_list tbody tr").first
        assert "TZ-" in row.inner_text()
        assert valid in row.inner_text()
