"""Records of a registry's file become lots, entries and ends. Registered in `config/wiring.py`."""

from ledger.units.importing.checking import check
from ledger.units.importing.choices import accounts_to_choose, needs_approval, schemes_to_choose
from ledger.units.importing.committing import commit
from ledger.units.importing.planning import summarise
from ledger.units.importing.undoing import undo

__all__ = [
    "accounts_to_choose",
    "check",
    "commit",
    "needs_approval",
    "schemes_to_choose",
    "summarise",
    "undo",
]
