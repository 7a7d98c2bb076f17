"""The sequencer killed at any moment: nothing is sealed twice, nothing is lost, all verifies."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from ledger.audit import keys, operations, queries, verifying
from ledger.audit.models import Checkpoint, Event, Seal
from ledger.kernel.actors import SYSTEM
from tests.conftest import superuser_url
from tests.ledger.audit.conftest import NOON, happen

ROOT = Path(__file__).resolve().parents[3]


def start_sequencer(database: str) -> subprocess.Popen[bytes]:
    address = os.environ["DATABASE_URL"].rsplit("/tanzhang?", 1)
    environment = {
        **os.environ,
        "DATABASE_URL": f"{address[0]}/{database}?{address[1]}",
        "KEY_DIR": str(settings.KEY_DIR),
        "CHECKPOINT_DIR": str(settings.CHECKPOINT_DIR),
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "seal", "--forever"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def sequencer(database: str) -> Iterator[subprocess.Popen[bytes]]:
    process = start_sequencer(database)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(true: Callable[..., bool], seconds: int = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def kill_often(database: str, *, times: int) -> None:
    chance, made = random.Random(7), 0  # noqa: S311  the moment of a kill, not a secret
    for _ in range(times):
        with sequencer(database):
            before = Seal.objects.count()
            until(lambda before=before: Seal.objects.count() > before or not happen(5))
            end = time.monotonic() + chance.random() * 0.6
            while time.monotonic() < end:
                happen(40, start=made)
                made += 40
    signer = keys.key_store().signer(keys.CHECKPOINT_KEY)
    while operations.seal_events(by=SYSTEM, at=NOON, key=signer).sealed_count:
        pass
    rows = Seal.objects.values_list("event_row", flat=True)
    assert len(set(rows)) == len(rows) == Event.objects.count()
    assert verifying.verify().first == {}


def test_a_killed_sequencer_leaves_a_log_that_verifies(log: str) -> None:
    kill_often(log, times=2)


@pytest.mark.full
def test_a_sequencer_killed_thirty_times_leaves_a_log_that_verifies(log: str) -> None:
    kill_often(log, times=30)


def test_the_sequencer_outlives_its_connection_and_signs_what_was_sealed(log: str) -> None:
    happen(10)
    with sequencer(log) as process:
        until(Checkpoint.objects.exists)
        with psycopg.connect(superuser_url(log), autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND pid NOT IN (pg_backend_pid(), %s)",
                [log, _own_pid()],
            )
        happen(5, start=10)
        until(lambda: queries.seal_state().unsealed_count == 0)
        latest = queries.latest_checkpoint
        until(lambda: getattr(latest(), "tree_size", 0) == Event.objects.count())
        process.terminate()
        assert process.wait(10) == 0
    assert verifying.verify().first == {}


def _own_pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
    return pid
