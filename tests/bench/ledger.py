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
from ledger.units.operations import Draft, Leg, LotFacts, open_lot, post_entries, post_entry
from tests.bench import scale
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
    bed.age_wal()
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


class Workers:
    """Processes that post together whenever they are told, and have warmed up before."""

    def __init__(self, bed: Bed, lot_id: UUID, count: int) -> None:
        self.running = [
            bed.start_python("-m", "tests.bench.ledger", str(lot_id), str(n)) for n in range(count)
        ]
        for one in self.running:
            if not (one.stdout and one.stdout.readline()):
                raise RuntimeError("a worker did not start")

    def rate(self, seconds: float) -> float:
        """The sum of all, measured over the same seconds."""
        order = f"{time.time() + 0.2} {seconds}\n"
        for one in self.running:
            assert one.stdin
            one.stdin.write(order)
            one.stdin.flush()
        return sum(float(one.stdout.readline()) for one in self.running if one.stdout)

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *failure: object) -> None:
        for one in self.running:
            one.kill()
            one.wait()


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
    """Transfers per second; what is to be transferred is known when the clock starts."""
    dice, spent = random.Random(seed), 0.0  # noqa: S311
    for _ in range(0, total, size):
        drafts = [draft([transfer(lot_id, *two(dice))]) for _ in range(size)]
        start = time.perf_counter()
        post_entries(drafts=drafts, by=SYSTEM, at=NOON)
        spent += time.perf_counter() - start
    return total / spent


def figures(*, bed: Bed, full: bool, only: str, movements: int = 0) -> Iterator[Figure]:
    lot_id = prepare(bed)
    rounds, seconds = (9, 5.0) if full else (3, 2.0)
    about = f"{ACCOUNTS} accounts, median of {rounds} interleaved runs of {seconds:g} s"

    def floor(clients: int) -> Callable[[], float]:
        return lambda: bed.pgbench(FLOOR_SCRIPT, clients=clients, seconds=seconds)

    if only in "transfer.1_process":
        value, least = interleaved(rounds, lambda: post_for(lot_id, seconds, 1), floor(1))
        yield figure("transfer.1_process", "transfers/s", value, least, about)
    if only in "transfer.4_processes":
        with Workers(bed, lot_id, 4) as four:
            value, least = interleaved(rounds, lambda: four.rate(seconds), floor(4))
        yield figure("transfer.4_processes", "transfers/s", value, least, about)
    if only in "transfer.bulk":
        total = 100_000 if full else 20_000
        value, least = interleaved(rounds, lambda: post_bulk(lot_id, total, 2000, 1), floor(1))
        yield figure("transfer.bulk", "transfers/s", value, least, f"{about}; 2,000 in a call")
    if only in "import.serial_blocks":
        yield scale.blocks(bed, rounds, 50_000 if full else 5_000)
    if only in "sealing.cost":
        yield cost_of_sealing(bed, lot_id, rounds, seconds)
    if any(only in name for name in ("read.", "growth.posting", "verify.")):
        yield from scale.grown(
            bed=bed,
            lot_id=lot_id,
            accounts=[account(n) for n in range(1, 41)],
            fill=lambda count: count and post_bulk(lot_id, count, 1000, 2),
            rate=lambda: interleaved(rounds, lambda: post_for(lot_id, seconds, 1), floor(1)),
            target=movements or (10_000_000 if full else 1_000_000),
        )
        yield from scale.verify(bed)


# --- sealing


SEALER = """
import sys, time, django; django.setup()
from django.utils import timezone
from ledger.audit.operations import seal_events
from ledger.kernel.actors import SYSTEM
while seal_events(by=SYSTEM, at=timezone.now()).sealed_count:
    pass
print("caught up", flush=True)
while True:
    seal_events(by=SYSTEM, at=timezone.now()); time.sleep(0.1)
"""


def cost_of_sealing(bed: Bed, lot_id: UUID, rounds: int, seconds: float) -> Figure:
    """Sixteen writers with the sequencer sealing beside them, and without it.

    The sealer has caught up before the clock starts, and must have sealed while it ran.
    """
    seals = "SELECT count(*) FROM ledger_audit_seal"
    sealed_meanwhile: list[int] = []

    def sealed(writers: Workers) -> float:
        sealer = bed.start_python("-c", SEALER)
        try:
            if not (sealer.stdout and sealer.stdout.readline()):
                raise RuntimeError("the sealer did not start")
            before = bed.sql(seals)[0][0]
            rate = writers.rate(seconds)
            sealed_meanwhile.append(bed.sql(seals)[0][0] - before)
        finally:
            sealer.kill()
            sealer.wait()
        if not sealed_meanwhile[-1]:
            raise RuntimeError("nothing was sealed meanwhile")
        return rate

    with Workers(bed, lot_id, 16) as writers:
        pairs = [(writers.rate(seconds), sealed(writers)) for _ in range(rounds)]
    value, least = (statistics.median(side) for side in zip(*pairs, strict=True))
    about = f"16 processes; floor: unsealed; sealed meanwhile {sealed_meanwhile}"
    found = figure("sealing.cost", "transfers/s", least, value, about)
    return {**found, "ratio": round(statistics.median(ours / bare for bare, ours in pairs), 3)}


def _worker(lot_id: str, seed: str) -> None:
    post_for(UUID(lot_id), 0.2, int(seed))  # warm
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for order in sys.stdin:
        start, seconds = map(float, order.split())
        time.sleep(max(0.0, start - time.time()))
        sys.stdout.write(f"{post_for(UUID(lot_id), seconds, int(seed))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _worker(*sys.argv[1:])
