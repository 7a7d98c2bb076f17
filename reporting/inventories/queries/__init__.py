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
from reporting.inventories.queries.of_contracts import (
    Effect,
    effect_of_contract,
    links_of_settlement,
)

__all__ = [
    "Effect",
    "FrozenView",
    "InventoryView",
    "also_readable",
    "effect_of_contract",
    "frozen_choices",
    "frozen_of",
    "get_frozen",
    "get_inventory",
    "inventories_of",
    "is_stale",
    "links_of_settlement",
    "name_of_frozen",
    "readers",
    "rows_match_events",
    "stale_reasons",
]
