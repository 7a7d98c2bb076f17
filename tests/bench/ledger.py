"""`manage.py bench ledger`: postings per second beside the least SQL that such a posting needs."""

import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from ledger.kernel.actors import SYSTEM
from ledger.kernel.ids import new_id
from ledger.units import queries
from ledger.units.models import Movement
from ledger.units.operations import Draft, Leg, LotFacts, open_lot, post_entries, post_entry
from tests.bench.bed import Bed
from tests.factories.units import DAY, FREE, ISSUER, NOON, UNISSUED

ACCOUNTS = 1000
Figure = dict[str, Any]

FLOOR = """
CREATE TABLE floor_entry (id bigserial PRIMARY KEY, happened_on date, kind text);
CREATE TABLE floor_posting (id bigserial PRIMARY KEY, entry_id bigint, account int, amount bigint);
CREATE TABLE floor_balance (account int PRIMARY KEY, amount bigint NOT NULL) WITH (fillfactor = 80);
INSERT INTO floor_balance SELECT n, 1000000000 FROM generate_series(1, {accounts}) AS n;
CREATE FUNCTION floor_transfer(a int, b int, n bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE e bigint;
BEGIN
    INSERT INTO floor_entry (happened_on, kind) VALUES ('2026-01-05', 'TRANSFER')
        RETURNING id INTO e;
    IF a < b THEN
        UPDATE floor_balance SET amount = amount - n WHERE account = a;
        UPDATE floor_balance SET amount = amount + n WHERE account = b;
    ELSE
        UPDATE floor_balance SET amount = amount + n WHERE account = b;
        UPDATE floor_balance SET amount = amount - n WHERE account = a;
    END IF;
    INSERT INTO floor_posting (entry_id, account, amount) VALUES (e, a, -n), (e, b, n);
END $$;
"""
FLOOR_SCRIPT = f"""
\\set a random(1, {ACCOUNTS - 1})
\\set b random(:a + 1, {ACCOUNTS})
SELECT floor_transfer(:a, :b, 1);
"""


def account(n: int) -> UUID:
    return UUID(int=0xBE4C << 100 | n)


def transfer(lot_id: UUID, source: int, target: int, units: int = 1) -> Leg:
    return Leg(lot_id, account(source), FREE, account(target), FREE, units)


def two(dice: random.Random) -> tuple[int, int]:
    source, target = dice.sample(range(1, ACCOUNTS + 1), 2)
    return source, target


def draft(legs: list[Leg], kind: str = "TRANSFER") -> Draft:
    return Draft(kind, legs, DAY, str(new_id()))


def prepare(bed: Bed) -> UUID:
    """A lot with units in a thousand accounts, and the floor's tables."""
    bed.sql(FLOOR.format(accounts=ACCOUNTS))
    lot_id = open_lot(facts=LotFacts("BENCH", "CEA", 2025), by=SYSTEM, at=NOON)
    legs = [Leg(lot_id, ISSUER, UNISSUED, account(n), FREE, 10**9) for n in range(1, ACCOUNTS + 1)]
    post_entries(drafts=[draft(legs, "ISSUE")], by=SYSTEM, at=NOON)
    bed.sql("VACUUM ANALYZE")
    return lot_id


# --- one by one


def post_for(lot_id: UUID, seconds: float, seed: int) -> float:
    """Transfers per second of this process, by the public operation."""
    dice, count = random.Random(seed), 0  # noqa: S311
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        post_entry(
            kind="TRANSFER",
            legs=[transfer(lot_id, *two(dice))],
            happened_on=DAY,
            by=SYSTEM,
            at=NOON,
            idempotency_key=str(new_id()),
        )
        count += 1
    return count / (time.perf_counter() - start)


def workers(bed: Bed, lot_id: UUID, processes: int, seconds: float) -> float:
    """The sum of several processes, all measured over the same seconds."""
    start = time.time() + 3
    running = [
        bed.start_python("-m", "tests.bench.ledger", str(lot_id), str(start), str(seconds), str(n))
        for n in range(processes)
    ]
    return sum(float(one.communicate()[0]) for one in running)


def interleaved(
    rounds: int, ours: Callable[[], float], floor: Callable[[], float]
) -> tuple[float, float]:
    """Medians of alternating runs: the machine's moods hit both."""
    pairs = [(floor(), ours()) for _ in range(rounds)]
    return statistics.median(o for _, o in pairs), statistics.median(f for f, _ in pairs)


def figure(name: str, unit: str, value: float, floor: float, conditions: str) -> Figure:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "floor_value": round(floor, 3),
        "ratio": round(value / floor, 3) if floor else None,
        "conditions": conditions,
    }


# --- bulk


def post_bulk(lot_id: UUID, total: int, size: int, seed: int) -> float:
    dice = random.Random(seed)  # noqa: S311
    start = time.perf_counter()
    for _ in range(0, total, size):
        drafts = [draft([transfer(lot_id, *two(dice))]) for _ in range(size)]
        post_entries(drafts=drafts, by=SYSTEM, at=NOON)
    return total / (time.perf_counter() - start)


def figures(*, bed: Bed, full: bool, only: str) -> Iterator[Figure]:
    lot_id = prepare(bed)
    rounds, seconds = (9, 5.0) if full else (3, 2.0)
    about = f"{ACCOUNTS} accounts, median of {rounds} interleaved runs of {seconds:g} s"

    def floor(clients: int) -> Callable[[], float]:
        return lambda: bed.pgbench(FLOOR_SCRIPT, clients=clients, seconds=seconds)

    if only in "transfer.1_process":
        value, least = interleaved(rounds, lambda: post_for(lot_id, seconds, 1), floor(1))
        yield figure("transfer.1_process", "transfers/s", value, least, about)
    if only in "transfer.4_processes":
        value, least = interleaved(rounds, lambda: workers(bed, lot_id, 4, seconds), floor(4))
        yield figure("transfer.4_processes", "transfers/s", value, least, about)
    if only in "transfer.bulk":
        total = 100_000 if full else 20_000
        value, least = interleaved(rounds, lambda: post_bulk(lot_id, total, 1000, 1), floor(1))
        yield figure("transfer.bulk", "transfers/s", value, least, f"{about}; 1,000 in a call")
    if only in "import.serial_blocks":
        yield import_of_blocks(bed, rounds, 50_000 if full else 5_000)
    if only in "sealing.cost":
        yield cost_of_sealing(bed, lot_id, rounds, seconds)
    if only in "read.position" or only.startswith("read"):
        yield from reads(lot_id)
    if only in "growth":
        yield growth(bed, lot_id, seconds, 1_000_000 if full else 50_000)


# --- serial blocks

COPY_FLOOR = """
CREATE TABLE IF NOT EXISTS floor_block (LIKE ledger_units_block INCLUDING ALL);
TRUNCATE floor_block;
"""


def import_of_blocks(bed: Bed, rounds: int, count: int) -> Figure:
    """Issuing runs of serials by the bulk path, beside a bare COPY of the rows it leaves."""

    def ours() -> float:
        code = f"BLOCKS-{new_id()}"
        facts = LotFacts(code, "GEC", 2025, space=("REG", "GEC", code))
        lot_id = open_lot(facts=facts, by=SYSTEM, at=NOON)
        start = time.perf_counter()
        for first in range(0, count, 1000):
            legs = [
                Leg(lot_id, ISSUER, UNISSUED, account(1), FREE, 10, n * 10, n * 10 + 9)
                for n in range(first, first + 1000)
            ]
            post_entries(drafts=[draft(legs, "ISSUE")], by=SYSTEM, at=NOON)
        return count / (time.perf_counter() - start)

    def floor() -> float:
        import psycopg

        bed.sql(COPY_FLOOR)
        with psycopg.connect(bed.url("tanzhang")) as link, link.cursor() as cursor:
            start = time.perf_counter()
            columns = "space_id, first_serial, last_serial, position_id, transfer_count"
            with cursor.copy(f"COPY floor_block (id, {columns}) FROM STDIN") as rows:
                for n in range(count):
                    rows.write_row((n, 1, n * 10, n * 10 + 9, 1, 0))
            link.commit()
            return count / (time.perf_counter() - start)

    bed.sql(COPY_FLOOR)
    exists = bed.sql("SELECT 1 FROM pg_constraint WHERE conname = 'floor_no_overlap'")
    if not exists:
        bed.sql(
            "ALTER TABLE floor_block ADD CONSTRAINT floor_no_overlap EXCLUDE USING gist "
            "(space_id WITH =, int8range(first_serial, last_serial, '[]') WITH &&)"
        )
    value, least = interleaved(rounds, ours, floor)
    return figure(
        "import.serial_blocks", "rows/s", value, least, f"{count} rows, 1,000 in an entry"
    )


# --- sealing


def cost_of_sealing(bed: Bed, lot_id: UUID, rounds: int, seconds: float) -> Figure:
    """Sixteen writers with the sequencer sealing beside them, and without it."""
    seal = (
        "import time, django; django.setup()\n"
        "from django.utils import timezone\n"
        "from ledger.audit.operations import seal_events\n"
        "from ledger.kernel.actors import SYSTEM\n"
        "while True:\n"
        "    seal_events(by=SYSTEM, at=timezone.now()); time.sleep(0.2)\n"
    )

    def sealed() -> float:
        sealer = bed.start_python("-c", seal)
        try:
            return workers(bed, lot_id, 16, seconds)
        finally:
            sealer.kill()

    value, least = interleaved(rounds, sealed, lambda: workers(bed, lot_id, 16, seconds))
    return figure("sealing.cost", "transfers/s", value, least, "16 processes; floor: unsealed")


# --- reads and growth


def reads(lot_id: UUID) -> Iterator[Figure]:
    """Milliseconds a read; the floor is the target of one."""
    asked = {"account_id": account(7), "lot_id": lot_id}
    acts: dict[str, Callable[[], object]] = {
        "read.position": lambda: queries.quantity_of(**asked, state=FREE),
        "read.as_of": lambda: queries.position_as_of(**asked, state=FREE, day=DAY),
        "read.statement_of_50": lambda: queries.statement_of(account_id=account(7)),
    }
    size = Movement.objects.count()
    for name, act in acts.items():
        act()
        start = time.perf_counter()
        for _ in range(200):
            act()
        spent = (time.perf_counter() - start) / 200 * 1000
        yield figure(name, "ms", spent, 1.0, f"from Python, {size} movements; floor_value: target")


def growth(bed: Bed, lot_id: UUID, seconds: float, size: int) -> Figure:
    """Posting rate when so many movements are there, beside the rate before."""
    before = post_for(lot_id, seconds, 3)
    post_bulk(lot_id, size, 1000, 5)
    bed.sql("VACUUM ANALYZE")
    after = post_for(lot_id, seconds, 4)
    return figure("growth", "transfers/s", after, before, f"{size} movements more; floor: before")


def _worker(lot_id: str, start: str, seconds: str, seed: str) -> None:
    post_for(UUID(lot_id), 0.2, int(seed))  # warm
    time.sleep(max(0.0, float(start) - time.time()))
    sys.stdout.write(f"{post_for(UUID(lot_id), float(seconds), int(seed))}\n")


if __name__ == "__main__":
    _worker(*sys.argv[1:])
