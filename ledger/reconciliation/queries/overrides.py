"""Overrides, for whatever they touched: who may move meanwhile, and what went through."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from ledger.kernel.periods import Period
from ledger.reconciliation.models import Override
from ledger.reconciliation.rules import beijing_day, beijing_midnight
from ledger.units.queries import LotView

# Days on which a party must have units ready; told by the rooms above (config/wiring.py).
deadlines: list[Callable[[UUID, date], Iterable[date]]] = []


def next_deadline(party_id: UUID, on: date) -> date | None:
    """The nearest day on which the party owes something."""
    found = (day for tell in deadlines for day in tell(party_id, on))
    return min((day for day in found if day >= on), default=None)


def lifted_breaks(*, account_id: UUID, scheme: str, vintage_year: int, at: datetime) -> set[UUID]:
    """The differences in spite of which two persons let this vintage move at that moment.

    One that was found afterwards is not among them: nobody has looked at it yet.
    """
    on = beijing_day(at)
    in_force = Override.objects.filter(
        account_id=account_id,
        scheme=scheme,
        vintage_year=vintage_year,
        valid_from__lte=on,
        expires_on__gt=on,
        granted_at__lte=at,
    )
    return {UUID(one) for ids in in_force.values_list("break_ids", flat=True) for one in ids}


@dataclass(frozen=True, slots=True)
class OverrideView:
    """A block that two persons lifted, and the entries that went through meanwhile."""

    id: UUID
    account_id: UUID
    scheme: str
    vintage_year: int
    reason: str
    valid_from: date
    expires_on: date
    asked_by: UUID
    granted_by: UUID
    break_count: int
    entry_ids: tuple[UUID, ...]
    deadline_on: date | None = None


# Units are read by name: which entries took this vintage out, or gave it as security, meanwhile.
_TOUCHED = """
SELECT DISTINCT e.id FROM ledger_units_position AS p
JOIN ledger_units_lot AS l ON l.id = p.lot_id
JOIN ledger_units_movement AS m ON m.from_position_id = p.id
JOIN ledger_units_entry AS e ON e.id = m.entry_id
WHERE p.account_id = %s AND l.scheme = %s AND l.vintage_year = %s
  AND e.kind IN ('TRANSFER', 'MOVE', 'SURRENDER', 'HOLD_PLEDGE')
  AND e.recorded_at >= %s AND e.recorded_at < %s
ORDER BY e.id
"""


def overrides_touching(
    *,
    account_ids: Iterable[UUID],
    period: Period | None = None,
    scheme: str = "",
    vintage_year: int | None = None,
    lot: LotView | None = None,
) -> list[OverrideView]:
    """Overrides in force in these accounts, for attestations and reports to show.

    Of one scheme, vintage or lot where named, and on some day of the period where one is named.
    """
    found = Override.objects.filter(account_id__in=list(account_ids)).order_by("granted_at", "id")
    if lot is not None:
        found = found.filter(scheme=lot.scheme, vintage_year=lot.vintage_year)
    if scheme:
        found = found.filter(scheme=scheme)
    if vintage_year is not None:
        found = found.filter(vintage_year=vintage_year)
    if period is not None:
        found = found.filter(valid_from__lt=period.end, expires_on__gt=period.start)
    return [view_of(one) for one in found]


def view_of(one: Override) -> OverrideView:
    """An override with the entries that it let through."""
    window = [one.granted_at, beijing_midnight(one.expires_on)]
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, [one.account_id, one.scheme, one.vintage_year, *window])
        touched = tuple(row[0] for row in cursor.fetchall())
    return OverrideView(
        id=one.pk,
        account_id=one.account_id,
        scheme=one.scheme,
        vintage_year=one.vintage_year,
        reason=one.reason,
        valid_from=one.valid_from,
        expires_on=one.expires_on,
        asked_by=one.asked_by,
        granted_by=one.granted_by,
        break_count=len(one.break_ids),
        entry_ids=touched,
        deadline_on=one.deadline_on,
    )


# Units of an overridden vintage that these entries took: out of the overridden account itself, or
# out of one into which an entry that the override let through had brought their lot.
_TAKEN = """
SELECT DISTINCT p.account_id, m.lot_id, l.scheme, l.vintage_year
FROM ledger_units_movement AS m
JOIN ledger_units_position AS p ON p.id = m.from_position_id
JOIN ledger_units_lot AS l ON l.id = m.lot_id
WHERE m.entry_id = ANY(%s)
"""
_BROUGHT = """
SELECT DISTINCT p.account_id, m.lot_id FROM ledger_units_movement AS m
JOIN ledger_units_position AS p ON p.id = m.to_position_id
WHERE m.entry_id = ANY(%s)
"""


def overrides_behind(
    *, entry_ids: Iterable[UUID], account_ids: Iterable[UUID], period: Period
) -> list[OverrideView]:
    """The overrides in force in a period that touch units which these entries took.

    A report names those that stand behind the claims it counts, and no others.
    """
    found = overrides_touching(account_ids=account_ids, period=period)
    if not found:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, [list(entry_ids)])
        taken = cursor.fetchall()
    return [one for one in found if _is_behind(one, taken)]


def _is_behind(one: OverrideView, taken: Iterable[tuple[UUID, UUID, str, int]]) -> bool:
    of_vintage = {
        (account, lot)
        for account, lot, scheme, vintage in taken
        if (scheme, vintage) == (one.scheme, one.vintage_year)
    }
    if any(account == one.account_id for account, _lot in of_vintage):
        return True
    if not of_vintage or not one.entry_ids:
        return False
    with connection.cursor() as cursor:
        cursor.execute(_BROUGHT, [list(one.entry_ids)])
        return not of_vintage.isdisjoint(cursor.fetchall())
