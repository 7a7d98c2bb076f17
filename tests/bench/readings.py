"""`manage.py bench readings [--rows N]`: a month of quarters of an hour, from file to inventory.

The whole way is measured: the file is kept, hashed, read and checked, taken in with versions,
roll-ups by hour, day and month and a Merkle root for each meter's month, then turned into activity
data and an inventory. The floor is a bare COPY of the same rows into a table without any index, in
the same run. Beside the clock the processor's time is told, of the process and of the server's
process behind it: on a machine that others use it says nearly the same as on an idle one.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    import django

    os.environ["TANZHANG_DATA"] = str(Path(sys.argv[1]).parent)
    django.setup()

import psycopg
from django.db import connection

from config.embedded.postgres import SUPERUSER
from tests.bench.bed import Bed

Figure = dict[str, Any]
ROWS, FULL_ROWS = 1_000_000, 10_000_000
MONTH, OF_A_MONTH = date(2025, 1, 1), 31 * 96
METERS_OF_A_SOURCE = 10
NOON = datetime(2025, 2, 5, 4, 0, tzinfo=UTC)
TARGET_SECONDS = 10
WAY_IN = ("upload", "read", "take in")


def number_of(meter: int) -> str:
    return f"M{meter:06d}"


def write_file(path: Path, meters: int) -> int:
    """One line for each meter and quarter of an hour, in kWh with two decimals."""
    stamps = [
        f"2025-01-{day:02d} {quarter // 4:02d}:{quarter % 4 * 15:02d}"
        for day in range(1, 32)
        for quarter in range(96)
    ]
    with path.open("w", encoding="utf-8") as file:
        file.write("meter,time,value\n")
        for meter in range(meters):
            name, base = number_of(meter), 2_000 + meter * 37 % 1_500
            file.write(
                "".join(
                    f"{name},{stamp},{(base + at * 7919 % 3001) / 100:.2f}\n"
                    for at, stamp in enumerate(stamps)
                )
            )
    return meters * len(stamps)


def figures(*, bed: Bed, rows: int = 0, full: bool = False) -> Iterator[Figure]:
    """Rows a second from the file to the roll-ups beside a bare COPY; the month's inventory."""
    wanted = rows or (FULL_ROWS if full else ROWS)
    path = bed.folder / "readings.csv"
    count = write_file(path, max(1, wanted // OF_A_MONTH))
    bed.age_wal()
    floor, floor_cpu = _bare_copy(bed, path, count)
    done = bed.python("-m", "tests.bench.readings", str(path), str(count // OF_A_MONTH))
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    told = json.loads(done.stdout.strip().splitlines()[-1])
    seconds, cpu = told.pop("seconds"), told.pop("cpu")
    ours_cpu = sum(cpu[name] for name in WAY_IN)
    taken = sum(seconds[name] for name in WAY_IN)
    yield {
        "name": "readings",
        "value": round(count / taken),
        "unit": "rows/s",
        "floor_value": round(floor),
        "ratio": round(count / taken / floor, 4),
        "conditions": {"rows": count, "seconds": seconds, "file_mb": path.stat().st_size >> 20}
        | told,
    }
    yield {
        "name": "readings.cpu",
        "value": round(ours_cpu, 2),
        "unit": "s of a core",
        "floor_value": round(floor_cpu, 2),
        "ratio": round(floor_cpu / ours_cpu, 4),
        "conditions": {"rows": count, "cpu": cpu},
    }
    inventory = seconds["activity"] + seconds["inventory"]
    yield {
        "name": "readings.inventory",
        "value": round(inventory, 2),
        "unit": "s",
        "floor_value": TARGET_SECONDS,
        "ratio": round(inventory / TARGET_SECONDS, 4),
        "conditions": {"rows": count, "floor": "the limit", **told},
    }


def _cpu_of(pid: int) -> float:
    """Seconds that a process has spent; none where the system does not say."""
    told = Path(f"/proc/{pid}/stat")
    if not told.exists():
        return 0
    spent = told.read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")


def _bare_copy(bed: Bed, path: Path, count: int) -> tuple[float, float]:
    """The same lines into a table of the same types, without any index: rows a second, and the
    seconds of a core.
    """
    with psycopg.connect(bed.url(SUPERUSER), autocommit=True) as link:
        link.execute(b"CREATE TABLE floor_row (meter text, at timestamptz, value numeric)")
        pid = link.info.backend_pid
        begun, spent = time.perf_counter(), time.process_time() + _cpu_of(pid)
        copying = b"COPY floor_row FROM STDIN (FORMAT csv, HEADER)"
        with path.open("rb") as file, link.cursor() as cursor, cursor.copy(copying) as copy:
            while chunk := file.read(1 << 18):
                copy.write(chunk)
        took = time.perf_counter() - begun
        spent = time.process_time() + _cpu_of(pid) - spent
        link.execute(b"DROP TABLE floor_row")
    return count / took, spent


def child(path: Path, meters: int) -> None:
    """The work in a process of its own, as a worker does it: its memory is its own too."""
    from reporting.readings import operations, queries, tasks
    from reporting.readings.models import Month
    from tests.bench.bed import peak_mb
    from tests.factories import readings as factory

    park, officer = factory.park_with_meters(
        numbers=[number_of(meter) for meter in range(meters)], of_a_source=METERS_OF_A_SOURCE
    )
    factory.load_factors()
    clock = _Clock()
    with path.open("rb") as file:
        upload = operations.upload_readings(
            park_id=park.id, content=file, name=path.name, by=officer, at=NOON
        )
    clock.lap("upload")
    read = tasks.read_file(queries.get_upload(upload.pk, by=officer))
    clock.lap("read")
    upload = operations.take_readings(upload_id=upload.pk, read=read, by=factory.SYSTEM, at=NOON)
    clock.lap("take in")
    if upload.state != "TAKEN":
        raise RuntimeError(str(upload.problems[:5]))
    peak = peak_mb()
    clock.lap("")
    sources = factory.take_month(park.id, MONTH, by=officer, at=NOON)
    clock.lap("activity")
    total = factory.inventory_of(park.id, MONTH, at=NOON)
    clock.lap("inventory")
    kwh = sum(Month.objects.values_list("total_millionths", flat=True)) / Decimal(10**6)
    print(  # noqa: T201
        json.dumps(
            {
                "seconds": clock.seconds,
                "cpu": clock.cpu,
                "peak_mb": peak,
                "meters": meters,
                "sources": sources,
                "kwh": str(kwh),
                "emission_tco2e": str(total),
            }
        )
    )


class _Clock:
    """Seconds by the clock and of a core, this process and the server's behind it together."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.cpu: dict[str, float] = {}
        connection.ensure_connection()
        self.pid = connection.connection.info.backend_pid
        self.begun, self.spent = time.perf_counter(), self._spent()

    def _spent(self) -> float:
        return time.process_time() + _cpu_of(self.pid)

    def lap(self, name: str) -> None:
        now, spent = time.perf_counter(), self._spent()
        if name:
            self.seconds[name] = round(now - self.begun, 2)
            self.cpu[name] = round(spent - self.spent, 2)
        self.begun, self.spent = now, spent


if __name__ == "__main__":
    child(Path(sys.argv[1]), int(sys.argv[2]))
