"""Pages that stay put: a page begins after a row, not after a count of rows.

Whatever is added while somebody pages, no row comes twice and none is passed over.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model, Q, QuerySet

from ledger.kernel.errors import N_, DomainError

Orders = Mapping[str, tuple[str, ...]]


class OddCursor(DomainError):
    code = "odd_cursor"
    message = N_("This is not a place in this list: take the address of the next page as given.")


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the cursor after the last of them; None: there are no more."""

    rows: Sequence[Any]
    after: str | None


def pack(order: str, values: Sequence[Any]) -> str:
    """A place in a list, as text for an address."""
    plain = [one.isoformat() if isinstance(one, date | datetime) else str(one) for one in values]
    told = json.dumps([order, *plain], separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def unpack(cursor: str, *, order: str, count: int) -> list[str]:
    """:raises OddCursor: not ours, or of another order"""
    try:
        told = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        named, *values = told
    except (ValueError, TypeError) as error:
        raise OddCursor from error
    if named != order or len(values) != count or not all(isinstance(one, str) for one in values):
        raise OddCursor
    return list(map(str, values))


def page_of(
    rows: QuerySet[Any], *, order: str, columns: tuple[str, ...], after: str | None, limit: int
) -> Page:
    """At most `limit` rows after the cursor, in the order of the columns; the last is unique.

    An order that begins with "-" runs downwards in all its columns.

    :raises OddCursor: not a place in this list
    """
    down = order.startswith("-")
    wanted = rows.order_by(*(f"-{one}" if down else one for one in columns))
    if after:
        wanted = wanted.filter(_beyond(rows, order, columns, after))
    found = list(wanted[: limit + 1])
    if len(found) <= limit:
        return Page(found, None)
    last = [_value(found[limit - 1], column) for column in columns]
    return Page(found[:limit], pack(order, last))


def _beyond(rows: QuerySet[Any], order: str, columns: tuple[str, ...], after: str) -> Q:
    texts = unpack(after, order=order, count=len(columns))
    try:
        values = [_field(rows.model, c).to_python(t) for c, t in zip(columns, texts, strict=True)]
    except Exception as error:  # every field has its own refusal
        raise OddCursor from error
    side = "lt" if order.startswith("-") else "gt"
    beyond = Q()
    for index, (column, value) in enumerate(zip(columns, values, strict=True)):
        same = Q(**dict(zip(columns[:index], values[:index], strict=True)))
        beyond |= same & Q(**{f"{column}__{side}": value})
    # said once more, so that an index on the first column is used
    edge = "lte" if side == "lt" else "gte"
    return beyond & Q(**{f"{columns[0]}__{edge}": values[0]})


def _field(model: type[Model], column: str) -> Any:
    field: Any = None
    for part in column.split("__"):
        field = model._meta.get_field(part)
        model = field.related_model or model
    return field


def _value(row: Any, column: str) -> Any:
    for part in column.split("__"):
        row = getattr(row, part)
    return row
