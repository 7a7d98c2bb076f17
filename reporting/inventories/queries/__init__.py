"""What other rooms may ask about inventories."""

from reporting.inventories.queries.frozen import (
    FrozenView,
    InventoryView,
    also_readable,
    frozen_choices,
    frozen_of,
    get_frozen,
    get_inventory,
    inventories_of,
    is_stale,
    name_of_frozen,
    readers,
    rows_match_events,
    stale_reasons,
)

__all__ = [
    "FrozenView",
    "InventoryView",
    "also_readable",
    "frozen_choices",
    "frozen_of",
    "get_frozen",
    "get_inventory",
    "inventories_of",
    "is_stale",
    "name_of_frozen",
    "readers",
    "rows_match_events",
    "stale_reasons",
]
