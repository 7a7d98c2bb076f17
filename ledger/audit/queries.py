"""Reading the log; what other rooms may ask."""

import inspect
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ledger.audit.models import Event
from ledger.audit.rules import (
    Fault,
    NotSealedYet,
    OutsideCheckpointAhead,
    OutsideCheckpointDiffers,
)
from ledger.kernel.canonical import canonical_json

__all__ = ["Fault", "NotSealedYet", "OutsideCheckpointAhead", "OutsideCheckpointDiffers"]

Check = Callable[[], Iterable[Fault]]
_CHECKS: dict[str, Check] = {}


def register_check(name: str, check: Callable[..., Iterable[Fault]]) -> None:
    """Let `verify_ledger` ask another room about its own rows (called in `config/wiring.py`).

    `check` yields a Fault for whatever differs from the log, streams, and takes no argument (or
    one, a place for a cursor, which is None).
    """
    takes_one = bool(inspect.signature(check).parameters)
    _CHECKS[name] = (lambda: check(None)) if takes_one else check


def checks() -> Mapping[str, Check]:
    """The registered checks by name, in the order they were registered."""
    return dict(_CHECKS)


# --- events


def events_of(subject: str) -> QuerySet[Event]:
    """The history of one object, oldest first."""
    return Event.objects.filter(subject=subject).order_by("id")


def data_of(event: Event) -> dict[str, Any]:
    """What an event says, from its body."""
    data: dict[str, Any] = json.loads(bytes(event.body))["data"]
    return data


def find_event(event_id: UUID) -> Event | None:
    return Event.objects.filter(event_id=event_id).first()


# --- rows of other rooms against their events


def compare_rows_with_events(
    rows: Iterable[tuple[str, Mapping[str, Any]]],
    *,
    kind: str,
    verbs: Iterable[str],
    key: str = "row",
    at_a_time: int = 2000,
) -> Iterator[Fault]:
    """Hold rows against what their events said when they were written.

    `rows` yields (subject, content); the newest event of that subject with one of `verbs` must
    say the same under `data[key]`. Afterwards each such event must still have its row.
    Streams: memory grows with the number of subjects only.
    """
    wanted, seen = sorted(verbs), set[str]()
    source = iter(rows)
    while part := dict(islice(source, at_a_time)):
        seen.update(part)
        told = _told_of(part, verbs=wanted, key=key)
        for subject, content in part.items():
            yield from _differences(kind, subject, content, told.get(subject))
    yield from _rows_that_are_gone(kind=kind, verbs=wanted, key=key, seen=seen)


def _told_of(part: Iterable[str], *, verbs: list[str], key: str) -> dict[str, Any]:
    events = Event.objects.filter(subject__in=list(part), verb__in=verbs).order_by("id")
    told = ((event.subject, data_of(event)) for event in events.only("subject", "body"))
    return {subject: data[key] for subject, data in told if key in data}


def _differences(
    kind: str, subject: str, content: Mapping[str, Any], told: Mapping[str, Any] | None
) -> Iterator[Fault]:
    if told is None:
        yield Fault(kind, subject, "no event tells of this row")
        return
    now = json.loads(canonical_json(dict(content)))
    columns = sorted(name for name in {*now, *told} if now.get(name) != told.get(name))
    if columns:
        yield Fault(kind, subject, f"differs from its event in {', '.join(columns)}")


def _rows_that_are_gone(
    *, kind: str, verbs: list[str], key: str, seen: set[str]
) -> Iterator[Fault]:
    missing = set[str]()
    events = Event.objects.filter(verb__in=verbs).order_by("id").only("subject", "body")
    for event in events.iterator():
        if event.subject in seen or event.subject in missing:
            continue
        if key in data_of(event):
            missing.add(event.subject)
            yield Fault(kind, event.subject, "its event is there, the row is gone")
