"""Taking an import's entries back: each by its linked reversal, by sets as they came in.

All of them are dated on the day of the undoing, so their order is free: first what ended is given
back, then transfers go back, the last one first, then what was issued goes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from ledger.imports import queries as imports
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.keys import key_of
from ledger.units.importing.committing import entry_key
from ledger.units.models import Entry
from ledger.units.operations.bodies import Draft
from ledger.units.operations.posting import post_entries
from ledger.units.queries import legs_of_entries
from ledger.units.rules import Leg, beijing_day
from ledger.units.states import EntryKind

AT_ONCE = 10_000  # legs of a call
LAST: dict[str, int] = {EntryKind.TRANSFER: 1, EntryKind.MOVE: 1, EntryKind.ISSUE: 2}


@dataclass(frozen=True, slots=True)
class _Entry:
    id: UUID
    number: int
    stage: int
    leg_count: int


def undo(
    import_id: UUID,
    *,
    by: Actor,
    at: datetime,
    reason: str,
    progress: Callable[[int, int, str], None],
) -> dict[str, Any]:
    """Reverse every entry of an import, all or nothing. Its lots stay, empty.

    :raises NotEnoughUnits, RangeNotHeld: units have moved on since; nothing is reversed
    :raises AlreadyReversed: somebody took one of them back by itself
    """
    entries = _entries(import_id, by=by)
    done = 0
    for some in _calls(entries):
        legs = legs_of_entries([one.id for one in some])
        drafts = [_reversal(import_id, one, legs[one.id], at=at, reason=reason) for one in some]
        post_entries(drafts=drafts, by=by, at=at)
        done += len(some)
        progress(done, len(entries), "")
    return {"entries": len(entries)}


def _entries(import_id: UUID, *, by: Actor) -> list[_Entry]:
    """In the order in which they are taken back."""
    total = int(imports.get_import(import_id).result.get("entries", 0))
    numbers = {key_of(by, entry_key(import_id, number)): number for number in range(total)}
    rows = Entry.objects.filter(idempotency_key__in=list(numbers)).annotate(n=Count("movement"))
    found = [
        _Entry(one, numbers[key], LAST.get(kind, 0), count)
        for one, key, kind, count in rows.values_list("pk", "idempotency_key", "kind", "n")
    ]
    if len(found) != total:
        raise NotFound(f"entries of import {import_id}")
    return sorted(found, key=lambda one: (one.stage, -one.number))


def _calls(entries: Sequence[_Entry]) -> Iterator[list[_Entry]]:
    """As many as a call takes; what is given back and what goes are not mixed."""
    batch: list[_Entry] = []
    size = 0
    for one in entries:
        if batch and (one.stage != batch[-1].stage or size + one.leg_count > AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += one.leg_count
    if batch:
        yield batch


def _reversal(
    import_id: UUID, entry: _Entry, legs: Sequence[Leg], *, at: datetime, reason: str
) -> Draft:
    return Draft(
        kind=EntryKind.REVERSE,
        legs=[leg.mirrored() for leg in reversed(legs)],
        happened_on=beijing_day(at),
        idempotency_key=f"{entry_key(import_id, entry.number)}-undone",
        subject=f"imports.Import:{import_id}",
        reason=reason,
        reverses=entry.id,
    )
