"""Trades, what was settled of them, cost policies, frozen entries, and brokers' statements."""

from finance.trades.models.books import CostPolicy, EntryBatch, ToldCost
from finance.trades.models.dealing import Settlement, Trade, Undoing
from finance.trades.models.statements import Match, StatementLine

__all__ = [
    "CostPolicy",
    "EntryBatch",
    "Match",
    "Settlement",
    "StatementLine",
    "ToldCost",
    "Trade",
    "Undoing",
]
