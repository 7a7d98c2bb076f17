"""Journey 2 near a deadline: two persons lift a block, and whatever went through says so."""

import io
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.db import connections
from django.utils import timezone
from pypdf import PdfReader

from ledger.holds.models import Hold
from ledger.jobs.models import Job
from ledger.reconciliation.models import Break, Override
from reporting.attestations import tasks
from reporting.attestations.models import Attestation
from tests.browser.test_approvals import approve, choose
from tests.browser.test_desk import enter
from tests.browser.test_holdings import in_english
from tests.browser.test_reconciling import told
from tests.factories import demo

pytestmark = [pytest.mark.browser, pytest.mark.demo]


class Words(NamedTuple):
    """What the page says in one language."""

    go_on: str
    confirm: str
    pledge: str
    refused: str
    lift: str
    one_sided: str
    shows: str
    far: str
    entry: str
    of_break: str
    printed: str
    language: str


WORDS = {
    "zh-hans": Words(
        "继续", "确认", "质押", "账实不符，有 1 项未结差异", "临时放行", "尚未放行：由另一人决定。",
        "临时放行将在其涉及的每份证明和报告中列明。", "只有临近截止日才可临时放行", "分录 1",
        "临时放行记录", "经两人批准的临时放行", "zh-hans",
    ),
    "en": Words(
        "Continue", "Confirm", "pledge", "1 open breaks. Close them first",
        "Lift a block for some days", "Nothing is lifted yet: another person decides.",
        "The override shows in every attestation and report that it touches.",
        "A block is lifted near a deadline only", "Entry 1", "Overrides of its block",
        "Blocks lifted by two persons", "en",
    ),
}  # fmt: skip
REASON = "2025 清缴 surrender due"


@pytest.fixture
def keys(committed_db, settings, tmp_path):
    """Those of the demonstration, to sign attestations with."""
    settings.KEY_DIR = demo.folder() / "keys"
    settings.CHECKPOINT_DIR = tmp_path / "checkpoints"
    shutil.copytree(demo.folder() / "checkpoints", settings.CHECKPOINT_DIR)


def pledge(page, words):
    page.goto("/admin/ledger_holds/hold/do/place/")
    choose(page, "kind", words.pledge)
    choose(page, "place", "DEMO-VCS-B")
    page.locator("[name=unit_count]").fill("25")
    page.select_option("[name=in_favour_of]", index=1, force=True)
    page.locator("[name=order_number]").fill("P-77")
    page.get_by_role("button", name=words.go_on).click()


def ask_to_lift(page, words, found, *, deadline):
    page.goto("/admin/ledger_reconciliation/override/")
    page.get_by_role("link", name=words.lift).last.click()
    vintage = f"{found.account_id}:VCS:{found.vintage_year}"
    page.select_option("[name=vintage]", vintage, force=True)
    today = timezone.localdate()
    page.locator("[name=deadline_on]").fill((today + timedelta(days=deadline)).isoformat())
    page.locator("[name=expires_on]").fill((today + timedelta(days=2)).isoformat())
    page.locator("[name=reason]").fill(REASON)
    page.get_by_role("button", name=words.go_on).click()


def attest(page, words, hold):
    """The attestation of the pledge, and its print as a worker makes it."""
    page.goto(f"/admin/reporting_attestations/attestation/do/attest/?hold={hold.pk}")
    page.select_option("[name=hold_id]", str(hold.pk), force=True)
    page.get_by_role("button", name=words.go_on).click()
    page.get_by_role("button", name=words.confirm).click()
    page.wait_for_url("**/reporting_attestations/attestation/")
    row = Attestation.objects.get(hold_id=hold.pk)
    page.goto(f"/admin/reporting_attestations/attestation/{row.pk}/do/print/")
    page.select_option("select[name=language]", words.language, force=True)
    page.get_by_role("button", name=words.go_on).click()
    page.get_by_role("button", name=words.confirm).click()
    page.wait_for_url("**/attestation/*/change/")
    job = Job.objects.get(kind="attestation", args__attestation_id=str(row.pk))
    with ThreadPoolExecutor(max_workers=1) as worker:
        worker.submit(tasks.print_attestation, job_id=str(job.pk)).result()
        worker.submit(connections.close_all).result()
    page.reload()
    with page.expect_download() as file:
        page.locator(f"a[href$='/file.{words.language}']").first.click()
    pdf = PdfReader(io.BytesIO(file.value.path().read_bytes()))
    return squeezed("".join(one.extract_text() for one in pdf.pages))


def squeezed(text):
    """Without the blanks and ends of lines that a narrow column makes."""
    return "".join(text.split())


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_two_persons_lift_a_block_and_what_went_through_says_so(
    page, second_page, sign_in, keys, language
):
    words = WORDS[language]
    enter(page, sign_in, "manager")
    enter(second_page, sign_in, "approver")
    if language == "en":
        in_english(page)
    found = Break.objects.get(kind="MISSING_THERE")
    pledge(page, words)
    assert words.refused in told(page)
    assert page.get_by_role("button", name=words.confirm).count() == 0

    ask_to_lift(page, words, found, deadline=300)
    assert words.far in told(page)  # at once, before anything is confirmed
    ask_to_lift(page, words, found, deadline=3)
    read = told(page)
    assert words.one_sided in read
    assert words.shows in read
    page.get_by_role("button", name=words.confirm).click()
    page.wait_for_url("**/ledger_reconciliation/override/")
    assert Override.objects.count() == 0
    pledge(page, words)  # asked for is not granted
    assert words.refused in told(page)

    assert REASON in approve(second_page)
    pledge(page, words)
    page.get_by_role("button", name=words.confirm).click()
    page.wait_for_url("**/ledger_holds/hold/")
    hold = Hold.objects.get(order_number="P-77")

    page.goto("/admin/ledger_reconciliation/override/")
    assert REASON in page.locator("#result_list").inner_text()
    page.locator("#result_list tbody a").first.click()
    page.get_by_role("link", name=words.entry).click()
    page.wait_for_url("**/ledger_units/entry/*/change/")
    page.goto(f"/admin/ledger_reconciliation/break/{found.pk}/change/")
    read = told(page)
    assert words.of_break in read
    assert REASON in read

    paper = attest(page, words, hold)
    assert squeezed(words.printed) in paper
    assert squeezed(REASON) in paper
