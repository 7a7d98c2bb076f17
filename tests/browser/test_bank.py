"""Journey 7: a bank officer signs in, sees only her pledges, attests, checks offline, decides."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from finance.pledges.models import Request
from ledger.audit.models import Event
from tests.browser.test_desk import enter
from tests.browser.test_holdings import in_english
from tests.browser.test_reconciling import told
from tests.browser.words import LANGUAGES, sayer
from tests.factories import demo

pytestmark = [pytest.mark.browser, pytest.mark.demo]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def demo_keys(committed_db, settings, tmp_path):
    """The keys that the demonstration was made with: of the log, and of webhooks."""
    settings.KEY_DIR = demo.folder() / "keys"
    settings.CHECKPOINT_DIR = tmp_path / "checkpoints"
    shutil.copytree(demo.folder() / "checkpoints", settings.CHECKPOINT_DIR)


def verified(attestation, trust):
    """By the verifier alone, in a process that knows no Django settings."""
    command = [sys.executable, "-m", "reporting.packages.verifier", attestation, "--trust", trust]
    return subprocess.run(
        list(map(str, command)), cwd=ROOT, env={"PATH": "/usr/bin:/bin"}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


DECIDED = {"zh-hans": "已同意：部分解", "en": "Consented: partial release"}
CALLED = {"zh-hans": "补仓通知未了结", "en": "a margin call is open"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bank_officer_sees_attests_checks_offline_and_decides(page, sign_in, tmp_path, language):
    say = sayer(language)
    enter(page, sign_in, "bank")
    if language == "en":
        in_english(page)
    page.goto("/")
    page.wait_for_url("**/bank/")
    assert say("My pledges") in told(page)
    assert "ZY-2025-021" in told(page)
    assert CALLED[language] in told(page)
    page.get_by_role("link", name="ZY-2025-017", exact=True).click()
    page.locator("svg[role=img]").wait_for()
    assert "60,000" in told(page)
    seen = say("That you looked at this page is on record, and the debtor can see it.")
    assert seen in told(page)
    assert Event.objects.filter(verb="pledge.read").exists()

    files = page.get_by_role("link", name="JSON", exact=True)
    before = files.count()
    page.get_by_role("button", name=say("Attest now")).click()
    files.nth(before).wait_for()  # the newest stands first
    with page.expect_download() as loading:
        files.first.click()
    attestation, trust = tmp_path / "attestation.json", tmp_path / "trust.txt"
    loading.value.save_as(attestation)
    trust.write_bytes(page.request.get("/verify/trust").body())
    done = verified(attestation, trust)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "YES" in done.stdout
    forged = attestation.read_bytes().replace(b"60000", b"60001", 1)
    attestation.write_bytes(forged)
    assert verified(attestation, trust).returncode != 0

    page.goto("/bank/")
    assert say("top-up line") in told(page)
    asked = Request.objects.get(state="WAITING")
    page.get_by_role("link", name=asked.number).click()
    page.get_by_label(say("answer")).fill("agreed")
    page.get_by_role("button", name=say("Consent")).click()
    page.get_by_text(say("Your decision is recorded.")).wait_for()
    asked.refresh_from_db()
    assert (asked.state, asked.part.unit_count) == ("CONSENTED", 55_000)
    page.goto("/bank/history/")
    assert DECIDED[language] in told(page)
    page.goto("/bank/webhooks/")
    page.get_by_label(say("address")).fill("https://bank.example.com/hook")
    page.get_by_role("button", name=say("Add")).click()
    assert "whsec_" in told(page)
