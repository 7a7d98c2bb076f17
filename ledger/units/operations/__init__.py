"""Every write of the ledger of units."""

from ledger.units.operations.bodies import Draft
from ledger.units.operations.carrying import (
    CarriedOver,
    carry_over_units,
    reverse_carry_over,
)
from ledger.units.operations.decisions import check_guards, check_transfer, register_guard
from ledger.units.operations.expiring import expire_free_units
from ledger.units.operations.lots import LotFacts, open_lot, open_lots
from ledger.units.operations.moving import (
    cancel_units,
    expire_units,
    issue_units,
    retire_units,
    surrender_units,
    transfer_units,
)
from ledger.units.operations.posting import post_entries, post_entry
from ledger.units.operations.reversing import reverse_entry
from ledger.units.rules import Leg, Receipt

__all__ = [
    "CarriedOver",
    "Draft",
    "Leg",
    "LotFacts",
    "Receipt",
    "cancel_units",
    "carry_over_units",
    "check_guards",
    "check_transfer",
    "expire_free_units",
    "expire_units",
    "issue_units",
    "open_lot",
    "open_lots",
    "post_entries",
    "post_entry",
    "register_guard",
    "retire_units",
    "reverse_carry_over",
    "reverse_entry",
    "surrender_units",
    "transfer_units",
]
