"""The ledger to look at, and the acts on it. Nothing is edited here."""

from ledger.units.admin.ledger import (
    BlockAdmin,
    EntryAdmin,
    LotAdmin,
    MovementAdmin,
    PositionAdmin,
)

__all__ = ["BlockAdmin", "EntryAdmin", "LotAdmin", "MovementAdmin", "PositionAdmin"]
