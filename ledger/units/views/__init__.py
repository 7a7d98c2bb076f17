"""Pages of the ledger of units: holdings, history, serial search."""

from ledger.units.views.searching import serials
from ledger.units.views.seeing import history, holdings

__all__ = ["history", "holdings", "serials"]
