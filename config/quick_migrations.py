"""Migrate without drawing every model anew for each constraint, index and trigger.

Django renders a model and all that relate to it again after each operation. For hundreds of
constraints, indexes and triggers over two hundred related models this is most of the time of a
first start, and it changes nothing: these operations read only the table and its columns, and the
next operation that alters a column draws the model with all its options.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.operations import AddConstraint, AddIndex, RemoveConstraint, RemoveIndex
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger, RemoveTrigger

OF_OPTIONS: tuple[Any, ...] = (
    AddConstraint,
    AddIndex,
    AddTrigger,
    RemoveConstraint,
    RemoveIndex,
    RemoveTrigger,
)
StateForwards = Callable[[Any, str, ProjectState], None]


@contextmanager
def models_drawn_for_columns_only() -> Iterator[None]:
    """Within it `migrate` draws models anew when their columns change, not when options do."""
    whole = {kind: kind.state_forwards for kind in OF_OPTIONS}
    for kind, state_forwards in whole.items():
        kind.state_forwards = _without_drawing(state_forwards)
    try:
        yield
    finally:
        for kind, state_forwards in whole.items():
            kind.state_forwards = state_forwards


def _without_drawing(state_forwards: StateForwards) -> StateForwards:
    """Hide the drawn models from the operation: a state without them draws nothing."""

    def note_option(operation: Any, app_label: str, state: ProjectState) -> None:
        drawn = state.__dict__.pop("apps", None)
        try:
            state_forwards(operation, app_label, state)
        finally:
            if drawn is not None:
                state.__dict__["apps"] = drawn

    return note_option
