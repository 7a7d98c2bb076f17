"""A meter's month as it stood under a root that somebody keeps: made again from its pieces."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from ledger.kernel.errors import NotFound
from ledger.kernel.periods import Period
from reporting.readings import models, rules
from reporting.readings.queries.sealed import change_by, root_over
from reporting.readings.rules import State


def days_under(root: str, *, meter_id: UUID, month: date) -> list[tuple[date, State]]:
    """The days of a month, in order, at the moment when they had this root.

    Files are laid over each other in the order in which they were taken in: what was corrected
    later is left out.

    :raises NotFound: the month never had it
    """
    states: dict[date, State] = {}
    for pieces in _files_of(meter_id, month):
        for piece in pieces:
            states[piece.day] = change_by(states.get(piece.day), piece).state
        if root_over(_leaf(meter_id, day, states[day]) for day in sorted(states)) == root:
            return [(day, states[day]) for day in sorted(states)]
    raise NotFound


def _files_of(meter_id: UUID, month: date) -> Sequence[Sequence[models.Piece]]:
    """The pieces of the month, file by file."""
    period = Period.month(month.year, month.month)
    pieces = models.Piece.objects.filter(
        meter_id=meter_id, day__gte=period.start, day__lt=period.end
    ).order_by("day", "version")
    found: dict[UUID, list[models.Piece]] = {}
    for piece in pieces:
        found.setdefault(piece.upload_id, []).append(piece)
    taken = dict(models.Upload.objects.filter(pk__in=found).values_list("pk", "read_at"))
    return [found[key] for key in sorted(found, key=lambda one: (taken[one], one))]


def _leaf(meter_id: UUID, day: date, state: State) -> bytes:
    return rules.leaf_of(body_of(meter_id, day, state))


def body_of(meter_id: UUID, day: date, state: State) -> bytes:
    """The leaf's text of a day that stood so."""
    return rules.body_of(meter_id, day, state.step, state.values, state.marks)
