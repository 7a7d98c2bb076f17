"""What happened: entries, their movements, and an account's statement."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.kernel.errors import NotFound
from ledger.units.models import Entry, Movement
from ledger.units.rules import IdempotencyConflict, Leg, Receipt
from ledger.units.states import UnitState


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement as one account saw it: units in are positive, units out negative."""

    movement_id: int
    entry_id: UUID
    kind: str
    happened_on: date
    recorded_at: datetime
    lot_id: UUID
    state: UnitState
    change: int
    balance: int
    first_serial: int | None
    last_serial: int | None


def get_entry_legs(entry_id: UUID) -> list[Leg]:
    """What an entry moved, as the legs it was posted with.

    :raises NotFound: no such entry
    """
    rows = list(
        Movement.objects.filter(entry_id=entry_id)
        .select_related("from_position", "to_position")
        .order_by("line")
    )
    if not rows:
        raise NotFound(str(entry_id))
    return [
        Leg(
            lot_id=row.lot_id,
            from_account_id=row.from_position.account_id,
            from_state=UnitState(row.from_position.state),
            to_account_id=row.to_position.account_id,
            to_state=UnitState(row.to_position.state),
            unit_count=row.unit_count,
            first_serial=row.first_serial,
            last_serial=row.last_serial,
            hold_id=row.from_hold_id or row.to_hold_id,
            to_hold_id=row.to_hold_id if row.from_hold_id else None,
        )
        for row in rows
    ]


def get_entry(entry_id: UUID) -> Entry:
    """:raises NotFound: no such entry"""
    entry = Entry.objects.filter(pk=entry_id).first()
    if entry is None:
        raise NotFound(str(entry_id))
    return entry


def find_receipt(*, full_key: str, digest: bytes) -> Receipt | None:
    """The answer that a request got before, by its idempotency key.

    :raises IdempotencyConflict: the key was used for another request (I40)
    """
    entry = Entry.objects.filter(idempotency_key=full_key).first()
    if entry is None:
        return None
    if bytes(entry.request_digest) != digest:
        raise IdempotencyConflict(full_key)
    return Receipt(entry_id=entry.pk, replayed=True)


def find_reversal(entry_id: UUID) -> UUID | None:
    """The entry that took this one back, if any."""
    return Entry.objects.filter(reverses_id=entry_id).values_list("pk", flat=True).first()


# Fifty of each position's newest lines by index, then the newest fifty of them all.
STATEMENT = """
SELECT m.id, m.entry_id, e.kind, m.happened_on, e.recorded_at, m.lot_id, m.state, m.change,
       m.balance, m.first_serial, m.last_serial
FROM (
    SELECT side.*, p.state FROM ledger_units_position AS p, LATERAL (
        (SELECT id, entry_id, happened_on, lot_id, -unit_count AS change, from_balance AS balance,
                first_serial, last_serial
         FROM ledger_units_movement WHERE from_position_id = p.id
           AND (happened_on, id) < (%(day)s, %(id)s)
         ORDER BY happened_on DESC, id DESC LIMIT %(limit)s)
        UNION ALL
        (SELECT id, entry_id, happened_on, lot_id, unit_count, to_balance,
                first_serial, last_serial
         FROM ledger_units_movement WHERE to_position_id = p.id
           AND (happened_on, id) < (%(day)s, %(id)s)
         ORDER BY happened_on DESC, id DESC LIMIT %(limit)s)) AS side
    WHERE p.account_id = %(account)s AND (%(lot)s::uuid IS NULL OR p.lot_id = %(lot)s)
    ORDER BY side.happened_on DESC, side.id DESC LIMIT %(limit)s) AS m
JOIN ledger_units_entry AS e ON e.id = m.entry_id
ORDER BY m.happened_on DESC, m.id DESC, m.change
"""


def statement_of(
    *,
    account_id: UUID,
    lot_id: UUID | None = None,
    before: tuple[date, int] | None = None,
    limit: int = 50,
) -> list[StatementLine]:
    """An account's movements, newest first. `before` is the last line's (day, movement id)."""
    day, movement_id = before or (date.max, 2**63 - 1)
    asked: dict[str, Any] = {
        "account": account_id,
        "lot": lot_id,
        "day": day,
        "id": movement_id,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, asked)
        return [StatementLine(*row) for row in cursor.fetchall()]


def lot_history(lot_id: UUID) -> list[dict[str, Any]]:
    """Every movement of a lot, oldest first."""
    # by position: a lot has few, and they have the index
    rows = Movement.objects.filter(from_position__lot_id=lot_id)
    found: Any = rows.order_by("id").values(
        "id",
        "entry_id",
        "entry__kind",
        "happened_on",
        "entry__recorded_at",
        "from_position__account_id",
        "from_position__state",
        "to_position__account_id",
        "to_position__state",
        "unit_count",
        "first_serial",
        "last_serial",
    )
    return list(found)
