"""Every write of the room of trades."""

from finance.trades.operations.batches import make_batch
from finance.trades.operations.matching import (
    match_by_hand,
    match_trades,
    take_in_lines,
    take_match_apart,
    withdraw_lines,
)
from finance.trades.operations.policies import check_policy, set_policy, tell_cost
from finance.trades.operations.recording import Deal, Worked, record_trade, work_out
from finance.trades.operations.settling import (
    fail_settlement,
    give_up_trade,
    reverse_trade,
    settle_trade,
)

__all__ = [
    "Deal",
    "Worked",
    "check_policy",
    "fail_settlement",
    "give_up_trade",
    "make_batch",
    "match_by_hand",
    "match_trades",
    "record_trade",
    "reverse_trade",
    "set_policy",
    "settle_trade",
    "take_in_lines",
    "take_match_apart",
    "tell_cost",
    "withdraw_lines",
    "work_out",
]
