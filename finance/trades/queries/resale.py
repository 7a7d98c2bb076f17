"""What was bought so lately that its market does not let it be sold yet (R2.34)."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Sum

from finance.prices import queries as prices
from finance.trades.models import Settlement
from finance.trades.queries.limits import MARKETS, ON_EXCHANGE, find_rule
from finance.trades.states import Mode, Outcome, Side
from ledger.units import queries as units
from ledger.units.states import UnitState

LOOK_BACK = timedelta(days=30)  # longer than any holiday and any delay


@dataclass(frozen=True, slots=True)
class Fresh:
    """Units of a lot bought within the delay; `free_count` has them in it."""

    fresh_count: int
    free_count: int
    basis: str
    is_unverified: bool

    @property
    def may_be_sold(self) -> int:
        return max(0, self.free_count - self.fresh_count)


def fresh_units(
    *, scheme: str, mode: Mode, account_id: UUID, lot_id: UUID, on: date
) -> Fresh | None:
    """None: the market knows no delay, or nothing was bought within it."""
    market = MARKETS.get(scheme)
    rule = find_rule(f"{market}.resale.earliest_after", on) if market else None
    if rule is None or mode not in ON_EXCHANGE:
        return None
    bought = Settlement.objects.filter(
        outcome=Outcome.SETTLED,
        undoing=None,
        lot_id=lot_id,
        trade__account_id=account_id,
        trade__side=Side.BUY,
        trade__mode__in=sorted(ON_EXCHANGE),
        trade__traded_on__gt=_days_before(on, int(rule.number)),
        trade__traded_on__lte=on,
    ).aggregate(count=Sum("unit_count"))["count"]
    if not bought:
        return None
    free = units.quantity_of(account_id=account_id, lot_id=lot_id, state=UnitState.FREE)
    return Fresh(bought, free, rule.legal_basis, rule.is_unverified)


def _days_before(on: date, count: int) -> date:
    """So many trading days before a day."""
    days = prices.TradingDays(on - LOOK_BACK, on)
    for _step in range(count):
        on = days.before(on) or on - timedelta(days=1)
    return on
