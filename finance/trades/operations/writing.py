"""What every write of this room shares: keys, and events that tell the row."""

from datetime import datetime
from typing import Any, TypeVar

from django.db import models as django_models

from finance.trades import models
from finance.trades.queries.trades import content_of, subject_of
from ledger.audit import operations as audit
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest
from ledger.kernel.keys import KeyUsedOtherwise


def record(
    verb: str, row: django_models.Model, *, by: Actor, at: datetime, reason: str = ""
) -> None:
    audit.record(
        verb=verb,
        subject=subject_of(row),
        by=by,
        at=at,
        data={"row": content_of(row)},
        reason=reason,
    )


R = TypeVar("R", models.Trade, models.Settlement)


def find_done(model: type[R], *, key: str, request: bytes) -> R | None:
    """What this request made before.

    :raises KeyUsedOtherwise: the key stands for another request (I40)
    """
    row = model.objects.filter(idempotency_key=key).first()
    if row is not None and bytes(row.request_digest) != request:
        raise KeyUsedOtherwise
    return row


def digest_of(asked: dict[str, Any]) -> bytes:
    """Of everything that was asked for, but who and when."""
    told = {name: value for name, value in asked.items() if name not in {"by", "at"}}
    return digest(told)
