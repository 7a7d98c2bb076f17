"""Every read of the ledger of units that others may use."""

from ledger.units.models import STATES
from ledger.units.queries.history import (
    StatementLine,
    find_receipt,
    find_reversal,
    get_entry,
    get_entry_legs,
    lot_history,
    statement_of,
)
from ledger.units.queries.lots import LotView, find_lot, get_lot, get_lots
from ledger.units.queries.places import (
    Holding,
    PositionView,
    holdings,
    holdings_in,
    place_choices,
    position_as_of,
    positions,
    positions_in,
    quantity_of,
)
from ledger.units.queries.serials import (
    SerialRun,
    find_hold_ranges,
    find_ranges,
    legs_of_units,
    ranges_in,
)
from ledger.units.verifying import check_against_events, check_balances, check_bodies

__all__ = [
    "STATES",
    "Holding",
    "LotView",
    "PositionView",
    "SerialRun",
    "StatementLine",
    "check_against_events",
    "check_balances",
    "check_bodies",
    "find_hold_ranges",
    "find_lot",
    "find_ranges",
    "find_receipt",
    "find_reversal",
    "get_entry",
    "get_entry_legs",
    "get_lot",
    "get_lots",
    "holdings",
    "holdings_in",
    "legs_of_units",
    "lot_history",
    "place_choices",
    "position_as_of",
    "positions",
    "positions_in",
    "quantity_of",
    "ranges_in",
    "statement_of",
]
