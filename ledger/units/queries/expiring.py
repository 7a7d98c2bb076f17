"""What ends soon, and what has ended: validity over the lots that are held (R3.14)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q

from ledger.accounts import queries as accounts
from ledger.instruments import queries as instruments
from ledger.parameters import queries as parameters
from ledger.units.models import Lot, Position
from ledger.units.states import LIVE, UnitState

WARNING = "units.expiry.warning"


@dataclass(frozen=True, slots=True)
class Expiring:
    """Units in one account and state that can be used until a day, and not after it."""

    account_id: UUID
    lot_id: UUID
    lot_code: str
    scheme: str
    state: UnitState
    unit_count: int
    last_usable_on: date

    def days_left(self, on: date) -> int:
        """0: today is the last day; below: it is over."""
        return (self.last_usable_on - on).days


def last_usable_on(lot: Lot) -> date | None:
    """The last day on which a lot may be used; None: without end, or not known."""
    if lot.expires_on is not None:
        return lot.expires_on - timedelta(days=1)
    facts = instruments.LotFacts(
        scheme=lot.scheme, vintage_year=lot.vintage_year, generated_from=lot.generated_from
    )
    try:
        return instruments.last_usable_on(instruments.get_scheme(lot.scheme), facts)
    except (instruments.NoGenerationPeriod, instruments.NoSuchScheme, parameters.NoParameter):
        return None


def warning_days(on: date) -> int:
    """How many days before their end units are shown as ending soon.

    :raises NoParameter: nobody has said
    """
    return int(parameters.get_parameter(WARNING, on=on).number)


def find_warning_days(on: date) -> list[int]:
    """The same, in a list; empty where nobody has said."""
    try:
        return [warning_days(on)]
    except parameters.NoParameter:
        return []


def expiring(
    *, on: date, within_days: int, account_ids: Iterable[UUID] | None = None
) -> list[Expiring]:
    """What can still be used today and not in so many days more, the soonest first."""
    until = on + timedelta(days=within_days)
    return [one for one in _dated(until, account_ids) if on <= one.last_usable_on <= until]


def overdue(*, on: date) -> list[Expiring]:
    """Free units whose last day is past: what the job ends. Held units first leave their hold."""
    past = on - timedelta(days=1)
    own = {kind for kind in accounts.AccountType if accounts.may_expire_in(kind)}
    inside = set(accounts.accounts().filter(type__in=own).values_list("pk", flat=True))
    return [
        one
        for one in _dated(past, None)
        if one.state is UnitState.FREE and one.account_id in inside
    ]


def _dated(until: date, account_ids: Iterable[UUID] | None) -> list[Expiring]:
    ended = Q(lot__expires_on__lte=until + timedelta(days=1))
    counted = Q(lot__expires_on=None, lot__scheme__in=instruments.schemes_with_validity())
    rows = Position.objects.select_related("lot").filter(
        ended | counted, quantity__gt=0, state__in=[state.value for state in LIVE]
    )
    if account_ids is not None:
        rows = rows.filter(account_id__in=list(account_ids))
    found = [(row, last_usable_on(row.lot)) for row in rows]
    dated = [
        Expiring(
            account_id=row.account_id,
            lot_id=row.lot_id,
            lot_code=row.lot.code,
            scheme=row.lot.scheme,
            state=UnitState(row.state),
            unit_count=row.quantity,
            last_usable_on=last,
        )
        for row, last in found
        if last is not None and last <= until
    ]
    return sorted(dated, key=_soonest_first)


def _soonest_first(one: Expiring) -> tuple[date, str, str, int]:
    return one.last_usable_on, one.lot_code, str(one.account_id), list(UnitState).index(one.state)
