"""What other rooms may ask about hedges."""

from finance.hedges.queries.contracts import (
    Counted,
    Hedged,
    Standing,
    check_rows_match_events,
    content_of,
    contracts_of,
    contracts_seen_by,
    counted_of,
    get_contract,
    hedged_of,
    last_settlement,
    lock_contract,
    newest_settlements,
    open_contracts,
    standing_of,
    subject_of,
    unit_value_of,
)
from finance.hedges.rules.options import Option, Right, Valued, payoff
from finance.hedges.rules.options import value as value_option

__all__ = [
    "Counted",
    "Hedged",
    "Option",
    "Right",
    "Standing",
    "Valued",
    "check_rows_match_events",
    "content_of",
    "contracts_of",
    "contracts_seen_by",
    "counted_of",
    "get_contract",
    "hedged_of",
    "last_settlement",
    "lock_contract",
    "newest_settlements",
    "open_contracts",
    "payoff",
    "standing_of",
    "subject_of",
    "unit_value_of",
    "value_option",
]
