"""What rooms say now, against what the inboxes hold: new facts are told, gone ones settled."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.doors.operation import operation
from ledger.jobs import operations as jobs
from ledger.kernel.actors import Actor
from ledger.kernel.notices import Fact, Told
from ledger.notices import queries, rules
from ledger.notices.models import Notice, Reading
from ledger.notices.operations.planning import plan_mails

FROM_FACT = ("roles", "users", "without", "params", "subject", "due_on", "severity", "round")
CHANGING = (*FROM_FACT, "told_at", "also", "level")
TASK = "notices.collect_kind"
AT_A_TIME = 1000


@dataclass(frozen=True, slots=True)
class Collected:
    """What a look at one source came to."""

    new_count: int
    settled_count: int
    mail_count: int


def register(
    name: str,
    *,
    title: Any,
    collect: Callable[..., Iterable[Fact]],
    tell: Callable[[Mapping[str, Any]], Told],
) -> None:
    """Let a room send notices of a kind; called from `config/wiring.py` at start.

    collect(*, on): every fact that stands on a day, over all parties, in few questions
    tell(params): the sentence in the reader's language and the address; asks nothing
    """
    queries.register(queries.Kind(name=name, title=title, collect=collect, tell=tell))


def collect_soon(kind: str, *, at: datetime) -> None:
    """Have a source looked at as soon as the caller's transaction is through."""
    jobs.send_later(task=TASK, args={"kind": kind}, at=at)


@operation
def collect(*, kind: str, by: Actor, at: datetime) -> Collected:
    """Bring the notices of a kind up to what its source says now, escalate, and plan the mails.

    The same fact is never told twice in one round; a second look at once finds nothing to do.

    :raises UnknownKind: no room sends such notices
    """
    source = queries.get_kind(kind)
    _wait_our_turn(kind)
    on = rules.beijing_day(at)
    facts = {(fact.party_id, fact.key): fact for fact in source.collect(on=on)}
    stood = {(row.party_id, row.key): row for row in _standing(kind)}
    gone = [row.pk for place, row in stood.items() if place not in facts]
    Notice.objects.filter(pk__in=gone).update(settled_at=at)
    urgent_days = queries.urgent_days(kind, on=on)
    new = list[Notice]()
    for place, fact in facts.items():
        row = stood.get(place)
        if row is None:
            row = Notice(kind=kind, key=fact.key, party_id=fact.party_id, created_at=at)
            new.append(row)
        _take(row, fact, on=on, at=at, urgent_days=urgent_days)
    known = [row for place, row in stood.items() if place in facts]
    _escalate([*known, *new], steps=queries.escalation_of(kind, on=on), at=at)
    Notice.objects.bulk_update(known, CHANGING, batch_size=AT_A_TIME)
    Notice.objects.bulk_create(new, batch_size=AT_A_TIME)
    mails = plan_mails([*known, *new], on=on, at=at)
    return Collected(len(new), len(gone), mails)


def _wait_our_turn(kind: str) -> None:
    """One look at a source at a time: two would tell the same fact."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"notices:{kind}"])


def _standing(kind: str) -> list[Notice]:
    return list(Notice.objects.filter(kind=kind, settled_at=None))


def _take(row: Notice, fact: Fact, *, on: date, at: datetime, urgent_days: int | None) -> None:
    """Write the fact into the row; a higher round is told anew."""
    if row.told_at is None or fact.round > row.round:
        row.told_at = at
    row.roles = sorted(role.value for role in fact.roles)
    row.users, row.without = sorted(fact.users), sorted(fact.without)
    row.params, row.subject = dict(fact.params), fact.subject
    row.due_on, row.round = fact.due_on, fact.round
    row.severity = rules.severity_of(due_on=fact.due_on, on=on, urgent_days=urgent_days)


def _escalate(rows: list[Notice], *, steps: list[rules.Step], at: datetime) -> None:
    """Add the next roles: by hours where nobody has read it, by days where it still stands."""
    if not steps:
        return
    read = _read([row.pk for row in rows])
    for row in rows:
        for step in steps[row.level :]:
            waits_for_reader = step.after is not None and read.get(row.pk, -1) >= row.round
            if waits_for_reader or not step.has_come(told_at=row.told_at, due_on=row.due_on, at=at):
                break
            row.also = sorted({*row.also, step.role.value})
            row.level += 1


def _read(ids: list[UUID]) -> dict[UUID, int]:
    """Up to which round anybody has read each of these."""
    found = Reading.objects.filter(notice_id__in=ids, read_round__isnull=False)
    read = dict[UUID, int]()
    for notice_id, round_ in found.values_list("notice_id", "read_round"):
        read[notice_id] = max(round_ or 0, read.get(notice_id, 0))
    return read
