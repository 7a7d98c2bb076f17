"""`manage.py bench import [--rows N]`: a registry's file from upload to the books.

The file is written as Verra exports its units: batches of a thousand blocks, each fifth of them
retired. Its floor is a bare COPY of the same lines into a table of text, in the same run.
"""

import json
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    import os

    import django

    # the file is kept beside the one it is read from, and goes with the bench
    os.environ["TANZHANG_DATA"] = str(Path(sys.argv[1]).parent)
    django.setup()

import psycopg

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
    """Lines a second from upload to the books, peak memory, and the ratio to a bare COPY."""
    count = rows or (FULL_ROWS if full else ROWS)
    path = bed.folder / "verra.csv"
    write_file(path, count)
    floor = _bare_copy(bed, path, count)
    done = bed.python("-m", "tests.bench.import", str(path))
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    told = json.loads(done.stdout.strip().splitlines()[-1])
    seconds = sum(told["seconds"].values())
    yield {
        "name": "import",
        "value": round(count / seconds),
        "unit": "rows/s",
        "floor_value": round(floor),
        "ratio": round(count / seconds / floor, 4),
        "conditions": {"rows": count, **told, "file_mb": path.stat().st_size >> 20},
    }


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
    print(  # noqa: T201
        json.dumps(
            {
                "seconds": {name: round(value, 2) for name, value in seconds.items()},
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
                "state": row.state,
                "problems": row.problem_count,
                "written": row.result,
            }
        )
    )


if __name__ == "__main__":
    child(Path(sys.argv[1]))
