"""Inventories as calculated and as frozen: looked at here, changed by confirmed acts."""

from reporting.inventories.admin.frozen import FrozenInventoryAdmin
from reporting.inventories.admin.inventories import InventoryAdmin, InventoryLineAdmin

__all__ = ["FrozenInventoryAdmin", "InventoryAdmin", "InventoryLineAdmin"]
