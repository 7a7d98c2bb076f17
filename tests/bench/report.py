"""How long a report takes and how much memory: `manage.py bench report`.

Each document is made in a process of its own, so that the peak of memory is its own. The time is
that of the processor: what the machine does beside it does not count; by the clock it stands in
the conditions.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests" / "reporting" / "documents" / "sample_statement.json"
# name → rows of the lineage, most seconds
SIZES = {"report of 30 pages": (0, 6), "report with 10,000 rows": (10_000, 15)}
MOST_MEGABYTES = 300

SCRIPT = """
import io, json, resource, sys, time
import django
django.setup()
from pypdf import PdfReader
from reporting.documents import queries
from reporting.documents.rendering import pages
statement = json.loads(open(sys.argv[1]).read())
rows = int(sys.argv[2])
while rows and len(statement["lineage"]) < rows:
    statement["lineage"] += statement["lineage"][: rows - len(statement["lineage"])]
# libraries, fonts, templates and words are loaded once for a worker, not for a report
pages.font_configuration()
queries.get_html(statement, language="en")
started, clock = time.process_time(), time.perf_counter()
made = {
    "pdf": queries.get_pdf(statement, language="en"),
    "xlsx": queries.get_xlsx(statement, language="en"),
    "xhtml": queries.get_xhtml(statement, language="en"),
}
told = {
    "seconds": time.process_time() - started,
    "by_the_clock": round(time.perf_counter() - clock, 2),
    "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "pages": len(PdfReader(io.BytesIO(made["pdf"])).pages),
    "bytes": len(made["pdf"]),
}
print(json.dumps(told))
"""


def figures(*, bed: Any, only: str) -> Iterator[dict[str, Any]]:
    """The bed's database is not asked: a document is made of its statement alone."""
    for name, (rows, most) in SIZES.items():
        if only in name:
            yield from _measured(name, rows=rows, most=most, environment=bed.environment)


def _measured(
    name: str, *, rows: int, most: int, environment: dict[str, str]
) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-c", SCRIPT, str(SAMPLE), str(rows)]
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment | settings, capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout.splitlines()[-1])
    where = {key: told[key] for key in ("pages", "bytes", "by_the_clock")}
    yield _line(f"{name}: work", told["seconds"], "s", most, where)
    yield _line(f"{name}: memory", told["megabytes"], "MB", MOST_MEGABYTES, where)


def _line(name: str, value: float, unit: str, most: float, where: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": f"report: {name}",
        "value": round(value, 2),
        "unit": unit,
        "floor_value": most,
        "ratio": round(value / most, 2),
        "conditions": where,
    }
