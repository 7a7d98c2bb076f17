"""Every write in a fund's books. Acts on other people's money run approved only."""

from finance.funds.operations.calling import make_call, record_payment, take_back_call
from finance.funds.operations.cash import take_back_entry, tell_cash
from finance.funds.operations.distributing import make_distribution, take_back_distribution
from finance.funds.operations.investing import approve_investment, value_investment
from finance.funds.operations.opening import (
    add_class,
    open_fund,
    record_commitment,
    set_terms,
    tell_index_level,
)
from finance.funds.operations.valuing import publish_nav

__all__ = [
    "add_class",
    "approve_investment",
    "make_call",
    "make_distribution",
    "open_fund",
    "publish_nav",
    "record_commitment",
    "record_payment",
    "set_terms",
    "take_back_call",
    "take_back_distribution",
    "take_back_entry",
    "tell_cash",
    "tell_index_level",
    "value_investment",
]
