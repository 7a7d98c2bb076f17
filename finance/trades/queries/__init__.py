"""What pages, and other rooms, may ask about trades and cost."""

from finance.trades.queries.checking import (
    check_cost_lots_match_positions,
    check_rows_match_events,
)
from finance.trades.queries.entries import suggested
from finance.trades.queries.flows import book_of, flows_of, policies_of
from finance.trades.queries.results import Held, Result, held_on, notes_of, results_in
from finance.trades.queries.trades import (
    find_settlement_of_entry,
    get_trade,
    open_trades,
    settlements_of,
    trades_seen_by,
)

__all__ = [
    "Held",
    "Result",
    "book_of",
    "check_cost_lots_match_positions",
    "check_rows_match_events",
    "find_settlement_of_entry",
    "flows_of",
    "get_trade",
    "held_on",
    "notes_of",
    "open_trades",
    "policies_of",
    "results_in",
    "settlements_of",
    "suggested",
    "trades_seen_by",
]
