"""Every write of the ledger of units."""

from ledger.units.operations.lots import LotFacts, open_lot, open_lots
from ledger.units.operations.posting import Draft, post_entries, post_entry
from ledger.units.rules import Leg, Receipt

__all__ = [
    "Draft",
    "Leg",
    "LotFacts",
    "Receipt",
    "open_lot",
    "open_lots",
    "post_entries",
    "post_entry",
]
