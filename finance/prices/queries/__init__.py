"""What other rooms may ask about prices, currencies and values.

The contract that finance stands on: `mark_on`, `marks_on`, `rate_on`, `value_position`,
`value_holdings`, `total`.
"""

from finance.prices.queries.checking import check_rows_match_events
from finance.prices.queries.days import TradingDays, last_trading_day
from finance.prices.queries.limits import DayLimits, limit_shares, limits_on
from finance.prices.queries.marks import (
    all_marks,
    all_rates,
    get_mark,
    history,
    mark_on,
    marks_on,
    newest_versions,
    priced_keys,
    rows_of,
    source_names,
    sources,
    versions_of,
    what_said,
    withdrawn_among,
)
from finance.prices.queries.policy import Policy, policy_on
from finance.prices.queries.rates import rate_on, rates_on
from finance.prices.queries.uses import Uses, uses_on
from finance.prices.queries.valuing import Held, value_all, value_holdings, value_position
from finance.prices.rules.values import Mark, Rate, Total, ValuedLine, total

__all__ = [
    "DayLimits",
    "Held",
    "Mark",
    "Policy",
    "Rate",
    "Total",
    "TradingDays",
    "Uses",
    "ValuedLine",
    "all_marks",
    "all_rates",
    "check_rows_match_events",
    "get_mark",
    "history",
    "last_trading_day",
    "limit_shares",
    "limits_on",
    "mark_on",
    "marks_on",
    "newest_versions",
    "policy_on",
    "priced_keys",
    "rate_on",
    "rates_on",
    "rows_of",
    "source_names",
    "sources",
    "total",
    "uses_on",
    "value_all",
    "value_holdings",
    "value_position",
    "versions_of",
    "what_said",
    "withdrawn_among",
]
