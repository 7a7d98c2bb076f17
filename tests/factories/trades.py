"""A park that trades: short calls to record and settle."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from finance.trades import operations
from finance.trades.models import Settlement, Trade
from finance.trades.operations import Deal
from finance.trades.queries.flows import book_of, flows_of
from finance.trades.rules.book import Flow
from finance.trades.states import Mode, Side
from ledger.kernel.actors import Actor
from ledger.kernel.ids import new_id
from tests.factories.units import MANAGER

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)


def deal(side: str, units: int, price: str, **told: Any) -> Deal:
    usual: dict[str, Any] = {
        "mode": Mode.OTC,
        "scheme": "CEA",
        "vintage_year": 2025,
        "traded_on": TODAY,
        "settles_on": TODAY,
    }
    money = {name: Decimal(told.pop(name)) for name in ("fee", "tax", "rate_cny") if name in told}
    return Deal(
        side=Side(side), unit_count=units, unit_price=Decimal(price), **{**usual, **money, **told}
    )


def record(agreed: Deal, *, by: Actor = MANAGER, key: str = "", at: datetime = NOON) -> Trade:
    return operations.record_trade(deal=agreed, by=by, at=at, idempotency_key=key or str(new_id()))


def settle(trade: Trade, *, by: Actor = MANAGER, key: str = "", **told: Any) -> Settlement:
    wanted = {"settled_on": trade.settles_on, "at": NOON, **told}
    return operations.settle_trade(
        trade_id=trade.pk, by=by, idempotency_key=key or str(new_id()), **wanted
    )


def bought(account_id: UUID, units: int, price: str, **told: Any) -> Trade:
    """Recorded and settled."""
    trade = record(deal("BUY", units, price, account_id=account_id, **told))
    settle(trade)
    trade.refresh_from_db()
    return trade


def sold(account_id: UUID, lot_id: UUID, units: int, price: str, **told: Any) -> Trade:
    agreed = deal("SELL", units, price, account_id=account_id, lot_id=lot_id, **told)
    trade = record(agreed)
    settle(trade)
    trade.refresh_from_db()
    return trade


def lots_of(party_id: Any, scheme: str = "CEA", vintage: int = 2025) -> list[tuple[int, Decimal]]:
    """Units and cost of the lots that are left."""
    return [(one.unit_count, one.cost) for one in book_of(party_id).layers((scheme, vintage))]


def flows(party_id: Any) -> list[Flow]:
    return flows_of(party_id)
