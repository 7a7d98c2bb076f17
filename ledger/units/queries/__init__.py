"""Every read of the ledger of units that others may use."""

from ledger.units.models import STATES
from ledger.units.queries.as_of import Place, Wanted, line, places, sums
from ledger.units.queries.expiring import (
    Expiring,
    expiring,
    find_warning_days,
    last_usable_on,
    overdue,
    warning_days,
)
from ledger.units.queries.exporting import UnitRun, unit_runs
from ledger.units.queries.history import (
    StatementLine,
    find_receipt,
    find_reversal,
    get_entry,
    get_entry_legs,
    lot_history,
    statement_of,
)
from ledger.units.queries.lots import LotView, find_lot, get_lot, get_lots, lot_view, lots
from ledger.units.queries.past import (
    MovementView,
    Span,
    entries_seen,
    movements,
    movements_of_entry,
)
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
from ledger.units.queries.searching import FoundUnit, Spot, Trace, find_units, trace
from ledger.units.queries.serials import (
    SerialRun,
    find_hold_ranges,
    find_ranges,
    legs_of_units,
    ranges_in,
)
from ledger.units.queries.untraded import Untraded, untraded_certificates
from ledger.units.rules import NotEnoughUnits
from ledger.units.verifying import check_against_events, check_balances, check_bodies

__all__ = [
    "STATES",
    "Expiring",
    "FoundUnit",
    "Holding",
    "LotView",
    "MovementView",
    "NotEnoughUnits",
    "Place",
    "PositionView",
    "SerialRun",
    "Span",
    "Spot",
    "StatementLine",
    "Trace",
    "UnitRun",
    "Untraded",
    "Wanted",
    "check_against_events",
    "check_balances",
    "check_bodies",
    "entries_seen",
    "expiring",
    "find_hold_ranges",
    "find_lot",
    "find_ranges",
    "find_receipt",
    "find_reversal",
    "find_units",
    "find_warning_days",
    "get_entry",
    "get_entry_legs",
    "get_lot",
    "get_lots",
    "holdings",
    "holdings_in",
    "last_usable_on",
    "legs_of_units",
    "line",
    "lot_history",
    "lot_view",
    "lots",
    "movements",
    "movements_of_entry",
    "overdue",
    "place_choices",
    "places",
    "position_as_of",
    "positions",
    "positions_in",
    "quantity_of",
    "ranges_in",
    "statement_of",
    "sums",
    "trace",
    "unit_runs",
    "untraded_certificates",
    "warning_days",
]
