"""What a room says that people should know; how it reaches them is the notices room's affair."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from ledger.kernel.actors import Role

Param = str | int | None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that stands now and that somebody at a party should know.

    The same fact has the same `key`, today and tomorrow; when a source no longer gives it, it is
    settled. `params` are codes, numbers, days in ISO form and names, never sentences: each reader
    reads it in her own language. `round` counts the reminders that are due by now: when it rises,
    the fact is told again. `users` are told beside the holders of `roles`; `without` are not.
    """

    key: str
    party_id: UUID
    roles: frozenset[Role]
    params: Mapping[str, Param] = field(default_factory=dict)
    subject: str = ""
    due_on: date | None = None
    round: int = 0
    users: frozenset[UUID] = frozenset()
    without: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Told:
    """A fact in the reader's words, and where the thing itself is to be seen."""

    sentence: str
    address: str = ""


def reminders_by(days_left: int, leads: Iterable[int]) -> int:
    """How many of the reminders, so many days before the due day, have come by now."""
    return sum(1 for lead in leads if days_left <= lead)
