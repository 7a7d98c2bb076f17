"""A telling that was wrong altogether: taken back by new versions, never erased."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from finance.prices import models
from finance.prices.operations.telling import (
    Request,
    Told,
    begin,
    find_told,
    keep,
    keeps_marks,
    table_of,
    wait_our_turn,
)
from finance.prices.rules.facts import NotTheKeeper, ToldSince
from finance.prices.states import TellingKind
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.keys import key_of

DAY_OF = {TellingKind.MARKS: "marked_on", TellingKind.RATES: "rated_on"}


@operation(retry=True)
def withdraw_telling(
    *,
    telling_id: UUID,
    reason: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> Told:
    """Take a telling back: what was said before it is said again, and what nobody had said before
    is withdrawn. Both are new versions, with the reason; the telling itself stays readable.

    :raises NotFound: no such telling
    :raises NotTheKeeper: a party other than the park's operator
    :raises ToldSince: one of its days was told again since
    :raises KeyUsedOtherwise: I40
    """
    if not keeps_marks(by):
        raise NotTheKeeper
    wait_our_turn()
    told = models.Telling.objects.filter(pk=telling_id).first()
    if told is None:
        raise NotFound(str(telling_id))
    key = key_of(by, idempotency_key)
    asked = Request(
        TellingKind(told.kind), (), f"{told.pk}: {reason}"[:300], None, approval_id, key
    )
    if found := find_told(asked):
        return found
    telling = begin(asked, by=by, at=at)
    return keep(telling, _taken_back(told, telling, reason=reason), by=by, at=at)


def _taken_back(told: models.Telling, telling: models.Telling, *, reason: str) -> list[Any]:
    rows = list(table_of(told.kind).objects.filter(telling=told).order_by("position"))
    versions = _versions_around(told.kind, rows)
    made = []
    for row in rows:
        of_day = versions[row.place]
        if row.version != max(of_day):
            raise ToldSince(what=row.what, day=row.day)
        before = of_day.get(row.version - 1)
        said = row if before is None else before
        values = {field.attname: getattr(said, field.attname) for field in row._meta.fields}
        values |= {
            "id": new_id(),
            "telling_id": telling.pk,
            "position": row.position,
            "version": row.version + 1,
            "is_withdrawn": before is None or before.is_withdrawn,
            "reason": reason[:300],
        }
        made.append(type(row)(**values))
    return made


def _versions_around(kind: str, rows: Sequence[Any]) -> dict[Any, dict[int, Any]]:
    """Every version of the days that these rows tell of, by place and number: one query."""
    found: dict[Any, dict[int, Any]] = {}
    if rows:
        days, name = [row.day for row in rows], DAY_OF[TellingKind(kind)]
        around = table_of(kind).objects.filter(
            source__in={row.source_id for row in rows},
            **{f"{name}__range": (min(days), max(days))},
        )
        for row in around:
            found.setdefault(row.place, {})[row.version] = row
    return found
