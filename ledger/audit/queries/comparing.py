"""Rows of other rooms against their events; and what `verify_ledger` asks of those rooms."""

import inspect
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from ledger.audit.models import Event
from ledger.audit.queries.events import legible
from ledger.audit.rules import Fault
from ledger.kernel.canonical import canonical_json

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
    told = legible(events.only("subject", "body"))
    return {subject: data[key] for subject, data in told if isinstance(data.get(key), dict)}


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
    for subject, data in legible(events.iterator()):
        if subject not in seen and subject not in missing and key in data:
            missing.add(subject)
            yield Fault(kind, subject, "its event is there, the row is gone")
