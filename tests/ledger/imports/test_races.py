"""A kill half way, and others who move the same units meanwhile: commits are real here."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections

from ledger.imports import operations as imports
from ledger.imports import queries, tasks
from ledger.imports.models import Import, ImportPiece, ImportRow
from ledger.imports.states import ImportState as S
from ledger.jobs.models import Job
from ledger.kernel.errors import DomainError
from ledger.units import operations as posting
from ledger.units import queries as units
from ledger.units.models import Entry, Lot, Movement
from ledger.units.states import UnitState
from tests.factories import imports as files
from tests.factories.imports import NOON

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def by(committed_db):
    return files.manager()


@pytest.fixture
def account(by):
    return files.account(by)


def many(count: int) -> str:
    return "".join(
        f"P{n % 7},2022,10,S{n % 7}-{n * 10 + 1} to {n * 10 + 10},2023-01-{1 + n % 28:02d}\n"
        for n in range(count)
    )


def start(code: str) -> subprocess.Popen:
    """Another process of the product, on the same database."""
    database = connection.settings_dict
    address = (
        f"postgresql://{database['USER']}:{database['PASSWORD']}@/{database['NAME']}?host={database['HOST']}"
        f"&port={database['PORT']}"
    )
    given = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": address}
    given["TANZHANG_DATA"] = str(settings.DATA_DIR)
    script = "import django; django.setup()\n" + code
    return subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=given)


SLOWLY = """
from datetime import datetime, timezone
import sys, time
from uuid import UUID
from ledger.imports import operations, staging
staging.PIECE = 200
def progress(done, total, note=""):
    time.sleep(0.2)
operations.{work}(
    import_id=UUID("{id}"), progress=progress, at=datetime(2026, 1, 5, 4, tzinfo=timezone.utc))
"""


def uploaded(lines: str, *, by, account) -> Import:
    """Not read yet."""
    import io

    mapping = imports.save_mapping(name="m", content=files.spec("ISSUED"), by=by, at=NOON)
    made = imports.upload_file(
        content=io.BytesIO((files.HEADINGS + lines).encode()), name="f.csv", target="units",
        as_of=files.DAY, account_id=account, mapping_id=mapping.pk, by=by, at=NOON,
    )  # fmt: skip
    return Import.objects.get(pk=made.import_id)


def wait_for(truth, seconds=30.0):
    until = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_killed_reading_goes_on_where_it_stopped(by, account, monkeypatch):
    row = uploaded(many(2_000), by=by, account=account)
    worker = start(SLOWLY.format(work="run_stage", id=row.pk))
    wait_for(lambda: ImportPiece.objects.filter(import_id=row.pk).count() >= 2)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    read = ImportRow.objects.filter(import_id=row.pk).count()
    assert 400 <= read < 2_000
    first = set(ImportRow.objects.filter(import_id=row.pk).values_list("pk", flat=True))

    row = files.check(row.pk)

    assert (row.state, row.line_count) == (S.READY, 2_000)
    assert first < set(ImportRow.objects.filter(import_id=row.pk).values_list("pk", flat=True))
    assert list(queries.check_rows_match_events()) == []


def test_an_import_killed_half_way_leaves_nothing_and_can_be_resumed(by, account, monkeypatch):
    row = files.read(many(3_000), by=by, account_id=account)
    assert row.state == S.READY
    imports.commit_import(import_id=row.pk, by=by, at=NOON)
    slow = SLOWLY.replace("staging.PIECE = 200", CALLS)
    worker = start(slow.format(work="run_commit", id=row.pk))
    wait_for(_writes_going_on)
    time.sleep(0.3)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    wait_for(lambda: not _writes_going_on())
    assert (Entry.objects.count(), Movement.objects.count(), Lot.objects.count()) == (0, 0, 0)
    row.refresh_from_db()
    assert row.state == S.COMMITTING

    imports.run_commit(import_id=row.pk, progress=files.still, at=NOON)

    row.refresh_from_db()
    assert row.state == S.COMMITTED
    assert sum(view.unit_count for view in units.positions_in([account])) == 30_000
    assert list(units.check_against_events()) == []


CALLS = "from ledger.units.importing import committing; committing.AT_ONCE = 200"


def _writes_going_on() -> bool:
    """Somebody holds a lock that only a commit takes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE mode = 'RowExclusiveLock'"
            " AND pid <> pg_backend_pid() AND relation = 'ledger_units_movement'::regclass)"
        )
        return bool(cursor.fetchone()[0])


def in_thread(work) -> threading.Thread:
    def run():
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_an_import_of_ends_races_a_transfer_and_one_of_them_has_the_units(by, account):
    files.take_in(
        files.read("P1,2022,100,A-1 to 100,2023-01-05\n", by=by, account_id=account), by=by
    )
    other = files.account(by, number="V-OTHER")
    lot_id = Lot.objects.get().pk
    row = files.read("P1,2022,60,A-1 to 60,2023-03-05\n", by=by, account_id=account, act="RETIRED")
    imports.commit_import(import_id=row.pk, by=by, at=NOON)
    refused = []

    def transfer():
        try:
            posting.transfer_units(
                lot_id=lot_id, from_account_id=account, to_account_id=other, unit_count=60,
                ranges=[(41, 100)], happened_on=files.DAY, by=by, at=NOON, idempotency_key="t",
            )  # fmt: skip
        except DomainError as error:
            refused.append(error)

    def take_in():
        try:
            imports.run_commit(import_id=row.pk, progress=files.still, at=NOON)
        except DomainError as error:
            refused.append(error)

    threads = [in_thread(transfer), in_thread(take_in)]
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    row.refresh_from_db()
    ended = sum(
        view.unit_count for view in units.positions_in([account]) if view.state is UnitState.RETIRED
    )
    moved = units.quantity_of(account_id=other, lot_id=lot_id, state=UnitState.FREE)
    assert (row.state, ended, moved) in {(S.COMMITTED, 60, 0), (S.FAULTY, 0, 60)}
    assert list(units.check_against_events()) == []


def test_two_imports_of_the_same_lines_at_once_take_them_in_once(by, account):
    lines = "P1,2022,100,,2023-01-05\n"
    content = files.spec("ISSUED", key=["project", "day"])
    one = files.read(lines, by=by, account_id=account, content=content)
    two = files.read(lines + "\n", by=by, account_id=account, content=content, name="b.csv")
    assert one.pk != two.pk
    for row in (one, two):
        assert row.state == S.READY
        imports.commit_import(import_id=row.pk, by=by, at=NOON)

    def take_in(row):
        def run():
            with suppress(DomainError):
                imports.run_commit(import_id=row.pk, progress=files.still, at=NOON)

        return run

    threads = [in_thread(take_in(row)) for row in (one, two)]
    for thread in threads:
        thread.join()
    assert sum(view.unit_count for view in units.positions_in([account])) == 100
    assert list(queries.check_rows_match_events()) == []


def test_the_jobs_read_take_in_and_undo_and_tell_how_far_they_are(by, account):
    row = uploaded(many(50), by=by, account=account)
    tasks.stage(job_id=str(row.job_id))
    row.refresh_from_db()
    assert (row.state, Job.objects.get(pk=row.job_id).state) == (S.READY, "DONE")
    imports.commit_import(import_id=row.pk, by=by, at=NOON)
    row.refresh_from_db()
    tasks.commit(job_id=str(row.job_id))
    job = Job.objects.get(pk=row.job_id)
    assert (job.state, job.done_count, job.total_count) == ("DONE", 50, 50)
    imports.undo_import(import_id=row.pk, reason="wrong", by=by, at=NOON)
    row.refresh_from_db()
    tasks.undo(job_id=str(row.job_id))
    row.refresh_from_db()
    assert row.state == S.UNDONE
