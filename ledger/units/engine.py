"""Calling the posting functions: one statement, refusals by name."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
from django.db import DatabaseError, connection

from ledger.kernel.errors import DomainError
from ledger.units import rules

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


def _refusal(error: DatabaseError) -> DomainError | None:
    cause: Any = error.__cause__
    state = getattr(cause, "sqlstate", None) or ""
    if state in REFUSALS:
        details = json.loads(cause.diag.message_detail)
        return REFUSALS[state](**details)
    name = getattr(getattr(cause, "diag", None), "constraint_name", None)
    return CONSTRAINTS[name]() if name in CONSTRAINTS else None


def _call(statement: str, bodies: Sequence[bytes]) -> list[tuple[Any, ...]]:
    """Past Django's cursor when nobody listens to it: bodies travel as bytes, not as SQL text."""
    if connection.queries_logged or connection.execute_wrappers:
        with connection.cursor() as cursor:
            cursor.execute(statement, [list(bodies)])
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        plain = psycopg.Cursor(connection.connection)
        return plain.execute(statement, [list(bodies)], binary=True).fetchall()


def call(statement: str, bodies: Sequence[bytes]) -> list[tuple[Any, ...]]:
    """One statement.

    :raises DomainError: the engine refused
    """
    try:
        return _call(statement, bodies)
    except DatabaseError as error:
        if refusal := _refusal(error):
            raise refusal from error
        raise


def post(bodies: Sequence[bytes]) -> list[rules.Receipt]:
    rows = call("SELECT entry_id, replayed FROM ledger_units_post(%s)", bodies)
    return [rules.Receipt(entry_id=entry_id, replayed=replayed) for entry_id, replayed in rows]


def open_lots(bodies: Sequence[bytes]) -> list[UUID]:
    return [row[0] for row in call("SELECT * FROM ledger_units_open_lots(%s)", bodies)]
