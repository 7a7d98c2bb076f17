"""The job that ends what is no longer valid, and what it warns of before."""

import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from ledger.kernel.actors import SYSTEM
from ledger.parameters.operations import load_seeds
from ledger.units import operations, queries, tasks
from ledger.units.models import Entry
from ledger.units.rules import NotExpiredYet
from ledger.units.states import UnitState
from tests.factories.holdings import NOON, holdings, open_account, quantities, reserve
from tests.factories.units import issued, lot
from tests.ledger.holds.test_racing import race

ROOT = Path(__file__).resolve().parents[3]
ENDED = date(2026, 1, 5)  # the first day on which it is over; NOON is that day


def end(account: object, lot_id: object) -> int:
    return operations.expire_free_units(lot_id=lot_id, account_id=account.pk, by=SYSTEM, at=NOON)


@pytest.mark.django_db
def test_what_is_free_ends_and_what_is_held_stays_until_it_is_given_back():
    account, lot_id = holdings(100, expires_on=ENDED)
    hold = reserve(account.pk, lot_id, 30)
    assert end(account, lot_id) == 70
    assert quantities(account.pk, lot_id) == {"EXPIRED": 70, "RESERVED": 30}
    assert end(account, lot_id) == 0

    from ledger.holds import operations as holds

    holds.release_hold(hold_id=hold.pk, by=SYSTEM, at=NOON, idempotency_key="r")
    assert end(account, lot_id) == 30
    assert quantities(account.pk, lot_id) == {"EXPIRED": 100}


@pytest.mark.django_db
def test_on_its_last_day_nothing_ends():
    account, lot_id = holdings(100, first=1, scheme="CCER", expires_on=date(2026, 1, 6))
    with pytest.raises(NotExpiredYet):
        end(account, lot_id)
    assert quantities(account.pk, lot_id) == {"FREE": 100}
    assert queries.overdue(on=date(2026, 1, 5)) == []
    assert [one.lot_id for one in queries.overdue(on=date(2026, 1, 6))] == [lot_id]


@pytest.mark.django_db
def test_the_validity_of_the_scheme_counts_where_the_lot_says_nothing():
    """R3.14: generated 2024-03, usable through 2026-02-28."""
    load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    facts = {"generated_from": date(2024, 3, 1), "generated_to": date(2024, 4, 1)}
    _account, lot_id = holdings(10, first=1, scheme="GEC", **facts)
    assert queries.overdue(on=date(2026, 2, 28)) == []
    (one,) = queries.overdue(on=date(2026, 3, 1))
    assert (one.lot_id, one.unit_count, one.last_usable_on) == (lot_id, 10, date(2026, 2, 28))


@pytest.mark.django_db
def test_the_warning_names_what_ends_within_its_days_and_nothing_else():
    load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    account, soon = holdings(10, expires_on=date(2026, 4, 6))
    for last, name in ((date(2026, 4, 7), "later"), (date(2026, 1, 5), "over")):
        issued(account.pk, 5, lot_id=lot(name, expires_on=last))
    reserve(account.pk, soon, 4)
    day = date(2026, 1, 5)
    days = queries.warning_days(day)
    found = queries.expiring(on=day, within_days=days, account_ids=[account.pk])

    assert days == 90
    assert [(one.lot_id, one.state, one.unit_count, one.days_left(day)) for one in found] == [
        (soon, UnitState.FREE, 6, 90),
        (soon, UnitState.RESERVED, 4, 90),
    ]
    assert queries.expiring(on=day, within_days=days, account_ids=[]) == []


@pytest.mark.django_db
def test_what_is_outside_does_not_expire_here():
    account, lot_id = holdings(10, expires_on=ENDED)
    outside = open_account("OUT", kind="OUTSIDE")
    issued(outside.pk, 10, lot_id=lot_id)
    assert [one.account_id for one in queries.overdue(on=ENDED)] == [account.pk]


def test_a_hold_and_the_expiry_race_and_no_unit_is_in_both(committed_db):
    account, lot_id = holdings(100, first=1, scheme="CCER", expires_on=ENDED)
    refused = race(
        lambda: end(account, lot_id),
        lambda: reserve(account.pk, lot_id, 40),
        lambda: end(account, lot_id),
        lambda: reserve(account.pk, lot_id, 40),
    )
    assert {one.code for one in refused} <= {"not_enough_units", "range_not_held"}
    held = quantities(account.pk, lot_id)
    assert held.get("RESERVED", 0) in {0, 40, 80}
    assert held.get("EXPIRED", 0) == 100 - held.get("RESERVED", 0)
    assert list(queries.check_against_events()) == []


JOB = """
import django
django.setup()
from datetime import datetime, UTC
from ledger.kernel.actors import SYSTEM
from ledger.units import operations, queries
at = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
for one in queries.overdue(on=at.date()):
    operations.expire_free_units(
        lot_id=one.lot_id, account_id=one.account_id, by=SYSTEM, at=at)
    print("one", flush=True)
"""


def test_a_killed_job_leaves_nothing_half_and_the_next_run_ends_the_rest(committed_db):
    account, first = holdings(5, expires_on=ENDED)
    lots = [first, *(issued(account.pk, 5, lot_id=lot(expires_on=ENDED)) for _ in range(120))]
    job = run_job()
    assert job.stdout is not None
    for _ in range(3):
        job.stdout.readline()
    os.kill(job.pid, signal.SIGKILL)
    job.wait()
    wait_for_backends()

    done = [lot_id for lot_id in lots if quantities(account.pk, lot_id) == {"EXPIRED": 5}]
    rest = [lot_id for lot_id in lots if quantities(account.pk, lot_id) == {"FREE": 5}]
    assert len(done) >= 3 and len(done) + len(rest) == len(lots)

    assert run_job().wait() == 0
    assert {str(quantities(account.pk, lot_id)) for lot_id in lots} == {"{'EXPIRED': 5}"}
    assert Entry.objects.filter(kind="EXPIRE").count() == len(lots)
    assert list(queries.check_against_events()) == []


def run_job() -> subprocess.Popen[str]:
    """The job's loop in a process of its own, on this test's database."""
    head, tail = os.environ["DATABASE_URL"].rsplit("/tanzhang?", 1)
    address = f"{head}/{connection.settings_dict['NAME']}?{tail}"
    return subprocess.Popen(
        [sys.executable, "-c", JOB],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address},
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_for_backends() -> None:
    """What the killed process had sent may still be at work for a moment."""
    time.sleep(0.5)


@pytest.mark.django_db
def test_the_beat_names_the_job():
    from config.celery import app

    assert "units.expire_due" in {one["task"] for one in app.conf.beat_schedule.values()}
    assert tasks.expire_lot.name == "units.expire_lot"
