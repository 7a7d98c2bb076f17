"""Statements come in by one COPY, and are withdrawn when they were the wrong file."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.accounts import queries as accounts
from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import canonical_json
from ledger.reconciliation import queries, rules
from ledger.reconciliation.comparing import sorting
from ledger.reconciliation.models import Statement, StatementPart, Withdrawal
from ledger.reconciliation.rules import Coverage, Spoken

AT_A_TIME = 2000
CHUNK = 1 << 20
_COPY = """
COPY ledger_reconciliation_statementline
    (statement_id, part_number, first_serial, last_serial, quantity) FROM STDIN
"""
_OVERLAPS = """
SELECT first_serial, last_serial FROM (
    SELECT l.first_serial, l.last_serial,
           max(l.last_serial) OVER (PARTITION BY p.space ORDER BY l.first_serial, l.id
                                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
    FROM ledger_reconciliation_statementline AS l
    JOIN unnest(%(parts)s::int[], %(spaces)s::int[]) AS p(number, space)
      ON p.number = l.part_number
    WHERE l.statement_id = %(statement)s AND l.first_serial IS NOT NULL) AS runs
WHERE reached >= first_serial LIMIT 5
"""


@dataclass(frozen=True, slots=True)
class Line:
    """What a registry says of one run of serials, or of a quantity without any."""

    scheme: str
    vintage_year: int
    state: str
    quantity: int
    first: int | None = None
    last: int | None = None
    space: rules.Space = ("", "", "")
    project_code: str = ""


PartKey = tuple[Any, ...]


class _Taker:
    """Lines on their way into the table: parts, counts and the digest grow as they pass."""

    def __init__(self, statement_id: UUID, spoken: Spoken) -> None:
        self.spoken, self.statement_id = spoken, statement_id
        self.parts: dict[PartKey, int] = {}
        self.digest = hashlib.sha256()
        self.line_count = self.unit_count = 0

    def take(self, lines: Iterable[Line]) -> Iterator[str]:
        """Text for COPY, some thousand lines at a time."""
        source = iter(lines)
        while batch := [self._row(line) for line in islice(source, AT_A_TIME)]:
            self.digest.update("".join(batch).encode())
            yield "".join([f"{self.statement_id}\t{row}" for row in batch])

    def _row(self, line: Line) -> str:
        rules.check_line(quantity=line.quantity, first=line.first, last=line.last)
        key = (line.scheme, line.vintage_year, line.state, line.project_code, *line.space)
        number = self.parts.get(key)
        if number is None:
            number = self._new_part(line, key)
        self.line_count += 1
        self.unit_count += line.quantity
        if line.first is None:
            return f"{number}\t\\N\t\\N\t{line.quantity}\n"
        return f"{number}\t{line.first}\t{line.last}\t{line.quantity}\n"

    def _new_part(self, line: Line, key: PartKey) -> int:
        if not self.spoken.speaks_of(line.scheme, line.vintage_year, line.state):
            raise rules.NotCovered(scheme=line.scheme, vintage=line.vintage_year, state=line.state)
        number = self.parts[key] = len(self.parts) + 1
        return number

    def stored_parts(self) -> list[StatementPart]:
        found = [
            StatementPart(
                statement_id=self.statement_id,
                **dict(zip(queries.PART_COLUMNS, (number, *key), strict=True)),
            )
            for key, number in self.parts.items()
        ]
        for part in found:
            told = {name: getattr(part, name) for name in queries.PART_COLUMNS}
            self.digest.update(canonical_json(told))
        return found


@operation
def record_statement(
    *,
    account_id: UUID,
    as_of_at: datetime,
    coverage: Sequence[Coverage],
    lines: Iterable[Line],
    by: Actor,
    at: datetime,
    import_id: UUID | None = None,
    file_sha256: str = "",
) -> Statement:
    """Keep what a registry says that an account holds; nothing is compared yet.

    `coverage` says of which schemes, vintages and states it speaks: there, what it does not
    name is zero; elsewhere it is merely absent. The same file for the same moment is kept once.

    :raises NotFound: not the actor's account
    :raises NothingCovered, NotCovered: about the coverage
    :raises OddQuantity: I2
    :raises StatementOverlaps: I3
    :raises StatementOfTheFuture: its moment has not come
    """
    account = accounts.get_own_account(account_id, by=by)
    _check(coverage, as_of_at=as_of_at, at=at)
    if file_sha256 and (known := _find(account_id, as_of_at, file_sha256)):
        return known
    statement = Statement(
        account_id=account_id,
        registry=account.registry_id,
        as_of_at=as_of_at,
        as_of_on=rules.beijing_day(as_of_at),
        import_id=import_id,
        file_sha256=file_sha256,
        coverage=[one.as_data() for one in coverage],
        recorded_at=at,
        recorded_by=by.user_id,
    )
    taker = _Taker(statement.pk, Spoken(tuple(coverage)))
    _copy(taker.take(lines))
    parts = taker.stored_parts()
    statement.line_count, statement.unit_count = taker.line_count, taker.unit_count
    statement.lines_digest = taker.digest.hexdigest()
    statement.save(force_insert=True)
    StatementPart.objects.bulk_create(parts, batch_size=AT_A_TIME)
    _check_overlaps(statement.pk, parts)
    _record("statement.recorded", "Statement", statement, by=by, at=at)
    return statement


def _check(coverage: Sequence[Coverage], *, as_of_at: datetime, at: datetime) -> None:
    if not coverage or not all(one.states for one in coverage):
        raise rules.NothingCovered
    if as_of_at > at:
        raise rules.StatementOfTheFuture


def _find(account_id: UUID, as_of_at: datetime, file_sha256: str) -> Statement | None:
    return Statement.objects.filter(
        account_id=account_id, as_of_at=as_of_at, file_sha256=file_sha256, withdrawal=None
    ).first()


def _copy(chunks: Iterator[str]) -> None:
    """By way of a file: the lines may come out of a query, and a COPY has the connection alone."""
    with TemporaryFile() as file:
        for chunk in chunks:
            file.write(chunk.encode())
        file.seek(0)
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            while part := file.read(CHUNK):
                copy.write(part)


def _check_overlaps(statement_id: UUID, parts: Sequence[StatementPart]) -> None:
    places = [(part.registry, part.programme, part.prefix) for part in parts]
    numbers = {place: number for number, place in enumerate(dict.fromkeys(places))}
    asked: dict[str, Any] = {
        "statement": statement_id,
        "parts": [part.number for part in parts],
        "spaces": [numbers[place] for place in places],
    }
    with connection.cursor() as cursor, sorting(cursor):
        cursor.execute(_OVERLAPS, asked)
        found = cursor.fetchall()
    if found:
        raise rules.StatementOverlaps(found=rules.shown_ranges(found))


@operation
def withdraw_statement(*, statement_id: UUID, reason: str, by: Actor, at: datetime) -> Withdrawal:
    """It is no longer held against the books; what it alone showed is found gone.

    :raises NotFound: not there, or another party's
    :raises AlreadyWithdrawn
    """
    statement = queries.get_statement(statement_id, by=by)
    if Withdrawal.objects.filter(statement=statement).exists():
        raise rules.AlreadyWithdrawn
    made = Withdrawal.objects.create(
        statement=statement, reason=reason, withdrawn_at=at, withdrawn_by=by.user_id
    )
    _record("statement.withdrawn", "Withdrawal", made, by=by, at=at)
    return made


def _record(verb: str, kind: str, row: Any, *, by: Actor, at: datetime) -> None:
    audit.record(
        verb=verb,
        subject=f"reconciliation.{kind}:{row.pk}",
        by=by,
        at=at,
        data={"row": queries.content_of(row)},
    )
