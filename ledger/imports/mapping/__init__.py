"""Files without a layout: a person says which column is which field. Pure.

A mapping is data: `columns` (field → heading), `constants` (field → value for every line), `dates`
(how the file writes days), `told_in` (kilograms of what we count in tonnes, say), `key` (headings
that together name a line). Drafts stand in `seeds/imports/drafts.toml`: headings that somebody saw
in public, not confirmed by the registry.
"""

from ledger.imports.mapping.drafts import Draft, drafts, fitting_drafts, nearest_draft
from ledger.imports.mapping.lines import layout_of
from ledger.imports.mapping.spec import Spec
from ledger.imports.mapping.words import (
    ACTS,
    ALL_ACTS,
    CONSTANTS,
    FIELDS,
    MEASURES,
    OTHER_FIELDS,
    STATE_NAMES,
)

__all__ = [
    "ACTS",
    "ALL_ACTS",
    "CONSTANTS",
    "FIELDS",
    "MEASURES",
    "OTHER_FIELDS",
    "STATE_NAMES",
    "Draft",
    "Spec",
    "drafts",
    "fitting_drafts",
    "layout_of",
    "nearest_draft",
]
