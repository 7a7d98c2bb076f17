"""What a large ledger costs: verification, reads, growth; and the import of serial blocks."""

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

if __name__ == "__main__":
    import django

    django.setup()

import psycopg
from django.db import connection

from config.embedded.postgres import SUPERUSER
from ledger.audit import operations as audit
from ledger.audit import verifying
from ledger.kernel.actors import SYSTEM
from ledger.kernel.ids import new_id
from ledger.units.operations import Draft, Leg, LotFacts, open_lot, post_entries
from ledger.units.queries.history import STATEMENT
from ledger.units.queries.places import AS_OF
from tests.bench.bed import Bed
from tests.factories.units import DAY, FREE, ISSUER, NOON, UNISSUED

Figure = dict[str, Any]
BLOCK_COLUMNS = "id, space_id, first_serial, last_serial, position_id, hold_id, transfer_count"

_READS: dict[str, str] = {
    "position": "SELECT quantity FROM ledger_units_position"
    " WHERE account_id = %(account)s AND lot_id = %(lot)s AND state = %(state)s",
    "as_of": AS_OF,
    "statement_50": STATEMENT,
}


def movement_count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_units_movement")
        return int(cursor.fetchone()[0])


def figure(
    name: str, unit: str, value: float, floor: float | None, conditions: dict[str, Any]
) -> Figure:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "floor_value": None if floor is None else round(floor, 3),
        "ratio": round(value / floor, 3) if floor else None,
        "conditions": conditions,
    }


# --- serial blocks


def import_blocks(rows: int, size: int = 1000) -> tuple[float, UUID]:
    """Rows per second through the bulk path: an entry of `size` ranges in one call."""
    code = f"SERIALS-{new_id()}"
    facts = LotFacts(code, "CCER", 2025, space=("REG", "CCER", code))
    lot_id, holder = open_lot(facts=facts, by=SYSTEM, at=NOON), new_id()
    start = time.perf_counter()
    for low in range(0, rows, size):
        legs = [
            Leg(lot_id, ISSUER, UNISSUED, holder, FREE, 10, n * 10 + 1, n * 10 + 10)
            for n in range(low, low + size)
        ]
        draft = Draft("ISSUE", legs, DAY, str(new_id()))
        post_entries(drafts=[draft], by=SYSTEM, at=NOON)
    return rows / (time.perf_counter() - start), lot_id


def copy_blocks(bed: Bed, lot_id: UUID) -> float:
    """The floor: the very same block rows by COPY, with the same indexes and exclusion."""
    rows = bed.sql(
        f"SELECT {', '.join('b.' + c for c in BLOCK_COLUMNS.split(', '))}"
        " FROM ledger_units_block AS b JOIN ledger_units_position AS p ON p.id = b.position_id"
        f" WHERE p.lot_id = '{lot_id}' ORDER BY b.id"
    )
    bed.sql("DROP TABLE IF EXISTS floor_block")
    bed.sql("CREATE TABLE floor_block (LIKE ledger_units_block INCLUDING ALL)")
    with psycopg.connect(bed.url(SUPERUSER), autocommit=True) as link:
        start = time.perf_counter()
        with (
            link.cursor() as cursor,
            cursor.copy(f"COPY floor_block ({BLOCK_COLUMNS}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
        return len(rows) / (time.perf_counter() - start)


def blocks(bed: Bed, rounds: int, rows: int) -> Figure:
    pairs = []
    for _ in range(rounds):
        ours, lot_id = import_blocks(rows)
        pairs.append((ours, copy_blocks(bed, lot_id)))
    value, floor = (statistics.median(side) for side in zip(*pairs, strict=True))
    about = {"rows": rows, "rounds": rounds, "floor": "COPY of the block rows alone"}
    return figure("import.serial_blocks", "rows/s", value, floor, about)


# --- reads


def read_times(lot_id: UUID, accounts: list[UUID]) -> dict[str, float]:
    """Median milliseconds of execution in the server, once the pages are warm."""
    asked: dict[str, Any] = {
        "lot": lot_id,
        "state": "FREE",
        "day": date(2026, 1, 5),
        "id": 2**62,
        "limit": 50,
    }
    found: dict[str, float] = {}
    for name, statement in _READS.items():
        times = []
        for account_id in accounts * 2:
            with connection.cursor() as cursor:
                explain = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) "
                cursor.execute(explain + statement, {**asked, "account": account_id})
                plan = cursor.fetchone()[0]
            plan = json.loads(plan) if isinstance(plan, str) else plan
            times.append(plan[0]["Execution Time"])
        found[name] = statistics.median(times[len(accounts) :])
    return found


# --- verification


def verify(bed: Bed) -> Iterator[Figure]:
    while audit.seal_events(by=SYSTEM, at=NOON).sealed_count:
        pass
    done = bed.python("-m", "tests.bench.scale")
    done.check_returncode()
    seconds, peak, good = json.loads(done.stdout.splitlines()[-1])
    count = movement_count()
    about = {"movements": count, "includes": "V1 to V4, database reads", "good": good}
    yield figure("verify.whole", "movements/s", count / seconds, 50_000, about)
    about = {"movements": count, "floor": "the limit of 300 MB", "process": "client, whole check"}
    yield figure("verify.memory", "MB", peak, 300, about)


def _verify_here() -> None:
    start = time.perf_counter()
    report = verifying.verify()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps([seconds, peak, report.is_good]) + "\n")


# --- growth


def at_rest(bed: Bed) -> None:
    """What was filled is swept and on the disk: a rate is that of a ledger in use, not of one that
    still writes back what a bulk load left behind.
    """
    bed.sql("VACUUM ANALYZE")
    bed.sql("CHECKPOINT")
    bed.age_wal()


def grown(
    *,
    bed: Bed,
    lot_id: UUID,
    accounts: list[UUID],
    fill: Callable[[int], Any],
    rate: Callable[[], tuple[float, float]],
    target: int,
) -> Iterator[Figure]:
    """Reads and posting rate when small and when large; the rate as a share of its floor."""
    fill(max(0, 10_000 - movement_count()))
    at_rest(bed)
    small, small_reads, (ours, floor) = movement_count(), read_times(lot_id, accounts), rate()
    fill(max(0, target - movement_count()))
    at_rest(bed)
    large, large_reads, (late, late_floor) = movement_count(), read_times(lot_id, accounts), rate()
    about: dict[str, Any] = {"movements": large, "floor": f"the same at {small} movements"}
    for name, value in large_reads.items():
        yield figure(f"read.{name}", "ms", value, small_reads[name], about)
    about = {**about, "transfers/s": [round(ours), round(late)]}
    yield figure("growth.posting", "× floor", late / late_floor, ours / floor, about)


if __name__ == "__main__":
    _verify_here()
