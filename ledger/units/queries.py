"""Every read of the ledger of units that others may use."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Sum
from django.utils.formats import number_format

from ledger.accounts import queries as accounts
from ledger.kernel.errors import NotFound
from ledger.units.models import STATES, Block, Entry, Lot, Movement, Position
from ledger.units.rules import IdempotencyConflict, Leg, MalformedLeg, NotEnoughUnits, Receipt
from ledger.units.states import LIVE, UnitState
from ledger.units.verifying import check_against_events

__all__ = ["check_against_events"]


@dataclass(frozen=True, slots=True)
class LotView:
    """What a lot is. `space` is (registry, programme, prefix); None: no serial numbers."""

    id: UUID
    code: str
    scheme: str
    vintage_year: int
    project_id: UUID | None
    plant_id: UUID | None
    generated_from: date | None
    generated_to: date | None
    expires_on: date | None
    space: tuple[str, str, str] | None
    traits: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PositionView:
    """Units of a lot in one account and state, now."""

    account_id: UUID
    lot_id: UUID
    lot_code: str
    scheme: str
    vintage_year: int
    expires_on: date | None
    state: UnitState
    unit_count: int


@dataclass(frozen=True, slots=True)
class SerialRun:
    """Serial numbers, both ends included."""

    first: int
    last: int
    hold_id: UUID | None = None
    transfer_count: int = 0

    @property
    def unit_count(self) -> int:
        return self.last - self.first + 1


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


def _lot_view(lot: Lot) -> LotView:
    space = lot.space
    return LotView(
        id=lot.id,
        code=lot.code,
        scheme=lot.scheme,
        vintage_year=lot.vintage_year,
        project_id=lot.project_id,
        plant_id=lot.plant_id,
        generated_from=lot.generated_from,
        generated_to=lot.generated_to,
        expires_on=lot.expires_on,
        space=(space.registry, space.programme, space.prefix) if space else None,
        traits=lot.traits,
    )


def get_lot(lot_id: UUID) -> LotView:
    """:raises NotFound: no such lot"""
    lot = Lot.objects.select_related("space").filter(pk=lot_id).first()
    if lot is None:
        raise NotFound(str(lot_id))
    return _lot_view(lot)


def find_lot(code: str) -> LotView | None:
    lot = Lot.objects.select_related("space").filter(code=code).first()
    return _lot_view(lot) if lot else None


def get_lots(lot_ids: Iterable[UUID]) -> dict[UUID, LotView]:
    lots = Lot.objects.select_related("space").filter(pk__in=set(lot_ids))
    return {lot.id: _lot_view(lot) for lot in lots}


def positions_in(account_ids: Iterable[UUID]) -> list[PositionView]:
    """What these accounts hold now, by state; nothing is left out but zero."""
    rows = (
        Position.objects.select_related("lot")
        .filter(account_id__in=list(account_ids))
        .exclude(quantity=0)
        .order_by("lot__scheme", "lot__vintage_year", "lot__code", "account_id", "state")
    )
    return [
        PositionView(
            account_id=row.account_id,
            lot_id=row.lot_id,
            lot_code=row.lot.code,
            scheme=row.lot.scheme,
            vintage_year=row.lot.vintage_year,
            expires_on=row.lot.expires_on,
            state=UnitState(row.state),
            unit_count=row.quantity,
        )
        for row in rows
    ]


def positions(party_id: UUID) -> list[PositionView]:
    """What a party holds now, over all its accounts."""
    return positions_in(accounts.account_ids_of(party_id))


def place_choices(party_id: UUID) -> list[tuple[str, str]]:
    """For a select: where a party has units now, as "account:lot", and that in words."""
    numbers = dict(accounts.accounts_of(party_id).values_list("pk", "number"))
    found: dict[tuple[UUID, UUID], list[PositionView]] = {}
    for view in positions(party_id):
        if view.state in LIVE:
            found.setdefault((view.account_id, view.lot_id), []).append(view)
    words = dict(STATES)
    return [
        (
            f"{account_id}:{lot_id}",
            f"{views[0].lot_code} · {numbers[account_id]} · "
            + ", ".join(f"{words[one.state]} {number_format(one.unit_count)}" for one in views),
        )
        for (account_id, lot_id), views in found.items()
    ]


def holdings(party_id: UUID) -> list["Holding"]:
    """What a party holds now, by scheme, vintage and state."""
    return holdings_in(accounts.account_ids_of(party_id))


def quantity_of(*, account_id: UUID, lot_id: UUID, state: UnitState) -> int:
    """How many units are there now."""
    row = Position.objects.filter(account_id=account_id, lot_id=lot_id, state=state).first()
    return row.quantity if row else 0


# The balance of the last movement on or before the day that was not recorded late, and the late
# ones recorded after it: two index look-ups per side, however long the history.
_AS_OF = """
WITH place AS (
    SELECT id FROM ledger_units_position
    WHERE account_id = %(account)s AND lot_id = %(lot)s AND state = %(state)s),
last AS (
    SELECT id, balance FROM (
        (SELECT id, from_balance AS balance FROM ledger_units_movement
         WHERE from_position_id = (SELECT id FROM place) AND happened_on <= %(day)s
           AND NOT from_late ORDER BY happened_on DESC, id DESC LIMIT 1)
        UNION ALL
        (SELECT id, to_balance FROM ledger_units_movement
         WHERE to_position_id = (SELECT id FROM place) AND happened_on <= %(day)s
           AND NOT to_late ORDER BY happened_on DESC, id DESC LIMIT 1)) AS sides
    ORDER BY id DESC LIMIT 1)
SELECT coalesce((SELECT balance FROM last), 0)
     + coalesce((SELECT sum(unit_count) FROM ledger_units_movement
                 WHERE lot_id = %(lot)s AND (from_late OR to_late) AND to_late
                   AND to_position_id = (SELECT id FROM place) AND happened_on <= %(day)s
                   AND id > coalesce((SELECT id FROM last), 0)), 0)
     - coalesce((SELECT sum(unit_count) FROM ledger_units_movement
                 WHERE lot_id = %(lot)s AND (from_late OR to_late) AND from_late
                   AND from_position_id = (SELECT id FROM place) AND happened_on <= %(day)s
                   AND id > coalesce((SELECT id FROM last), 0)), 0)
"""


def position_as_of(*, account_id: UUID, lot_id: UUID, state: UnitState, day: date) -> int:
    """Units there at the end of a (Beijing) day, by what is known now."""
    asked: dict[str, Any] = {
        "account": account_id,
        "lot": lot_id,
        "state": str(state),
        "day": day,
    }
    with connection.cursor() as cursor:
        cursor.execute(_AS_OF, asked)
        return int(cursor.fetchone()[0])


def ranges_in(
    *, account_id: UUID, lot_id: UUID, state: UnitState, hold_id: UUID | None = None
) -> list[SerialRun]:
    """The serial numbers of a position, lowest first; of one hold where one is named."""
    rows = Block.objects.filter(
        position__account_id=account_id, position__lot_id=lot_id, position__state=state
    ).order_by("first_serial")
    rows = rows.filter(hold_id=hold_id) if hold_id else rows
    return [
        SerialRun(row.first_serial, row.last_serial, row.hold_id, row.transfer_count)
        for row in rows
    ]


def find_ranges(
    *,
    account_id: UUID,
    lot_id: UUID,
    state: UnitState,
    unit_count: int,
    hold_id: UUID | None = None,
) -> list[SerialRun]:
    """Serial numbers for so many units, lowest first; empty for a lot without serial numbers.

    :raises NotEnoughUnits: fewer are there
    """
    if get_lot(lot_id).space is None:
        return []
    chosen, missing = list[SerialRun](), unit_count
    for run in ranges_in(account_id=account_id, lot_id=lot_id, state=state, hold_id=hold_id):
        if missing <= 0:
            break
        last = min(run.last, run.first + missing - 1)
        chosen.append(SerialRun(run.first, last, run.hold_id, run.transfer_count))
        missing -= last - run.first + 1
    if missing > 0:
        raise NotEnoughUnits(wanted=unit_count, free=unit_count - missing)
    return chosen


def find_hold_ranges(hold_id: UUID) -> list[SerialRun]:
    """The serial numbers that a hold secures now."""
    rows = Block.objects.filter(hold_id=hold_id).order_by("space_id", "first_serial")
    return [SerialRun(r.first_serial, r.last_serial, r.hold_id, r.transfer_count) for r in rows]


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
_STATEMENT = """
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
        cursor.execute(_STATEMENT, asked)
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


@dataclass(frozen=True, slots=True)
class Holding:
    """Units of one scheme and vintage in one state, over all accounts asked for."""

    scheme: str
    vintage_year: int
    state: UnitState
    unit_count: int


def holdings_in(account_ids: Iterable[UUID]) -> list[Holding]:
    """For the home page: what these accounts hold, by scheme, vintage and state."""
    rows = (
        Position.objects.filter(account_id__in=list(account_ids))
        .exclude(quantity=0)
        .exclude(state=UnitState.UNISSUED.value)
        .values_list("lot__scheme", "lot__vintage_year", "state")
        .annotate(units=Sum("quantity"))
        .order_by("lot__scheme", "lot__vintage_year", "state")
    )
    return [Holding(scheme, year, UnitState(state), units) for scheme, year, state, units in rows]


def legs_of_units(
    *,
    lot: LotView,
    source: tuple[UUID, UnitState],
    target: tuple[UUID, UnitState],
    unit_count: int,
    ranges: Sequence[tuple[int, int]] = (),
    hold_id: UUID | None = None,
    max_transfers: int | None = None,
) -> list[Leg]:
    """Legs for so many units: the ranges named, else the lowest serials, else by count alone.

    :raises NotEnoughUnits: fewer serial numbers are there
    :raises MalformedLeg: the ranges count otherwise
    """
    account_id, state = source
    runs = [SerialRun(first, last) for first, last in ranges]
    if not runs and lot.space and state is not UnitState.UNISSUED:
        runs = find_ranges(
            account_id=account_id,
            lot_id=lot.id,
            state=state,
            unit_count=unit_count,
            hold_id=hold_id,
        )
    if runs and sum(run.unit_count for run in runs) != unit_count:
        raise MalformedLeg(f"{unit_count} units, other ranges")
    counted: list[tuple[int, int | None, int | None]]
    counted = [(run.unit_count, run.first, run.last) for run in runs] or [(unit_count, None, None)]
    return [
        Leg(
            lot.id,
            account_id,
            state,
            *target,
            count,
            first,
            last,
            hold_id=hold_id,
            max_transfers=max_transfers,
        )
        for count, first, last in counted
    ]
