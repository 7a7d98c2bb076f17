"""Kill -9 of the web process under load: what was answered is there once; asking again is safe."""

import http.client
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from ledger.accounts import operations as accounts
from ledger.audit import keys, operations, verifying
from ledger.audit.models import Event
from ledger.holds.models import Hold
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM
from ledger.parties.models import User
from ledger.units.models import Entry, Position
from tests.config.test_up import free_port, status, until
from tests.crashes.test_postgres import children_of
from tests.factories.people import give, make_party, make_user
from tests.factories.units import issued
from tests.ledger.parties.test_pages import enter

ROOT = Path(__file__).resolve().parents[2]
ASKERS, PLENTY = 4, 1_000_000
SERVE = "import sys; from config.embedded.parts import web; web(sys.argv[1])"
ADDRESS = "/admin/ledger_holds/hold/do/place/"
CSRF = "c" * 32


class Site:
    """The product's own web server on a port of its own, killed and started at will."""

    def __init__(self, database: str) -> None:
        self.port = free_port()
        url = os.environ["DATABASE_URL"].replace("/tanzhang?", f"/{database}?")
        assert database in url
        self.environment = {**os.environ, "DATABASE_URL": url}
        self.start()

    def start(self) -> None:
        """In a process group of its own, so that all of it can be killed at once."""
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, f"127.0.0.1:{self.port}"],
            cwd=ROOT,
            env=self.environment,
            start_new_session=True,
            stderr=subprocess.DEVNULL,
        )

    def kill(self, way: str) -> None:
        """All at once, the master alone, or one of the two that answer; it is there again after."""
        if way == "worker":
            os.kill(children_of(self.process.pid)[0], signal.SIGKILL)
            return
        if way == "all":
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait(10)
        until(lambda: status(self.port, "/livez") == 0)  # orphans answer what they have, and go
        self.start()

    def post(self, form: dict[str, str], cookies: str) -> int:
        """:raises OSError, HTTPException: there was no answer"""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            line.request("POST", ADDRESS, urlencode(form), headers)
            return line.getresponse().status
        finally:
            line.close()


class Askers:
    """Threads that place one hold after the other; without an answer they ask again."""

    def __init__(self, site: Site, form: dict[str, str], cookies: str) -> None:
        self.site, self.form, self.cookies = site, form, cookies
        self.answers: dict[str, int] = {}
        self.unanswered = Counter[str]()
        self.is_over = False
        self.threads = [threading.Thread(target=self._ask, args=(n,)) for n in range(ASKERS)]

    def _ask(self, asker: int) -> None:
        for number in count(1):
            if self.is_over:
                return
            key = f"{asker}-{number}"
            self.answers[key] = self._until_answered(key)

    def _until_answered(self, key: str) -> int:
        form = {**self.form, "idempotency_key": key}
        while True:
            try:
                return self.site.post(form, self.cookies)
            except ConnectionRefusedError:
                time.sleep(0.02)  # nobody heard it
            except (OSError, http.client.HTTPException):
                self.unanswered[key] += 1

    @contextmanager
    def asking(self) -> Iterator[None]:
        for thread in self.threads:
            thread.start()
        try:
            yield
        finally:
            self.is_over = True
            for thread in self.threads:
                thread.join(60)

    def progress(self) -> None:
        """Wait until every one of them has had more answers."""
        before = self._counts()
        until(lambda: all(map(int.__lt__, before, self._counts())))

    def _counts(self) -> list[int]:
        told = Counter(key.split("-")[0] for key in list(self.answers))
        return [told[str(n)] for n in range(ASKERS)]


@pytest.fixture
def site(committed_db: str, settings: Any, tmp_path: Path) -> Iterator[Site]:
    settings.KEY_DIR, settings.CHECKPOINT_DIR = tmp_path / "keys", tmp_path / "checkpoints"
    operations.make_keys(by=SYSTEM, at=timezone.now(), is_demonstration=True)
    made = Site(committed_db)
    until(lambda: status(made.port, "/livez") == 200)
    yield made
    os.killpg(made.process.pid, signal.SIGKILL)
    made.process.wait(10)


def signed_in(user: User) -> str:
    client = Client()
    enter(client, user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={CSRF}"


def askers_for(site: Site) -> Askers:
    """A carbon manager whose account holds plenty of numbered units reserves one at a time."""
    user, party = make_user(), make_party()
    give(user, party, "CARBON_MANAGER")
    load_schemes(by=SYSTEM, at=timezone.now())
    account = accounts.open_account(
        holder_id=party.id,
        type="HOLDING",
        registry="CCRC",
        number="A-1",
        by=SYSTEM,
        at=timezone.now(),
    )
    lot_id = issued(account.pk, PLENTY, first=1)
    form = {
        "kind": "RESERVE",
        "place": f"{account.pk}:{lot_id}",
        "unit_count": "1",
        "confirmed": "yes",
        "csrfmiddlewaretoken": CSRF,
    }
    return Askers(site, form, signed_in(user))


def check_each_is_there_once(asked: Askers) -> None:
    assert set(asked.answers.values()) == {302}
    entries = Entry.objects.filter(kind="HOLD_RESERVE")
    holds = {row.idempotency_key.partition(":")[2]: row for row in Hold.objects.all()}
    assert holds.keys() == asked.answers.keys()
    assert Hold.objects.count() == len(holds) == entries.count()
    assert {row.entry_id for row in holds.values()} == {row.pk for row in entries}
    assert Event.objects.filter(verb="hold.placed").count() == len(holds)
    places = Position.objects.filter(state__in=["FREE", "RESERVED"])
    assert {row.state: row.quantity for row in places} == {
        "FREE": PLENTY - len(holds),
        "RESERVED": len(holds),
    }
    signer = keys.key_store().signer(keys.CHECKPOINT_KEY)
    operations.seal_events(by=SYSTEM, at=timezone.now(), key=signer)
    assert verifying.verify().first == {}


def kill_often(site: Site, *, times: int) -> None:
    chance = random.Random(13)  # noqa: S311  the moment of a kill
    asked = askers_for(site)
    with asked.asking():
        for way in islice(cycle(("all", "worker", "master")), times):
            asked.progress()
            time.sleep(chance.random() * 0.4)
            site.kill(way)
        asked.progress()
    check_each_is_there_once(asked)
    print(f"{times} kills, {len(asked.answers)} holds, {len(asked.unanswered)} asked again")  # noqa: T201


def test_a_killed_web_server_takes_each_request_once(site: Site) -> None:
    kill_often(site, times=3)


@pytest.mark.full
def test_a_web_server_killed_thirty_times_takes_each_request_once(site: Site) -> None:
    kill_often(site, times=30)
