"""Every write to holds: place, then release, capture or expire; each a movement, each once."""

from ledger.holds.operations.placing import place_hold
from ledger.holds.operations.resolving import (
    capture_hold,
    expire_hold,
    release_hold,
)

__all__ = ["capture_hold", "expire_hold", "place_hold", "release_hold"]
