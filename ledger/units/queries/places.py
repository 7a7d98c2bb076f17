"""What is where: now, and as of a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from ledger.accounts import queries as accounts
from ledger.doors.wording import number_format
from ledger.units.models import STATES, Position
from ledger.units.states import LIVE, UnitState


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
class Holding:
    """Units of one scheme and vintage in one state, over all accounts asked for."""

    scheme: str
    vintage_year: int
    state: UnitState
    unit_count: int


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


def positions(party_id: UUID) -> list[PositionView]:
    """What a party owns now, over all its accounts; what went outside is not its own."""
    return positions_in(accounts.owning_account_ids_of(party_id))


def place_choices(party_id: UUID) -> list[tuple[str, str]]:
    """For a select: where a party has units now, as "account:lot", and that in words."""
    numbers = dict(accounts.owning_accounts_of(party_id).values_list("pk", "number"))
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


def holdings(party_id: UUID) -> list[Holding]:
    """What a party owns now, by scheme, vintage and state."""
    return holdings_in(accounts.owning_account_ids_of(party_id))


def quantity_of(*, account_id: UUID, lot_id: UUID, state: UnitState) -> int:
    """How many units are there now."""
    row = Position.objects.filter(account_id=account_id, lot_id=lot_id, state=state).first()
    return row.quantity if row else 0


# The balance of the last movement on or before the day that was not recorded late, and the late
# ones recorded after it: two index look-ups per side, however long the history.
AS_OF = """
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
        cursor.execute(AS_OF, asked)
        return int(cursor.fetchone()[0])
