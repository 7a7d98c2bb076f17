"""Events of the log, and what they say."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from ledger.audit.models import Event


def events_of(subject: str) -> QuerySet[Event]:
    """The history of one object, oldest first."""
    return Event.objects.filter(subject=subject).order_by("id")


class Look(NamedTuple):
    """That somebody looked at something that is watched: when, who, on which page."""

    at: datetime
    by: UUID
    what: str


def reads_of(subject: str, *, verb: str, most: int = 50) -> list[Look]:
    """The newest first."""
    rows = events_of(subject).filter(verb=verb).order_by("-id")[:most]
    return [Look(one.happened_at, one.actor_id, str(data_of(one).get("what", ""))) for one in rows]


def data_of(event: Event) -> dict[str, Any]:
    """What an event says, from its body."""
    data: dict[str, Any] = json.loads(bytes(event.body))["data"]
    return data


def legible(events: Iterable[Event]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Subject and data; a body that was altered beyond reading says nothing (V1 names it)."""
    for event in events:
        with suppress(ValueError, KeyError, TypeError):
            yield event.subject, dict(data_of(event))


def subjects_of(verb: str) -> list[str]:
    """Every subject that an event of this verb tells of."""
    return list(Event.objects.filter(verb=verb).values_list("subject", flat=True).distinct())


def data_told_of(subject: str, *, verb: str) -> Iterator[dict[str, Any]]:
    """The data of a subject's events of one verb, oldest first."""
    events = Event.objects.filter(subject=subject, verb=verb).order_by("id")
    return (data for _, data in legible(events.iterator()))


def find_event(event_id: UUID) -> Event | None:
    return Event.objects.filter(event_id=event_id).first()


def events_told_of(subjects: Iterable[str], *, verbs: Iterable[str]) -> dict[str, list[UUID]]:
    """The ids of the events with one of the verbs, oldest first, by subject."""
    found = defaultdict[str, list[UUID]](list)
    events = Event.objects.filter(subject__in=list(subjects), verb__in=list(verbs)).order_by("id")
    for subject, event_id in events.values_list("subject", "event_id"):
        found[subject].append(event_id)
    return found
