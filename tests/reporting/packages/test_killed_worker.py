"""Kill -9 the worker in the middle of a report: it finishes after restart, once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils import timezone

from ledger.audit.models import Event
from ledger.files.models import StoredFile
from ledger.jobs import operations as jobs
from ledger.jobs.models import Job
from ledger.jobs.states import JobState
from ledger.kernel.actors import SYSTEM, Role
from ledger.kernel.periods import Period
from ledger.parameters import operations as parameters
from ledger.parties.models import Party
from reporting.factors import operations as factors
from reporting.inventories import operations as inventories
from reporting.packages import operations
from reporting.packages.models import Report
from reporting.parks import operations as parks
from tests.reporting.inventories.conftest import NOON, SEEDS, person
from tests.reporting.packages.test_reports import opine

ROOT = Path(__file__).resolve().parents[3]
LONG_ENOUGH = 90


@contextmanager
def worker(database: str, keys: Path, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker, in a process group of its own so that it can be killed whole."""
    url = os.environ["DATABASE_URL"].replace("/tanzhang?", f"/{database}?")
    assert database in url
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "KEY_DIR": str(keys),
        "TANZHANG_DATA": str(data),
        "CHECKPOINT_DIR": str(data / "checkpoints"),
    }
    command = [sys.executable, "-m", "celery", "-A", "config.celery", "worker", "-c", "1"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def until(is_so: Callable[[Job], bool], job_id: UUID) -> Job:
    end = time.monotonic() + LONG_ENOUGH
    while time.monotonic() < end:
        job = Job.objects.get(pk=job_id)
        if is_so(job):
            return job
        time.sleep(0.1)
    raise AssertionError(f"still {job.state} ({job.note}) {job.error}")


def verified_facility() -> tuple[Any, Any]:
    parameters.load_seeds(folder=SEEDS, by=SYSTEM, at=NOON)
    factors.load_seeds(folder=SEEDS, by=SYSTEM, at=NOON)
    operator = Party.objects.create(kind=Party.Kind.PARK_OPERATOR, name_zh="梅山园区")
    manager = person(operator, Role.CARBON_MANAGER)
    park = parks.register_park(code="MS", name_zh="梅山", province="330000", by=manager, at=NOON)
    built = inventories.build_from_gases(
        park_id=park.id,
        period=Period.year(2020),
        gwp_set="SAR",
        tonnes={"CO2": Decimal("1000"), "CH4": Decimal(2)},
        source="measured",
        data_state="VERIFIED",
        by=manager,
        at=NOON,
    )
    frozen = inventories.freeze_inventory(inventory_id=built.id, by=manager, at=NOON)
    opine(frozen, park, manager)
    return frozen, manager


def test_a_killed_report_job_finishes_after_restart_once(
    committed_db: str, key_folder: Path, tmp_path: Path
) -> None:
    frozen, manager = verified_facility()
    job_id = operations.request_report(
        frozen_inventory_id=frozen.id, language="en", by=manager, at=timezone.now()
    )
    with worker(committed_db, key_folder, tmp_path) as first:
        until(lambda job: job.done_count >= 1, job_id)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait(10)
    assert Job.objects.get(pk=job_id).state == JobState.RUNNING
    assert Report.objects.count() == 0

    later = timezone.now() + timedelta(minutes=2)  # the silence that makes a job free again
    assert jobs.take_over_silent_jobs(at=later) == 1
    with worker(committed_db, key_folder, tmp_path):
        done = until(lambda job: job.state in {JobState.DONE, JobState.FAILED}, job_id)

    assert (done.state, done.attempt_count) == (JobState.DONE, 2), done.error
    report = Report.objects.get()
    assert done.result["report"] == str(report.pk)
    assert not report.is_draft
    assert StoredFile.objects.filter(purpose="report").count() == 3  # PDF, XLSX, XHTML
    assert Event.objects.filter(verb="report.issued").count() == 1
    assert Event.objects.filter(verb="statement.frozen").count() == 1
