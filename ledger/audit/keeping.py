"""A fact is kept: its row under an idempotency key, with its author, and the event that says it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

from django.db import models

from ledger.audit import operations
from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.kernel.actors import Actor
from ledger.kernel.keys import key_of

M = TypeVar("M", bound=models.Model)


def content_of(row: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def subject_of(row: models.Model) -> str:
    """`room.Model:id`"""
    return f"{row._meta.app_label.partition('_')[2]}.{type(row).__name__}:{row.pk}"


def find_kept(model: type[M], key: str, *, by: Actor) -> M | None:
    """What was written under this key before."""
    return model._default_manager.filter(idempotency_key=key_of(by, key)).first()


def fit(row: models.Model) -> None:
    """Decimals as their columns hold them: the event says the digits that the table gives back."""
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        if isinstance(column, models.DecimalField) and value is not None:
            step = Decimal(1).scaleb(-column.decimal_places)
            setattr(row, column.attname, Decimal(value).quantize(step, rounding=ROUND_HALF_UP))


def keep(row: Any, verb: str, *, key: str, by: Actor, at: datetime, reason: str = "") -> None:
    """Write a new row with its author and key, and its event, in the caller's transaction."""
    fit(row)
    row.recorded_at, row.recorded_by = at, by.user_id
    row.idempotency_key = key_of(by, key)
    row.save(force_insert=True)
    operations.record(
        verb=verb,
        subject=subject_of(row),
        by=by,
        at=at,
        data={"row": content_of(row)},
        reason=reason,
    )


def rows_match_events(verbs: Mapping[type[models.Model], Sequence[str]]) -> Iterator[Fault]:
    """Every row of these tables as its newest event with one of the verbs tells it."""
    for model, said in verbs.items():
        room = model._meta.app_label.partition("_")[2]
        yield from compare_rows_with_events(
            ((subject_of(row), content_of(row)) for row in model._default_manager.iterator()),
            kind=f"{room}.{model.__name__.lower()}",
            verbs=said,
        )
