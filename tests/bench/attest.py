"""How fast pledges are attested, how long a proof is, and how fast a stranger checks it.

`manage.py bench attest [--full]` runs it on a PostgreSQL of its own: books of 10^3 and 10^5 ranges,
with --full of 10^6. A rate is that of one core: the processor's time of this process and of the
server's process behind it, added up. By the clock it stands in the conditions.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from django.db import connection
from django.test import override_settings

from ledger.audit import operations as audit
from ledger.audit import queries as log
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.proofs import operations as proofs
from reporting.attestations import operations
from reporting.documents import queries as documents
from reporting.packages import signing
from reporting.packages.verifier.checking import check_file
from reporting.packages.verifier.trust import Policy

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
SIZES = (1_000, 100_000)
PLEDGES = 100  # of one bank, in one book


def figures(*, bed: Any, full: bool, only: str) -> Iterator[dict[str, Any]]:
    """On a bed of the bench's own; keys and checkpoints lie there too."""
    places = {"KEY_DIR": bed.folder / "keys", "CHECKPOINT_DIR": bed.folder / "checkpoints"}
    with override_settings(**places):
        audit.make_keys(by=SYSTEM, at=NOON, is_demonstration=True)
        for count in (*SIZES, *((1_000_000,) if full else ())):
            for line in _measured(count, bed=bed):
                if only in line["name"]:
                    yield line


def _measured(count: int, *, bed: Any) -> Iterator[dict[str, Any]]:
    started = time.perf_counter()
    bank, hold_ids = _book_of(count)
    bed.age_wal()
    where = {"ranges": count, "filled_seconds": round(time.perf_counter() - started, 1)}
    asked: dict[str, Any] = {"by": bank, "at": NOON}
    started = time.perf_counter()
    row = operations.attest(hold_id=hold_ids[0], idempotency_key=str(uuid4()), **asked)
    took = time.perf_counter() - started
    yield _line(f"the first, committing and sealing, {count}", took, "s", where)
    yield from _of_a_change(bank, hold_ids[0], where, count)
    yield from _of_the_document(row.document.encode(), where, count)

    def one_by_one() -> None:
        for hold_id in hold_ids[:20]:
            operations.attest(hold_id=hold_id, idempotency_key=str(uuid4()), **asked)

    def all_at_once() -> None:
        key = str(uuid4())
        operations.issue_attestations(hold_ids=hold_ids, idempotency_key=key, **asked)

    name = f"JSON attestations one by one, {count}"
    yield _rate(name, one_by_one, where, of=20, seconds=3)
    name = f"JSON attestations of {PLEDGES} pledges at once, {count}"
    yield _rate(name, all_at_once, where, of=PLEDGES, seconds=4)

    def print_it() -> None:
        pdf = documents.get_attestation_pdf(row.document.encode(), language="zh-hans")
        signing.document_signer().sign(pdf)

    yield _rate(f"signed PDFs, {count}", print_it, where, of=1, seconds=5)


def _of_a_change(
    bank: Actor, hold_id: Any, where: dict[str, Any], count: int
) -> Iterator[dict[str, Any]]:
    """One unit of one pledge is released: what the minute's commitment costs then, and when
    nothing happened.
    """
    from ledger.holds import operations as holds

    def change() -> None:
        key = str(uuid4())
        holds.release_hold(hold_id=hold_id, unit_count=1, by=bank, at=NOON, idempotency_key=key)

    for name, before in (("a change of one range", change), ("no change", lambda: None)):
        took = []
        for _round in range(3):
            before()
            started = time.perf_counter()
            proofs.commit_state(by=SYSTEM, at=NOON)
            took.append(time.perf_counter() - started)
        yield _line(f"{name}, committing, {count}", sorted(took)[1], "s", where)


def _of_the_document(raw: bytes, where: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    policy = Policy(logs=tuple(log.checkpoint_keys()))
    state = json.dumps(json.loads(raw)["proofs"]["state"], separators=(",", ":"))
    yield _line(f"state proof, {count}", len(state), "bytes", where)
    yield _line(f"attestation, {count}", len(raw), "bytes", where)
    check_file(raw, policy=policy)
    took = _each(lambda: check_file(raw, policy=policy), seconds=1)
    yield _line(f"verified, {count}", took.clock * 1000, "ms", where)


def _book_of(count: int) -> tuple[Actor, list[Any]]:
    """So many ranges of others, and a bank with its pledges between them."""
    from tests.factories.holdings import holdings, pledge
    from tests.factories.units import issued

    account, lot_id = holdings(1, first=1, scheme="CCER")
    bank = Actor(user_id=uuid4(), party_id=uuid4(), roles=frozenset({Role.BANK_OFFICER}))
    issued(account.pk, 500 * PLEDGES, lot_id=lot_id, first=10**9)
    holds = [
        pledge(account.pk, lot_id, 100, in_favour_of=bank.party_id) for _number in range(PLEDGES)
    ]
    _scatter(account.pk, lot_id, count)
    return bank, [hold.pk for hold in holds]


class Took(NamedTuple):
    """Seconds of one act: by the clock, and of a processor (ours and the server's for us)."""

    clock: float
    core: float


def _each(act: Callable[[], Any], *, seconds: float) -> Took:
    """One after the other. A busy machine lengthens the clock's seconds, hardly the core's."""
    started, core, done = time.perf_counter(), _core_seconds(), 0
    while time.perf_counter() - started < seconds:
        act()
        done += 1
    return Took((time.perf_counter() - started) / done, (_core_seconds() - core) / done)


def _core_seconds() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    spent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return time.process_time() + sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")


def _rate(
    name: str, act: Callable[[], Any], where: dict[str, Any], *, of: int, seconds: float
) -> dict[str, Any]:
    """So many a second that one core gives; by the clock in the conditions."""
    act()
    took = _each(act, seconds=seconds)
    told = {**where, "by_the_clock": round(of / took.clock, 1)}
    return _line(name, of / took.core, "1/core second", told)


def _line(name: str, value: float, unit: str, where: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": f"attest: {name}",
        "value": round(value, 2),
        "unit": unit,
        "floor_value": None,
        "ratio": None,
        "conditions": where,
    }


def _scatter(account_id: Any, lot_id: Any, count: int) -> None:
    """So many single serials with gaps between, by entries of many legs."""
    from ledger.units.states import UnitState
    from tests.factories.units import ISSUER, leg, post

    issued_from = (ISSUER, UnitState.UNISSUED)
    into = (account_id, UnitState.FREE)
    for start in range(0, count, 2_000):
        legs = [
            leg(lot_id, issued_from, into, 1, 2 * n + 10)
            for n in range(start, min(start + 2_000, count))
        ]
        post(legs, kind="ISSUE")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
