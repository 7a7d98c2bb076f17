"""Trades and the books for machines."""

from finance.trades.rest.books import Batches, CostLots, OneBatch, SuggestedEntries
from finance.trades.rest.dealing import Failures, OneTrade, Reversals, Settlements, Trades

__all__ = [
    "Batches",
    "CostLots",
    "Failures",
    "OneBatch",
    "OneTrade",
    "Reversals",
    "Settlements",
    "SuggestedEntries",
    "Trades",
]
