"""How fast the log seals and how fast it is verified, beside a bare hashlib loop.

`manage.py bench chain [--full]` runs it on a PostgreSQL of its own.
"""

import hashlib
import resource
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from statistics import median
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import override_settings

from ledger.audit import keys, operations, verifying
from ledger.kernel.actors import SYSTEM, Actor

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
PORTION = 5_000


def figures(*, bed: Any, full: bool, only: str, movements: int = 0) -> Iterator[dict[str, Any]]:
    """Append, seal and verify, on a bed of the bench's own; keys and checkpoints lie there too."""
    places = {"KEY_DIR": bed.folder / "keys", "CHECKPOINT_DIR": bed.folder / "checkpoints"}
    with override_settings(**places):
        for line in run(quick=not full):
            if only in line["name"]:
                yield line


def run(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """On the database that Django is connected to; `quick` is for a glance, not for the record."""
    count = 100_000 if quick else 400_000
    where = {"events": count, "database": _version()}
    yield _line("append events, one transaction of 5,000", count / _append(count), where)
    operations.make_keys(by=SYSTEM, at=NOON, is_demonstration=True)
    yield _line("seal (chain, tree, seals)", count / _seal(), where)
    bodies = _bodies(20_000)
    floors, hashing, streaming, whole = [], [], [], []
    for _ in range(3):
        floors.append(_bare(bodies))
        hashing.append(count * 10**9 / verifying.rehash().hashing_nanoseconds)
        streaming.append(count / _timed(verifying.rehash))
        whole.append(count / _timed(verifying.verify))
    floor = median(floors)
    yield _line("hashing (leaf and chain, bytes at hand)", median(hashing), where, floor=floor)
    yield _line("V1 to V3 from the database", median(streaming), where, floor=floor)
    yield _line("verify_ledger, whole log with columns", median(whole), where, floor=floor)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield _line("verify_ledger, peak memory", peak, where, unit="MB")
    yield _line("checkpoint on demand", 1 / _checkpoint(), where)


def _line(
    name: str, value: float, where: dict[str, Any], *, floor: float | None = None, unit: str = "1/s"
) -> dict[str, Any]:
    return {
        "name": f"chain: {name}",
        "value": round(value, 1),
        "unit": unit,
        "floor_value": round(floor, 1) if floor else None,
        "ratio": round(value / floor, 3) if floor else None,
        "conditions": where,
    }


def _version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0]}"


def _append(count: int) -> float:
    by = Actor(user_id=uuid4(), party_id=uuid4())
    data = {"lot": str(uuid4()), "from": "FREE", "to": "RETIRED", "units": 12_345}
    started = time.perf_counter()
    for first in range(0, count, PORTION):
        happenings = [
            operations.Happening(verb="entry.posted", subject=f"units.Entry:{i}", data=data)
            for i in range(first, first + PORTION)
        ]
        operations.record_many(happenings, by=by, at=NOON)
    return time.perf_counter() - started


def _seal() -> float:
    started = time.perf_counter()
    while operations.seal_events(by=SYSTEM, at=NOON).sealed_count:
        pass
    took = time.perf_counter() - started
    _checkpoint()
    return took


def _checkpoint() -> float:
    operations.record(verb="thing.done", subject="x.Y:1", by=SYSTEM, at=NOON)
    signer = keys.key_store().signer(keys.CHECKPOINT_KEY)
    started = time.perf_counter()
    operations.seal_events(by=SYSTEM, at=NOON, key=signer)
    return time.perf_counter() - started


def _bodies(count: int) -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM ledger_audit_event ORDER BY id LIMIT %s", [count])
        return [bytes(body) for (body,) in cursor.fetchall()]


def _bare(bodies: list[bytes]) -> float:
    """The floor: nothing but hashing the bodies. Per second."""
    started = time.perf_counter()
    for _ in range(5):
        for body in bodies:
            hashlib.sha256(body).digest()
    return 5 * len(bodies) / (time.perf_counter() - started)


def _timed(verify: Callable[[], verifying.Report]) -> float:
    started = time.perf_counter()
    report = verify()
    took = time.perf_counter() - started
    if not report.is_good:
        raise RuntimeError(report.as_json())
    return took
