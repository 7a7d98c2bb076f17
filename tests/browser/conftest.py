"""A real server in a thread, a real Chromium before it, a database of the test's own behind it."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Browser, Page, sync_playwright

from config import messages
from ledger.parties.models import User
from tests.factories.people import PASSWORD

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
]


def find_chromium() -> str | None:
    """CHROMIUM, the system's, or nothing."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_args: object) -> None:
        """Say nothing: the tests speak."""


@pytest.fixture(scope="module")  # its event loop must not outlive it: others start their own
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing, and CI must have it")
        pytest.skip("NO BROWSER TESTS: Chromium is not installed")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright keeps a loop in this thread
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture(scope="session")
def _catalogues() -> None:
    messages.compile_all()


@pytest.fixture
def live_site(committed_db: str, _catalogues: None) -> Iterator[str]:
    """The product on a port of its own; yields its address. Commits are real."""
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "127.0.0.1"]
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet, connections_override={})
    server.daemon_threads = True
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Watched:
    """What a page must not do: talk to strangers, break the content policy, throw errors."""

    def __init__(self, page: Page, site: str) -> None:
        self.strangers: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self._look(request.url, site))
        page.on("console", lambda line: self._hear(line.type, line.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _look(self, url: str, site: str) -> None:
        if not url.startswith((site, "data:", "blob:", "about:")):
            self.strangers.append(url)

    def _hear(self, kind: str, text: str) -> None:
        # A refused form answers 4xx: Chromium reports that too, and it is meant.
        if kind == "error" and "the server responded with a status of 4" not in text:
            self.complaints.append(text)


@pytest.fixture
def page(browser: Browser, live_site: str) -> Iterator[Page]:
    """A fresh browser window in Chinese; fails if it called a stranger or broke the policy."""
    context = browser.new_context(base_url=live_site, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(15_000)
    window = context.new_page()
    watched = Watched(window, live_site)
    yield window
    context.close()
    assert watched.strangers == []
    assert watched.complaints == []


@pytest.fixture
def second_page(browser: Browser, live_site: str) -> Iterator[Page]:
    """Another person's window."""
    context = browser.new_context(base_url=live_site, locale="zh-CN")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def sign_in() -> Callable[..., None]:
    """`sign_in(page, user)`: in through the front door, with the second factor if there is one."""

    def enter(page: Page, user: User, *, password: str = PASSWORD) -> None:
        page.goto("/sign-in/")
        page.locator("#id_email").fill(user.email)
        page.locator("#id_password").fill(password)
        page.locator("main button[type=submit]").click()
        if device := TOTPDevice.objects.filter(user=user).first():
            page.locator("#id_code").fill(code_of(device))
            page.locator("main button[type=submit]").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)

    return enter


def code_of(device: TOTPDevice) -> str:
    """What the phone shows now; a code works once, so a test forgets that it was used."""
    TOTPDevice.objects.filter(pk=device.pk).update(last_t=-1)
    return f"{totp(bytes.fromhex(device.key)):06d}"
