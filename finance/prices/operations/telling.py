"""Marks and rates that somebody tells: all of them, or none and every problem at once."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from finance.prices import models
from finance.prices.operations import checking
from finance.prices.queries.checking import TOLD, content_of, digest_of, subject_of
from finance.prices.rules.facts import (
    PRICE_PLACES,
    RATE_PLACES,
    Fact,
    MarkFact,
    NothingTold,
    NotTheKeeper,
    RateFact,
    TooManyRows,
)
from finance.prices.states import LimitCheck, TellingKind
from ledger.audit import operations as audit
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest
from ledger.kernel.keys import KeyUsedOtherwise, key_of
from ledger.parties import queries as parties

MOST_ROWS = 50_000
AT_A_TIME = 2_000
KEEPER = "PARK_OPERATOR"
Facts = Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Told:
    """What comes of a telling: new rows, and how many of them correct an older version."""

    telling_id: UUID | None
    row_count: int
    corrected_count: int
    unchanged_count: int


@dataclass(frozen=True, slots=True)
class Request:
    kind: TellingKind
    facts: Facts
    reason: str
    file_id: UUID | None
    approval_id: UUID | None
    key: str

    @property
    def digest(self) -> str:
        return digest([[asdict(fact) for fact in self.facts], self.reason]).hex()


@operation(retry=True)
def tell_marks(
    *,
    facts: Sequence[MarkFact],
    by: Actor,
    at: datetime,
    idempotency_key: str,
    reason: str = "",
    file_id: UUID | None = None,
    approval_id: UUID | None = None,
) -> Told:
    """Keep what sources say of days. What is told already is passed over; another price of the
    same day is a new version. `reason` stands for rows that need one and have none of their own.

    :raises NotTheKeeper: a party other than the park's operator
    :raises NothingTold, TooManyRows: no rows, or too many
    :raises TellingHasProblems: of several rows, every problem; of a single row its own refusal
    :raises KeyUsedOtherwise: I40
    """
    key = key_of(by, idempotency_key)
    asked = Request(TellingKind.MARKS, facts, reason, file_id, approval_id, key)
    return _tell(asked, by=by, at=at)


@operation(retry=True)
def tell_rates(
    *,
    facts: Sequence[RateFact],
    by: Actor,
    at: datetime,
    idempotency_key: str,
    reason: str = "",
    file_id: UUID | None = None,
    approval_id: UUID | None = None,
) -> Told:
    """Keep what one currency was in another, as `tell_marks` keeps marks.

    :raises NotTheKeeper, NothingTold, TooManyRows, TellingHasProblems, KeyUsedOtherwise: as there
    """
    key = key_of(by, idempotency_key)
    asked = Request(TellingKind.RATES, facts, reason, file_id, approval_id, key)
    return _tell(asked, by=by, at=at)


def preview(facts: Facts, *, reason: str, by: Actor, at: datetime) -> Told:
    """What telling them would do, and every problem, before anybody is asked. Nothing is written.

    :raises NotTheKeeper, NothingTold, TooManyRows, TellingHasProblems: as `tell_marks`
    """
    _check_sender(by, facts)
    checked = _check(facts, reason=reason, at=at)
    corrected = sum(row.version > 1 for row in checked.rows)
    return Told(None, len(checked.rows), corrected, checked.unchanged_count)


def _tell(asked: Request, *, by: Actor, at: datetime) -> Told:
    _check_sender(by, asked.facts)
    if found := find_told(asked):
        return found
    wait_our_turn()
    checked = _check(asked.facts, reason=asked.reason, at=at)
    telling = begin(asked, by=by, at=at)
    telling.unchanged_count = checked.unchanged_count
    make = _mark if asked.kind == TellingKind.MARKS else _rate
    rows = [make(telling, n, row, asked.reason) for n, row in enumerate(checked.rows, start=1)]
    return keep(telling, rows, by=by, at=at)


def begin(asked: Request, *, by: Actor, at: datetime) -> models.Telling:
    return models.Telling(
        kind=asked.kind,
        party_id=by.party_id,
        unchanged_count=0,
        reason=asked.reason,
        file_id=asked.file_id,
        approval_id=asked.approval_id,
        told_at=at,
        told_by=by.user_id,
        idempotency_key=asked.key,
        request_digest=asked.digest,
    )


def keep(telling: models.Telling, rows: Sequence[Any], *, by: Actor, at: datetime) -> Told:
    """The telling with its rows, and one event that seals them all."""
    telling.row_count, telling.rows_digest = len(rows), digest_of(rows)
    telling.save(force_insert=True)
    table_of(telling.kind).objects.bulk_create(rows, batch_size=AT_A_TIME)
    data = {"row": content_of(telling)}
    audit.record(verb=TOLD, subject=subject_of(telling), by=by, at=at, data=data)
    corrected = sum(row.version > 1 for row in rows)
    return Told(telling.pk, len(rows), corrected, telling.unchanged_count)


def _check(facts: Facts, *, reason: str, at: datetime) -> checking.Checked:
    return checking.check(facts, reason=reason, today=checking.beijing_day(at))


def _mark(telling: models.Telling, position: int, row: checking.Row, reason: str) -> models.Mark:
    fact: MarkFact = row.fact
    needs_reason = row.version > 1 or row.limit is LimitCheck.OUTSIDE
    return models.Mark(
        telling_id=telling.pk,
        position=position,
        scheme=fact.scheme,
        vintage_year=fact.vintage_year,
        source_id=fact.source,
        mode=fact.mode,
        marked_on=fact.marked_on,
        version=row.version,
        price=fact.price.quantize(Decimal(1).scaleb(-PRICE_PLACES)),
        currency=fact.currency,
        volume=fact.volume,
        limit_check=row.limit,
        reason=fact.reason or (reason if needs_reason else ""),
    )


def _rate(
    telling: models.Telling, position: int, row: checking.Row, reason: str
) -> models.ExchangeRate:
    fact: RateFact = row.fact
    return models.ExchangeRate(
        telling_id=telling.pk,
        position=position,
        from_currency=fact.from_currency,
        to_currency=fact.to_currency,
        source_id=fact.source,
        rated_on=fact.rated_on,
        version=row.version,
        rate=fact.rate.quantize(Decimal(1).scaleb(-RATE_PLACES)),
        reason=fact.reason or (reason if row.version > 1 else ""),
    )


def table_of(kind: str) -> Any:
    return models.Mark if kind == TellingKind.MARKS else models.ExchangeRate


def _check_sender(by: Actor, facts: Facts) -> None:
    if not facts:
        raise NothingTold
    if len(facts) > MOST_ROWS:
        raise TooManyRows(limit=MOST_ROWS)
    if not keeps_marks(by):
        raise NotTheKeeper


def keeps_marks(by: Actor) -> bool:
    """The product itself, or whoever acts for the park's operator."""
    if by.party_id is None:
        return by.is_machine
    return parties.get_party(by.party_id).kind == KEEPER


def find_told(asked: Request) -> Told | None:
    row = models.Telling.objects.filter(idempotency_key=asked.key).first()
    if row is None:
        return None
    if row.request_digest != asked.digest:
        raise KeyUsedOtherwise
    corrected = table_of(row.kind).objects.filter(telling=row, version__gt=1).count()
    return Told(row.pk, row.row_count, corrected, row.unchanged_count)


def wait_our_turn() -> None:
    """Versions are counted: two tellings of the same day go one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('prices', 0))")
