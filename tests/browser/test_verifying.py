"""Journey 8: a year of data, checked, frozen, sampled, questioned, signed outside, reported."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone

from ledger.kernel.actors import Role
from ledger.parties import queries as parties
from ledger.parties.models import Membership, User
from reporting.activity.models import Dataset
from reporting.inventories.models import FrozenInventory, Inventory
from reporting.packages import operations as packages
from reporting.packages import queries as reports
from reporting.packages import signing
from reporting.packages.models import Report
from reporting.packages.tasks import make_report
from reporting.verification.models import Engagement, Finding, Opinion, OpinionDraft, Request
from tests.browser.test_accessible import speak
from tests.browser.test_desk import enter
from tests.browser.test_reconciling import told
from tests.browser.words import LANGUAGES, sayer
from tests.factories.certificates import verifiers_own

pytestmark = [pytest.mark.browser, pytest.mark.demo]
SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "demo"
YEAR = timezone.localdate().year - 2  # the demonstration's own year is last year


@pytest.fixture
def windows(browser, live_site):
    """The manager's and the verifier's windows."""
    contexts = [browser.new_context(base_url=live_site, locale="zh-CN") for _one in range(2)]
    for context in contexts:
        context.set_default_timeout(20_000)
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def act(page, say, address, **values):
    """An act of the desk: its form if it has one, what will happen, confirm."""
    page.goto(address)
    for name, value in values.items():
        field = page.locator(f"[name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value, force=True)
        else:
            field.fill(value)
    if values:
        page.get_by_role("button", name=say("Continue")).click()
    page.get_by_role("button", name=say("Confirm")).click()
    page.wait_for_url("**/admin/reporting_*/**")


def load_a_year(page, say, tmp_path):
    """The data officer's part: upload, look, take in, hand in."""
    file = tmp_path / f"{YEAR}.csv"
    file.write_text((SEEDS / "activity.csv").read_text().replace("YEAR", str(YEAR)))
    page.goto("/admin/activity/upload/")
    page.locator("input[name=year]").fill(str(YEAR))
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name=say("Check the file")).click()
    page.get_by_role("button", name=say("Take in")).click()
    page.get_by_text(say("%(count)s rows were taken in.", count=132)).wait_for()
    dataset = Dataset.objects.get(year=YEAR)
    act(page, say, f"/admin/reporting_activity/dataset/{dataset.pk}/do/submit/")
    return dataset


def engage(page, say, dataset):
    """The manager's part: check, build, freeze, engage."""
    act(page, say, f"/admin/reporting_activity/dataset/{dataset.pk}/do/check/")
    act(
        page,
        say,
        "/admin/reporting_inventories/inventory/do/build/",
        park_code=dataset.park.code,
        year=str(YEAR),
        consolidation="OPERATIONAL_CONTROL",
        gwp_set="AR6",
    )
    built = Inventory.objects.get(period_start=date(YEAR, 1, 1))
    act(page, say, f"/admin/reporting_inventories/inventory/{built.pk}/do/freeze/")
    body = Membership.objects.get(role="VERIFIER").party
    act(
        page,
        say,
        "/admin/reporting_verification/engagement/do/open/",
        park_code=dataset.park.code,
        year=str(YEAR),
        verifier=str(body.pk),
        accreditation="CNAS V009",
        criteria="ISO 14064-1:2018",
        level="REASONABLE",
        scope="类别 1 与类别 2",
    )
    return FrozenInventory.objects.get(inventory=built)


def fill(page, button, **values):
    """A form of the verifier's site."""
    for name, value in values.items():
        field = page.locator(f"main [name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("main").get_by_role("button", name=button, exact=True).click()
    page.wait_for_load_state()


def sample_and_ask(page, say, title):
    """The verifier declares, draws, looks, asks, finds."""
    page.goto("/")
    page.wait_for_url("**/verifier/")
    page.get_by_role("link", name=title).click()
    assert say("Frozen inventories") not in told(page)  # not before the declaration
    page.get_by_role("button", name=say("Declare independence")).click()
    fill(page, say("Declare"), statement="与园区无任何利益关系。")
    page.get_by_role("button", name=say("Draw a sample")).click()
    fill(page, say("Draw"), method="WEIGHTED", size="5", reason="大额优先")
    assert say("Drawn again just now from the seed: the same rows.") in told(page)
    page.locator("main tbody a").first.click()
    assert say("The row is still the one that was frozen.") in told(page)
    with page.expect_download() as loading:
        page.get_by_role("link", name=say("Download the file in which it came")).click()
    assert loading.value.path().read_text().startswith("source,month")
    page.get_by_role("button", name=say("Record the outcome")).click()
    fill(page, say("Record"), outcome="DIFFERS", note="少一位小数", difference_tco2e="1.5")
    page.get_by_role("button", name=say("Ask for evidence")).click()
    fill(page, say("Ask"), text="请提供抄表照片。")
    request = Request.objects.get(engagement__period_start=date(YEAR, 1, 1))
    page.goto(f"/verifier/engagements/{request.engagement_id}/finding/")
    fill(page, say("Raise"), kind="MISSTATEMENT", text="少一位小数", effect_tco2e="1.5")
    return request


def answer(page, say, request, tmp_path):
    """The data officer answers both, with a file."""
    photo = tmp_path / "photo.txt"
    photo.write_text("12345.6")
    page.goto(f"/admin/reporting_verification/request/{request.pk}/do/answer/")
    page.locator("[name=text]").fill("见附件。")
    page.set_input_files("input[name=file]", photo)
    page.get_by_role("button", name=say("Continue")).click()
    page.wait_for_url("**/change/")
    assert "photo.txt" in told(page)
    finding = Finding.objects.get(engagement=request.engagement_id)
    act(
        page, say, f"/admin/reporting_verification/finding/{finding.pk}/do/answer/", answer="属实。"
    )
    return finding


def conclude(page, say, request, finding, tmp_path):
    """The verifier closes, prepares, signs outside, uploads."""
    page.goto("/verifier/")
    assert say("My engagements") in told(page)
    page.goto(f"/verifier/requests/{request.pk}/")
    with page.expect_download() as loading:
        page.get_by_role("link", name="photo.txt").click()
    assert loading.value.path().read_text() == "12345.6"
    page.get_by_role("button", name=say("Close"), exact=True).click()
    fill(page, say("Close"))
    page.goto(f"/verifier/findings/{finding.pk}/close/")
    fill(page, say("Close"), conclusion="accepted")
    home = f"/verifier/engagements/{request.engagement_id}/"
    page.goto(home)
    assert say("not material") in told(page)
    page.get_by_role("button", name=say("Prepare the opinion")).click()
    fill(page, say("Prepare"), kind="UNMODIFIED", text="Fairly stated in all material respects.")
    with page.expect_download() as loading:
        page.get_by_role("link", name="opinion-").click()
    statement = loading.value.path().read_bytes()
    assert json.loads(statement)["opinion"] == "UNMODIFIED"
    signature, own = tmp_path / "opinion.p7s", verifiers_own(timezone.now())
    signature.write_bytes(own.sign(statement + b" "))
    page.set_input_files("input[name=signature]", signature)
    page.get_by_role("button", name=say("Give the opinion")).click()
    unfit = "The signature does not fit this statement: other bytes were signed."
    assert say(unfit) in page.get_by_role("alert").inner_text()
    assert not Opinion.objects.filter(engagement=request.engagement_id).exists()
    signature.write_bytes(own.sign(statement))
    page.set_input_files("input[name=signature]", signature)
    page.get_by_role("button", name=say("Give the opinion")).click()
    page.wait_for_url("**/verifier/opinions/**")
    assert own.sha256 in told(page) and own.above.sha256 in told(page)
    assert "Lin Verifier" in told(page)


def report(frozen, settings, tmp_path, language):
    """The worker's part."""
    settings.KEY_DIR, settings.CHECKPOINT_DIR = tmp_path / "keys", tmp_path / "checkpoints"
    signing.make_document_keys(settings.KEY_DIR, demonstration=True, at=timezone.now())
    manager = User.objects.get(email="manager@demo.example")
    party_id = frozen.inventory.party_id
    by = parties.actor_for(manager.pk, party_id, timezone.localdate())
    assert by.has(Role.CARBON_MANAGER)
    job = packages.request_report(
        frozen_inventory_id=frozen.pk, language=language, by=by, at=timezone.now()
    )
    # signing runs a loop of its own, and this thread has playwright's
    with ThreadPoolExecutor(max_workers=1) as worker:
        worker.submit(make_report, job_id=str(job)).result()
        worker.submit(connections.close_all).result()
    return Report.objects.select_related("statement").get(statement__frozen_inventory_id=frozen.pk)


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_readings_to_a_signed_opinion_and_a_final_report(
    page, windows, sign_in, *, settings, tmp_path, language
):
    say = sayer(language)
    manager, verifier = windows
    for window, name in ((page, "data"), (manager, "manager"), (verifier, "verifier")):
        enter(window, sign_in, name)
        speak(window, language)
    dataset = load_a_year(page, say, tmp_path)
    frozen = engage(manager, say, dataset)

    request = sample_and_ask(verifier, say, str(YEAR))
    finding = answer(page, say, request, tmp_path)
    conclude(verifier, say, request, finding, tmp_path)

    dataset.refresh_from_db()
    assert dataset.state == "VERIFIED"
    assert Engagement.objects.get(pk=request.engagement_id).state == "CONCLUDED"
    assert OpinionDraft.objects.get(engagement=request.engagement_id).state == "SIGNED"
    made = report(frozen, settings, tmp_path, language)
    assert not made.is_draft and reports.state_of(made) == "CURRENT"
    verifier.goto(f"/verifier/engagements/{request.engagement_id}/")
    with verifier.expect_download() as loading:
        verifier.get_by_role("link", name=made.document_number).click()
    assert loading.value.path().read_bytes().startswith(b"%PDF-")
    manager.goto(f"/admin/reporting_verification/engagement/{request.engagement_id}/change/")
    assert say("Looked at by the verifier") in told(manager)
    assert say("Downloaded: %(what)s", what=say("file of evidence")) in told(manager)
    manager.goto(f"/admin/indicators/today/?park_code={dataset.park.code}&year={YEAR}")
    for indicator in ("green power supplied directly", "green power by certificates"):
        assert say(indicator) in told(manager)
