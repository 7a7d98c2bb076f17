from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Min, Q, QuerySet

from ledger.jobs.models import Job, OutboxMessage
from ledger.jobs.rules import FORGOTTEN, SILENCE
from ledger.jobs.states import JobState
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Told:
    """What a job is about and came to, in the reader's words, and where that is to be seen."""

    subject: str = ""
    sentence: str = ""
    links: Sequence[tuple[str, str]] = ()


# Filled in by config/wiring.py: the kind of a job → who can say what it made, to an actor.
tellers: dict[str, Callable[[Job, Actor | None], Told]] = {}


def told(job: Job, actor: Actor | None = None) -> Told:
    """Without an actor no links: they are for who may follow them."""
    teller = tellers.get(job.kind)
    return teller(job, actor) if teller else Told()


def get_job(*, job_id: UUID, by: Actor) -> Job:
    """:raises NotFound: not there, or another party's"""
    jobs = jobs_of(by)
    try:
        return jobs.get(pk=job_id)
    except Job.DoesNotExist:
        raise NotFound(str(job_id)) from None


def jobs_of(by: Actor) -> QuerySet[Job]:
    """The jobs that the actor's party asked for, newest first."""
    jobs = Job.objects.order_by("-enqueued_at")
    return jobs if by.is_machine else jobs.filter(party_id=by.party_id)


def newest_about(subject: str) -> Job | None:
    """The last job that was asked for about a subject."""
    return Job.objects.filter(subject=subject).order_by("-enqueued_at").first()


def find_by_key(key: str) -> Job | None:
    return Job.objects.filter(key=key).first()


def silent_jobs(*, at: datetime) -> QuerySet[Job]:
    """Running jobs whose worker has given no sign of life."""
    return Job.objects.filter(state=JobState.RUNNING, alive_at__lt=at - SILENCE)


def forgotten_jobs(*, at: datetime) -> list[Job]:
    """Queued jobs whose message was sent long ago: no worker took it, and none may ever."""
    since = at - FORGOTTEN
    waiting = Job.objects.filter(state=JobState.QUEUED, enqueued_at__lt=since)
    found = list(waiting.select_for_update(skip_locked=True))
    if not found:
        return []
    on_their_way = OutboxMessage.objects.filter(Q(sent_at=None) | Q(sent_at__gte=since))
    ids = set(on_their_way.values_list("args__job_id", flat=True))
    return [job for job in found if str(job.pk) not in ids]


def due_messages(*, at: datetime, limit: int) -> QuerySet[OutboxMessage]:
    """Unsent messages whose time has come, locked for this sweeper alone."""
    unsent = OutboxMessage.objects.filter(sent_at=None, next_try_at__lte=at)
    return unsent.order_by("next_try_at").select_for_update(skip_locked=True)[:limit]


def oldest_unsent_age(*, at: datetime) -> timedelta:
    """How long the oldest message has been waiting; zero when none waits."""
    oldest = OutboxMessage.objects.filter(sent_at=None).aggregate(oldest=Min("created_at"))[
        "oldest"
    ]
    return at - oldest if oldest else timedelta()
