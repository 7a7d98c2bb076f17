"""Kill -9 of PostgreSQL under load: what was acknowledged is there once, nothing is half there."""

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from ledger.audit import keys, operations, queries, verifying
from ledger.audit.models import Event
from ledger.jobs.models import OutboxMessage
from ledger.kernel.actors import SYSTEM
from ledger.units.models import Entry, Movement, Position
from tests.bench.bed import Bed
from tests.config.test_up import alive
from tests.crashes.poster import ALICE, DONE, HERE, TASK, THERE, key_of, transfer
from tests.factories.units import FREE, ISSUER, UNISSUED, leg, lot, post

POSTERS = 3
PLENTY = 1_000_000
START_POSTER = """
import sys, django
django.setup()
from tests.crashes.poster import main
main(*sys.argv[1:])
"""


@pytest.fixture
def bed(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, django_db_blocker: Any
) -> Iterator[Bed]:
    """A server of this test's own, on disk, with PostgreSQL's default durability."""
    settings.KEY_DIR, settings.CHECKPOINT_DIR = tmp_path / "keys", tmp_path / "checkpoints"
    for name in ("KEY_DIR", "CHECKPOINT_DIR"):
        monkeypatch.setenv(name, str(getattr(settings, name)))
    monkeypatch.setenv("BROKER_URL", "memory://")
    before = dict(connection.settings_dict)
    with django_db_blocker.unblock():
        connection.close()
        try:
            with Bed() as made:
                assert made.sql("SHOW fsync") == made.sql("SHOW synchronous_commit") == [("on",)]
                yield made
        finally:
            connection.settings_dict.update(before)


class Load:
    """Posters and the sequencer at work on two lots."""

    def __init__(self, bed: Bed, folder: Path) -> None:
        self.bed, self.folder = bed, folder
        self.lots: tuple[UUID, UUID] = (self._issue(2 * PLENTY), self._issue_serials())
        connection.close()

    @staticmethod
    def _issue(unit_count: int) -> UUID:
        made = lot()
        for account in (HERE, THERE):
            post(leg(made, (ISSUER, UNISSUED), (account, FREE), unit_count // 2), kind="ISSUE")
        return made

    @staticmethod
    def _issue_serials() -> UUID:
        made = lot(space=True)
        post(leg(made, (ISSUER, UNISSUED), (HERE, FREE), 4 * PLENTY, first=1), kind="ISSUE")
        return made

    @contextmanager
    def running(self) -> Iterator[None]:
        self.processes = [self.bed.start_python("manage.py", "seal", "--forever")]
        for n in self.posters:
            told = (*map(str, self.lots), str(n), str(self._notes(n)))
            self.processes.append(self.bed.start_python("-c", START_POSTER, *told))
        try:
            yield
        finally:
            for process in self.processes:
                process.kill()
                process.communicate()

    def progress(self) -> None:
        """Wait until every poster has done more, and nobody has given up."""
        before = self.done_counts()

        def is_going_on() -> bool:
            assert [process.poll() for process in self.processes] == [None] * len(self.processes)
            return all(map(int.__lt__, before, self.done_counts()))

        until(is_going_on)

    posters = range(POSTERS)

    def _notes(self, poster: int) -> Path:
        return self.folder / f"poster-{poster}.txt"

    def noted(self) -> dict[str, str]:
        """Each key that a poster tells of, and what it knows of it."""
        lines = [
            line.split()
            for n in self.posters
            if self._notes(n).exists()
            for line in self._notes(n).read_text().splitlines()
        ]
        return {key: fate for fate, key in lines}

    def done_counts(self) -> list[int]:
        done = Counter(key.split("-")[0] for key, fate in self.noted().items() if fate == DONE)
        return [done[str(n)] for n in self.posters]

    def interrupted(self) -> set[str]:
        """What each poster was about when it was killed itself."""
        told = Counter(key.split("-")[0] for key in self.noted())
        return {key_of(n, told[str(n)] + 1) for n in self.posters}


def until(truth: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def children_of(parent: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False
    )
    return [int(word) for word in listed.stdout.split()]


def kill_postgres(bed: Bed, way: str, chance: random.Random) -> None:
    """One of three deaths: the postmaster alone, all at once, or one process in the middle."""
    postmaster = int((bed.cluster.data / "postmaster.pid").read_text().split()[0])
    children = children_of(postmaster)
    victims = {
        "postmaster": [postmaster],
        "all": [postmaster, *children],
        "one": [chance.choice(children)],
    }[way]
    for victim in victims:
        os.kill(victim, signal.SIGKILL)
    if way == "one":  # noticed by the postmaster, which now ends all the others
        until(lambda: victims[0] not in children_of(postmaster))
    else:
        until(lambda: not alive(postmaster))


def kill_often(load: Load, *, times: int) -> None:
    chance = random.Random(11)  # noqa: S311  the moment of a kill
    with load.running():
        for way in islice(cycle(("all", "postmaster", "one")), times):
            load.progress()
            time.sleep(chance.random() * 0.7)
            kill_postgres(load.bed, way, chance)
            load.bed.cluster.start()
        load.progress()
    until(lambda: has_let_go(load.bed))


def has_let_go(bed: Bed) -> bool:
    """Whether the server is back from its last death, and no poster is connected any more."""
    try:
        links = bed.sql("SELECT 1 FROM pg_stat_activity WHERE usename = 'tanzhang_app'")
    except psycopg.OperationalError:
        return False
    return links == []


def stored() -> set[str]:
    """The keys of the transfers that are there; each whole, each once."""
    prefix = f"{ALICE.party_id}:"  # a key belongs to its party
    rows = Entry.objects.filter(idempotency_key__startswith=prefix)
    entries = {row.pk: row.idempotency_key.removeprefix(prefix) for row in rows}
    assert len(set(entries.values())) == len(entries)
    lines = Counter(Movement.objects.filter(entry__in=entries).values_list("entry_id", flat=True))
    assert lines == dict.fromkeys(entries, 2)
    events = Event.objects.filter(event_id__in=entries).values_list("event_id", flat=True)
    assert sorted(events) == sorted(entries)
    odd = [key for key in entries.values() if int(key.split("-")[1]) % 2]
    sent = OutboxMessage.objects.filter(task=TASK).values_list("args__key", flat=True)
    assert sorted(sent) == sorted(odd)
    return set(entries.values())


def check_nothing_lost_nothing_half(load: Load) -> None:
    noted, there = load.noted(), stored()
    done = {key for key, fate in noted.items() if fate == DONE}
    lost = noted.keys() - done | load.interrupted()
    assert done <= there <= done | lost
    for key in sorted(lost):
        assert transfer(*load.lots, key).replayed == (key in there)
    assert stored() == done | lost
    check_positions(load, done | lost)
    seal_all()
    assert verifying.verify().first == {}
    queries.check_not_behind_outside_checkpoint()


def check_positions(load: Load, transferred: set[str]) -> None:
    to_there = sum(sum(map(int, key.split("-"))) % 2 for key in transferred)
    net = 3 * (to_there - (len(transferred) - to_there))
    held = Position.objects.filter(state=FREE)
    found = {(row.lot_id, row.account_id): row.quantity for row in held}
    quantity, serial = load.lots
    assert found == {
        (quantity, HERE): PLENTY - net,
        (quantity, THERE): PLENTY + net,
        (serial, HERE): 4 * PLENTY - len(transferred),
        (serial, THERE): len(transferred),
    }


def seal_all() -> None:
    signer = keys.key_store().signer(keys.CHECKPOINT_KEY)
    now = datetime.now(UTC)
    while operations.seal_events(by=SYSTEM, at=now, key=signer).sealed_count:
        pass


def crash(bed: Bed, folder: Path, *, times: int) -> None:
    operations.make_keys(by=SYSTEM, at=datetime.now(UTC), is_demonstration=True)
    load = Load(bed, folder)
    kill_often(load, times=times)
    check_nothing_lost_nothing_half(load)
    print(f"{times} kills, {dict(Counter(load.noted().values()))}")  # noqa: T201  with -s


def test_a_killed_postgresql_keeps_every_acknowledged_transfer_once(
    bed: Bed, tmp_path: Path
) -> None:
    crash(bed, tmp_path, times=3)


@pytest.mark.full
def test_a_postgresql_killed_thirty_times_keeps_every_acknowledged_transfer_once(
    bed: Bed, tmp_path: Path
) -> None:
    crash(bed, tmp_path, times=30)
