"""Trades, settlements, policies, batches and statements: looked at here, changed by acts."""

from finance.trades.admin.books import (
    CostPolicyAdmin,
    EntryBatchAdmin,
    ToldCostAdmin,
)
from finance.trades.admin.statements import MatchAdmin, StatementLineAdmin
from finance.trades.admin.trades import SettlementAdmin, TradeAdmin

__all__ = [
    "CostPolicyAdmin",
    "EntryBatchAdmin",
    "MatchAdmin",
    "SettlementAdmin",
    "StatementLineAdmin",
    "ToldCostAdmin",
    "TradeAdmin",
]
