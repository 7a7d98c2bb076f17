"""What every write of this room shares: its key, its decimals, its event."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from finance.repos import models, queries
from ledger.audit import operations as audit
from ledger.kernel.actors import Actor
from ledger.kernel.keys import KeyUsedOtherwise


def padded(name: str, value: Any) -> Any:
    """A decimal as its column writes it, so that the event and the row say the same."""
    if not isinstance(value, Decimal):
        return value
    field: Any = models.Agreement._meta.get_field(name)
    return value.quantize(Decimal(1).scaleb(-field.decimal_places))


def check_same(found: models.Agreement | models.Handover, asked: str) -> None:
    if found.request_digest != asked:
        raise KeyUsedOtherwise


def record(verb: str, row: Any, *, by: Actor, at: datetime, reason: str = "") -> None:
    data = {"row": queries.content_of(row)}
    audit.record(verb=verb, subject=queries.subject_of(row), by=by, at=at, data=data, reason=reason)
