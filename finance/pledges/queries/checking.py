"""Every row of the room as its newest event tells it; every live part as the holds tell it."""

from collections.abc import Iterator
from typing import Any

from finance.pledges import models
from finance.pledges.states import PartState
from ledger.audit.keeping import rows_match_events, subject_of
from ledger.audit.queries import Fault
from ledger.holds import queries as holds
from ledger.kernel.errors import NotFound

VERBS: dict[Any, list[str]] = {
    models.Pledge: ["pledge.submitted", "pledge.moved"],
    models.Part: ["pledge.part_reserved", "pledge.part_moved"],
    models.Registration: ["pledge.registered"],
    models.Request: ["pledge.asked", "pledge.decided"],
    models.Proceeding: ["pledge.proceeding"],
    models.Valuation: ["pledge.valued"],
    models.MarginCall: ["pledge.called", "pledge.call_settled"],
    models.Enforcement: ["pledge.enforced"],
}


def check_rows_match_events() -> Iterator[Fault]:
    yield from rows_match_events(VERBS)
    yield from _parts_without_holds()


def _parts_without_holds() -> Iterator[Fault]:
    rows = models.Part.objects.exclude(state=PartState.GONE).exclude(hold_id=None)
    for part in rows.iterator():
        try:
            held = holds.get_hold(part.hold_id).remaining_count  # type: ignore[arg-type]
        except NotFound:
            held = 0
        if held != part.unit_count:
            text = f"secures {part.unit_count}, its hold has {held}"
            yield Fault("pledges.holds", subject_of(part), text)
