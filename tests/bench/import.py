"""`manage.py bench import [--rows N]`: a registry's file from upload to the books, and back.

The file is written as Verra exports its units: batches of a thousand blocks, each fifth of them
retired. Its floor is a bare COPY of the same lines into a table of text, in the same run. Meanwhile
somebody else records an event each second, and the sequencer seals what it may: how long the
longest of them waits for its seal is told too.
"""

import json
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

if __name__ == "__main__":
    import os

    import django

    # the file is kept beside the one it is read from, and goes with the bench
    os.environ["TANZHANG_DATA"] = str(Path(sys.argv[1]).parent)
    django.setup()

import psycopg
from django.db import connection

from config.embedded.postgres import SUPERUSER
from tests.bench.bed import Bed

Figure = dict[str, Any]
ROWS, FULL_ROWS = 100_000, 1_000_000
OF_A_BATCH = 1_000
RETIRED_EACH = 5
NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
HEADINGS = (
    "Issuance Date,Sustainable Development Goals,Vintage Start,Vintage End,ID,Name,Country/Area,"
    "Project Type,Methodology,Total Vintage Quantity,Quantity Issued,Serial Number,"
    "Additional Certifications,Retirement/Cancellation Date,Retirement Beneficiary,"
    "Retirement Reason,Retirement Details\n"
)


def write_file(path: Path, rows: int) -> None:
    """One line a block of a hundred units."""
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADINGS)
        for number in range(rows):
            batch, place = divmod(number, OF_A_BATCH)
            first = place * 100 + 1
            project, issued = 1000 + batch, date(2022, 1 + batch % 12, 1 + batch % 28)
            ended = "2024-03-05" if number % RETIRED_EACH == 0 else ""
            serial = (
                f"{batch}-{first}-{first + 99}-VCS-VCU-1310-VER-CN-13-{project}-01012021-31122021-0"
            )
            file.write(
                f"{issued},,01/01/2021,31/12/2021,{project},Wind farm {batch},China,Energy,"
                f'ACM0002,"100,000",100,{serial},,{ended},,,\n'
            )


def figures(*, bed: Bed, rows: int = 0, full: bool = False) -> Iterator[Figure]:
    """Lines a second to the books and back, peak memory, ratio to a bare COPY, wait for seals."""
    count = rows or (FULL_ROWS if full else ROWS)
    path = bed.folder / "verra.csv"
    write_file(path, count)
    floor = _bare_copy(bed, path, count)
    beside = Bystander()
    done = bed.python("-m", "tests.bench.import", str(path))
    waits = beside.stop()
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    told = json.loads(done.stdout.strip().splitlines()[-1])
    took = told.pop("seconds")
    undoing = took.pop("undo")
    about = {"rows": count, **told, "file_mb": path.stat().st_size >> 20}
    seconds = sum(took.values())
    yield _line("import", count / seconds, "rows/s", floor, about | {"seconds": took})
    yield _line("import.undo", count / undoing, "rows/s", floor, about | {"seconds": undoing})
    yield _line("import.memory", told["peak_mb"], "MB", 400, {"floor": "the limit of 400 MB"})
    longest = max(took["take in"], undoing)
    held = {"rows": count, "floor": "the longest transaction", **waits}
    yield _line("import.wait_for_seal", waits["longest"], "s", longest, held)


def _line(name: str, value: float, unit: str, floor: float, about: dict[str, Any]) -> Figure:
    return {
        "name": name,
        "value": round(value, 1),
        "unit": unit,
        "floor_value": round(floor, 1),
        "ratio": round(value / floor, 4),
        "conditions": about,
    }


class Bystander:
    """Records an event each second and seals, in a thread, until stopped."""

    def __init__(self) -> None:
        self._waiting: dict[UUID, float] = {}
        self._waits: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go)
        self._thread.start()

    def stop(self) -> Figure:
        """Seconds that the longest and the middle one waited, and to catch up at the end."""
        begun = time.perf_counter()
        self._over.set()
        self._thread.join()
        waits = sorted(self._waits)
        return {
            "longest": round(waits[-1], 1),
            "middle": round(waits[len(waits) // 2], 1),
            "catching_up": round(time.perf_counter() - begun, 1),
        }

    def _go(self) -> None:
        from ledger.audit import operations as audit
        from ledger.kernel.actors import SYSTEM

        try:
            while not self._over.is_set() or self._waiting:
                made = audit.record(verb="bench.beside", subject="bench.X:1", by=SYSTEM, at=NOON)
                self._waiting[made] = time.perf_counter()
                while audit.seal_events(by=SYSTEM, at=NOON).sealed_count == audit.SEAL_AT_MOST:
                    pass
                self._see()
                self._over.wait(1)
        finally:
            connection.close()

    def _see(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT e.event_id FROM ledger_audit_event AS e"
                " JOIN ledger_audit_seal AS s ON s.event_row = e.id WHERE e.event_id = ANY (%s)",
                [list(self._waiting)],
            )
            for (sealed,) in cursor.fetchall():
                self._waits.append(time.perf_counter() - self._waiting.pop(sealed))


def _bare_copy(bed: Bed, path: Path, count: int) -> float:
    columns = ", ".join(f"c{n} text" for n in range(len(HEADINGS.split(","))))
    with psycopg.connect(bed.url(SUPERUSER), autocommit=True) as link:
        link.execute(f"CREATE TABLE floor_line ({columns})".encode())
        begun = time.perf_counter()
        copying = b"COPY floor_line FROM STDIN (FORMAT csv, HEADER)"
        with path.open("rb") as file, link.cursor() as cursor, cursor.copy(copying) as copy:
            while chunk := file.read(1 << 18):
                copy.write(chunk)
        took = time.perf_counter() - begun
        link.execute(b"DROP TABLE floor_line")
    return count / took


def child(path: Path) -> None:
    """The import in a process of its own, as a worker runs it: its memory is its own too."""
    from ledger.imports import operations as imports
    from ledger.imports.models import Import
    from tests.factories import imports as files

    by = files.manager()
    account = files.account(by)
    seconds = {}
    begun = time.perf_counter()
    with path.open("rb") as file:
        made = imports.upload_file(
            content=file, name=path.name, target="units", as_of=NOON.date(), account_id=account,
            layout="verra_vcu_transactions", date_order="DAY_FIRST", by=by, at=NOON,
        )  # fmt: skip
    seconds["upload"] = time.perf_counter() - begun
    begun = time.perf_counter()
    imports.run_stage(import_id=made.import_id, progress=files.still, at=NOON)
    seconds["read and check"] = time.perf_counter() - begun
    row = Import.objects.get(pk=made.import_id)
    begun = time.perf_counter()
    files.take_in(row, by=by)
    seconds["take in"] = time.perf_counter() - begun
    row.refresh_from_db()
    written, peak = row.result, _peak("self")
    begun = time.perf_counter()
    files.undo(row, by=by)
    seconds["undo"] = time.perf_counter() - begun
    row.refresh_from_db()
    print(  # noqa: T201
        json.dumps(
            {
                "seconds": {name: round(value, 2) for name, value in seconds.items()},
                "peak_mb": peak or 0,
                "peak_mb_after_undo": _peak("self"),
                "state": row.state,
                "problems": row.problem_count,
                "written": written,
            }
        )
    )


def _peak(process: str) -> int | None:
    """Megabytes at its highest. Not getrusage: that begins with the peak of whoever started it."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return None
    told = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(told["VmHWM"].split()[0]) // 1024


if __name__ == "__main__":
    child(Path(sys.argv[1]))
