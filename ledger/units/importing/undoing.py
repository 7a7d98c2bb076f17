"""Taking an import's entries back: each by its linked reversal, the last one first."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from ledger.imports import queries as imports
from ledger.kernel.actors import Actor
from ledger.units.importing.committing import entry_key
from ledger.units.models import Entry
from ledger.units.operations.bodies import Draft, full_key
from ledger.units.operations.posting import post_entries
from ledger.units.queries import get_entry_legs
from ledger.units.rules import BEIJING
from ledger.units.states import EntryKind

AT_ONCE = 10  # entries of a call


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
    """
    view = imports.get_import(import_id)
    total = int(view.result.get("entries", 0))
    for start in range(total, 0, -AT_ONCE):
        numbers = range(start - 1, max(start - AT_ONCE, 0) - 1, -1)
        drafts = [_reversal(import_id, number, by=by, at=at, reason=reason) for number in numbers]
        post_entries(drafts=drafts, by=by, at=at)
        progress(total - numbers[-1], total, "")
    return {"entries": total}


def _reversal(import_id: UUID, number: int, *, by: Actor, at: datetime, reason: str) -> Draft:
    entry = Entry.objects.get(idempotency_key=full_key(by, entry_key(import_id, number)))
    return Draft(
        kind=EntryKind.REVERSE,
        legs=[leg.mirrored() for leg in reversed(get_entry_legs(entry.pk))],
        happened_on=at.astimezone(BEIJING).date(),
        idempotency_key=f"{entry_key(import_id, number)}-undone",
        subject=f"imports.Import:{import_id}",
        reason=reason,
        reverses=entry.pk,
    )
