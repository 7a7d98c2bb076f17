"""`manage.py bench reconcile [--blocks N]`: a statement taken in, then held against the books."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

if __name__ == "__main__":
    import django

    django.setup()

import psycopg
from django.db import connection

from config.embedded.postgres import SUPERUSER
from ledger.accounts import operations as accounts
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM
from ledger.kernel.ids import new_id
from ledger.reconciliation import operations
from ledger.reconciliation.operations import Line
from ledger.reconciliation.rules import Coverage
from ledger.units.operations import LotFacts, open_lots
from tests.bench.bed import Bed
from tests.factories.units import DAY, NOON

LOTS, SIZE, EVERY = 100, 10, 10_000
Figure = dict[str, Any]
LINE_COLUMNS = "statement_id, part_number, first_serial, last_serial, quantity"

# The books are made by a superuser, in one stroke: it is the comparison that is measured.
_BLOCKS = """
WITH held AS (
    INSERT INTO ledger_units_position (account_id, lot_id, state, quantity, last_on, space_id)
    SELECT '{account}', l.id, 'FREE', {rows} * {size}, '{day}', l.space_id
    FROM ledger_units_lot AS l WHERE l.code LIKE 'RECONCILE-%' RETURNING id, space_id)
INSERT INTO ledger_units_block (space_id, first_serial, last_serial, position_id, transfer_count)
SELECT h.space_id, n * {size} + 1, n * {size} + {size}, h.id, 0
FROM held AS h, generate_series(0, {rows} - 1) AS n
"""


def prepare(bed: Bed, blocks: int) -> UUID:
    """An account with so many serial blocks, in a hundred lots."""
    load_schemes(by=SYSTEM, at=NOON)
    account = accounts.open_account(
        holder_id=new_id(), type="HOLDING", registry="CCRC", number="BENCH", by=SYSTEM, at=NOON
    )
    facts = [
        LotFacts(f"RECONCILE-{n}", "CCER", 2025, space=("REG", "CCER", f"B{n}"))
        for n in range(LOTS)
    ]
    open_lots(facts=facts, by=SYSTEM, at=NOON)
    rows = blocks // LOTS
    bed.sql(_BLOCKS.format(account=account.pk, rows=rows, size=SIZE, day=DAY))
    bed.sql("VACUUM ANALYZE")
    return account.pk


def lines(blocks: int) -> Iterator[Line]:
    """What the registry says: the same, but for one serial of every ten thousandth block."""
    for number in range(blocks // LOTS * LOTS):
        lot, n = divmod(number, blocks // LOTS)
        wrong = number % EVERY == 1
        first, last = n * SIZE + 1, n * SIZE + SIZE - wrong
        yield Line("CCER", 2025, "FREE", last - first + 1, first, last, ("REG", "CCER", f"B{lot}"))


def take_in(account_id: UUID, blocks: int) -> float:
    start = time.perf_counter()
    operations.record_statement(
        account_id=account_id,
        as_of_at=NOON,
        coverage=[Coverage("CCER", None, frozenset({"FREE"}))],
        lines=lines(blocks),
        by=SYSTEM,
        at=NOON,
    )
    return time.perf_counter() - start


def copy_floor(bed: Bed) -> float:
    """Seconds for the very same lines by COPY, with the same index and checks."""
    rows = bed.sql(f"SELECT {LINE_COLUMNS} FROM ledger_reconciliation_statementline ORDER BY id")
    bed.sql("DROP TABLE IF EXISTS floor_line")
    bed.sql("CREATE TABLE floor_line (LIKE ledger_reconciliation_statementline INCLUDING ALL)")
    with psycopg.connect(bed.url(SUPERUSER), autocommit=True) as link, link.cursor() as cursor:
        text = ["\t".join(map(str, row)) + "\n" for row in rows]
        start = time.perf_counter()
        with cursor.copy(f"COPY floor_line ({LINE_COLUMNS}) FROM STDIN") as copy:
            for begin in range(0, len(text), 2000):
                copy.write("".join(text[begin : begin + 2000]))
        seconds = time.perf_counter() - start
    bed.sql("DROP TABLE floor_line")
    return seconds


def figure(name: str, unit: str, value: float, floor: float, about: dict[str, Any]) -> Figure:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "floor_value": round(floor, 3),
        "ratio": round(value / floor, 3),
        "conditions": about,
    }


def figures(*, bed: Bed, full: bool = False, blocks: int = 0) -> Iterator[Figure]:
    """One line each: the statement taken in, the comparison, and what both cost in memory."""
    wanted = (blocks or (1_000_000 if full else 100_000)) // LOTS * LOTS
    account_id = prepare(bed, wanted)
    done = bed.python("-m", "tests.bench.reconcile", str(account_id), str(wanted))
    done.check_returncode()
    taken, seconds, peak, server, found = json.loads(done.stdout.splitlines()[-1])
    floor = copy_floor(bed)
    about: dict[str, Any] = {"blocks": wanted, "floor": "COPY of the same lines alone"}
    yield figure("reconcile.statement", "rows/s", wanted / taken, wanted / floor, about)
    about = {**about, "seconds": round(seconds, 2), "differences": found}
    yield figure("reconcile.compare", "rows/s", wanted / seconds, wanted / floor, about)
    about = {
        "blocks": wanted,
        "floor": "the limit of 400 MB",
        "process": "client; both steps stream",
        "server_process_mb": server,
    }
    yield figure("reconcile.memory", "MB", peak, 400, about)


def _both_here(account_id: UUID, blocks: int) -> None:
    """The statement, the sweep and the breaks, in a process of their own."""
    taken = take_in(account_id, blocks)
    start = time.perf_counter()
    made = operations.compare_account(account_id=account_id, by=SYSTEM, at=NOON)
    seconds = time.perf_counter() - start
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = _peak(str(cursor.fetchone()[0]))
    told = [taken, seconds, _peak("self"), server, made[0].difference_count]
    sys.stdout.write(json.dumps(told) + "\n")


def _peak(process: str) -> int | None:
    """Megabytes at its highest. Not getrusage: that begins with the peak of whoever started it."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return None
    told = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(told["VmHWM"].split()[0]) // 1024


if __name__ == "__main__":
    _both_here(UUID(sys.argv[1]), int(sys.argv[2]))
