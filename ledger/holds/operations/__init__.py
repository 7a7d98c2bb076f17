"""Every write to holds: place, then release, capture or expire; each a movement, each once."""

from ledger.holds.operations.capturing import capture_hold
from ledger.holds.operations.carrying import carry_freezes_over
from ledger.holds.operations.excluding import (
    cancel_certificates,
    freeze_certificates,
    release_certificates,
)
from ledger.holds.operations.freezing import Order, freeze_by_order, renew_hold
from ledger.holds.operations.placing import place_hold
from ledger.holds.operations.reading import record_reads
from ledger.holds.operations.resolving import expire_hold, release_hold
from ledger.holds.operations.sending import (
    Sent,
    cancel_transfer,
    execute_transfer,
    send_units,
)

__all__ = [
    "Order",
    "Sent",
    "cancel_certificates",
    "cancel_transfer",
    "capture_hold",
    "carry_freezes_over",
    "execute_transfer",
    "expire_hold",
    "freeze_by_order",
    "freeze_certificates",
    "place_hold",
    "record_reads",
    "release_certificates",
    "release_hold",
    "renew_hold",
    "send_units",
]
