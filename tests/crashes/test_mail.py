"""Kill -9 of a worker while the mail server has its mail: no second one goes out."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.utils import timezone

from ledger.kernel.actors import SYSTEM, Role
from ledger.kernel.notices import Fact, Told
from ledger.notices import operations, queries, tasks
from ledger.notices.models import Delivery
from tests.factories.mailbox import mailbox
from tests.factories.people import give, make_party, make_user

ROOT = Path(__file__).resolve().parents[2]
WORK = """
import sys, django
django.setup()
from ledger.notices import queries, tasks
from ledger.kernel.notices import Told
tell = lambda params: Told("A thing.")
queries.register(queries.Kind("things.due", "Things", lambda on: [], tell))
tasks.send(mail_id=sys.argv[1])
"""


def worker(database: str, port: int, mail_id: object) -> "subprocess.Popen[bytes]":
    url = os.environ["DATABASE_URL"].replace("/tanzhang?", f"/{database}?")
    environment = {
        **os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings",
        "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port), "EMAIL_TLS": "false",
    }  # fmt: skip
    command = [sys.executable, "-c", WORK, str(mail_id)]
    return subprocess.Popen(command, cwd=ROOT, env=environment)


def test_a_worker_killed_while_it_sends_causes_no_second_mail(committed_db, settings):
    party, at = make_party(), timezone.now()
    give(make_user(), party, "CARBON_MANAGER")
    fact = Fact(key="1", party_id=party.pk, roles=frozenset({Role.CARBON_MANAGER}))
    operations.register(
        "things.due", title="T", collect=lambda on: [fact], tell=lambda params: Told("A thing.")
    )
    with mailbox(settings) as post:
        operations.collect(kind="things.due", by=SYSTEM, at=at)
        Delivery.objects.update(next_try_at=at)  # whatever the hour of the night
        operations.dispatch(by=SYSTEM, at=at)
        mail_id = Delivery.objects.get().mail_id
        post.free.clear()
        process = worker(committed_db, post.port, mail_id)
        assert post.taken.wait(60)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
        post.free.set()

        assert Delivery.objects.get().state == "SENDING"
        tasks.send(mail_id=str(mail_id))  # the broker gives the dead worker's task to another
        operations.dispatch(by=SYSTEM, at=timezone.now() + timedelta(minutes=11))
        row = Delivery.objects.get()
        assert (row.state, row.reason) == ("INTERRUPTED", "WORKER_DIED")
        assert len(post.letters) == 1
    queries._kinds.pop("things.due")


def test_two_workers_with_the_same_task_send_one_mail(committed_db, settings):
    party, at = make_party(), timezone.now()
    give(make_user(), party, "CARBON_MANAGER")
    fact = Fact(key="1", party_id=party.pk, roles=frozenset({Role.CARBON_MANAGER}))
    operations.register(
        "things.due", title="T", collect=lambda on: [fact], tell=lambda params: Told("A thing.")
    )

    def work(mail_id: object) -> None:
        try:
            tasks.send(mail_id=str(mail_id))
        finally:
            connection.close()

    with mailbox(settings) as post:
        operations.collect(kind="things.due", by=SYSTEM, at=at)
        Delivery.objects.update(next_try_at=at)
        operations.dispatch(by=SYSTEM, at=at)
        mail_id = Delivery.objects.get().mail_id
        with ThreadPoolExecutor(4) as workers:
            list(workers.map(work, [mail_id] * 4))
        assert (Delivery.objects.get().state, len(post.letters)) == ("SENT", 1)
    queries._kinds.pop("things.due")
