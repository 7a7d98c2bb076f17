"""How fast pledges are attested, how long a proof is, and how fast a stranger checks it.

`manage.py bench attest [--full]` runs it on a PostgreSQL of its own: books of 10^3 and 10^5 ranges,
with --full of 10^6. One client, one after the other: what one core gives, the server's share of the
work on another.
"""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import override_settings

from ledger.audit import operations as audit
from ledger.audit import queries as log
from ledger.kernel.actors import SYSTEM, Actor, Role
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
    yield from _of_the_document(row.document.encode(), where, count)

    def one_by_one() -> None:
        for hold_id in hold_ids[:20]:
            operations.attest(hold_id=hold_id, idempotency_key=str(uuid4()), **asked)

    def all_at_once() -> None:
        key = str(uuid4())
        operations.issue_attestations(hold_ids=hold_ids, idempotency_key=key, **asked)

    one_by_one()
    rate = 20 / _each(one_by_one, seconds=3)
    yield _line(f"JSON attestations one by one, {count}", rate, "1/s", where)
    all_at_once()
    rate = PLEDGES / _each(all_at_once, seconds=3)
    yield _line(f"JSON attestations of {PLEDGES} pledges at once, {count}", rate, "1/s", where)

    def print_it() -> None:
        pdf = documents.get_attestation_pdf(row.document.encode(), language="zh-hans")
        signing.document_signer().sign(pdf)

    print_it()
    yield _line(f"signed PDFs, {count}", 1 / _each(print_it, seconds=5), "1/s", where)


def _of_the_document(raw: bytes, where: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    policy = Policy(logs=tuple(log.checkpoint_keys()))
    state = json.dumps(json.loads(raw)["proofs"]["state"], separators=(",", ":"))
    yield _line(f"state proof, {count}", len(state), "bytes", where)
    yield _line(f"attestation, {count}", len(raw), "bytes", where)
    check_file(raw, policy=policy)
    took = _each(lambda: check_file(raw, policy=policy), seconds=1)
    yield _line(f"verified, {count}", took * 1000, "ms", where)


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


def _each(act: Callable[[], Any], *, seconds: float) -> float:
    """Seconds of processor and waiting, one after the other on one core."""
    started, done = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        act()
        done += 1
    return (time.perf_counter() - started) / done


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
