"""Journeys 9 and 10: a year is disclosed, signed, taken along, checked alone; and goes stale."""

import json
import shutil
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone

from ledger.jobs.models import Job
from ledger.kernel.actors import Actor, Role
from reporting.disclosures import operations as disclosures
from reporting.packages.models import Report
from reporting.packages.tasks import make_package, make_report
from tests.browser.test_accessible import speak
from tests.browser.test_attestations import bring
from tests.browser.test_desk import enter
from tests.browser.words import LANGUAGES, sayer
from tests.factories import demo
from tests.reporting.attestations.alone import verifier

pytestmark = [pytest.mark.browser, pytest.mark.demo]
FORMS = {"pdf": b"%PDF-", "json": b"{", "xlsx": b"PK", "xhtml": b"<"}


@pytest.fixture(autouse=True)
def keys(committed_db, settings, tmp_path):
    """Those of the demonstration."""
    settings.KEY_DIR = demo.folder() / "keys"
    settings.CHECKPOINT_DIR = tmp_path / "checkpoints"
    settings.API_LIMITS = {**settings.API_LIMITS, "strangers": 1000}
    shutil.copytree(demo.folder() / "checkpoints", settings.CHECKPOINT_DIR)


@pytest.fixture
def others(browser, live_site):
    """`others(locale)`: another person's window."""
    contexts = []

    def opened(locale="zh-CN"):
        context = browser.new_context(base_url=live_site, locale=locale)
        context.set_default_timeout(20_000)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def told(page):
    return page.locator("main").inner_text()


def confirm(page, say):
    page.get_by_role("heading", name=say("What will happen")).wait_for()
    page.get_by_role("button", name=say("Confirm")).click()
    page.wait_for_load_state()


def at_work(task, job_id):
    """A worker's thread: signing runs a loop of its own, and this thread has the browser's."""
    try:
        task(job_id=job_id)
    finally:
        connections.close_all()


def watched(page, task, **args):
    """The newest job is done while somebody looks at its page; what its progress said meanwhile."""
    job = Job.objects.filter(task=task.name, args__contains=args).latest("enqueued_at")
    page.goto(f"/admin/ledger_jobs/job/{job.pk}/change/")
    seen = set()
    with ThreadPoolExecutor(max_workers=1) as worker:
        working = worker.submit(at_work, task, str(job.pk))
        while not working.done():
            page.reload()
            bar = page.locator("main progress")
            if bar.count():
                seen.add(bar.first.get_attribute("value"))
            time.sleep(0.05)
        working.result()
    page.reload()
    job.refresh_from_db()
    assert job.state == "DONE", job.error
    return seen


def made(page, say, language):
    """From the list of frameworks to a report: asked for, watched, found from its job."""
    page.goto("/admin/disclosures/")
    rows = page.locator("main tbody tr")
    assert rows.count() >= 10  # frameworks
    iso = rows.filter(has=page.get_by_role("link", name="ISO 14064-1")).first
    assert iso.locator("td").last.inner_text() == say("complete")
    iso.get_by_role("link").click()
    final = "Everything that is asked for is there: a report made now is final, and signed."
    page.get_by_text(say(final)).wait_for()
    states = set(page.locator("main tbody td:nth-of-type(2)").all_inner_texts())
    assert say("present") in states
    assert say("missing") not in states
    page.get_by_role("link", name=say("Make a report")).click()
    page.select_option("#id_language", language, force=True)
    page.get_by_role("button", name=say("Continue")).click()
    confirm(page, say)
    assert len(watched(page, make_report, language=language)) >= 2  # it moved while we looked
    page.get_by_role("link", name="TZ-").first.click()
    page.wait_for_url("**/reporting_packages/report/**")
    return Report.objects.select_related("statement").latest("issued_at")


def taken(page, folder):
    """Every form, from the page of the report."""
    for form, begins in FORMS.items():
        with page.expect_download() as loading:
            page.locator(f"main a[href$='/file.{form}']").click()
        name = folder / f"report.{form}"
        loading.value.save_as(name)
        assert name.read_bytes().lstrip(b"\xef\xbb\xbf").startswith(begins), form
    return json.loads((folder / "report.json").read_text())


def lay_down_something_new(report):
    """An approver tells what the report did not know."""
    by = Actor(user_id=uuid4(), party_id=report.party_id, roles=frozenset({Role.APPROVER}))
    disclosures.tell_point(
        park_id=report.statement.park_id, period_start=report.statement.period_start,
        period_end=report.statement.period_end, point="policy", kind="TEXT", text_zh="新政策",
        text_en="A new policy", by=by, at=timezone.now() + timedelta(minutes=1),
        idempotency_key="something new",
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_year_is_disclosed_signed_checked_alone_and_goes_stale(
    page, others, sign_in, *, tmp_path, language
):
    say = sayer(language)
    enter(page, sign_in, "manager")
    speak(page, language)
    report = made(page, say, language)
    assert (report.is_draft, report.language) == (False, language)
    statement = taken(page, tmp_path)
    assert statement["framework"]["code"] == "ISO14064-1"
    assert report.certificate_subject in told(page)

    page.get_by_role("link", name=say("Make the signed package")).click()
    confirm(page, say)
    watched(page, make_package)

    reader = others()  # the verifier keeps the package
    enter(reader, sign_in, "verifier")
    reader.goto(f"/admin/reporting_packages/report/{report.pk}/change/")
    with reader.expect_download() as loading:
        reader.locator("main a[href$='/file.asice']").click()
    package = tmp_path / "report.asice"
    loading.value.save_as(package)
    (tmp_path / "trust").write_text(reader.request.get("/verify/trust").text())
    checked_alone(tmp_path)

    stranger = others("zh-CN" if language == "zh-hans" else "en-GB")
    worth = bring(stranger, tmp_path / "report.pdf", say("Check"))
    assert say("Yes: authentic") in worth
    assert say("Current: this is the latest report of its period.") in worth
    lay_down_something_new(report)
    stale = say("Stale: an input has changed since")
    page.goto(f"/admin/reporting_packages/report/{report.pk}/change/")
    assert stale in told(page)
    worth = bring(stranger, tmp_path / "report.pdf", say("Check"))
    assert say("Yes: authentic") in worth  # it is still what was issued
    assert say("Stale: an input has changed since; ask for a new report.") in worth


def checked_alone(folder):
    """On a computer without network: yes; and of each forgery the name of what was altered."""
    done = verifier(folder, "report.asice", "--trust", "trust")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "YES 是"), done.stdout
    parts = {}
    with zipfile.ZipFile(folder / "report.asice") as package:
        for name in package.namelist():
            parts[name] = package.read(name)
    altered = [name for name in parts if name.endswith(".json") and "META-INF" not in name][:3]
    assert altered
    for name in altered:
        with zipfile.ZipFile(folder / "forged.asice", "w") as forged:
            for one, content in parts.items():
                forged.writestr(one, content.replace(b"1", b"2", 1) if one == name else content)
        done = verifier(folder, "forged.asice", "--trust", "trust")
        assert done.returncode == 1
        assert "NO 否" in done.stdout
        assert name in done.stdout, done.stdout
