"""Calling the posting functions: one statement, refusals by name."""

import json
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID
from weakref import WeakSet

import psycopg
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import pq

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
    "entry_reversed_once": rules.AlreadyReversed,
}

POST = "SELECT entry_id, replayed FROM ledger_units_post({})"
BYTEA, BYTEA_ARRAY = 17, 1001  # PostgreSQL's numbers of these types
BINARY = pq.Format.BINARY
STATEMENT = b"tanzhang_post"
UNKNOWN_STATEMENT = b"26000"
_prepared: WeakSet[Any] = WeakSet()  # the connections that know it
_ARRAY = struct.Struct("!iiIii")  # dimensions, nulls, type, length, lower bound
_LENGTH = struct.Struct("!i")


def _refusal(error: DatabaseError) -> DomainError | None:
    cause: Any = error.__cause__
    state = getattr(cause, "sqlstate", None) or ""
    if state in REFUSALS:
        details = json.loads(cause.diag.message_detail)
        return REFUSALS[state](**details)
    name = getattr(getattr(cause, "diag", None), "constraint_name", None)
    return CONSTRAINTS[name]() if name in CONSTRAINTS else None


@contextmanager
def _named_refusals() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        if refusal := _refusal(error):
            raise refusal from error
        raise


def _is_watched(link: BaseDatabaseWrapper) -> bool:
    """Somebody listens to Django's cursors: the debug log, a test that counts queries."""
    return bool(link.queries_logged or link.execute_wrappers)


def _has_begun(server: pq.abc.PGconn, link: BaseDatabaseWrapper) -> bool:
    """Outside a transaction, or well inside one: only a cursor would send the BEGIN."""
    return link.connection.autocommit or server.transaction_status == pq.TransactionStatus.INTRANS


def _asked(server: pq.abc.PGconn, raw: Any, bodies: bytes) -> pq.abc.PGresult:
    """Prepared once for a connection. Behind a pooler of transactions the next server may not know
    the statement: then it is sent in full.
    """
    if raw.autocommit:
        if raw not in _prepared:
            server.prepare(STATEMENT, POST.format("$1").encode(), [BYTEA_ARRAY])
            _prepared.add(raw)
        done = server.exec_prepared(STATEMENT, [bodies], [BINARY], BINARY)
        if done.error_field(pq.DiagnosticField.SQLSTATE) != UNKNOWN_STATEMENT:
            return done
    return server.exec_params(POST.format("$1").encode(), [bodies], [BYTEA_ARRAY], [BINARY], BINARY)


def _at_once(server: pq.abc.PGconn, raw: Any, bodies: Sequence[bytes]) -> list[rules.Receipt]:
    """One message there and one back. A cursor would cost as much again as the posting itself."""
    items = b"".join([_LENGTH.pack(len(body)) + body for body in bodies])
    done = _asked(server, raw, _ARRAY.pack(1, 0, BYTEA, len(bodies), 1) + items)
    if done.status != pq.ExecStatus.TUPLES_OK:
        raise _error_of(server, done)
    return [
        rules.Receipt(UUID(bytes=done.get_value(row, 0)), done.get_value(row, 1) == b"\x01")
        for row in range(done.ntuples)
    ]


def _error_of(server: pq.abc.PGconn, done: pq.abc.PGresult) -> psycopg.Error:
    """As a cursor would name it: libpq gives no code to a connection that was lost."""
    error = psycopg.errors.error_from_result(done)
    if server.status == pq.ConnStatus.BAD and error.sqlstate is None:
        return psycopg.OperationalError(str(error))
    return error


def post(bodies: Sequence[bytes]) -> list[rules.Receipt]:
    """Entries, movements, positions, blocks and events, in one statement.

    :raises DomainError: the engine refused
    """
    link = connections[DEFAULT_DB_ALIAS]
    link.ensure_connection()
    link.validate_no_broken_transaction()
    server: pq.abc.PGconn = link.connection.pgconn
    with _named_refusals():
        if bodies and _has_begun(server, link) and not _is_watched(link):
            with link.wrap_database_errors:
                return _at_once(server, link.connection, bodies)
        with link.cursor() as cursor:
            cursor.execute(POST.format("%s"), [list(bodies)])
            return [rules.Receipt(entry_id, replayed) for entry_id, replayed in cursor.fetchall()]


def open_lots(bodies: Sequence[bytes]) -> list[UUID]:
    """:raises DomainError: the engine refused"""
    with _named_refusals(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ledger_units_open_lots(%s)", [list(bodies)])
        return [row[0] for row in cursor.fetchall()]
