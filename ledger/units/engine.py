"""Calling the posting functions: one statement, refusals by name, bounded retry."""

import json
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection

from ledger.kernel.errors import DomainError
from ledger.units import rules

RETRIES = 5
RETRYABLE = frozenset({"40001", "40P01"})  # serialisation failure, deadlock

REFUSALS: dict[str, type[DomainError]] = {
    "TZ001": rules.NotEnoughUnits,
    "TZ002": rules.RangeNotHeld,
    "TZ004": rules.TerminalState,
    "TZ005": rules.NotReversible,
    "TZ006": rules.IdempotencyConflict,
    "TZ007": rules.MalformedLeg,
    "TZ009": rules.TransferLimit,
    "TZ010": rules.NoSuchLot,
}
CONSTRAINTS: dict[str, type[DomainError]] = {
    "block_serials_never_overlap": rules.SerialsOverlap,
    "lot_code_once": rules.LotExists,
    "ledger_units_entry_reverses_id_key": rules.AlreadyReversed,
}

retried: Counter[str] = Counter()  # by SQLSTATE, since the process began


def _refusal(error: DatabaseError) -> DomainError | None:
    cause: Any = error.__cause__
    state = getattr(cause, "sqlstate", None) or ""
    if state in REFUSALS:
        details = json.loads(cause.diag.message_detail)
        return REFUSALS[state](**details)
    name = getattr(getattr(cause, "diag", None), "constraint_name", None)
    return CONSTRAINTS[name]() if name in CONSTRAINTS else None


def _call(statement: str, bodies: Sequence[bytes]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(bodies)])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def call(statement: str, bodies: Sequence[bytes]) -> list[tuple[Any, ...]]:
    """One statement. Outside a transaction it is its own, and tried again when it met a deadlock.

    :raises DomainError: the engine refused
    :raises TooBusy: still deadlocked after the last try
    """
    tries = 1 if connection.in_atomic_block else RETRIES
    for attempt in range(tries):
        try:
            return _call(statement, bodies)
        except DatabaseError as error:
            if refusal := _refusal(error):
                raise refusal from error
            state = getattr(error.__cause__, "sqlstate", "")
            if state not in RETRYABLE:
                raise
            retried[state] += 1
            if attempt + 1 == tries:
                raise rules.TooBusy from error
            time.sleep(0.002 * 2**attempt)
    raise AssertionError("unreachable")


def post(bodies: Sequence[bytes]) -> list[rules.Receipt]:
    rows = call("SELECT entry_id, replayed FROM ledger_units_post(%s)", bodies)
    return [rules.Receipt(entry_id=entry_id, replayed=replayed) for entry_id, replayed in rows]


def open_lots(bodies: Sequence[bytes]) -> list[UUID]:
    return [row[0] for row in call("SELECT * FROM ledger_units_open_lots(%s)", bodies)]
