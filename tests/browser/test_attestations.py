"""Journeys 7 and 10: the bank takes its attestation away, checks it alone, and at the page."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from ledger.jobs.models import Job
from ledger.kernel.actors import SYSTEM
from reporting.attestations import operations, queries, tasks
from reporting.attestations.models import Attestation
from tests.browser.test_desk import enter
from tests.factories import demo
from tests.reporting.attestations.alone import verifier

pytestmark = [pytest.mark.browser, pytest.mark.demo]


@pytest.fixture
def attested(committed_db, settings, tmp_path):
    """The demonstration's attestation with its prints."""
    settings.KEY_DIR = demo.folder() / "keys"
    settings.CHECKPOINT_DIR = tmp_path / "checkpoints"
    settings.API_LIMITS = {**settings.API_LIMITS, "strangers": 1000}
    shutil.copytree(demo.folder() / "checkpoints", settings.CHECKPOINT_DIR)
    # as a worker would: signing has a loop of its own, and this thread has the browser's already
    with ThreadPoolExecutor(1) as worker:
        worker.submit(_print_all).result()
    return Attestation.objects.get()


def _print_all():
    for job in Job.objects.filter(task=operations.TASK):
        tasks.print_attestation(job_id=str(job.pk))
    connection.close()


@pytest.fixture
def stranger(browser, live_site):
    """Somebody without a login, who reads English."""
    context = browser.new_context(base_url=live_site, locale="en-GB")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def taken(page, form):
    with page.expect_download() as found:
        page.locator(f"a[href$='/file.{form}']").first.click()
    return found.value


def bring(page, file, button):
    page.goto("/verify/")
    page.set_input_files("input[type=file]", file)
    with page.expect_navigation():
        page.get_by_role("button", name=button).click()
    return page.locator("main").inner_text()


def test_the_bank_takes_its_attestation_away_and_checks_it_on_its_own(
    page, sign_in, attested, tmp_path
):
    enter(page, sign_in, "bank")
    page.goto(f"/admin/reporting_attestations/attestation/{attested.pk}/change/")
    for name, form in (("a.json", "json"), ("zh.pdf", "zh-hans"), ("en.pdf", "en")):
        taken(page, form).save_as(tmp_path / name)
    (tmp_path / "trust").write_text(page.request.get("/verify/trust").text())
    for name in ("a.json", "zh.pdf", "en.pdf"):
        done = verifier(tmp_path, name, "--trust", "trust")
        assert (done.returncode, done.stdout.splitlines()[0]) == (0, "YES 是"), done.stderr
        raw = (tmp_path / name).read_bytes()
        (tmp_path / "forged").write_bytes(raw.replace(b"0", b"1", 1))
        assert verifier(tmp_path, "forged", "--trust", "trust").returncode == 1
    altered = (tmp_path / "a.json").read_text().replace('"unit_count":60000', '"unit_count":61000')
    (tmp_path / "altered.json").write_text(altered)
    done = verifier(tmp_path, "altered.json", "--trust", "trust")
    assert (done.returncode, done.stdout.split()[2]) == (1, "signature:")


def test_a_stranger_is_told_in_both_languages_what_a_document_is_worth(
    page, stranger, attested, tmp_path
):
    zh, en, data = tmp_path / "zh.pdf", tmp_path / "en.pdf", tmp_path / "a.json"
    zh.write_bytes(queries.content_of_print(queries.find_print(attested.pk, "zh-hans")))
    en.write_bytes(queries.content_of_print(queries.find_print(attested.pk, "en")))
    data.write_text(attested.document)
    for file in (zh, data):
        told = bring(page, file, "核验")
        assert "是：真实" in told
        assert "现行有效：没有更新的证明，质押未变。" in told
    assert "Current: no later attestation" in bring(stranger, en, "Check")

    page.goto(f"/verify/#s={attested.sha256}")  # as the seal leads
    page.get_by_text("这里只查询了哈希").wait_for()
    assert "现行有效" in page.locator("main").inner_text()

    forged = tmp_path / "forged.pdf"
    forged.write_bytes(zh.read_bytes().replace(b"/EmbeddedFile", b"/EmbeddedFilf"))
    assert "否：不真实" in bring(page, forged, "核验")
    assert "No: not authentic" in bring(stranger, forged, "Check")

    operations.attest(
        hold_id=attested.hold_id,
        by=officer(attested),
        at=attested.issued_at,
        idempotency_key="later",
    )
    assert "已被取代" in bring(page, zh, "核验")
    assert "Superseded: it was true when issued" in bring(stranger, en, "Check")
    operations.revoke_attestation(
        attestation_id=attested.pk, reason="private", by=officer(attested), at=attested.issued_at
    )
    told = bring(page, zh, "核验")
    assert "已撤销：请勿依据。" in told
    assert "private" not in told
    assert "Revoked: do not rely on it." in bring(stranger, en, "Check")


def officer(row):
    from ledger.kernel.actors import Actor, Role

    return Actor(SYSTEM.user_id, row.creditor_id, frozenset({Role.BANK_OFFICER}))
