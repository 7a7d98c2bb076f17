"""What other rooms may ask about inventories."""

from reporting.inventories.queries.frozen import (
    FrozenView,
    FrozenYear,
    InventoryView,
    also_readable,
    frozen_choices,
    frozen_of,
    frozen_row,
    frozen_years,
    get_frozen,
    get_inventory,
    inventories_of,
    is_stale,
    name_of_frozen,
    readable,
    readers,
    rows_match_events,
    seen_by,
    stale_reasons,
)
from reporting.inventories.queries.instruments import certificates_of_park
from reporting.inventories.queries.of_contracts import (
    Effect,
    effect_of_contract,
    links_of_settlement,
)

__all__ = [
    "Effect",
    "FrozenView",
    "FrozenYear",
    "InventoryView",
    "also_readable",
    "certificates_of_park",
    "effect_of_contract",
    "frozen_choices",
    "frozen_of",
    "frozen_row",
    "frozen_years",
    "get_frozen",
    "get_inventory",
    "inventories_of",
    "is_stale",
    "links_of_settlement",
    "name_of_frozen",
    "readable",
    "readers",
    "rows_match_events",
    "seen_by",
    "stale_reasons",
]
